"""Files that are certainly no tables: refused, with a word on what they look like."""

import codecs

from pipeline.errors import InputError

_AS_CSV = "Save it as CSV (UTF-8, comma separated) and give that file."

_MAGIC = (
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first."),
    (0, b"Rar!\x1a\x07", "a rar archive", "Unpack it first."),
    (257, b"ustar", "a tar archive", "Unpack it first, and name the CSV files in it."),
    (0, b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls), or one with a password", _AS_CSV),
    (0, b"%PDF-", "a PDF document", "Export the list as CSV from where the PDF was made."),
    (0, b"SQLite format 3\x00", "an SQLite database", "Export the table as CSV."),
    (0, b"\x89PNG", "a picture", "Give the CSV file."),
    (0, b"\xff\xd8\xff", "a picture", "Give the CSV file."),
    (0, b"PAR1", "a Parquet file", "Export the table as CSV."),
    (0, b"PK\x03\x04", "a zip archive or an Excel workbook that was compressed once more", "Unpack it once."),
    (0, b"PK\x05\x06", "an empty zip archive", "Give the CSV file."),
    (0, b"\x1f\x8b", "a gzip file that was compressed once more", "Unpack it once."),
)

_CONTROLS = bytes({*range(0x20)} - {0x00, *b"\t\n\v\f\r\x1a\x1b"})
"""Control characters that no program writes into a table."""

_ENOUGH_TO_JUDGE = 64
"""Bytes below which a share of them says nothing."""


def refuse_foreign(name: str, head: bytes, *, is_wide: bool, is_forced: bool) -> None:
    """Raise InputError for what is certainly no table of text.

    `is_wide` says that its characters have several bytes each, so that zero bytes are no surprise; `is_forced` that a
    person has named its encoding, and so knows it for a text.
    """
    if not head:
        raise InputError(f"{name} is empty (0 bytes).", advice="Give a CSV file with a header line.")
    for place, magic, what, advice in _MAGIC:
        if head.startswith(magic, place):
            raise InputError(f"{name} is {what}, not CSV text.", advice=advice)
    if is_wide or is_forced:
        return
    # A single NUL may sit in a cell of an honest table; a tenth of all bytes never does.
    if head.count(0) * 10 > len(head.removeprefix(codecs.BOM_UTF8)):
        raise InputError(f"{name} is full of NUL bytes: it is a binary file.", advice=_AS_CSV)
    if (len(head) - len(head.translate(None, _CONTROLS))) * 16 > len(head) >= _ENOUGH_TO_JUDGE:
        raise InputError(f"{name} is full of control characters: it is a binary file.", advice=_AS_CSV)
