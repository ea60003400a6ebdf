"""Match the headers of a file with the settings, and titles with the account's numeric IDs."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import MappingError
from pipeline.models import CustomField
from pipeline.settings import ColumnTarget, ImportSettings

REJECT_COLUMNS = ("_row", "_code", "_column", "_value", "_reason")
"""What a reject file has behind the original columns; ignored when it is read back. Source: contract, section 6."""


EXTRA_COLUMN = "_extra"
"""Where a reject file keeps cells beyond the header; a row that still has some there is rejected again."""


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
            if header not in (*REJECT_COLUMNS, EXTRA_COLUMN)
        }

    def custom_names(self) -> dict[str, str]:
        """Return what a person calls the custom fields: `custom.101` -> `Plan (custom field 101)`."""
        ids = {binding.target.custom: binding.header for binding in self.bindings if binding.target.kind == "custom"}
        return {f"custom.{number}": f"{header} (custom field {number})" for number, header in ids.items()}


def plan_columns(headers: Sequence[str], imports: ImportSettings) -> ColumnPlan:
    """Match the file's headers with the settings, case- and space-insensitively.

    A mapped column that the file lacks is an error, except a further phone or channel column, because exports of one
    product differ in those. Raises MappingError, which lists the headers that were seen.
    """
    places = _places(headers)
    bindings = []
    for header, target in imports.columns.items():
        index = _find(header, places, headers)
        if index is not None:
            bindings.append(Binding(index, headers[index], target))
        elif target.kind not in ("phone", "channel"):
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
    unmapped = tuple(
        header
        for index, header in enumerate(headers)
        if not (index in used or header in (*REJECT_COLUMNS, EXTRA_COLUMN))
    )
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
    return replace(plan, tag_ids={fold(name): tag_id for name, tag_id in tags.items()})


def fold(header: str) -> str:
    """Return a header, title or tag name as it is compared: without regard to case and runs of spaces."""
    return " ".join(header.split()).casefold()


def _places(headers: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, header in enumerate(headers):
        places.setdefault(fold(header), []).append(index)
    return places


def _find(header: str, places: Mapping[str, list[int]], headers: Sequence[str]) -> int | None:
    found = places.get(fold(header), [])
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
    close = _close(header, headers)
    hint = f"Did you mean {close[0]!r}?" if close else "Correct the mapping in [import.columns], or the file."
    return MappingError(
        f"The file has no column {header!r} ({why}). Its columns are: {_listed(headers)}. Nothing was sent.",
        advice=hint,
    )


def _close(header: str, headers: Sequence[str]) -> list[str]:
    """Return the header that comes closest, as it stands in the file, or nothing."""
    folded = {fold(seen): seen for seen in headers}
    return [folded[name] for name in difflib.get_close_matches(fold(header), folded, 1)]


def _no_phone(headers: Sequence[str], imports: ImportSettings) -> MappingError:
    wanted = [header for header, target in imports.columns.items() if target.kind == "phone"]
    what = f"none of the phone columns {_listed(wanted)}" if wanted else "no column that is mapped to phone"
    close = [seen for name in wanted for seen in _close(name, headers)]
    example = close[0] if close else "Mobile Phone"
    hint = f"Did you mean {example!r}? " if close else ""
    return MappingError(
        f"The file has {what}. Its columns are: {_listed(headers)}. Nothing was sent.",
        advice=f'{hint}Map it in the settings: [import.columns] with a line such as "{example}" = "phone".',
    )


def _refuse_shared_targets(bindings: Sequence[Binding]) -> None:
    taken: dict[str, str] = {}
    for binding in bindings:
        target = str(binding.target)
        if binding.target.kind in ("phone", "ignore", "channel"):
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
        found = exact or [known for known in fields if fold(known.title) == fold(str(wanted))]
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
