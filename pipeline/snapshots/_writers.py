"""The files of a snapshot: contacts as JSON lines and as CSV, custom fields, tags, the team, consent."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Literal

from pipeline import jsontext
from pipeline.models import CustomField, Json, Record
from pipeline.snapshots._details import DetailColumns, Detailed, Details, complete_record, encode_details
from pipeline.storage import flush_file, make_private_file

CONTACTS = "contacts.jsonl.gz"
TABLE = "contacts.csv"
FIELDS = "fields.json"
TAGS = "tags.json"
TEAM = "team.json"
DELETED = "deleted.jsonl.gz"
CONSENT = "consent.jsonl.gz"
DETAILS = "details.jsonl.gz"
PARQUET = "contacts.parquet"

CsvProfile = Literal["exact", "excel"]
"""exact: cells as they are, to be imported again; excel: cells are guarded that a spreadsheet would run or shorten."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SHOWN_DIGITS = 11
"""Excel shows longer numbers as 1.23E+15, and keeps only 15 digits."""

_COMPRESSION = 6
_BATCH = 500

COLUMNS = (
    "id", "phone", "first", "last", "display_name", "email", "assignee_id", "is_opted_out", "tags", "created",
    "updated",
)  # fmt: skip
RAW = "raw"
"""The column of contacts.parquet that holds the whole contact."""

_OPT_OUT = COLUMNS.index("is_opted_out")


def _cells(record: Record) -> list[object]:
    """Return the cells of a contact for `COLUMNS`."""
    opted_out = record.is_opted_out
    return [
        record.id,
        record.phone,
        record.first,
        record.last,
        record.display_name,
        record.email,
        record.assignee_id,
        "" if opted_out is None else "true" if opted_out else "false",
        ";".join(map(str, record.tags)) if record.tags else "",
        record.created,
        record.updated,
    ]


def write_contacts(path: Path, contacts: Iterable[bytes]) -> int:
    """Write one contact a line, byte for byte as the server sent it, gzipped. Return how many.

    Equal contacts give equal bytes: the gzip header holds no time and no name. Raises OSError.
    """
    rows = 0
    with _private(path) as stream, gzip.GzipFile("", "wb", _COMPRESSION, stream, mtime=0) as packed:
        for batch in _batches(contacts):
            packed.write(b"\n".join((*batch, b"")))
            rows += len(batch)
    flush_file(path)
    return rows


def write_table(
    path: Path,
    contacts: Iterable[Detailed],
    custom: Sequence[CustomField],
    *,
    opt_out: bool,
    profile: CsvProfile = "exact",
    columns: DetailColumns | None = None,
) -> int:
    """Write contacts as CSV (UTF-8): standard columns, then custom fields under their titles. Return how many.

    Without `opt_out` the column `is_opted_out` is absent: a column of blanks would look like "no". `columns` are those
    of channels and status, between the two. Raises OSError.
    """
    standard = [name for name in COLUMNS if opt_out or name != "is_opted_out"]
    keys = [str(field.id) for field in custom]
    guard = _guarded if profile == "excel" else None
    rows = 0
    with _private(path) as stream:
        stream.close()
        # Excel reads a file as UTF-8 only if it begins with a byte order mark.
        with path.open("w", encoding="utf-8-sig" if guard else "utf-8", newline="") as text:
            writer = csv.writer(text, lineterminator="\r\n")
            further = columns.headers if columns else []
            writer.writerow([*standard, *further, *custom_headers(custom, further)])
            for shown, details in contacts:
                record = complete_record(shown, details)
                row = _cells(record)
                if not opt_out:
                    del row[_OPT_OUT]
                if columns:
                    row += columns.cells(shown, details)
                if keys:
                    held = record.custom
                    row += [held.get(key, "") for key in keys]
                writer.writerow(map(guard, row) if guard else row)
                rows += 1
    flush_file(path)
    return rows


def write_consents(path: Path, consents: Iterable[tuple[int, bool]]) -> int:
    """Write the opt-out status of contacts, a line each, gzipped. Return how many. Raises OSError."""
    return write_contacts(path, (jsontext.encode({"id": each, "is_opted_out": out}) for each, out in consents))


def write_details(path: Path, details: Iterable[Details]) -> int:
    """Write channels and statuses of contacts, a line each, gzipped. Return how many. Raises OSError."""
    return write_contacts(path, map(encode_details, details))


def write_json(path: Path, value: Json) -> int:
    """Write a small list or object, readable. Return how many elements a list has, else 1. Raises OSError."""
    with _private(path) as stream:
        stream.write((json.dumps(value, indent=2, ensure_ascii=True) + "\n").encode())
    flush_file(path)
    return len(value) if isinstance(value, list) else 1


def write_fields(path: Path, fields: Sequence[CustomField]) -> int:
    """Write the custom fields of the account, with their IDs. Return how many. Raises OSError."""
    return write_json(path, [{"id": field.id, "title": field.title} for field in fields])


def read_fields(path: Path) -> tuple[CustomField, ...]:
    """Return the custom fields that a fields.json lists; none where it cannot be read."""
    try:
        return tuple(CustomField(int(each["id"]), str(each["title"])) for each in jsontext.decode(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError):
        return ()


def custom_headers(fields: Sequence[CustomField], further: Iterable[str] = ()) -> list[str]:
    """Return a header for each custom field, all different; `further` are columns that a table has beside `COLUMNS`.

    Its title; `Title (123)` where two fields share the title or a standard column has it; `Field 123` without one.
    """
    folded = Counter(field.title.strip().casefold() for field in fields)
    taken = {*COLUMNS, RAW, *further}
    standard = frozenset(taken)
    headers = []
    for field in fields:
        title = field.title.strip()
        plain = title if title else f"Field {field.id}"
        is_shared = bool(title) and (folded[title.casefold()] > 1 or title.casefold() in standard)
        header = f"{title} ({field.id})" if is_shared else plain
        while header.casefold() in taken:
            header = f"{header} ({field.id})"
        taken.add(header.casefold())
        headers.append(header)
    return headers


def all_custom_fields(fields: Sequence[CustomField], used: Iterable[str]) -> list[CustomField]:
    """Return the known fields, then those that contacts have values of although the account does not list them."""
    known = {str(field.id) for field in fields}
    return [*fields, *(CustomField(int(key), "") for key in used if key not in known and key.isdecimal())]


def _batches(contacts: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield a few hundred at a time: compressing a batch costs less than compressing each."""
    rest = iter(contacts)
    while batch := list(islice(rest, _BATCH)):
        yield batch


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    make_private_file(path)
    with path.open("wb") as stream:
        yield stream


def with_consents(contacts: Iterable[Detailed], consents: Mapping[int, bool]) -> Iterator[Detailed]:
    """Yield contacts, with the opt-out status that was asked for where they do not show it themselves."""
    for record, details in contacts:
        if record.is_opted_out is None and record.id in consents and not (details and details.status):
            yield record._replace(is_opted_out=consents[record.id]), details
        else:
            yield record, details


def _guarded(value: object) -> object:
    """Return a cell that a spreadsheet neither runs as a formula nor shortens."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    if text.isascii() and text.isdigit() and (len(text) > _SHOWN_DIGITS or (text[0] == "0" and len(text) > 1)):
        return f'="{text}"'
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
