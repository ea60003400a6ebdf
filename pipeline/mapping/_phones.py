"""Find the phone that each row goes by: the first valid one of its phone columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from pipeline.mapping._cells import each_distinct, read_texts, stripped
from pipeline.mapping._columns import Binding, ColumnPlan
from pipeline.models import Reject
from pipeline.phone import PhoneColumn, PhoneReading, find_region, read_phones
from pipeline.transforms import joined


@dataclass(slots=True)
class Phones:
    """The phones of a chunk. `digits` is "" where a row has none; `notes` are of the phone that was taken.

    `doubtful` are rows whose phone is valid, but has a note that the settings do not accept.
    """

    digits: list[str]
    notes: list[tuple[str, ...]]
    columns: tuple[Binding, ...]
    cells: Sequence[Sequence[str]]
    refusals: dict[int, tuple[Binding, PhoneReading]] = field(default_factory=dict)
    doubtful: dict[int, str] = field(default_factory=dict)

    def reject(self, index: int, line: int) -> Reject:
        """Return why a row has no phone that can be used."""
        if index in self.doubtful:
            binding = self._taken_from(index)
            reason = f"the number is valid but doubtful ({self.doubtful[index]}), and import.reject_doubtful names that"
            return Reject(line, self.doubtful[index], binding.header, self._cell(index, binding), reason)
        if index in self.refusals:
            binding, reading = self.refusals[index]
            return Reject(line, reading.code, binding.header, self._cell(index, binding), reading.reason)
        return Reject(line, "missing", self.columns[0].header, "", "the row has no phone number")

    def _taken_from(self, index: int) -> Binding:
        names = {f"phone_from:{binding.header}": binding for binding in self.columns}
        return next((names[note] for note in self.notes[index] if note in names), self.columns[0])

    def _cell(self, index: int, binding: Binding) -> str:
        return self.cells[index][binding.index].strip()


def find_phones(rows: Sequence[Sequence[str]], plan: ColumnPlan) -> Phones:
    """Read the phone columns in the order of the settings; a further one only for rows that still have no phone."""
    size = len(rows)
    phones = Phones([""] * size, [()] * size, tuple(plan.phones), rows)
    regions = _regions(rows, plan)
    missing: Sequence[int] = range(size)
    for binding in plan.phones:
        if not missing:
            break
        column = _read(rows if len(missing) == size else [rows[index] for index in missing], binding, missing, regions)
        _take(column, missing, binding, phones, first=binding is plan.phones[0])
        missing = [index for index in missing if not phones.digits[index]]
    if regions.unknown:
        for index in regions.unknown:
            phones.notes[index] += ("country_unknown",) if phones.digits[index] else ()
    _doubt(phones, plan.imports.reject_doubtful)
    return phones


def _take(column: PhoneColumn, rows: Sequence[int], binding: Binding, phones: Phones, *, first: bool) -> None:
    if len(rows) == len(phones.digits):
        phones.digits, phones.notes = column.digits, column.notes
    else:
        for place, index in enumerate(rows):
            phones.digits[index], phones.notes[index] = column.digits[place], column.notes[place]
    if not first:
        for index in rows:
            phones.notes[index] += (f"phone_from:{binding.header}",) if phones.digits[index] else ()
    for place, reading in column.refusals.items():
        # The refusal of the preferred column is the one to name.
        phones.refusals.setdefault(rows[place], (binding, reading))


def _doubt(phones: Phones, unwanted: Sequence[str]) -> None:
    if not unwanted:
        return
    refused = {notes for notes in set(phones.notes) if not set(notes).isdisjoint(unwanted)}
    for index, notes in enumerate(phones.notes):
        if notes in refused:
            phones.doubtful[index] = next(note for note in notes if note in unwanted)


@dataclass(slots=True)
class _Regions:
    """The region of every row: one for all, or by row. `unknown` are rows whose country is not understood."""

    plan: ColumnPlan
    by_row: Sequence[str] | None = None
    unknown: Sequence[int] = ()


def _regions(rows: Sequence[Sequence[str]], plan: ColumnPlan) -> _Regions:
    if plan.country is None:
        return _Regions(plan)
    default = plan.imports.default_region
    nulls = frozenset(plan.imports.null_values)
    countries = stripped(rows, plan.country)
    found = each_distinct(countries, lambda cell: default if not cell or cell in nulls else find_region(cell) or "")
    unknown = [index for index, region in enumerate(found) if not region]
    return _Regions(plan, [region or default for region in found], unknown)


def _read(rows: Sequence[Sequence[str]], binding: Binding, places: Sequence[int], regions: _Regions) -> PhoneColumn:
    """Read one phone column of some rows; `places` are theirs in the chunk."""
    texts, problems = read_texts(rows, binding, regions.plan)
    cells = list(map(joined, texts)) if binding.target.steps else cast("list[str]", texts)
    nulls = dict.fromkeys(regions.plan.imports.null_values, "")
    whole = _read_regions([nulls.get(cell, cell) for cell in cells], places, regions)
    whole.refusals.update(
        {place: PhoneReading(None, problem.code, problem.reason) for place, problem in problems.items()}
    )
    return whole


def _read_regions(cells: Sequence[str], places: Sequence[int], regions: _Regions) -> PhoneColumn:
    if regions.by_row is None:
        return _read_cells(cells, regions.plan.imports.default_region, regions.plan)
    groups: dict[str, list[int]] = {}
    for place, index in enumerate(places):
        groups.setdefault(regions.by_row[index], []).append(place)
    whole = PhoneColumn([""] * len(cells), [()] * len(cells), {})
    for region, members in groups.items():
        part = _read_cells([cells[member] for member in members], region, regions.plan)
        for place, member in enumerate(members):
            whole.digits[member], whole.notes[member] = part.digits[place], part.notes[place]
        whole.refusals.update({members[place]: reading for place, reading in part.refusals.items()})
    return whole


def _read_cells(cells: Sequence[str], region: str, plan: ColumnPlan) -> PhoneColumn:
    return read_phones(
        cells,
        region,
        vanity_letters=plan.imports.vanity_letters,
        first_of_two=plan.imports.two_numbers == "first",
    )
