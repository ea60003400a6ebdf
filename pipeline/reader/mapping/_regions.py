"""The country of each row, and what the numbers of a column are under it."""

from collections.abc import Mapping, Sequence

from pipeline.phone import (
    Country,
    PhoneColumn,
    PhoneReading,
    find_countries,
    is_a_digit_too_long,
    names_calling_codes,
    read_phones,
)
from pipeline.reader.mapping._columns import ColumnPlan
from pipeline.reader.mapping._distinct import each_distinct, stripped
from pipeline.showing import quoted
from pipeline.values import Struct, replace

_NOT_SAID = "the number has no country code, and no region is known for it (import.default_region)"


class RowCountry(Struct, frozen=True):
    """What a row says of its country: the cell, and the countries it may mean. A blank cell says nothing."""

    cell: str = ""
    countries: tuple[Country, ...] = ()


_NOTHING_SAID = RowCountry()


class Regions(Struct, frozen=True):
    """The country of every row of a chunk; None where no column says it."""

    plan: ColumnPlan
    by_row: Sequence[RowCountry] | None = None

    def unknown(self) -> list[int]:
        """Return the rows whose country is not understood."""
        return [index for index, said in enumerate(self.by_row or ()) if said.cell and not said.countries]


def find_regions(rows: Sequence[Sequence[str]], plan: ColumnPlan) -> Regions:
    """Read the country column, if there is one."""
    if plan.country is None:
        return Regions(plan)
    nulls = frozenset(plan.imports.null_values)
    calling_codes = names_calling_codes(plan.headers[plan.country])

    def read(cell: str) -> RowCountry:
        if not cell or cell in nulls:
            return _NOTHING_SAID
        return RowCountry(cell, find_countries(cell, calling_codes=calling_codes))

    return Regions(plan, each_distinct(stripped(rows, plan.country), read))


def read_under(cells: Sequence[str], places: Sequence[int], regions: Regions) -> PhoneColumn:
    """Read cells as phones, each under its row's country; `places` are their rows in the chunk."""
    if regions.by_row is None:
        return _read_said(cells, _NOTHING_SAID, regions.plan)
    groups: dict[RowCountry, list[int]] = {}
    for place, index in enumerate(places):
        groups.setdefault(regions.by_row[index], []).append(place)
    whole = PhoneColumn.blank(len(cells))
    for said, members in groups.items():
        part = _read_said([cells[member] for member in members], said, regions.plan)
        whole.put(members, part)
        whole.refusals.update({members[place]: reading for place, reading in part.refusals.items()})
    return whole


def _read_said(cells: Sequence[str], said: RowCountry, plan: ColumnPlan) -> PhoneColumn:
    """Read the cells of rows that say the same of their country."""
    if not said.cell:
        column = _read(cells, plan.imports.default_region, plan)
        if not plan.imports.default_region:
            _refuse_without_country(column, cells, "region_unknown", _NOT_SAID)
        return column
    if not said.countries:
        column = _read(cells, "", plan)
        why = (
            f"the country {quoted(said.cell[:40])} is not understood, and the number has no country code; correct the"
            " country, or write the number with + and its country code"
        )
        _refuse_without_country(column, cells, "country_unknown", why)
        return column
    read = [_read_in(cells, country, plan) for country in said.countries]
    return read[0] if len(read) == 1 else _agreed(read, said)


def _read_in(cells: Sequence[str], country: Country, plan: ColumnPlan) -> PhoneColumn:
    column = _read(cells, country.region, plan)
    if country.calling_code:
        _keep_to_calling_code(column, cells, country, plan)
    _refuse_slips(column, cells, country)
    column.drop_note("region_assumed")
    return column


def _refuse_slips(column: PhoneColumn, cells: Sequence[str], country: Country) -> None:
    """Refuse what was taken for another country's number, and may be one of the row's country with a digit too many."""
    for index in column.noted(("international_digits",)):
        if "+" not in cells[index] and is_a_digit_too_long(cells[index], country.region):
            why = (
                f"the row's country is {country.region}: this is a number there with digits too many, or one of another"
                " country; correct it, or write + before it"
            )
            column.refuse(index, PhoneReading(None, "too_long", why))


def _keep_to_calling_code(column: PhoneColumn, cells: Sequence[str], country: Country, plan: ColumnPlan) -> None:
    """Read numbers again that were taken for another country's, with the calling code that stands beside them."""
    others = [
        index
        for index in column.noted(("international_digits",))
        if not column.digits_at(index).startswith(country.calling_code)
    ]
    again = _read([f"+{country.calling_code}{cells[index]}" for index in others], country.region, plan)
    for place, index in enumerate(others):
        refusal = again.refusals.get(place)
        column.refuse(index, refusal) if refusal else column.settle(
            index, PhoneReading(again.digits[place], notes=again.notes_of(place))
        )


def _agreed(read: Sequence[PhoneColumn], said: RowCountry) -> PhoneColumn:
    """What two meanings of a country make of each number: the one that makes a number, or a refusal."""
    first, second = read
    names = " or ".join(country.region for country in said.countries)
    for index, digits in enumerate(second.digits):
        own = first.digits_at(index)
        if digits and not own:
            first.refusals.pop(index, None)
            first.settle(index, PhoneReading(digits, notes=second.notes_of(index)))
        elif digits and digits != own:
            why = f"the country {quoted(said.cell[:40])} may be {names}, and the number is valid in both"
            first.refuse(index, PhoneReading(None, "country_unknown", why))
    return first


def _refuse_without_country(column: PhoneColumn, cells: Sequence[str], code: str, reason: str) -> None:
    """Refuse what no plus says the country of: digits of many countries are a number of another one as well."""
    for index in column.noted(("international_digits",)):
        column.refuse(index, PhoneReading(None, code, reason))
    for index, reading in column.refusals.items():
        if reading.code in _OF_NO_COUNTRY and "+" not in cells[index]:
            column.refusals[index] = replace(reading, code=code, reason=reason)


_OF_NO_COUNTRY: Mapping[str, None] = dict.fromkeys(("region_unknown", "too_short", "too_long"))


def _read(cells: Sequence[str], region: str, plan: ColumnPlan) -> PhoneColumn:
    return read_phones(
        cells,
        region,
        vanity_letters=plan.imports.vanity_letters,
        first_of_two=plan.imports.two_numbers == "first",
    )
