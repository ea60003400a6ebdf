"""Match the headers of a file with the settings, and titles with the account's numeric IDs."""

import difflib
import functools
from collections.abc import Iterable, Mapping, Sequence

from pipeline.errors import MappingError
from pipeline.models import CustomField, Member
from pipeline.reader._folding import NameIndex, find_name, fold, position_of
from pipeline.reader._rejects import OUR_COLUMNS
from pipeline.settings import ColumnTarget, ImportSettings
from pipeline.showing import quoted
from pipeline.transforms import columns_named
from pipeline.values import Struct, replace

_PRIMARY = frozenset(("phone", "id", "uuid", "is_opted_out", "status"))


class Binding(Struct, frozen=True):
    """One column of the file and where it goes."""

    index: int
    header: str
    target: ColumnTarget


class KnownNames:
    """What an account calls something, and the IDs that these names mean.

    E-mail addresses are compared whole but for case: `ab@x.com` is not `a.b@x.com`.
    """

    def __init__(self, named: Iterable[tuple[str, int]], addresses: Iterable[tuple[str, int]] = ()) -> None:
        pairs = [(name, number) for name, number in named if name.strip()]
        self._ids = [number for _, number in pairs]
        self._names = NameIndex([name for name, _ in pairs])
        self._addresses: dict[str, list[int]] = {}
        for address, number in addresses:
            self._addresses.setdefault(address.strip().casefold(), []).append(number)

    def find(self, name: str) -> tuple[int, ...]:
        """Return the IDs that a name means: none, one, or several where it is not clear which."""
        found = self._addresses.get(name.strip().casefold()) if "@" in name else None
        return tuple(dict.fromkeys(found or (self._ids[place] for place in self._names.find(name))))


class ColumnPlan(Struct, frozen=True, dict=True):
    """How the columns of one file are imported.

    `bindings` are in the order of the settings, so the first phone column is the preferred one. `tags` and `members`
    say what the account calls them; each is None while not known (offline). `to_create` are the titles of the columns
    that become custom fields because nothing else is said about them.
    """

    headers: tuple[str, ...]
    imports: ImportSettings
    bindings: tuple[Binding, ...]
    unmapped: tuple[str, ...] = ()
    country: int | None = None
    skips: tuple[tuple[int, str], ...] = ()
    tags: KnownNames | None = None
    members: KnownNames | None = None
    to_create: tuple[str, ...] = ()

    @functools.cached_property
    def phones(self) -> tuple[Binding, ...]:
        """The phone columns, the preferred one first."""
        return tuple(binding for binding in self.bindings if binding.target.kind == "phone")

    @functools.cached_property
    def values(self) -> tuple[Binding, ...]:
        """The columns that say something else about a contact."""
        return tuple(binding for binding in self.bindings if binding.target.kind not in ("phone", "ignore"))

    @functools.cached_property
    def said(self) -> frozenset[int]:
        """The places of the columns that the settings name, and of this tool's own."""
        made = set(self.to_create)
        named = {
            each.index for each in self.bindings if each.target.custom not in made or each.header.strip() not in made
        }
        ours = (place for place, header in enumerate(self.headers) if header in OUR_COLUMNS)
        skips = (place for place, _ in self.skips)
        return frozenset((*named, *skips, *ours, *(() if self.country is None else (self.country,))))

    @functools.cached_property
    def folded_headers(self) -> list[str]:
        """The headers as they are compared."""
        return list(map(fold, self.headers))

    def is_secondary(self, target: ColumnTarget) -> bool:
        """Whether a contact can do without a cell of this target: it neither finds it nor says who may be texted."""
        if target.kind == "email":
            return "email" not in self.imports.match_on
        return target.kind not in _PRIMARY and target.channel != "phone"

    def place(self, header: str) -> int:
        """Return the index of the column that a transform names. Raises MappingError."""
        return _required(header, self.headers, "columns")

    def describe(self) -> dict[str, str | None]:
        """Return for every column where it goes, None for nowhere."""
        known: dict[int, str] = {}
        for binding in self.bindings:
            known[binding.index] = ", ".join(filter(None, [known.get(binding.index), str(binding.target)]))
        if self.country is not None:
            known.setdefault(self.country, "country")
        shown = (index for index, header in enumerate(self.headers) if header not in OUR_COLUMNS)
        return {self._name(index): known.get(index) for index in shown}

    def _name(self, index: int) -> str:
        header = self.headers[index]
        if not header:
            return f"(column {index + 1})"
        return header if self.headers.index(header) == index else f"{header} (column {index + 1})"

    def custom_names(self) -> dict[str, str]:
        """Return what a person calls the custom fields: `custom.101` -> `Plan (custom field 101)`."""
        ids = {binding.target.custom: binding.header for binding in self.bindings if binding.target.kind == "custom"}
        return {f"custom.{number}": f"{header} (custom field {number})" for number, header in ids.items()}


def plan_columns(headers: Sequence[str], imports: ImportSettings) -> ColumnPlan:
    """Match the file's headers with the settings, without regard to case, accents, spaces and punctuation.

    `column 5` means the fifth column where no header is called so. A mapped column that the file lacks is an error,
    except a further phone or channel column, because exports of one product differ in those. Raises MappingError,
    which lists the headers that were seen.
    """
    bindings = _mapped_columns(headers, imports)
    country = _required(imports.country_column, headers, "country_column") if imports.country_column else None
    skips = tuple(
        (_required(name, headers, "skip_where"), value.strip().casefold()) for name, value in imports.skip_where.items()
    )
    used = {country, *(binding.index for binding in bindings), *(index for index, _ in skips)}
    for binding in bindings:
        used |= {_required(name, headers, "columns") for name in columns_named(binding.target.steps)}
    left = [index for index, header in enumerate(headers) if index not in used and header not in OUR_COLUMNS]
    if left and imports.unmapped == "reject":
        raise MappingError(
            "These columns have no mapping, and import.unmapped is reject:"
            f" {_listed([headers[index] for index in left])}. Nothing was sent.",
            advice='Map them in [import.columns] (to "ignore", if they are not wanted).',
        )
    created = _new_fields(headers, left) if imports.unmapped == "create" else []
    made = {binding.header for binding in created}
    return ColumnPlan(
        headers=tuple(headers),
        imports=imports,
        bindings=(*bindings, *created),
        unmapped=tuple(headers[index] for index in left if headers[index] not in made),
        country=country,
        skips=skips,
        to_create=tuple(str(binding.target.custom) for binding in created),
    )


def _mapped_columns(headers: Sequence[str], imports: ImportSettings) -> list[Binding]:
    bindings = []
    for header, targets in imports.columns.items():
        index = _find(header, headers)
        if index is not None:
            bindings += [Binding(index, headers[index] or f"column {index + 1}", target) for target in targets]
        elif any(target.kind not in ("phone", "channel") for target in targets):
            raise _missing(header, headers, f'it is mapped to "{targets[0]}"')
    if not any(binding.target.kind == "phone" for binding in bindings):
        raise _no_phone(headers, imports)
    _refuse_shared_targets(bindings)
    return bindings


def _new_fields(headers: Sequence[str], places: Sequence[int]) -> list[Binding]:
    """Return the columns that become custom fields of their own name: those whose header stands once."""
    named = [(place, headers[place]) for place in places if headers[place].strip()]
    return [
        Binding(place, header, ColumnTarget("custom", custom=header.strip()))
        for place, header in named
        if headers.count(header) == 1
    ]


def resolve_custom(plan: ColumnPlan, fields: Sequence[CustomField], *, leave: Sequence[str] = ()) -> ColumnPlan:
    """Bring custom-field titles to the account's numeric IDs, and check the IDs that are given.

    Titles in `leave` are left as they are. Raises MappingError when a title is unknown or shared by two fields, or an
    ID is unknown, naming the candidates.
    """
    bindings = tuple(
        replace(binding, target=replace(binding.target, custom=_field_id(binding, fields)))
        if binding.target.kind == "custom" and binding.target.custom not in leave
        else binding
        for binding in plan.bindings
    )
    _refuse_shared_targets(bindings)
    return replace(plan, bindings=bindings)


def resolve_tags(plan: ColumnPlan, tags: Mapping[str, int]) -> ColumnPlan:
    """Make the account's tag names known."""
    return replace(plan, tags=KnownNames(tags.items()))


def resolve_members(plan: ColumnPlan, members: Sequence[Member]) -> ColumnPlan:
    """Make the team known, by name and by e-mail address."""
    addresses = [(member.email, member.id) for member in members if member.email]
    return replace(plan, members=KnownNames([(member.name, member.id) for member in members], addresses))


def _find(header: str, headers: Sequence[str]) -> int | None:
    found = find_name(header, headers)
    if len(found) > 1:
        columns = " and ".join(str(index + 1) for index in found)
        raise MappingError(
            f"The header {quoted(headers[found[0]])} stands over columns {columns}; it is not clear which one is meant."
            " Nothing was sent.",
            advice=f'Rename one of them in the file, or name it by its place: "column {found[0] + 1}".',
        )
    if found:
        return found[0]
    position = position_of(header)
    return position if position is not None and position < len(headers) else None


def refuse_other_places(headers: Sequence[str], first: Sequence[str], imports: ImportSettings) -> None:
    """Raise MappingError if a column is named by its place and two files of one import have different headers.

    Their rejects would stand in one file, where that place is another column.
    """
    placed = [name for name in imports.columns if position_of(name) is not None and not find_name(name, first)]
    if placed and tuple(headers) != tuple(first):
        raise MappingError(
            f"The settings name {quoted(placed[0])} by its place, and the files have different headers:"
            f" {_listed(first)} and {_listed(headers)}. Nothing was sent.",
            advice="Import the files one by one, or name the columns by their headers.",
        )


def _required(header: str, headers: Sequence[str], setting: str) -> int:
    index = _find(header, headers)
    if index is None:
        raise _missing(header, headers, f"import.{setting} names it")
    return index


def _missing(header: str, headers: Sequence[str], why: str) -> MappingError:
    close = _close(header, headers)
    hint = f"Did you mean {quoted(close[0])}?" if close else "Correct the mapping in [import.columns], or the file."
    return MappingError(
        f"The file has no column {quoted(header)} ({why}). Its columns are: {_listed(headers)}. Nothing was sent.",
        advice=hint,
    )


def _close(header: str, headers: Sequence[str]) -> list[str]:
    """Return the header that comes closest, as it stands in the file, or nothing."""
    folded = {fold(seen): seen for seen in headers}
    return [folded[name] for name in difflib.get_close_matches(fold(header), folded, 1)]


def _no_phone(headers: Sequence[str], imports: ImportSettings) -> MappingError:
    wanted = [
        header for header, targets in imports.columns.items() if any(target.kind == "phone" for target in targets)
    ]
    what = f"none of the phone columns {_listed(wanted)}" if wanted else "no column that is mapped to phone"
    close = [seen for name in wanted for seen in _close(name, headers)]
    example = close[0] if close else "Mobile Phone"
    hint = f"Did you mean {quoted(example)}? " if close else ""
    return MappingError(
        f"The file has {what}. Its columns are: {_listed(headers)}. Nothing was sent.",
        advice=f'{hint}Map it in the settings: [import.columns] with a line such as "{example}" = "phone".',
    )


_SEVERAL = frozenset(("phone", "ignore", "channel", "email", "list", "is_opted_out", "status"))
"""Targets that several columns may have. The first good address wins; one column that says opted out is enough."""


def _refuse_shared_targets(bindings: Sequence[Binding]) -> None:
    taken: dict[str, Binding] = {}
    for binding in bindings:
        if binding.target.kind in _SEVERAL:
            continue
        target = "assignee_id" if binding.target.kind == "assignee" else str(binding.target)
        if target in taken:
            first = taken[target]
            goes = " and ".join(dict.fromkeys((str(first.target), str(binding.target))))
            raise MappingError(
                f"The columns {quoted(first.header)} and {quoted(binding.header)} are both mapped to {goes}."
                " Nothing was sent.",
                advice='Map one of them to "ignore".',
            )
        taken[target] = binding


def _field_id(binding: Binding, fields: Sequence[CustomField]) -> int:
    wanted = binding.target.custom
    if isinstance(wanted, int):
        found = [known for known in fields if known.id == wanted]
    else:
        titles = [known.title for known in fields]
        found = [fields[place] for place in find_name(str(wanted), titles)]
    if len(found) == 1:
        return found[0].id
    candidates = ", ".join(f"{quoted(known.title)} (ID {known.id})" for known in found or fields) or "none"
    if found:
        raise MappingError(
            f"Column {quoted(binding.header)}: {len(found)} custom fields have the title {quoted(wanted)}:"
            f" {candidates}. Nothing was sent.",
            advice="Map the column by ID: { custom = NUMBER }.",
        )
    raise MappingError(
        f"Column {quoted(binding.header)}: the account has no custom field {quoted(wanted)}; it has {candidates}.",
        advice="Nothing was sent. Correct the title in [import.columns], or create the field in the web app.",
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(quoted(name) for name in names[:30])
    return f"{shown} and {len(names) - 30} more" if len(names) > 30 else shown or "(none)"
