"""Lists of phones or contact IDs: read, and staged as rows that ask for their contacts to be deleted."""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import anyio
import anyio.lowlevel

from pipeline.errors import Interrupted, MappingError, PipelineError, RequestRefused
from pipeline.models import Chunk, Contact, Record, Reject, Skip
from pipeline.phone import read_phone
from pipeline.reader.intake import InputStaging, fold, ragged_reason, read_options
from pipeline.reader.mapping import map_chunk, plan_columns
from pipeline.reader.tables import Source, Table, open_table
from pipeline.runs.journal import Journal, SourceFacts
from pipeline.settings import ColumnTarget, ImportSettings
from pipeline.showing import quoted
from pipeline.signals import Progress, StopSwitch
from pipeline.values import Struct, field, replace

Result = Contact | Reject | Skip
Resume = Callable[[str], bool]
"""Called with a hash of the list before anything is looked up; true where an earlier run of that list is continued."""

_NAMES = {
    "id": {fold(name) for name in ("id", "contact id", "heymarket id")},
    "phone": {fold(name) for name in ("phone", "phone number", "mobile", "mobile phone", "cell", "cell phone")},
}
"""How a list that the settings know nothing of may call its columns."""

_LONGEST_ID = 18
"""Digits: what fits into the journal and any service's integer."""


class Retrieving(Protocol):
    """What can be asked for a contact by its ID."""

    async def get_contact(self, contact_id: int) -> Record | None:
        """Return the contact, or None when there is none with this ID."""


class ListIntake(Struct, frozen=True):
    """Reads a list of contacts, to delete them or to restore no others.

    The columns that the settings map to phone or ID count, then those that are called so; a list of one column holds
    phones. A row that gives both is about the contact with that ID, if the phone is its phone.
    """

    client: Retrieving
    source: Source
    imports: ImportSettings
    stop: StopSwitch
    concurrency: int

    async def take(self, journal: Journal, progress: Progress, resume: Resume = lambda _: False) -> None:
        """Stage every row. Raises UsageProblem, StorageFailed, what the client raises, and Interrupted."""
        progress.stage("reading", None)
        with open_table(self.source, read_options(self.imports)) as table:
            journal.record(replace(journal.facts, sources=(_source_facts(table),)))
            targets = self._targets(table.headers)
            if any(target.kind == "phone" for target in targets.values()):
                await self._take_phones(table, targets, journal, progress)
                resume(journal.facts.content)
                return
            rows = await self._id_rows(table, targets)
        if not resume(rows.content):
            await self._take_ids(rows, journal, progress)

    async def read_names(self, progress: Progress) -> list[Result]:
        """Return whom each row names, without asking the account: a phone, an ID (with a phone or ""), or why not.

        Raises UsageProblem, StorageFailed and Interrupted.
        """
        progress.stage("reading", None)
        with open_table(self.source, read_options(self.imports)) as table:
            targets = self._targets(table.headers)
            if not any(target.kind == "phone" for target in targets.values()):
                return [result for _, result in (await self._id_rows(table, targets)).wanted]
            plan = plan_columns(table.headers, self._phone_settings(table, targets))
            ids = next((place for place, target in targets.items() if target.kind == "id"), None)
            names: list[Result] = []
            for chunk in itertools.chain(self._first_row(table), table.chunks()):
                results = map_chunk(chunk, plan).results()
                names += [
                    _by_id_alone(result, cells, ids) for result, cells in zip(results, chunk.records, strict=True)
                ]
                await self._pause()
            return names

    async def _id_rows(self, table: Table, targets: dict[int, ColumnTarget]) -> "_IdRows":
        rows = _IdRows(next(iter(targets)), len(table.headers))
        for chunk in table.chunks():
            rows.add(chunk)
            await self._pause()
        return rows

    def _targets(self, headers: Sequence[str]) -> dict[int, ColumnTarget]:
        """Return what tells whom a row is about, by the place of its column. Raises MappingError."""
        found = self._mapped(headers) or _named(headers)
        if not found and len(headers) == 1:
            self._refuse_number_as_header(headers[0])
            found = {0: ColumnTarget("phone")}
        if found:
            return found
        raise MappingError(
            f"{self.source.name} has no column with phones or contact IDs. Its columns are:"
            f" {', '.join(map(repr, headers[:30]))}. Nothing was sent.",
            advice='Call one "phone" or "id", map one in [import.columns], or give a list of one column of phones.',
        )

    def _refuse_number_as_header(self, header: str) -> None:
        """Raise MappingError where the first line of a list is a number and no phone: most likely an ID."""
        number = header.strip()
        if number.isdecimal() and not read_phone(number, self.imports.default_region).digits:
            raise MappingError(
                f"The first line of {self.source.name} is {quoted(number)}, which is no phone and no name of a column."
                " Nothing was sent.",
                advice='If these are contact IDs, put a line that says "id" above them.',
            )

    def _mapped(self, headers: Sequence[str]) -> dict[int, ColumnTarget]:
        names = {fold(name): targets for name, targets in self.imports.columns.items()}
        pairs = [(place, target) for place, name in enumerate(headers) for target in names.get(fold(name), ())]
        return {place: target for place, target in pairs if target.kind in ("phone", "id")}

    async def _take_phones(
        self, table: Table, targets: dict[int, ColumnTarget], journal: Journal, progress: Progress
    ) -> None:
        settings = self._phone_settings(table, targets)
        plan = plan_columns(table.headers, settings)
        chunks = itertools.chain(self._first_row(table), table.chunks())
        with InputStaging(journal, settings, [self.source.name]) as staging:
            for chunk in chunks:
                staging.add(map_chunk(chunk, plan))
                progress.advance(len(chunk.records))
                await self._pause()
            staging.finish()
        journal.input.want_deletions()

    def _phone_settings(self, table: Table, targets: dict[int, ColumnTarget]) -> ImportSettings:
        """Return the settings under which the rows are mapped: these columns and no others."""
        # The order of the settings is the order in which phone columns are tried.
        order = sorted(targets, key=self._place_in_settings(table.headers))
        columns = {f"column {place + 1}": (targets[place],) for place in order}
        return self.imports.model_copy(
            update={"columns": columns, "unmapped": "ignore", "duplicates": "last", "shared_phone_rows": 0}
            | {"skip_where": {}, "country_column": self._country(table.headers)}
        )

    def _place_in_settings(self, headers: Sequence[str]) -> Callable[[int], int]:
        known = [fold(name) for name in self.imports.columns]
        return lambda place: known.index(fold(headers[place])) if fold(headers[place]) in known else len(known)

    def _country(self, headers: Sequence[str]) -> str:
        """Return the country column by its place, where this list has it."""
        wanted = fold(self.imports.country_column)
        places = [place for place, name in enumerate(headers, start=1) if wanted and fold(name) == wanted]
        return f"column {places[0]}" if places else ""

    def _first_row(self, table: Table) -> Iterator[Chunk]:
        """Yield what was taken for the header, where that is a phone already."""
        is_phone = len(table.headers) == 1 and read_phone(table.headers[0], self.imports.default_region).digits
        if is_phone and table.header_line:
            yield Chunk([table.header_line], [table.header_line], [table.headers])

    async def _take_ids(self, rows: "_IdRows", journal: Journal, progress: Progress) -> None:
        progress.stage("looking", len(rows.wanted))
        for start in range(0, len(rows.wanted), 100):
            piece = rows.wanted[start : start + 100]
            results = await self._looked_up([wanted for _, wanted in piece])
            journal.input.add([cells for cells, _ in piece], results)
            progress.advance(len(piece))
            await self._pause()
        journal.finish_staging()

    async def _looked_up(self, wanted: Sequence[Result]) -> list[Result]:
        results = list(wanted)
        failures: list[PipelineError] = []
        slots = anyio.CapacityLimiter(self.concurrency)

        async def look(place: int, contact: Contact) -> None:
            async with slots:
                try:
                    results[place] = await self._look_up(contact.line, contact.known_id or 0)
                except PipelineError as error:
                    failures.append(error)

        async with anyio.create_task_group() as looks:
            for place, each in enumerate(wanted):
                if isinstance(each, Contact):
                    looks.start_soon(look, place, each)
        if failures:
            raise failures[0]
        return results

    async def _look_up(self, line: int, number: int) -> Result:
        """Learn the phone of a contact: everything else finds and proves by it."""
        try:
            record = await self.client.get_contact(number)
        except RequestRefused as error:
            reason = f"the service refused to look up the contact with id {number}: {error.detail or error}"
            return Reject(line, "look_up_refused", "", str(number), reason)
        if record is None:
            return Skip(line, "absent", f"the account has no contact with id {number}")
        if not record.phone.isdecimal():
            reason = f"the contact with id {number} has no phone to find it by; delete it in the web app"
            return Reject(line, "without_phone", "", str(number), reason)
        return Contact(line, record.phone, known_id=number, to_delete=True)

    async def _pause(self) -> None:
        await anyio.lowlevel.checkpoint()
        if self.stop.requested:
            raise Interrupted("Stopped while reading the list; nothing was sent.")


class _IdRows(Struct):
    """The rows of a list of contact IDs, before anything is looked up."""

    column: int
    width: int
    wanted: list[tuple[Sequence[str], Result]] = field(default_factory=list)
    _seen: dict[int, int] = field(default_factory=dict)

    def add(self, chunk: Chunk) -> None:
        """Take a chunk in."""
        for place, (line, cells) in enumerate(zip(chunk.starts, chunk.records, strict=True)):
            fault = chunk.faults.get(place)
            result = Reject(line, fault.code, "", "", fault.reason) if fault else self._read(line, cells)
            self.wanted.append((cells, result))

    def _read(self, line: int, cells: Sequence[str]) -> Result:
        ragged = ragged_reason(cells, self.width)
        if ragged:
            # Its cells may have moved: the ID may be something else's number.
            return Reject(line, "ragged_row", "", "", ragged)
        text = cells[self.column].strip()
        number = _read_id(text)
        if not number:
            return Reject(line, "bad_number", "", text, "expected a contact's numeric ID")
        first = self._seen.setdefault(number, line)
        if first != line:
            return Skip(line, "duplicate_in_file", f"the same contact as the row at line {first}")
        return Contact(line, "", known_id=number, to_delete=True)

    @property
    def content(self) -> str:
        """A hash by which the same list is recognised, whatever was deleted since."""
        return hashlib.sha256(repr([tuple(cells) for cells, _ in self.wanted]).encode()).hexdigest()


def _read_id(text: str) -> int:
    """Return the contact ID that a cell holds, or 0."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID else 0


def _by_id_alone(result: Result, cells: Sequence[str], column: int | None) -> Result:
    """Return what was read of a row, or the contact that it names by its ID where it gives no phone."""
    if column is None or not isinstance(result, Reject) or result.code != "missing":
        return result
    number = _read_id(cells[column].strip())
    return Contact(result.line, "", known_id=number) if number else result


def _named(headers: Sequence[str]) -> dict[int, ColumnTarget]:
    """Return the columns that are called phone or ID, where each name stands once."""
    folded = [fold(name) for name in headers]
    found: dict[int, ColumnTarget] = {}
    for kind, names in _NAMES.items():
        places = [place for place, name in enumerate(folded) if name in names]
        found |= {place: ColumnTarget(kind) for place in places if len(places) == 1}
    return found


def _source_facts(table: Table) -> SourceFacts:
    dialect = table.dialect
    return SourceFacts(table.name, table.headers, dialect.encoding, dialect.delimiter, dialect.line_end)
