"""Find the phone that each row goes by: the first valid one of its phone columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from pipeline.models import Reject
from pipeline.phone import PhoneColumn, PhoneReading
from pipeline.reader.mapping._cells import read_texts
from pipeline.reader.mapping._columns import Binding, ColumnPlan
from pipeline.reader.mapping._regions import Regions, read_under
from pipeline.transforms import joined


@dataclass(slots=True)
class Phones:
    """The phones of a chunk. `column` holds what was taken of each row, `refusals` why there is none.

    `doubtful` are rows whose phone is valid, but has a note that the settings do not accept.
    """

    column: PhoneColumn
    bindings: tuple[Binding, ...]
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
        return Reject(line, "missing", self.bindings[0].header, "", "the row has no phone number")

    def _taken_from(self, index: int) -> Binding:
        names = {f"phone_from:{binding.header}": binding for binding in self.bindings}
        return next((names[note] for note in self.column.notes_of(index) if note in names), self.bindings[0])

    def _cell(self, index: int, binding: Binding) -> str:
        return self.cells[index][binding.index].strip()


def find_phones(rows: Sequence[Sequence[str]], plan: ColumnPlan, regions: Regions) -> Phones:
    """Read the phone columns in the order of the settings; a further one only for rows that still have no phone."""
    first, *others = plan.phones
    phones = Phones(_read(rows, first, range(len(rows)), regions), plan.phones, rows)
    phones.refusals = {index: (first, reading) for index, reading in phones.column.refusals.items()}
    for binding in others:
        missing = phones.column.missing()
        if not missing:
            break
        part = _read([rows[index] for index in missing], binding, missing, regions)
        phones.column.put(missing, part, f"phone_from:{binding.header}")
        for place, reading in part.refusals.items():
            # The refusal of the preferred column is the one to name.
            phones.refusals.setdefault(missing[place], (binding, reading))
    for index in regions.unknown():
        phones.column.add_note(index, "country_unknown")
    if plan.imports.reject_doubtful:
        phones.doubtful = phones.column.noted(plan.imports.reject_doubtful)
    return phones


def _read(rows: Sequence[Sequence[str]], binding: Binding, places: Sequence[int], regions: Regions) -> PhoneColumn:
    """Read one phone column of some rows; `places` are theirs in the chunk."""
    texts, problems = read_texts(rows, binding, regions.plan)
    cells = list(map(joined, texts)) if binding.target.steps else cast("list[str]", texts)
    nulls = dict.fromkeys(regions.plan.imports.null_values, "")
    whole = read_under([nulls.get(cell, cell) for cell in cells], places, regions)
    whole.refusals.update(
        {place: PhoneReading(None, problem.code, problem.reason) for place, problem in problems.items()}
    )
    return whole
