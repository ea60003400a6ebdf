"""Bring columns to their targets: header -> contact field or custom-field ID, row -> Contact, Reject or Skip."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import MappingError
from pipeline.models import MAX_TAGS, Contact, CustomField, Json, Reject, Row, Skip
from pipeline.phone import PhoneReading, find_region, read_phone
from pipeline.settings import ColumnTarget, ImportSettings

CLEAR = "<clear>"
"""A cell that erases the contact's value. Source: design, "Policy is ours"."""

OWN_COLUMNS = ("_row", "_code", "_column", "_value", "_reason")
"""What a reject file has behind the original columns; ignored when it is read back. Source: contract, section 6."""

_TRUE_WORDS = ("yes", "y", "true", "t", "1")
_FALSE_WORDS = ("no", "n", "false", "f", "0")
OPT_OUT_WORDS = dict.fromkeys(_TRUE_WORDS, True) | dict.fromkeys(_FALSE_WORDS, False)
"""Source: shared API facts, "The web app's own CSV import"."""

UNASSIGNED = -1

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Binding:
    """One column of the file and where it goes."""

    index: int
    header: str
    target: ColumnTarget


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """How the columns of one file are imported.

    `bindings` are in the order of the settings, so the first phone column is the preferred one. `tag_ids` maps folded
    tag names to IDs, and is None while they are not known (offline).
    """

    headers: tuple[str, ...]
    imports: ImportSettings
    bindings: tuple[Binding, ...]
    unmapped: tuple[str, ...] = ()
    country: int | None = None
    skips: tuple[tuple[int, str], ...] = ()
    tag_ids: Mapping[str, int] | None = None
    phones: tuple[Binding, ...] = field(default=())

    def describe(self) -> dict[str, str | None]:
        """Return for every header where it goes, None for nowhere."""
        known = {binding.index: str(binding.target) for binding in self.bindings}
        if self.country is not None:
            known.setdefault(self.country, "country")
        return {
            header or f"(column {index + 1})": known.get(index)
            for index, header in enumerate(self.headers)
            if header not in OWN_COLUMNS
        }


class _Problem(Exception):
    """A cell that cannot be used."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def plan_columns(headers: Sequence[str], imports: ImportSettings) -> ColumnPlan:
    """Match the file's headers with the settings, case- and space-insensitively.

    A mapped column that the file lacks is an error, except a further phone column where at least one is there, because
    exports of one product differ in those. Raises MappingError, which lists the headers that were seen.
    """
    places = _places(headers)
    bindings = []
    for header, target in imports.columns.items():
        index = _find(header, places, headers)
        if index is not None:
            bindings.append(Binding(index, headers[index], target))
        elif target.kind != "phone":
            raise _missing(header, headers, f'it is mapped to "{target}"')
    phones = tuple(binding for binding in bindings if binding.target.kind == "phone")
    if not phones:
        raise _no_phone(headers, imports)
    _refuse_shared_targets(bindings)
    country = _required(imports.country_column, places, headers, "country_column") if imports.country_column else None
    skips = tuple(
        (_required(name, places, headers, "skip_where"), value.strip().casefold())
        for name, value in imports.skip_where.items()
    )
    used = {binding.index for binding in bindings} | {country} | {index for index, _ in skips}
    unmapped = tuple(header for index, header in enumerate(headers) if index not in used and header not in OWN_COLUMNS)
    if unmapped and imports.unmapped == "reject":
        raise MappingError(
            f"These columns have no mapping, and import.unmapped is reject: {_listed(unmapped)}. Nothing was sent.",
            advice='Map them in [import.columns] (to "ignore", if they are not wanted).',
        )
    return ColumnPlan(tuple(headers), imports, tuple(bindings), unmapped, country, skips, phones=phones)


def resolve_custom(plan: ColumnPlan, fields: Sequence[CustomField]) -> ColumnPlan:
    """Bring custom-field titles to the account's numeric IDs, and check the IDs that are given.

    Raises MappingError when a title is unknown or shared by two fields, or an ID is unknown, naming the candidates.
    """
    bindings = tuple(
        replace(binding, target=replace(binding.target, custom=_field_id(binding, fields)))
        if binding.target.kind == "custom"
        else binding
        for binding in plan.bindings
    )
    _refuse_shared_targets(bindings)
    return replace(plan, bindings=bindings)


def resolve_tags(plan: ColumnPlan, tags: Mapping[str, int]) -> ColumnPlan:
    """Make the account's tag names known."""
    return replace(plan, tag_ids={_fold(name): tag_id for name, tag_id in tags.items()})


def map_rows(rows: Sequence[Row], plan: ColumnPlan) -> list[Contact | Reject | Skip]:
    """Return exactly one result for each row, in order."""
    return [map_row(row, plan) for row in rows]


def map_row(row: Row, plan: ColumnPlan) -> Contact | Reject | Skip:
    """Return the contact that a row wants, or why it is left out. Never raises for any cells."""
    broken = _find_broken(row, plan)
    if broken:
        return broken
    for index, value in plan.skips:
        if row.cells[index].strip().casefold() == value:
            return Skip(row.line, "skip_where", f"column {plan.headers[index]!r} is {row.cells[index].strip()!r}")
    notes: list[str] = []
    region = _region(row, plan, notes)
    phone = _read_phones(row, plan, region)
    if isinstance(phone, Reject):
        return phone
    digits, phone_notes = phone
    fields: dict[str, str | int | bool] = {}
    custom: dict[str, str] = {}
    tags: tuple[int, ...] | None = None
    for binding in plan.bindings:
        kind = binding.target.kind
        cell = row.cells[binding.index].strip()
        try:
            if kind == "custom":
                custom |= _custom(cell, binding.target, plan)
            elif kind == "tags":
                tags = _tags(cell, binding.target, plan, notes)
            elif kind not in ("phone", "ignore"):
                fields |= _field(cell, kind, plan)
        except _Problem as problem:
            return Reject(row.line, problem.code, binding.header, cell, problem.reason)
    return Contact(row.line, digits, fields, custom, tags, (*phone_notes, *notes))


def contact_json(contact: Contact) -> dict[str, Json]:
    """Return a contact in the write shape, with its line as `_row`. Source: contract, section 6 (`check --output`)."""
    shape: dict[str, Json] = {"_row": contact.line, "phone": contact.phone, **contact.fields}
    if contact.custom:
        shape["custom"] = dict(contact.custom)
    if contact.tags is not None:
        shape["tags"] = [{"tag_id": tag} for tag in contact.tags]
    return shape


# --- matching columns ---


def _fold(header: str) -> str:
    return " ".join(header.split()).casefold()


def _places(headers: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, header in enumerate(headers):
        places.setdefault(_fold(header), []).append(index)
    return places


def _find(header: str, places: Mapping[str, list[int]], headers: Sequence[str]) -> int | None:
    found = places.get(_fold(header), [])
    if len(found) > 1:
        columns = " and ".join(str(index + 1) for index in found)
        raise MappingError(
            f"The header {headers[found[0]]!r} stands over columns {columns}; it is not clear which one is meant."
            " Nothing was sent.",
            advice="Rename one of them in the file.",
        )
    return found[0] if found else None


def _required(header: str, places: Mapping[str, list[int]], headers: Sequence[str], setting: str) -> int:
    index = _find(header, places, headers)
    if index is None:
        raise _missing(header, headers, f"import.{setting} names it")
    return index


def _missing(header: str, headers: Sequence[str], why: str) -> MappingError:
    close = difflib.get_close_matches(_fold(header), [_fold(seen) for seen in headers], 1)
    hint = f"Did you mean {close[0]!r}?" if close else "Correct the mapping in [import.columns], or the file."
    return MappingError(
        f"The file has no column {header!r} ({why}). Its columns are: {_listed(headers)}. Nothing was sent.",
        advice=hint,
    )


def _no_phone(headers: Sequence[str], imports: ImportSettings) -> MappingError:
    wanted = [header for header, target in imports.columns.items() if target.kind == "phone"]
    what = f"none of the phone columns {_listed(wanted)}" if wanted else "no column that is mapped to phone"
    return MappingError(
        f"The file has {what}. Its columns are: {_listed(headers)}. Nothing was sent.",
        advice='Map one in the settings: [import.columns] with a line such as "Mobile Phone" = "phone".',
    )


def _refuse_shared_targets(bindings: Sequence[Binding]) -> None:
    taken: dict[str, str] = {}
    for binding in bindings:
        target = str(binding.target)
        if target in ("phone", "ignore"):
            continue
        if target in taken:
            raise MappingError(
                f"The columns {taken[target]!r} and {binding.header!r} are both mapped to {target}. Nothing was sent.",
                advice='Map one of them to "ignore".',
            )
        taken[target] = binding.header


def _field_id(binding: Binding, fields: Sequence[CustomField]) -> int:
    wanted = binding.target.custom
    if isinstance(wanted, int):
        found = [known for known in fields if known.id == wanted]
    else:
        exact = [known for known in fields if known.title == wanted]
        found = exact or [known for known in fields if _fold(known.title) == _fold(str(wanted))]
    if len(found) == 1:
        return found[0].id
    candidates = ", ".join(f"{known.title!r} (ID {known.id})" for known in found or fields) or "none"
    if found:
        raise MappingError(
            f"Column {binding.header!r}: {len(found)} custom fields have the title {wanted!r}: {candidates}."
            " Nothing was sent.",
            advice="Map the column by ID: { custom = NUMBER }.",
        )
    raise MappingError(
        f"Column {binding.header!r}: the account has no custom field {wanted!r}; it has {candidates}.",
        advice="Nothing was sent. Correct the title in [import.columns], or create the field in the web app.",
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:30])
    return f"{shown} and {len(names) - 30} more" if len(names) > 30 else shown or "(none)"


# --- reading cells ---


def _find_broken(row: Row, plan: ColumnPlan) -> Reject | None:
    for index, cell in enumerate(row.cells):
        if _SURROGATE.search(cell):
            header = plan.headers[index] if index < len(plan.headers) else ""
            reason = "it holds bytes that are not UTF-8; save the file as UTF-8 or correct the cell"
            return Reject(row.line, "undecodable", header, cell, reason)
    width = len(plan.headers)
    if len(row.cells) < width or any(cell.strip() for cell in row.cells[width:]):
        extra = ",".join(row.cells[width:])
        reason = (
            f"the row has {len(row.cells)} cells and the header {width}; a delimiter or a quote is missing or too much"
        )
        return Reject(row.line, "ragged_row", "", extra, reason)
    return None


def _region(row: Row, plan: ColumnPlan, notes: list[str]) -> str:
    if plan.country is None:
        return plan.imports.default_region
    country = row.cells[plan.country].strip()
    if _is_blank(country, plan):
        return plan.imports.default_region
    region = find_region(country)
    if region is None:
        notes.append("country_unknown")
        return plan.imports.default_region
    return region


def _read_phones(row: Row, plan: ColumnPlan, region: str) -> tuple[str, tuple[str, ...]] | Reject:
    """Return the first valid phone in the order of the settings, or the reject of the first that was not blank."""
    failed: tuple[Binding, str, PhoneReading] | None = None
    for binding in plan.phones:
        cell = row.cells[binding.index].strip()
        if _is_blank(cell, plan):
            continue
        reading = read_phone(cell, region, vanity_letters=plan.imports.vanity_letters)
        if reading.digits:
            other = () if binding is plan.phones[0] else (f"phone_from:{binding.header}",)
            return reading.digits, (*reading.notes, *other)
        failed = failed or (binding, cell, reading)
    if failed:
        binding, cell, reading = failed
        return Reject(row.line, reading.code, binding.header, cell, reading.reason)
    return Reject(row.line, "missing", plan.phones[0].header, "", "the row has no phone number")


def _is_blank(cell: str, plan: ColumnPlan) -> bool:
    return not cell or cell in plan.imports.null_values


def _clears(cell: str, plan: ColumnPlan) -> bool:
    return cell == CLEAR or (_is_blank(cell, plan) and plan.imports.blanks == "clear")


def _custom(cell: str, target: ColumnTarget, plan: ColumnPlan) -> dict[str, str]:
    if _clears(cell, plan):
        return {str(target.custom): ""}
    return {} if _is_blank(cell, plan) else {str(target.custom): cell}


def _tags(cell: str, target: ColumnTarget, plan: ColumnPlan, notes: list[str]) -> tuple[int, ...] | None:
    if _clears(cell, plan):
        return ()
    if _is_blank(cell, plan):
        return None
    names = list(dict.fromkeys(name.strip() for name in cell.split(target.separator) if name.strip()))
    if len(names) > MAX_TAGS:
        raise _Problem("too_many_tags", f"{len(names)} tags; a contact has at most {MAX_TAGS}")
    if plan.tag_ids is None and not all(name.isdecimal() for name in names):
        # Offline: the names can only be brought to IDs with the account at hand.
        notes.append("tags_not_checked")
        return None
    return tuple(dict.fromkeys(_tag_id(name, plan) for name in names))


def _tag_id(name: str, plan: ColumnPlan) -> int:
    known = (plan.tag_ids or {}).get(_fold(name))
    if known is not None:
        return known
    if name.isdecimal() and name.isascii():
        return int(name)
    raise _Problem("unknown_tag", f"the account has no tag {name!r}")


def _field(cell: str, kind: str, plan: ColumnPlan) -> dict[str, str | int | bool]:
    if kind == "is_opted_out":
        return _opt_out(cell, plan)
    if _clears(cell, plan):
        return {kind: UNASSIGNED if kind == "assignee_id" else ""}
    if _is_blank(cell, plan):
        return {}
    if kind == "assignee_id":
        return {kind: _number(cell)}
    if kind == "email" and not _EMAIL.fullmatch(cell):
        raise _Problem("bad_email", "this is no e-mail address (name@example.com)")
    if kind == "avatar" and not cell.lower().startswith(("https://", "http://")):
        raise _Problem("bad_url", "this is no web address (https://...)")
    return {kind: cell}


def _opt_out(cell: str, plan: ColumnPlan) -> dict[str, str | int | bool]:
    # A blank says nothing about consent, also where blanks clear other fields.
    if _is_blank(cell, plan):
        return {}
    word = OPT_OUT_WORDS.get(cell.casefold())
    if word is None:
        raise _Problem("bad_boolean", "expected yes, y, true, t or 1 for opted out; no, n, false, f or 0 for not")
    return {"is_opted_out": word}


def _number(cell: str) -> int:
    if not re.fullmatch(r"-1|[0-9]{1,18}", cell):
        raise _Problem("bad_number", "expected the numeric ID of a team member, or -1 for nobody")
    return int(cell)
