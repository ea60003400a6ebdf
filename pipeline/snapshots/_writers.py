"""The files of a snapshot: contacts as JSON lines and as CSV, and the custom fields."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.heymarket._wire import read_record
from pipeline.models import CustomField, Record
from pipeline.snapshots._disk import flush_file, make_private_file

CONTACTS = "contacts.jsonl.gz"
TABLE = "contacts.csv"
FIELDS = "fields.json"

_COMPRESSION = 6

Cell = Callable[[Record], object]

_COLUMNS: dict[str, Cell] = {
    "id": lambda record: record.id,
    "phone": lambda record: record.phone,
    "first": lambda record: record.first,
    "last": lambda record: record.last,
    "display_name": lambda record: record.display_name,
    "email": lambda record: record.email,
    "assignee_id": lambda record: record.assignee_id,
    "is_opted_out": lambda record: _boolean_text(record.is_opted_out),
    "tags": lambda record: ";".join(map(str, record.tags or ())),
    "created": lambda record: record.created,
    "updated": lambda record: record.updated,
}


def write_contacts(path: Path, contacts: Iterable[bytes]) -> int:
    """Write one contact a line, byte for byte as the server sent it, gzipped. Return how many.

    Equal contacts give equal bytes: the gzip header holds no time and no name. Raises OSError.
    """
    rows = 0
    with _private(path) as stream, gzip.GzipFile("", "wb", _COMPRESSION, stream, mtime=0) as packed:
        for raw in contacts:
            packed.write(raw + b"\n")
            rows += 1
    flush_file(path)
    return rows


def write_table(path: Path, contacts: Iterable[bytes], custom: Sequence[CustomField], *, opt_out: bool) -> int:
    """Write the contacts as CSV (UTF-8): standard columns, then custom fields under their titles. Return how many.

    Without `opt_out` the column `is_opted_out` is absent: a column of blanks would look like "no". Raises OSError.
    """
    standard = {name: cell for name, cell in _COLUMNS.items() if opt_out or name != "is_opted_out"}
    keys = [str(field.id) for field in custom]
    rows = 0
    with _private(path) as stream:
        stream.close()
        with path.open("w", encoding="utf-8", newline="") as text:
            writer = csv.writer(text, lineterminator="\r\n")
            writer.writerow([*standard, *custom_headers(custom)])
            for record in _records(contacts):
                held = record.custom
                writer.writerow([*(cell(record) for cell in standard.values()), *(held.get(key, "") for key in keys)])
                rows += 1
    flush_file(path)
    return rows


def write_fields(path: Path, fields: Sequence[CustomField]) -> int:
    """Write the custom fields of the account, with their IDs. Return how many. Raises OSError."""
    rows = [{"id": field.id, "title": field.title} for field in fields]
    with _private(path) as stream:
        stream.write((json.dumps(rows, indent=2, ensure_ascii=True) + "\n").encode())
    flush_file(path)
    return len(rows)


def custom_headers(fields: Sequence[CustomField]) -> list[str]:
    """Return a header for each custom field, all different.

    Its title; `Title (123)` where two fields share the title or a standard column has it; `Field 123` without one.
    """
    folded = Counter(field.title.strip().casefold() for field in fields)
    taken = set(_COLUMNS)
    headers = []
    for field in fields:
        title = field.title.strip()
        plain = title if title else f"Field {field.id}"
        is_shared = bool(title) and (folded[title.casefold()] > 1 or title.casefold() in _COLUMNS)
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


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    make_private_file(path)
    with path.open("wb") as stream:
        yield stream


def _records(contacts: Iterable[bytes]) -> Iterator[Record]:
    for raw in contacts:
        record = read_record(raw)
        if record is not None:
            yield record


def _boolean_text(value: bool | None) -> str:
    return "" if value is None else str(value).lower()
