"""Lists of phones, contact IDs, e-mail addresses or UUIDs: read, and staged as rows that ask for deletions."""

import hashlib
import itertools
import re
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
    "uuid": {fold(name) for name in ("uuid", "contact uuid")},
    "email": {fold(name) for name in ("email", "e-mail", "email address", "e-mail address", "mail")},
}
"""How a list that the settings know nothing of may call its columns. An address counts only where nothing else names
the contact: several people may share one."""

_SURE = ("phone", "id")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_LONGEST_ID = 18
"""Digits: what fits into the journal and any service's integer."""


class Retrieving(Protocol):
    """What can be asked for a contact."""

    async def get_contact(self, contact_id: int) -> Record | None:
        """Return the contact, or None when there is none with this ID."""

    async def search(self, kind: str, values: Sequence[str]) -> list[Record]:
        """Return the contacts with one of these addresses (`email`) or UUIDs (`id`)."""


class ListIntake(Struct, frozen=True):
    """Reads a list of contacts, to delete them or to restore no others.

    The columns that the settings map to phone or ID count, then those that are called so; a list of one column holds
    phones, or addresses or UUIDs where its first line is one. A row that gives phone and ID is about the contact with
    that ID, if the phone is its phone.
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
            rows = await self._named_rows(table, targets)
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
                return [result for _, result in (await self._named_rows(table, targets)).wanted]
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

    async def _named_rows(self, table: Table, targets: dict[int, ColumnTarget]) -> "_NamedRows":
        [(column, target), *_] = targets.items()
        rows = _NamedRows(column, len(table.headers), target.kind)
        for chunk in itertools.chain(self._first_row(table), table.chunks()):
            rows.add(chunk)
            await self._pause()
        return rows

    def _targets(self, headers: Sequence[str]) -> dict[int, ColumnTarget]:
        """Return what tells whom a row is about, by the place of its column. Raises MappingError."""
        found = self._mapped(headers) or _named(headers)
        if not found and len(headers) == 1:
            self._refuse_number_as_header(headers[0])
            found = {0: ColumnTarget(_kind_of(headers[0]) or "phone")}
        sure = {place: target for place, target in found.items() if target.kind in _SURE}
        if sure or len(found) == 1:
            return sure or found
        if uuids := {place: target for place, target in found.items() if target.kind == "uuid"}:
            return uuids
        raise MappingError(
            f"{self.source.name} has no column with phones, contact IDs, UUIDs or e-mail addresses. Its columns are:"
            f" {', '.join(map(quoted, headers[:30]))}. Nothing was sent.",
            advice='Call one "phone", "id", "uuid" or "email", or map one in [import.columns].',
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
        """Yield what was taken for the header, where that names somebody already."""
        alone = table.headers[0] if len(table.headers) == 1 else ""
        if table.header_line and (_kind_of(alone) or read_phone(alone, self.imports.default_region).digits):
            yield Chunk([table.header_line], [table.header_line], [table.headers])

    async def _take_ids(self, rows: "_NamedRows", journal: Journal, progress: Progress) -> None:
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
                    results[place] = await self._look_up(contact)
                except PipelineError as error:
                    failures.append(error)

        async with anyio.create_task_group() as looks:
            for place, each in enumerate(wanted):
                if isinstance(each, Contact):
                    looks.start_soon(look, place, each)
        if failures:
            raise failures[0]
        return results

    async def _look_up(self, wanted: Contact) -> Result:
        """Learn ID and phone of a contact: everything else finds and proves by them."""
        line = wanted.line
        kind, value = _name_of(wanted)
        try:
            if wanted.known_id:
                record = await self.client.get_contact(wanted.known_id)
                records = [record] if record else []
            else:
                records = await self.client.search("id" if kind == "uuid" else kind, [value])
        except RequestRefused as error:
            reason = f"the service refused to look up the contact with {kind} {quoted(value)}: {error.detail or error}"
            return Reject(line, "look_up_refused", "", value, reason)
        if not records:
            return Skip(line, "absent", f"the account has no contact with {kind} {quoted(value)}")
        if len(records) > 1:
            ids = ", ".join(str(record.id) for record in records)
            return Reject(line, "several_contacts", "", value, f"several contacts have this {kind}: ids {ids}")
        phone = records[0].phone if records[0].phone.isdecimal() else ""
        return Contact(line, phone, known_id=records[0].id, to_delete=True)

    async def _pause(self) -> None:
        await anyio.lowlevel.checkpoint()
        if self.stop.requested:
            raise Interrupted("Stopped while reading the list; nothing was sent.")


class _NamedRows(Struct):
    """The rows of a list of contact IDs, UUIDs or addresses (`kind`), before anything is looked up."""

    column: int
    width: int
    kind: str
    wanted: list[tuple[Sequence[str], Result]] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)

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
        number = _read_id(text) if self.kind == "id" else 0
        if self.kind == "id" and not number:
            return Reject(line, "bad_number", "", text, "expected a contact's numeric ID")
        if self.kind != "id" and _kind_of(text) != self.kind:
            expected = "an e-mail address" if self.kind == "email" else "a UUID"
            return Reject(line, f"bad_{self.kind}", "", text, f"expected {expected}")
        first = self._seen.setdefault(str(number) if number else text.casefold(), line)
        if first != line:
            return Skip(line, "duplicate_in_file", f"the same contact as the row at line {first}")
        if number:
            return Contact(line, "", known_id=number, to_delete=True)
        return Contact(line, "", {self.kind: text}, to_delete=True)

    @property
    def content(self) -> str:
        """A hash by which the same list is recognised, whatever was deleted since."""
        return hashlib.sha256(repr([tuple(cells) for cells, _ in self.wanted]).encode()).hexdigest()


def _kind_of(text: str) -> str:
    """Return what a text is that can be nothing else: an address (email), a UUID, or "" for neither."""
    text = text.strip()
    if _UUID.fullmatch(text):
        return "uuid"
    name, at, domain = text.partition("@")
    return "email" if at and name and "." in domain and " " not in text else ""


def _name_of(contact: Contact) -> tuple[str, str]:
    """Return by what a row names its contact: id, uuid or email, and the value."""
    if contact.known_id:
        return "id", str(contact.known_id)
    return next((kind, str(contact.fields[kind])) for kind in ("uuid", "email") if kind in contact.fields)


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
    """Return the columns that are called so, where each name stands once."""
    folded = [fold(name) for name in headers]
    found: dict[int, ColumnTarget] = {}
    for kind, names in _NAMES.items():
        places = [place for place, name in enumerate(folded) if name in names]
        found |= {place: ColumnTarget(kind) for place in places if len(places) == 1}
    return found


def _source_facts(table: Table) -> SourceFacts:
    dialect = table.dialect
    return SourceFacts(table.name, table.headers, dialect.encoding, dialect.delimiter, dialect.line_end)
