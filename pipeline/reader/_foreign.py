"""Files that are certainly no tables, refused in the words of what they look like."""

from pipeline.errors import InputError
from pipeline.reader._encoding import encoding_by_mark

_AS_CSV = "Save it as CSV (UTF-8, comma separated) and give that file."

_MAGIC = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first."),
    (b"Rar!", "a rar archive", "Unpack it first."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls), or one with a password", _AS_CSV),
    (b"%PDF-", "a PDF document", "Export the list as CSV from where the PDF was made."),
    (b"SQLite format 3\x00", "an SQLite database", "Export the table as CSV."),
    (b"\x89PNG", "a picture", "Give the CSV file."),
    (b"\xff\xd8\xff", "a picture", "Give the CSV file."),
    (b"PAR1", "a Parquet file", "Export the table as CSV."),
)


def refuse_foreign(name: str, head: bytes, forced_encoding: str | None) -> None:
    """Raise InputError for what is certainly no table of text."""
    if not head:
        raise InputError(f"{name} is empty (0 bytes).", advice="Give a CSV file with a header line.")
    for magic, what, advice in _MAGIC:
        if head.startswith(magic):
            raise InputError(f"{name} is {what}, not CSV text.", advice=advice)
    if forced_encoding or encoding_by_mark(head):
        return
    # A single NUL may sit in a cell of an honest table; a tenth of all bytes never does.
    if head.count(0) * 10 > len(head):
        raise InputError(f"{name} is full of NUL bytes: it is a binary file.", advice=_AS_CSV)
