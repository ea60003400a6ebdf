"""Bring a chunk of rows to contacts, column by column."""

import functools
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.models import Chunk, Contact, Json, LeftOut, Reject, Skip, column_of, narrowest, widths
from pipeline.reader._folding import fold
from pipeline.reader._rejects import (
    EXTRA_COLUMN,
    missing_cells,
    ragged_reason,
    read_missing,
    source_width,
    surplus_cells,
)
from pipeline.reader.mapping._cells import (
    CONSENT_KINDS,
    KEEP,
    Cell,
    CellProblem,
    Column,
    convert_column,
    join_emails,
    says_no,
)
from pipeline.reader.mapping._columns import Binding, ColumnPlan
from pipeline.reader.mapping._footers import footer_reason, is_beside_footer
from pipeline.reader.mapping._phones import find_phones
from pipeline.reader.mapping._regions import Regions, find_regions
from pipeline.reader.mapping._shapes import contact_json
from pipeline.showing import quoted
from pipeline.values import replace

_TOTALS = frozenset(
    fold(word)
    for word in (
        *("total", "totals", "grand total", "subtotal", "sub total", "sum", "count", "summe", "gesamt", "gesamtsumme"),
        *("total general", "total general:", "suma", "somme", "totaal", "totale", "soma"),
    )
)
"""How the rows begin that spreadsheets and reports put under a table."""

_LONGEST_TOTAL = 15

_NAMES = ("first", "last")
_NAMING = ("id", "uuid")

_SAYS_SO = {Reject: "rejected_says_opted_out", Skip: "skipped_says_opted_out"}

_FURTHEST = 5
"""By how many columns the cells of a broken row are looked at beside their heading."""


class Mapped:
    """What the mapping made of a chunk: exactly one result for each row, in order.

    `others` holds the rows that become no contact, by their place in the chunk.
    """

    def __init__(self, chunk: Chunk, plan: ColumnPlan) -> None:
        self.chunk = chunk
        self.others: dict[int, Reject | Skip] = {}
        self._plan = plan
        self._cells = _even(chunk.records, len(plan.headers))
        self._padded: dict[int, int] = {}
        self._unnamed: dict[int, Reject] = {}
        self._leave_out_broken()
        self._broken = frozenset(self.others)
        self._leave_out_unwanted()
        self._regions = find_regions(self._cells, plan)
        self._phones = find_phones(self._cells, plan, self._regions)
        self._leave_out_without_phone()
        self._columns = [(binding, self._convert(binding)) for binding in plan.values]
        join_emails(self._columns)
        self._leave_out_unnamed()
        self._leave_out_cells()
        self._leave_out_problems()
        self._note_opt_outs()
        self._note_others()

    def __len__(self) -> int:
        return len(self.chunk.records)

    @property
    def phones(self) -> "array[int]":
        """The phone of every row as a number; 0 for rows that have none or are left out."""
        numbers = self._phones.column.numbers[:]
        for index in self.others:
            numbers[index] = 0
        return numbers

    def names(self) -> list[str]:
        """Return the names of every row, first and last, with a blank between."""
        said = [column.values for kind in _NAMES for binding, column in self._columns if binding.target.kind == kind]
        texts = [[value or "" for value in values] if None in values else values for values in said]
        return list(map(" ".join, zip(*texts, strict=True))) if texts else [""] * len(self)

    def opt_outs(self) -> dict[int, bool]:
        """Return what the rows say about the opt-out, by their place in the chunk.

        Where several columns speak of it, one that says opted out is enough, and so are words in a phone cell.
        """
        return self._said

    @functools.cached_property
    def _said(self) -> dict[int, bool]:
        said = dict.fromkeys(self._phones.no_texts, True)
        for binding, column in self._columns:
            if binding.target.kind in CONSENT_KINDS:
                for index, value in enumerate(column.values):
                    if isinstance(value, Cell):
                        said[index] = said.get(index, False) or says_no(value)
        return said

    def opted_out_elsewhere(self) -> dict[int, int]:
        """Return the phones of rows that become no contact and say opted out, by their place in the chunk.

        Another row with that phone must not make somebody textable who said no. Rows that are broken say nothing: what
        stands under a heading there may belong under another.
        """
        numbers = self._phones.column.numbers
        left = self.others.keys() - self._broken
        return {
            index: numbers[index]
            for index, said in (self.opt_outs().items() if left else ())
            if said and index in left and numbers[index]
        }

    def opt_outs_to_send(self) -> dict[int, int]:
        """Return those of `opted_out_elsewhere` that are written to their contacts, though the rows are not imported.

        Rows that `skip_where` leaves out are among them only where the settings say so.
        """
        skipped_too = self._plan.imports.skipped_opt_outs
        said = self.opted_out_elsewhere()
        return {index: phone for index, phone in said.items() if skipped_too or isinstance(self.others[index], Reject)}

    def notes(self) -> Counter[str]:
        """Count the recoveries and warnings of the rows that become contacts."""
        found = self._phones.column.count_notes(self.others.keys())
        found.update(note for index, notes in self.chunk.notes.items() if index not in self.others for note in notes)
        for _, column in self._columns:
            found.update(note for index, notes in column.notes.items() if index not in self.others for note in notes)
            found["field_left_out"] += sum(index not in self.others for index in column.left_out)
        found["opt_out_in_phone"] += sum(index not in self.others for index in self._phones.no_texts)
        found["row_padded"] += sum(index not in self.others for index in self._padded)
        return +found

    def left_out(self) -> dict[int, list[LeftOut]]:
        """Return the cells that were left out of rows that become contacts, by their place in the chunk."""
        found: dict[int, list[LeftOut]] = {}
        for binding, column in self._columns:
            for index, problem in column.left_out.items():
                if index not in self.others:
                    value = self._cells[index][binding.index].strip()
                    line = self.chunk.starts[index]
                    cell = LeftOut(line, problem.code, binding.header, value, problem.reason)
                    found.setdefault(index, []).append(cell)
        return found

    def results(self) -> Iterator[Contact | Reject | Skip]:
        """Yield the result of each row."""
        for index in range(len(self)):
            yield self.others.get(index) or self._contact(index)

    def shapes(self) -> Iterator[tuple[int, dict[str, Json]]]:
        """Yield the place of each row that becomes a contact, with its write shape (see `contact_json`)."""
        columns = sorted(self._columns, key=lambda pair: (pair[0].target.kind, str(pair[0].target.custom)))
        targets = [(binding.target.kind, str(binding.target.custom)) for binding, _ in columns]
        said = [column.values for _, column in columns]
        odd = {index for values in said for index, value in enumerate(values) if isinstance(value, Cell)}
        odd |= self._phones.no_texts
        rows = zip(self.chunk.starts, self._phones.column.digits, *said, strict=True)
        for index, (line, phone, *values) in enumerate(rows):
            if index in self.others:
                continue
            if index in odd:
                yield index, contact_json(self._contact(index))
                continue
            # Nothing but texts: most rows of most files are so, and need no contact in between.
            shape: dict[str, Json] = {"_row": line, "phone": phone}
            custom: dict[str, Json] = {}
            for (kind, name), value in zip(targets, values, strict=True):
                if value is not KEEP and kind == "custom":
                    custom[name] = value
                elif value is not KEEP:
                    shape[kind] = value
            if custom:
                shape["custom"] = custom
            yield index, shape

    # --- leaving rows out, in the order in which a row's faults are named -------------------------------------------

    def _leave_out_broken(self) -> None:
        headers = self._plan.headers
        for index, fault in self.chunk.faults.items():
            column = headers[fault.column] if fault.column is not None and fault.column < len(headers) else ""
            self.others[index] = Reject(self.chunk.starts[index], fault.code, column, fault.value, fault.reason)
        width = len(headers)
        if widths(self.chunk.records) == {width} and EXTRA_COLUMN not in headers:
            return
        pads = self._plan.imports.short_rows == "pad"
        ragged: list[int] = []
        for index, cells in enumerate(self.chunk.records):
            if index in self.others or not any(map(str.strip, cells)):
                continue
            missing = _missing(cells, headers) if pads else 0
            reason = None if missing else _raggedness(cells, headers)
            if missing:
                self._padded[index] = missing
            elif reason:
                self.others[index] = Reject(self.chunk.starts[index], "ragged_row", *reason)
                ragged.append(index)
        self._leave_out_footers(sorted([*ragged, *self._padded]))
        self._leave_out_shifted()

    def _leave_out_footers(self, ragged: Sequence[int]) -> None:
        """Skip the rows of odd length that are a footer, and those that stand alone in a line right beside one."""
        records = self.chunk.records
        reasons = {index: why for index in ragged if (why := footer_reason(records[index]))}
        for rows, step in ((ragged, -1), (ragged[::-1], 1)):
            for index in rows:
                if index not in reasons and index + step in reasons and is_beside_footer(records[index]):
                    reasons[index] = "below the table, beside the lines of a report"
        for index, why in reasons.items():
            self.others[index] = Skip(self.chunk.starts[index], "footer_row", why)

    def _leave_out_shifted(self) -> None:
        """Reject padded rows in which a cell may say opted out under another heading.

        A row lacks cells at its end where blanks were not written; where one is lost further in front, all behind it
        stand too far to the left.
        """
        for binding in self._plan.values if self._padded else ():
            if binding.target.kind in CONSENT_KINDS:
                for index, cell in self._shifted_opt_outs(binding).items():
                    reason = (
                        f"the row has {self._padded[index]} cells too few, and {quoted(cell)} in it may belong to the"
                        f" column {quoted(binding.header)}; write its cells where they belong"
                    )
                    reject = Reject(self.chunk.starts[index], "ragged_row", binding.header, cell, reason)
                    self.others.setdefault(index, reject)

    def _shifted_opt_outs(self, binding: Binding) -> dict[int, str]:
        """Return the padded rows with a cell that says opted out, were it moved to a column whose cell is missing."""
        width, place = source_width(self._plan.headers), binding.index
        moved: list[tuple[int, str]] = []
        for index, missing in self._padded.items():
            end = width - missing
            if place >= end:
                moved += [(index, cell) for cell in self._cells[index][max(0, place - missing) : end] if cell.strip()]
        tried = [[*self._cells[index][:place], cell, *self._cells[index][place + 1 :]] for index, cell in moved]
        values = convert_column(tried, binding, self._plan, Regions(self._plan)).values if tried else ()
        return {
            index: cell.strip()
            for (index, cell), value in zip(moved, values, strict=True)
            if isinstance(value, Cell) and says_no(value)
        }

    def _leave_out_unwanted(self) -> None:
        for place, value in self._plan.skips:
            for index, cell in enumerate(column_of(self._cells, place)):
                if index not in self.others and cell.strip().casefold() == value:
                    reason = f"column {quoted(self._plan.headers[place])} is {quoted(cell.strip())}"
                    self.others[index] = Skip(self.chunk.starts[index], "skip_where", reason)

    def _leave_out_without_phone(self) -> None:
        for index in self._phones.column.missing():
            if index not in self.others:
                reason = self._not_a_contact(index) or self._phones.reject(index, self.chunk.starts[index])
                if isinstance(reason, Skip) or not self._may_be_named(index):
                    self.others[index] = reason
                else:
                    self._unnamed[index] = reason
        for index in self._phones.doubtful:
            if index not in self.others:
                self.others[index] = self._phones.reject(index, self.chunk.starts[index])

    def _may_be_named(self, index: int) -> bool:
        """Whether a row has no phone at all, and a cell that may name its contact by ID or UUID."""
        cells = self._cells[index]
        names = (binding.index for binding in self._plan.values if binding.target.kind in _NAMING)
        return not any(cells[each.index].strip() for each in self._plan.phones) and any(
            map(str.strip, map(cells.__getitem__, names))
        )

    def _leave_out_unnamed(self) -> None:
        """Reject the rows without a phone that no ID and no UUID names after all."""
        said = [column.values for binding, column in self._columns if binding.target.kind in _NAMING]
        for index, reason in self._unnamed.items():
            cells = [values[index] for values in said]
            if not any(isinstance(cell, Cell) and (cell.known_id or cell.uuid) for cell in cells):
                bad = any(index in column.problems for _, column in self._columns)
                if not bad:
                    self.others[index] = reason

    def _not_a_contact(self, index: int) -> Skip | None:
        """Why a row without a phone is no row at all, or None."""
        line = self.chunk.starts[index]
        cells = self._cells[index]
        first = next((text for cell in cells if (text := cell.strip())), "")
        if not first:
            return Skip(line, "blank_row", "all its cells are blank")
        phone = cells[self._plan.phones[0].index]
        # Folding a row is slow, so it is only done where a name stands in the place of the phone.
        if phone.upper() != phone.lower() and list(map(fold, cells)) == self._plan.folded_headers:
            return Skip(line, "repeated_header", "it repeats the header")
        has_phone = any(map(str.isdigit, "".join(cells[binding.index] for binding in self._plan.phones)))
        if not has_phone and len(first) <= _LONGEST_TOTAL and fold(first) in _TOTALS:
            return Skip(line, "totals_row", f"it begins with {quoted(first)} and has no phone")
        footer = "" if phone.strip() and phone.strip() != first else footer_reason(cells)
        return Skip(line, "footer_row", footer) if footer else None

    def _leave_out_cells(self) -> None:
        if self._plan.imports.on_bad_field == "leave_out":
            for binding, column in self._columns:
                if self._plan.is_secondary(binding.target):
                    column.leave_out_problems()

    def _leave_out_problems(self) -> None:
        # By row first, then by column: the first problem of a row is the one that is named.
        found: dict[int, tuple[Binding, CellProblem]] = {}
        for binding, column in self._columns:
            for index, problem in column.problems.items():
                found.setdefault(index, (binding, problem))
        for index, (binding, problem) in found.items():
            if index not in self.others:
                value = self._cells[index][binding.index].strip()
                self.others[index] = Reject(
                    self.chunk.starts[index], problem.code, binding.header, value, problem.reason
                )

    def _note_others(self) -> None:
        """Carry what is to be said of a record to the row that becomes no contact."""
        for index, notes in self.chunk.notes.items():
            if row := self.others.get(index):
                self.others[index] = replace(row, notes=(*row.notes, *notes))

    def _note_opt_outs(self) -> None:
        """Note on rows that become no contact that they say opted out, or, where that cannot be read, that they may."""
        speaks = bool(self._phones.no_texts) or any(each.target.kind in CONSENT_KINDS for each in self._plan.values)
        if not self.others or not speaks:
            return
        said = self.opted_out_elsewhere()
        for index in said:
            row = self.others[index]
            self.others[index] = replace(row, notes=(*row.notes, _SAYS_SO[type(row)]))
        for index in sorted(self._unsure_opt_outs() - said.keys()):
            row = self.others[index]
            reason = f"{row.reason}; it may say opted out: look at the person and opt them out by hand if so"
            self.others[index] = replace(row, reason=reason, notes=(*row.notes, "opt_out_unsure"))

    def _unsure_opt_outs(self) -> set[int]:
        # Whoever is named by an ID alone has no phone by which an opt-out of a rejected row could be carried.
        named = {
            index
            for index in self._unnamed
            if self.opt_outs().get(index) and isinstance(self.others.get(index), Reject)
        }
        return {*self._may_say_opted_out(), *self._not_understood(), *self._of_nobody(), *named}

    def _not_understood(self) -> list[int]:
        """Return the rejected rows with a phone of which a cell speaks of consent and is not understood."""
        numbers = self._phones.column.numbers
        columns = [column for binding, column in self._columns if binding.target.kind in CONSENT_KINDS]
        unread = {index for column in columns for index in column.problems if numbers[index]}
        return [index for index in unread - self._broken if isinstance(self.others.get(index), Reject)]

    def _of_nobody(self) -> list[int]:
        """Return the rejected rows that say no in a phone cell, of a number that could not be read."""
        phones = self._phones
        unread = [index for index in phones.no_texts if not phones.column.numbers[index] and phones.holds_digits(index)]
        return [index for index in unread if index not in self._broken and isinstance(self.others[index], Reject)]

    def _may_say_opted_out(self) -> list[int]:
        """Return the broken rows that say opted out, under the heading or as far beside it as cells are missing."""
        width = len(self._plan.headers)
        owners: list[int] = []
        shifted: list[Sequence[str]] = []
        # The lines of a report below the table are nobody.
        for index in sorted(index for index in self._broken if isinstance(self.others[index], Reject)):
            cells = list(self.chunk.records[index])
            off = len(cells) - width
            for by in range(max(min(0, off), -_FURTHEST), min(max(0, off), _FURTHEST) + 1):
                owners.append(index)
                shifted.append(_to_width(cells[by:] if by >= 0 else [*[""] * -by, *cells], width))
        if not owners:
            return []
        bindings = [binding for binding in self._plan.values if binding.target.kind in CONSENT_KINDS]
        columns = [convert_column(shifted, binding, self._plan, self._regions) for binding in bindings]
        found = {
            owner
            for column in columns
            for owner, value in zip(owners, column.values, strict=True)
            if isinstance(value, Cell) and says_no(value)
        }
        return sorted(found)

    # --- putting contacts together -----------------------------------------------------------------------------------

    def _convert(self, binding: Binding) -> Column:
        return convert_column(self._cells, binding, self._plan, self._regions)

    def _contact(self, index: int) -> Contact:
        parts = Cell()
        fields: dict[str, str | int | bool] = {}
        custom: dict[str, str] = {}
        notes = self.chunk.notes.get(index, ()) + self._phones.column.notes_of(index)
        notes += ("row_padded",) if index in self._padded else ()
        notes += ("opt_out_in_phone",) if index in self._phones.no_texts else ()
        for binding, column in self._columns:
            value = column.values[index]
            notes += column.notes.get(index, ())
            notes += ("field_left_out",) if index in column.left_out else ()
            if isinstance(value, Cell):
                parts = parts.merged(value)
                is_out = fields.get("is_opted_out") is True
                fields |= value.fields
                if is_out:
                    fields["is_opted_out"] = True
            elif value is not KEEP:
                _put(value, binding, fields, custom)
        if index in self._phones.no_texts:
            fields["is_opted_out"] = True
        line = self.chunk.starts[index]
        phone = self._phones.column.digits[index]
        main = {("phone", phone), ("email", str(fields.get("email", "")))}
        channels = tuple(channel for channel in dict.fromkeys(parts.channels) if channel not in main)
        return Contact(
            line,
            phone,
            fields,
            custom,
            parts.tags,
            notes,
            parts.lists,
            parts.known_id,
            channels=channels,
            is_blocked=parts.is_blocked,
            uuid=parts.uuid,
        )


def _put(value: str, binding: Binding, fields: dict[str, str | int | bool], custom: dict[str, str]) -> None:
    if binding.target.kind == "custom":
        custom[str(binding.target.custom)] = value
    else:
        fields[binding.target.kind] = value


def map_chunk(chunk: Chunk, plan: ColumnPlan) -> Mapped:
    """Map the rows of a chunk. Never raises for any cells."""
    return Mapped(chunk, plan)


def _to_width(cells: Sequence[str], width: int) -> Sequence[str]:
    return [*cells[:width], *[""] * (width - len(cells))]


def _even(records: Sequence[Sequence[str]], width: int) -> Sequence[Sequence[str]]:
    """The records, those that are too short filled up; where they are rejected they are never looked at."""
    if narrowest(records, width) >= width:
        return records
    return [record if len(record) >= width else [*record, *[""] * (width - len(record))] for record in records]


def _missing(cells: Sequence[str], headers: Sequence[str]) -> int:
    """How many cells a row lacks at its end, or lacked when it came into the reject file that is read; else 0.

    A row that has lost some and won others is no such row.
    """
    extra = [cell for header, cell in zip(headers, cells, strict=False) if header == EXTRA_COLUMN and cell.strip()]
    if extra:
        return read_missing(extra[0])
    return missing_cells(cells, len(headers))


def _raggedness(cells: Sequence[str], headers: Sequence[str]) -> tuple[str, str, str] | None:
    """Column, value and reason where a row has too few or too many cells; blank ones at its end do not count."""
    reason = ragged_reason(cells, len(headers))
    if reason:
        return "", ",".join(surplus_cells(cells, len(headers))), reason
    for header, cell in zip(headers, cells, strict=False):
        if header == EXTRA_COLUMN and cell.strip():
            return EXTRA_COLUMN, cell, f"the row was ragged, as {EXTRA_COLUMN} says; mend it and empty that cell"
    return None
