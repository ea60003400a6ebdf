"""Bring rows to contacts, column by column: each distinct spelling of a cell is converted once."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pipeline.mapping._cells import Cell, Problem, convert_cell, is_blank
from pipeline.mapping._columns import EXTRA_COLUMN, Binding, ColumnPlan
from pipeline.models import Contact, Json, Reject, Row, Skip
from pipeline.phone import PhoneReading, find_region, read_phone

Key = TypeVar("Key")
Value = TypeVar("Value")

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Phone:
    """The phone that a row goes by."""

    digits: str
    notes: tuple[str, ...]


def map_rows(rows: Sequence[Row], plan: ColumnPlan) -> list[Contact | Reject | Skip]:
    """Return exactly one result for each row, in order. Never raises for any cells.

    It works column by column: each distinct spelling of a cell is converted once.
    """
    left_out = {index: reason for index, row in enumerate(rows) if (reason := _left_out(row, plan))}
    kept = [row for index, row in enumerate(rows) if index not in left_out]
    contacts = iter(_map_kept(kept, plan))
    return [left_out[index] if index in left_out else next(contacts) for index in range(len(rows))]


def map_row(row: Row, plan: ColumnPlan) -> Contact | Reject | Skip:
    """Return the contact that a row wants, or why it is left out."""
    return map_rows([row], plan)[0]


def _map_kept(rows: Sequence[Row], plan: ColumnPlan) -> Iterator[Contact | Reject]:
    regions = _regions(rows, plan)
    phones = [_read_phones(rows, binding, regions, plan) for binding in plan.phones]
    bindings = [binding for binding in plan.bindings if binding.target.kind not in ("phone", "ignore")]
    columns = [_convert_column(rows, binding, plan) for binding in bindings]
    for index, row in enumerate(rows):
        phone = _choose_phone(row, [column[index] for column in phones], plan)
        if isinstance(phone, Reject):
            yield phone
            continue
        noted = () if regions[index] else ("country_unknown",)
        yield _assemble(row, phone, noted, bindings, [column[index] for column in columns])


def _assemble(
    row: Row, phone: _Phone, noted: tuple[str, ...], bindings: Sequence[Binding], cells: Sequence[Cell | Problem]
) -> Contact | Reject:
    fields: dict[str, str | int | bool] = {}
    custom: dict[str, str] = {}
    tags: tuple[int, ...] | None = None
    for binding, cell in zip(bindings, cells, strict=True):
        if isinstance(cell, Problem):
            return Reject(row.line, cell.code, binding.header, row.cells[binding.index].strip(), cell.reason)
        fields |= cell.fields
        custom |= cell.custom
        tags = cell.tags if cell.tags is not None else tags
        noted += cell.notes
    return Contact(row.line, phone.digits, fields, custom, tags, (*phone.notes, *noted))


def contact_json(contact: Contact) -> dict[str, Json]:
    """Return a contact in the write shape, with its line as `_row`. Source: contract, section 6 (`check --output`)."""
    shape: dict[str, Json] = {"_row": contact.line, "phone": contact.phone, **contact.fields}
    if contact.custom:
        shape["custom"] = dict(contact.custom)
    if contact.tags is not None:
        shape["tags"] = [{"tag_id": tag} for tag in contact.tags]
    return shape


def _left_out(row: Row, plan: ColumnPlan) -> Reject | Skip | None:
    """Return why a row is left out before its values are looked at, or None."""
    for index, cell in enumerate(row.cells):
        if _SURROGATE.search(cell):
            header = plan.headers[index] if index < len(plan.headers) else ""
            reason = "it holds bytes that are not UTF-8; from Windows: iconv -f CP1252 -t UTF-8 FILE"
            return Reject(row.line, "undecodable", header, cell, reason)
    if not any(cell.strip() for cell in row.cells):
        return Skip(row.line, "blank_row", "all its cells are blank")
    width = len(plan.headers)
    if len(row.cells) < width or any(cell.strip() for cell in row.cells[width:]):
        extra = ",".join(row.cells[width:])
        reason = f"the row has {len(row.cells)} cells, the header {width}: a delimiter or quote is missing or too much"
        return Reject(row.line, "ragged_row", "", extra, reason)
    for header, cell in zip(plan.headers, row.cells, strict=False):
        if header == EXTRA_COLUMN and cell.strip():
            reason = f"the row still has surplus cells in {EXTRA_COLUMN}; move or remove them"
            return Reject(row.line, "ragged_row", EXTRA_COLUMN, cell, reason)
    for index, value in plan.skips:
        if row.cells[index].strip().casefold() == value:
            return Skip(row.line, "skip_where", f"column {plan.headers[index]!r} is {row.cells[index].strip()!r}")
    return None


def _each_distinct(cells: Sequence[Key], convert: Callable[[Key], Value]) -> list[Value]:
    """Convert a column, each distinct cell once."""
    # Importing it takes a third of a second, which commands that read no rows need not wait for.
    import pandas as pd  # noqa: PLC0415

    column: pd.Series[Any] = pd.Series(list[Any](cells), dtype=object)
    codes, distinct = pd.factorize(column)
    values = [convert(cell) for cell in distinct]
    return [values[code] for code in codes.tolist()]


def _column(rows: Sequence[Row], index: int) -> list[str]:
    return [row.cells[index].strip() for row in rows]


def _regions(rows: Sequence[Row], plan: ColumnPlan) -> list[str]:
    """Return the region of every row: of its country column, "" where that is not understood, else the default."""
    default = plan.imports.default_region
    if plan.country is None:
        return [default] * len(rows)
    return _each_distinct(
        _column(rows, plan.country), lambda cell: default if is_blank(cell, plan) else find_region(cell) or ""
    )


def _read_phones(
    rows: Sequence[Row], binding: Binding, regions: Sequence[str], plan: ColumnPlan
) -> list[PhoneReading | None]:
    """Read one phone column; None where the cell is blank."""

    def read(key: tuple[str, str]) -> PhoneReading | None:
        cell, region = key
        if is_blank(cell, plan):
            return None
        return read_phone(cell, region or plan.imports.default_region, vanity_letters=plan.imports.vanity_letters)

    return _each_distinct(list(zip(_column(rows, binding.index), regions, strict=True)), read)


def _choose_phone(row: Row, readings: Sequence[PhoneReading | None], plan: ColumnPlan) -> _Phone | Reject:
    """Return the first valid phone in the order of the settings, or the reject of the first that was not blank."""
    for binding, reading in zip(plan.phones, readings, strict=True):
        if reading and reading.digits:
            other = () if binding is plan.phones[0] else (f"phone_from:{binding.header}",)
            return _Phone(reading.digits, (*reading.notes, *other))
    for binding, reading in zip(plan.phones, readings, strict=True):
        if reading:
            return Reject(row.line, reading.code, binding.header, row.cells[binding.index].strip(), reading.reason)
    return Reject(row.line, "missing", plan.phones[0].header, "", "the row has no phone number")


def _convert_column(rows: Sequence[Row], binding: Binding, plan: ColumnPlan) -> list[Cell | Problem]:
    return _each_distinct(_column(rows, binding.index), lambda cell: convert_cell(cell, binding.target, plan))
