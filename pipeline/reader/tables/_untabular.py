"""Texts that are no such table: refused, with a word on what they are and what to do."""

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.errors import InputError
from pipeline.reader._folding import fold
from pipeline.reader.tables._options import ReadOptions
from pipeline.reader.tables._shape import DELIMITERS, Shape, sample_records

_AS_CSV = "Open it in a spreadsheet and save the table as CSV (UTF-8, comma separated); give that file."

_EXPORT = "Export the contacts as CSV from where it was made, and give that file."

_BEGINNINGS = (
    (r"<\?xml[^>]*\?>\s*<\?mso-application|<\?xml.{0,400}office:spreadsheet", "an Excel workbook as XML", _AS_CSV),
    (r"(<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(!doctype\s+html|html|head|meta|body|table|div|style)\b", "HTML", _AS_CSV),
    (r"<(\?xml|!doctype|\w+[\s>])", "XML", _EXPORT),
    (r"mime-version:", "a web page with its parts in one file (MHTML)", _AS_CSV),
    (r"%pdf-", "a PDF document", _EXPORT),
    (r"\{\\rtf", "a text of a word processor (RTF)", _EXPORT),
    (
        r"(--[^\n]*\s+|/\*.*?\*/;?\s*)*(insert\s+into|create\s+table|drop\s+table)\b",
        "a dump of a database (SQL)",
        _EXPORT,
    ),
    (
        r"\[\s*[\[{\]]|\{\s*(\"|\})",
        "JSON",
        "Export the contacts as CSV, or as JSON lines, one object a line (as by jq -c '.[]' FILE > contacts.jsonl).",
    ),
)
"""How texts begin that are no tables, what they are, and what to do."""

_NO_DELIMITER = re.compile(r"[\w \"'.@+()\-\r\n]")
"""Signs that stand in names, numbers and addresses, and divide nothing."""

_GAP = re.compile(r"\S(?:  +|\t)(?=\S)")

_MOSTLY = 0.9


def refuse_documents(name: str, text: str) -> None:
    """Raise InputError for a text that begins as other kinds of files do."""
    start = text[:20_000].lstrip("\ufeff \t\r\n")
    for beginning, what, advice in _BEGINNINGS:
        if re.match(beginning, start, re.IGNORECASE | re.DOTALL):
            raise InputError(f"{name} is {what}, not CSV text, whatever its name says.", advice=advice)


def refuse_uncut(name: str, text: str, shape: Shape, options: ReadOptions) -> None:
    """Raise InputError where no known delimiter cuts the rows of a text and something else would."""
    if options.delimiter != "auto" or shape.has_note or shape.width > 1:
        return
    records = [record.cells for record in sample_records(text, shape.delimiter, options.comment, shape.quoting)]
    wanted = {fold(name) for name in options.wanted}
    if len(records) < 2 or (len(records[0]) == 1 and fold(records[0][0]) in wanted):
        return
    if _are_whole_rows(records):
        raise InputError(
            f"{name}: every line stands in quotes as a whole, so that it is one cell instead of a row.",
            advice="Take the quotes at the beginning and end of the lines away, or export the file anew.",
        )
    if all(len(cells) == 1 for cells in records):
        _refuse_other_delimiter(name, [cells[0] for cells in records])


def _are_whole_rows(records: Sequence[Sequence[str]]) -> bool:
    """Whether rows of one cell hold as many delimiters as the header, or as that has cells."""
    header, *rows = records
    for delimiter in DELIMITERS:
        width = header[0].count(delimiter) + 1 if len(header) == 1 else len(header)
        fits = sum(len(cells) == 1 and cells[0].count(delimiter) + 1 == width for cells in rows)
        if width > 1 and fits >= _MOSTLY * len(rows):
            return True
    return False


def _refuse_other_delimiter(name: str, lines: Sequence[str]) -> None:
    signs = Counter(char for char in lines[0] if not _NO_DELIMITER.match(char))
    for sign, count in signs.most_common():
        if sum(line.count(sign) == count for line in lines) >= _MOSTLY * len(lines):
            shown = sign if sign.isprintable() and sign.isascii() else f"U+{ord(sign):04X}"
            said = f'"{sign}"' if sign.isprintable() and sign.isascii() else f'"\\u{ord(sign):04x}"'
            raise InputError(
                f"{name}: its cells seem to be divided by {shown}, which is not looked for by itself.",
                advice=f"Say so: import.delimiter = {said} in the settings, or --delimiter for init.",
            )
    gaps = [len(_GAP.findall(line)) for line in lines]
    if gaps[0] and sum(gap == gaps[0] for gap in gaps) >= _MOSTLY * len(gaps):
        raise InputError(
            f"{name}: its columns seem to be set side by side by blanks, without a delimiter.", advice=_AS_CSV
        )
