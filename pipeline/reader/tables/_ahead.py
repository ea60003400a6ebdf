"""Read a table in a process of its own, so that a second core parses while this one works on the rows.

The process gets the source and the options, and sends back the table without its rows and then its chunks, each column
as one text: that is a quarter of the work of sending the cells one by one, and columns that nobody reads stay texts.
"""

import contextlib
import functools
import gc
import os
import pickle
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from pipeline.errors import InputError
from pipeline.models import Chunk, ColumnRecords, RowFault
from pipeline.reader.tables._open import open_table
from pipeline.reader.tables._options import Dialect, ReadOptions
from pipeline.reader.tables._sources import Source
from pipeline.reader.tables._table import Table
from pipeline.values import Struct

_WORTH_IT = 4 * 1024 * 1024
"""Bytes of a file from which the time that the process takes to start is repaid."""

_BETWEEN = "\x1f"
"""What stands between the cells of a column on their way; a chunk that holds it is sent as lists."""

_START = "from pipeline.reader.tables._ahead import serve; serve()"


class _AheadTable(Struct):
    """The table that another process reads; `receive` gives what that process sends next."""

    name: str
    headers: tuple[str, ...]
    header_line: int
    preamble_lines: int
    dialect: Dialect
    comment_lines: int = 0
    left_out: tuple[str, ...] = ()
    receive: Callable[[], Any] | None = None

    def chunks(self) -> Iterator[Chunk]:
        """See Table."""
        while self.receive and isinstance(parcel := self.receive(), _Parcel):
            self.comment_lines = parcel.comment_lines
            records = parcel.records or ColumnRecords(len(parcel.starts), parcel.columns, _BETWEEN)
            yield Chunk(parcel.starts, parcel.ends, records, parcel.faults, parcel.notes)


class _Parcel(Struct, frozen=True):
    """A chunk on its way: its columns as texts, or, where they cannot be, its records."""

    starts: "array[int]"
    ends: "array[int]"
    columns: Sequence[str]
    records: Sequence[Sequence[str]]
    faults: Mapping[int, RowFault]
    notes: Mapping[int, tuple[str, ...]]
    comment_lines: int


def is_worth_reading_ahead(source: Source) -> bool:
    """Whether a source is a large local file, and there is a second core."""
    with contextlib.suppress(OSError):
        return bool(source.path and source.path.stat().st_size >= _WORTH_IT and (os.cpu_count() or 1) > 1)
    return False


@contextlib.contextmanager
def open_table_ahead(
    source: Source, options: ReadOptions, meanwhile: Callable[[], object] = lambda: None
) -> Iterator[Table]:
    """Open a local file like `open_table`, read by a process of its own. Raises InputError.

    `meanwhile` is what there is to do until that process has begun.
    """
    # The same package, wherever this one runs from; -P keeps the current folder out of it.
    home = str(Path(__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH", ""))))}
    command = [sys.executable, "-P", "-c", _START]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        # Ctrl-C reaches every process of a terminal's session; this one ends when nobody listens to it any more.
        start_new_session=True,
    ) as process:
        sent, received = process.stdin, process.stdout
        if sent is None or received is None:
            raise AssertionError("both are pipes")
        try:
            with contextlib.suppress(BrokenPipeError), sent:
                pickle.dump((source, options), sent)
            meanwhile()
            table: _AheadTable = _receive(received, source.name)
            table.receive = functools.partial(_receive, received, source.name)
            yield table
        finally:
            process.kill()


def _receive(pipe: IO[bytes], name: str) -> Any:
    try:
        found = pickle.load(pipe)  # noqa: S301 - it comes from our own process
    except (EOFError, pickle.UnpicklingError):
        raise InputError(
            f"{name} could not be read to its end: the process that read it was stopped. Nothing was sent.",
            advice="Run the same command again; if it stays, there may be too little memory.",
        ) from None
    if isinstance(found, InputError):
        raise found
    return found


# --- the other process ------------------------------------------------------------------------------------------------


def serve() -> None:
    """Read the table that standard input asks for, and send it over standard output."""
    source, options = pickle.load(sys.stdin.buffer)  # noqa: S301 - it comes from our own process
    # Rows have no cycles, and to search them for some takes a fifth of the time.
    gc.disable()
    with contextlib.suppress(BrokenPipeError):
        for part in _parts(source, options):
            pickle.dump(part, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
            sys.stdout.buffer.flush()


def _parts(source: Source, options: ReadOptions) -> Iterator[object]:
    try:
        with open_table(source, options) as table:
            yield _AheadTable(table.name, table.headers, table.header_line, table.preamble_lines, table.dialect)
            for chunk in table.chunks():
                yield _parcel(chunk, table.comment_lines)
            yield None
    except InputError as error:
        yield error


def _parcel(chunk: Chunk, comment_lines: int) -> _Parcel:
    columns = _columns(chunk.records)
    return _Parcel(
        array("q", chunk.starts),
        array("q", chunk.ends),
        columns,
        () if columns else chunk.records,
        chunk.faults,
        chunk.notes,
        comment_lines,
    )


def _columns(records: Sequence[Sequence[str]]) -> list[str]:
    """Return the columns of records as texts; none where the records differ in width or hold what stands between."""
    if len(set(map(len, records))) != 1:
        return []
    texts = list(map(_BETWEEN.join, zip(*records, strict=True)))
    return texts if all(text.count(_BETWEEN) == len(records) - 1 for text in texts) else []
