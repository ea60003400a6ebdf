"""How a text is cut into a table: its delimiter and where its header stands, judged from many records."""

import csv
import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from pipeline.errors import InputError
from pipeline.models import REJECT_COLUMNS
from pipeline.reader._folding import fold, position_of
from pipeline.reader._rejects import is_reject_header
from pipeline.reader.tables._options import ReadOptions
from pipeline.reader.tables._quoting import find_quoting
from pipeline.reader.tables._records import LongRecord, RecordReader, TableRecord
from pipeline.showing import quoted
from pipeline.values import Struct

DELIMITERS = (",", ";", "\t", "|", "`", "^")
"""The comma, Excel in much of Europe, databases, and the backquote and caret of bulk CRM exports."""

_RECORDS = 200
"""Records that are not blank, from which a delimiter is judged."""

_HEADER_RECORDS = 50
"""Records that are not blank, among which a header is looked for."""

_LONGEST_HEADER = 256 * 1024
"""Characters within which the header of a reject file ends."""

_PHONE_DIGITS = 7
"""Digits from which on a cell may be a phone, and is no name of a column."""

_WITH_ROWS = 3
"""Records that a table with a row of groups has at least: the groups, the names, a row."""

_NAMES_NEEDED = 2

_COLUMN_NAME = re.compile(
    "name|phone|telef|^tel(?:nr|no)?$|mobil|cell|handy|gsm|mail|correo|courriel|movil|portable|vorname|prenom|nombre"
    "|apellido|cognome|sobrenome|naam|namn|navn|imie|nazwisko|komork|puhelin|optout|optin"
)
"""Words for columns of contacts, in several languages, as they are folded."""

_SEPARATOR_NOTE = "sep="
"""What Excel writes above a table whose delimiter is not the one that it expects."""


class Shape(Struct, frozen=True):
    """How a text is cut into a table.

    `header` is the physical line on which the header begins: 0 where there is none, None for the first record that
    is not blank. `has_note` says that the first record is Excel's note about the delimiter. `width` is the commonest
    number of cells, 0 where there are no records. `quoting` is one of `_quoting`, `comment` what begins a line that is
    no row.
    """

    delimiter: str
    header: int | None
    has_note: bool
    width: int
    quoting: str = ""
    comment: str = ""


def find_shape(text: str, options: ReadOptions) -> Shape:
    """Return how a text is cut into a table; what the options force is not looked for."""
    noted = _noted_delimiter(text)
    found = noted if options.delimiter == "auto" else options.delimiter
    if ours := _shape_of_rejects(text, found, bool(noted)):
        return ours
    delimiter = found or find_delimiter(text, options.comment, options.wanted)
    forced = "" if options.quoting == "doubled" else options.quoting
    quoting = find_quoting(text, delimiter) if forced == "auto" else forced
    records = sample_records(text, delimiter, options.comment, quoting)[bool(noted) :]
    if options.header == "none":
        header: int | None = 0
    elif isinstance(options.header, int):
        header = options.header
    else:
        header = records[find_header(records, options.wanted)].start if records else None
    return Shape(delimiter, header, bool(noted), _usual_width(records)[0], quoting, options.comment)


def holds_rejects(text: str) -> bool:
    """Whether a text is a reject file, by its header."""
    return _shape_of_rejects(text, "", bool(_noted_delimiter(text))) is not None


def _shape_of_rejects(text: str, usual: str, has_note: bool) -> Shape | None:
    """Return how a reject file is cut, which its header tells, whatever the settings say of the file it came from.

    This program wrote it, and a spreadsheet may have saved it with another delimiter. Each of its lines is a row, also
    one that would be a comment elsewhere: a spreadsheet takes quotes away that nothing in a cell calls for.
    """
    if REJECT_COLUMNS[-1] not in text[:_LONGEST_HEADER]:
        return None
    for delimiter in dict.fromkeys((*DELIMITERS, *usual)):
        records = sample_records(text, delimiter, "")[has_note:]
        if records and is_reject_header(records[0].cells):
            return Shape(delimiter, records[0].start, has_note, _usual_width(records)[0])
    return None


def find_delimiter(text: str, comment: str = "", wanted: Sequence[str] = ()) -> str:
    """Return the delimiter that cuts a text into the most even and widest records; the comma if none does.

    One that cuts a record with more of the wanted names out of it comes before all others.
    """
    names = {fold(name) for name in wanted}
    samples = {delimiter: sample_records(text, delimiter, comment) for delimiter in DELIMITERS}
    scores = {
        delimiter: (max(_matches(records[:_HEADER_RECORDS], names), default=0), _score(records))
        for delimiter, records in samples.items()
    }
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best][1] > 0 else DELIMITERS[0]


def _matches(records: Sequence[TableRecord], names: set[str]) -> list[int]:
    """How many of some folded names each record holds."""
    return [len(names & {fold(cell) for cell in record.cells}) if names else 0 for record in records]


def find_header(records: Sequence[TableRecord], wanted: Sequence[str] = ()) -> int:
    """Return the place of the header among records that are not blank.

    It is the one with the most wanted names, if any has one; but where another stands above it that has some, and what
    looks like phones between them, a second table begins there, and the first one's header is meant. Else it is the
    first record, unless that is a title or a note: narrower than the table or nearly empty, with a record of names
    below it. A record that groups the columns below it is above the header as well.
    """
    head = records[:_HEADER_RECORDS]
    matches = _matches(head, {fold(name) for name in wanted})
    if any(matches):
        best = matches.index(max(matches))
        return next((place for place in range(best) if matches[place] and _hold_phones(head[place + 1 : best])), best)
    width, _ = _usual_width(records)
    place = next((place for place, record in enumerate(head) if not _is_above_header(record, width)), 0)
    fullest = max((record.filled for record in head[:place]), default=0)
    found = place if place and _holds_names(head[place]) and head[place].filled >= 2 * fullest else 0
    while _groups(head[found : found + _RECORDS]):
        found += 1
    return found


def _groups(records: Sequence[TableRecord]) -> bool:
    """Whether the first of some records groups the columns that the second one names (merged cells above a header).

    It has gaps, which the second one has not; that is all of names, also where the records below it hold phones and
    addresses. A first row of nothing but texts is no header: at least two of its cells say what columns are called.
    """
    if len(records) < _WITH_ROWS:
        return False
    group, names, *rows = records
    labels = [cell.strip() for cell in names.cells]
    is_gapped = 0 < group.filled < names.filled
    is_whole = names.filled == len(labels) and len(set(map(fold, labels))) == len(labels)
    if not (is_gapped and is_whole and _holds_names(names)) or any(map(_may_be_phone, labels)):
        return False
    if _count_names(labels) < _NAMES_NEEDED or _count_names(labels) <= _count_names(group.cells):
        return False
    values = {place for row in rows for place, cell in enumerate(row.cells) if "@" in cell or _may_be_phone(cell)}
    return bool(values)


def _count_names(cells: Sequence[str]) -> int:
    """How many cells hold a usual word for a column of contacts."""
    return sum(bool(_COLUMN_NAME.search(fold(cell))) for cell in cells)


def refuse_values_as_header(name: str, headers: Sequence[str], options: ReadOptions) -> None:
    """Raise InputError where columns are named by their place and what was taken for the header holds a phone.

    Without names to look for, a first contact would silently be taken for the header.
    """
    places = [place for place in map(position_of, options.wanted) if place is not None and place < len(headers)]
    names = {fold(header) for header in headers}
    if options.header != "auto" or not places or names & {fold(name) for name in options.wanted}:
        return
    values = [headers[place] for place in places if _may_be_phone(headers[place])]
    if values:
        raise InputError(
            f"{name}: the columns are named by their place, and the line that would be the header holds"
            f" {quoted(values[0])}: it is a row.",
            advice='Say that there is none (import.header = "none"), or on which line it is (import.header = 1).',
        )


def _noted_delimiter(text: str) -> str:
    line = text.removeprefix("\ufeff").split("\n", 1)[0].split("\r", 1)[0].strip('"')
    note, delimiter = line[: len(_SEPARATOR_NOTE)], line[len(_SEPARATOR_NOTE) :]
    return delimiter if note.lower() == _SEPARATOR_NOTE and len(delimiter) == 1 else ""


def sample_records(text: str, delimiter: str, comment: str, quoting: str = "") -> list[TableRecord]:
    """The first records of a text that are not blank."""
    records: list[TableRecord] = []
    try:
        filled = (record for record in RecordReader([text], delimiter, comment, quoting).records() if record.filled)
        records.extend(islice(filled, _RECORDS))
    except (csv.Error, LongRecord):
        # What cannot be read is said where the table itself is read.
        pass
    return records


def _score(records: Sequence[TableRecord]) -> float:
    """How well a delimiter cuts records: 0 if it does not, more if they are even, if the header is, if they are wide.

    Evenness decides. A header that is cut like its rows weighs more than width, because a list in one cell
    ("a;b;c;d") may be longer than the record that it stands in.
    """
    width, share = _usual_width(records)
    if width < 2:
        return 0.0
    header = find_header(records)
    is_cut_alike = abs(len(records[header].cells) - width) <= 1 and len(records[header].cells) > 1
    header_weight = (1.0 if header == 0 else 0.6) if is_cut_alike else 0.3
    return share * share * header_weight * (1 + 0.2 * math.log2(width - 1))


def _usual_width(records: Sequence[TableRecord]) -> tuple[int, float]:
    """The commonest number of cells, and the share of the records that have it."""
    widths = Counter(len(record.cells) for record in records)
    if not widths:
        return 0, 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return width, count / len(records)


def _is_above_header(record: TableRecord, width: int) -> bool:
    """Whether a record holds no more than a title, a date or a pair of words above the table would."""
    # Many programs write one delimiter more, or one less, at the end of a header than at the end of a row.
    is_narrow = len(record.cells) < width - 1
    return is_narrow or (width > 2 and record.filled <= max(1, width // 3))


def _hold_phones(records: Sequence[TableRecord]) -> bool:
    return any(_may_be_phone(cell) for record in records for cell in record.cells)


def _may_be_phone(cell: str) -> bool:
    return sum(map(str.isdigit, cell)) >= _PHONE_DIGITS


def _holds_names(record: TableRecord) -> bool:
    """Whether most cells of a record could be names of columns: no numbers, addresses or dates."""
    cells = [cell.strip() for cell in record.cells if cell.strip()]
    values = sum("@" in cell or sum(map(str.isdigit, cell)) * 2 >= len(cell) for cell in cells)
    return values * 5 <= len(cells)
