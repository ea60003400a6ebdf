"""Find the phone that each row goes by: the first valid one of its phone columns."""

from collections.abc import Mapping, Sequence
from typing import cast

from pipeline.models import Reject, column_of
from pipeline.phone import PhoneColumn, PhoneReading
from pipeline.reader.consent import has_letters, without_opt_outs
from pipeline.reader.mapping._cells import read_texts
from pipeline.reader.mapping._columns import Binding, ColumnPlan
from pipeline.reader.mapping._distinct import replaced
from pipeline.reader.mapping._regions import Regions, read_under
from pipeline.transforms import joined
from pipeline.values import Struct, field


class Phones(Struct):
    """The phones of a chunk. `column` holds what was taken of each row, `refusals` why there is none.

    `doubtful` are rows whose phone is valid, but has a note that the settings do not accept. `no_texts` are rows that
    say in one of their phone cells, also in one that was not needed, that the person wants no texts.
    """

    column: PhoneColumn
    bindings: tuple[Binding, ...]
    cells: Sequence[Sequence[str]]
    refusals: dict[int, tuple[Binding, PhoneReading]] = field(default_factory=dict)
    doubtful: dict[int, str] = field(default_factory=dict)
    no_texts: set[int] = field(default_factory=set)

    def reject(self, index: int, line: int) -> Reject:
        """Return why a row has no phone that can be used."""
        if index in self.doubtful:
            binding = self._taken_from(index)
            reason = f"the number is valid but doubtful ({self.doubtful[index]}), and import.reject_doubtful names that"
            return Reject(line, self.doubtful[index], binding.header, self._cell(index, binding), reason)
        if index in self.refusals:
            binding, reading = self.refusals[index]
            reason = reading.reason
            if index in self.no_texts and not self.holds_digits(index):
                reason += "; the row says that the person wants no texts, so it need not be mended"
            return Reject(line, reading.code, binding.header, self._cell(index, binding), reason)
        return Reject(line, "missing", self.bindings[0].header, "", "the row has no phone number")

    def holds_digits(self, index: int) -> bool:
        """Whether a phone cell of a row has digits, be they a number or not."""
        return any(map(str.isdigit, "".join(self._cell(index, binding) for binding in self.bindings)))

    def _taken_from(self, index: int) -> Binding:
        names = {f"phone_from:{binding.header}": binding for binding in self.bindings}
        return next((names[note] for note in self.column.notes_of(index) if note in names), self.bindings[0])

    def _cell(self, index: int, binding: Binding) -> str:
        return self.cells[index][binding.index].strip()


def find_phones(rows: Sequence[Sequence[str]], plan: ColumnPlan, regions: Regions) -> Phones:
    """Read the phone columns in the order of the settings; a further one only for rows that still have no phone."""
    first, *others = plan.phones
    heard, no_texts = _hear(rows, plan)
    phones = Phones(_read(rows, first, range(len(rows)), regions, heard), plan.phones, rows, no_texts=no_texts)
    phones.refusals = {index: (first, reading) for index, reading in phones.column.refusals.items()}
    for binding in others:
        missing = phones.column.missing()
        if not missing:
            break
        part = _read([rows[index] for index in missing], binding, missing, regions, heard)
        phones.column.put(missing, part, f"phone_from:{binding.header}")
        for place, reading in part.refusals.items():
            # The refusal of the preferred column is the one to name.
            phones.refusals.setdefault(missing[place], (binding, reading))
    for index in regions.unknown():
        phones.column.add_note(index, "country_unknown")
    if plan.imports.reject_doubtful:
        phones.doubtful = phones.column.noted(plan.imports.reject_doubtful)
    return phones


def _hear(rows: Sequence[Sequence[str]], plan: ColumnPlan) -> tuple[Mapping[str, str], set[int]]:
    """Return the numbers that stand in cells with words of an opt-out, by cell, and the rows that have such words."""
    numbers: dict[str, str] = {}
    said: set[int] = set()
    for place in {binding.index: None for binding in (*plan.phones, *plan.values) if _holds_phones(binding)}:
        cells = column_of(rows, place)
        # A usual column has no letters at all, or few cells with some.
        if has_letters("".join(cells)) and (heard := without_opt_outs(cells)):
            said.update(index for index, cell in enumerate(cells) if cell in heard)
            numbers |= {cell.strip(): number for cell, number in heard.items() if number}
    return numbers, said


def _holds_phones(binding: Binding) -> bool:
    return binding.target.kind == "phone" or (binding.target.kind, binding.target.channel) == ("channel", "phone")


def _read(
    rows: Sequence[Sequence[str]],
    binding: Binding,
    places: Sequence[int],
    regions: Regions,
    heard: Mapping[str, str],
) -> PhoneColumn:
    """Read one phone column of some rows; `places` are theirs in the chunk, `heard` the numbers in cells with words."""
    texts, problems = read_texts(rows, binding, regions.plan)
    cells = list(map(joined, texts)) if binding.target.steps else cast("list[str]", texts)
    read_as = {**dict.fromkeys(regions.plan.imports.null_values, ""), **heard}
    whole = read_under(replaced(cells, read_as), places, regions)
    whole.refusals.update(
        {place: PhoneReading(None, problem.code, problem.reason) for place, problem in problems.items()}
    )
    return whole
