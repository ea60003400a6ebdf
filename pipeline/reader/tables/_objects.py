"""Files of objects, each with names of its own: the union of the names becomes the header."""

import json
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice

from pipeline.errors import InputError
from pipeline.models import Chunk, RowFault
from pipeline.reader.tables._bytes import BrokenStream
from pipeline.reader.tables._faults import NO_OBJECT, find_undecodable
from pipeline.reader.tables._jsonlines import is_json_lines, read_json_lines
from pipeline.reader.tables._kept import Decoded
from pipeline.reader.tables._objectfile import FoundObject
from pipeline.reader.tables._options import Dialect, ReadOptions
from pipeline.reader.tables._table import CHUNK_CELLS
from pipeline.reader.tables._vcards import is_vcard, read_vcards
from pipeline.values import Struct

Read = Callable[[Iterable[str]], Iterator[FoundObject]]

_MOST_NAMES = 5_000
"""Names of all objects together above which they are no columns."""


class _Kind(Struct, frozen=True):
    name: str
    is_one: Callable[[str], bool]
    read: Read


_KINDS = (_Kind("JSON lines", is_json_lines, read_json_lines), _Kind("vCard", is_vcard, read_vcards))


class ObjectTable:
    """Objects as rows. They are written to a file without a name while their names are gathered, and then read again.

    Lines are those on which an object begins and ends. There are no comments, and nothing stands above.
    """

    comment_lines = 0
    header_line = 0
    preamble_lines = 0
    left_out: tuple[str, ...] = ()

    def __init__(
        self, name: str, found: Iterable[FoundObject], dialect: Dialect, options: ReadOptions, stack: ExitStack
    ) -> None:
        """Read all objects. Raises InputError."""
        self.name = name
        self.dialect = dialect
        file = tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogatepass")  # noqa: SIM115 - the stack closes it
        self._file = stack.enter_context(file)
        self.headers = self._gather(found)
        self._chunk_rows = max(1, min(options.chunk_rows, CHUNK_CELLS // len(self.headers)))

    def _gather(self, found: Iterable[FoundObject]) -> tuple[str, ...]:
        names: dict[str, None] = {}
        try:
            for each in found:
                names |= dict.fromkeys(each.cells)
                self._file.write(json.dumps([each.start, each.end, each.cells, each.fault]) + "\n")
                if len(names) > _MOST_NAMES:
                    raise InputError(
                        f"{self.name}: its objects have more than {_MOST_NAMES:,} names together.",
                        advice="Export the contacts as CSV.",
                    )
        except BrokenStream as error:
            raise InputError(f"{self.name} could not be read to its end: {error}.", advice=error.advice) from error
        self._file.seek(0)
        if not names:
            raise InputError(f"{self.name} holds no contact that can be read.", advice="Export the contacts as CSV.")
        return tuple(names)

    def chunks(self) -> Iterator[Chunk]:
        """See Table."""
        while lines := list(islice(self._file, self._chunk_rows)):
            objects = [FoundObject(*json.loads(line)) for line in lines]
            rows = [[each.cells.get(name, "") for name in self.headers] for each in objects]
            faults = find_undecodable(rows, self.dialect.encoding)
            faults |= {
                place: RowFault(NO_OBJECT, None, "", each.fault) for place, each in enumerate(objects) if each.fault
            }
            starts, ends = array("q", (each.start for each in objects)), array("q", (each.end for each in objects))
            yield Chunk(starts, ends, rows, faults)


def open_objects(
    name: str, head: str, text: Decoded, dialect: Dialect, options: ReadOptions, stack: ExitStack
) -> ObjectTable | None:
    """Return the table of a text that holds objects, None for any other text. Raises InputError."""
    kind = next((kind for kind in _KINDS if kind.is_one(head)), None)
    if kind is None:
        return None
    remarks = dialect.remarks
    dialect = Dialect(dialect.encoding, ",", dialect.line_end, dialect.compression, kind.name, remarks)
    return ObjectTable(name, kind.read(_lines(text)), dialect, options, stack)


def _lines(text: Iterable[str]) -> Iterator[str]:
    """The lines of a text that comes in blocks, without their ends."""
    tail = ""
    for block in text:
        *whole, tail = (tail + block).split("\n")
        yield from (line.rstrip("\r") for line in whole)
    if tail:
        yield tail
