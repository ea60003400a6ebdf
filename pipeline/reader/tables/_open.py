"""Open a source as a table: find out what it is, then read it once.

A source is opened (`_bytes`: file, archive, address, standard input), its first mebibyte is looked at (`_encoding`,
`_foreign`, `_shape`), and then it is read once, in blocks (`_kept`, `_records`, `_table`). What cannot be read as a
table at all is an InputError; what spoils one row alone is a fault of that row.
"""

import contextlib
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.errors import InputError
from pipeline.reader.tables._bytes import WORKBOOK, Blocks, BrokenStream, open_bytes
from pipeline.reader.tables._encoding import (
    encoding_by_mark,
    encoding_by_zeros,
    guess_encoding,
    is_wide,
    lines_beyond_ascii,
    settle_forced,
)
from pipeline.reader.tables._foreign import refuse_foreign
from pipeline.reader.tables._kept import Decoded, decode_head
from pipeline.reader.tables._objects import open_objects
from pipeline.reader.tables._options import Dialect, ReadOptions
from pipeline.reader.tables._quoting import REMARKS
from pipeline.reader.tables._shape import find_shape, holds_rejects
from pipeline.reader.tables._sources import Source
from pipeline.reader.tables._table import Table, TextTable
from pipeline.reader.tables._untabular import refuse_documents, refuse_uncut
from pipeline.reader.tables._workbook import open_workbook, visible_sheets
from pipeline.values import replace


@contextlib.contextmanager
def open_table(source: Source, options: ReadOptions | None = None, *, stdin: BinaryIO | None = None) -> Iterator[Table]:
    """Open a source as a table.

    What the options do not force is found out: compression and encoding from the bytes, delimiter and header from the
    first lines. Local files are looked through for bytes beyond ASCII before they are read, so that an accent in the
    last row counts as much as one in the first. Raises InputError (exit 2) for what is no table. Standard input is
    read once and not closed.
    """
    options = options or ReadOptions()
    forced = options.forced_encoding()
    with open_bytes(source, stdin) as (stream, kind):
        if kind == WORKBOOK:
            with open_workbook(source.name, stream, options) as table:
                yield table
            return
        with contextlib.ExitStack() as stack:
            yield _open_text(
                source, Blocks(source, stream), Dialect(forced or "", "", compression=kind), options, stack
            )


def list_sheets(source: Source) -> tuple[str, ...]:
    """Return the titles of the sheets that a person sees in a workbook; none of what is no workbook.

    Raises InputError. Standard input, which is read once, is not looked at.
    """
    if source.place == "-":
        return ()
    with open_bytes(source) as (stream, kind):
        return visible_sheets(source.name, stream) if kind == WORKBOOK else ()


def _open_text(
    source: Source, blocks: Blocks, known: Dialect, options: ReadOptions, stack: contextlib.ExitStack
) -> Table:
    encoding, found_by, remark = _settle_encoding(source, blocks, known.encoding)
    refuse_foreign(source.name, blocks.head, is_wide=is_wide(encoding), is_forced=bool(known.encoding))
    shown = decode_head(blocks.head, encoding, is_whole=blocks.is_whole)
    text = Decoded(blocks, encoding)
    known = Dialect(encoding, "", _line_end(shown), known.compression, found_by, (remark,) if remark else ())
    objects = open_objects(source.name, shown, text, known, options, stack)
    if objects:
        return objects
    refuse_documents(source.name, shown)
    shape = find_shape(shown, options)
    refuse_uncut(source.name, shown, shape, options)
    is_guess = bool(shape.quoting) and options.quoting == "auto"
    said = (f"{REMARKS[shape.quoting]} (import.quoting says otherwise)",) if is_guess else ()
    dialect = replace(known, delimiter=shape.delimiter, remarks=(*known.remarks, *said))
    return TextTable(source.name, text, shape, dialect, options)


def _settle_encoding(source: Source, blocks: Blocks, forced: str) -> tuple[str, str, str]:
    """Return the encoding, how it was found, and a remark; a mark that it does not know is taken off the head."""
    if forced and not (other := _encoding_of_rejects(source, blocks)):
        encoding, blocks.head = settle_forced(forced, blocks.head)
        return encoding, "setting", ""
    if forced:
        return other, "detection", ""
    marked = encoding_by_mark(blocks.head)
    if marked:
        return marked, "byte order mark", ""
    wide = encoding_by_zeros(blocks.head)
    return (wide, "detection", "") if wide else guess_encoding(_lines_to_judge(source, blocks))


def _encoding_of_rejects(source: Source, blocks: Blocks) -> str:
    """Return how a reject file is encoded that a spreadsheet saved otherwise than its source; "" for any other file.

    It is Unicode then, which can be told for sure; an encoding of the settings is that of the source.
    """
    wide = encoding_by_mark(blocks.head) or encoding_by_zeros(blocks.head)
    if not holds_rejects(decode_head(blocks.head, wide or "utf-8", is_whole=blocks.is_whole)):
        return ""
    found = wide or guess_encoding(_lines_to_judge(source, blocks))[0]
    return found if found.startswith("utf") else ""


def _lines_to_judge(source: Source, blocks: Blocks) -> bytes:
    """The lines beyond ASCII of the whole source, where it can be read a second time; else those of its head."""
    if not blocks.is_whole and source.path:
        # Where the second reading meets a fault, the first one will, and says on which line.
        with contextlib.suppress(InputError, BrokenStream), open_bytes(source) as (again, _):
            return lines_beyond_ascii(Blocks(source, again))
    return lines_beyond_ascii([blocks.head])


def _line_end(text: str) -> str:
    """The commonest line end."""
    pairs = text.count("\r\n")
    ends = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(ends, key=lambda end: ends[end])
