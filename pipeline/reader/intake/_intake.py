"""Read, map and stage every file of the input, one after the other."""

import contextlib
import gc
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import anyio.lowlevel

from pipeline.errors import InputError, Interrupted
from pipeline.models import ConsentNotice, Json
from pipeline.phone import warm_up
from pipeline.reader._rejects import is_reject_header
from pipeline.reader.consent import ConsentWatch, judge_later, judge_unmapped, refuse_new
from pipeline.reader.intake._staging import Census, InputStaging
from pipeline.reader.mapping import ColumnPlan, map_chunk, plan_columns, refuse_other_places
from pipeline.reader.tables import (
    Dialect,
    ReadOptions,
    Source,
    Table,
    is_worth_reading_ahead,
    open_table,
    open_table_ahead,
)
from pipeline.runs.journal import Journal, SourceFacts
from pipeline.settings import ImportSettings
from pipeline.signals import Progress, StopSwitch
from pipeline.values import Struct, field, replace

_CHUNKS_BETWEEN_LOOKS = 10
"""After this many chunks the garbage collector runs after all: libraries may leave cycles that hold a whole chunk."""

_NO_ROWS = ("blank_row", "footer_row", "totals_row", "repeated_header")
"""Codes of lines that are no rows of a table."""

Resolve = Callable[[ColumnPlan], Awaitable[ColumnPlan]]
"""Brings the columns of a file to the account's IDs."""


class TakenFile(Struct, frozen=True):
    """One file of the input, as it was read.

    `header_line` 0 means that it has none. `left_out` names what else is in its archive or workbook. `consent` are the
    columns that may say who must not be texted and that nothing is taken from.
    """

    name: str
    dialect: Dialect
    columns: ColumnPlan
    header_line: int
    preamble_lines: int
    comment_lines: int
    rows: int
    left_out: tuple[str, ...] = ()
    consent: tuple[ConsentNotice, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """Return what a summary says about the file."""
        return {
            "name": self.name,
            **self.dialect.as_json(),
            "header_line": self.header_line,
            "preamble_lines": self.preamble_lines,
            "comment_lines": self.comment_lines,
            "rows": self.rows,
            **({"left_out": list(self.left_out)} if self.left_out else {}),
        }


class Taken(Struct, frozen=True):
    """The whole input, staged."""

    files: tuple[TakenFile, ...]
    census: Census

    @property
    def consent(self) -> tuple[ConsentNotice, ...]:
        """What is to be said of columns on consent, of all files; each column once."""
        found = {notice.column: notice for file in self.files for notice in file.consent}
        return tuple(sorted(found.values(), key=lambda notice: notice.state != "question"))


class Intake(Struct):
    """What is to be read, and how. `resolve` is left out where the account is not at hand.

    `gate` refuses a file with a column on consent that its settings do not know. `deliver` gets the contacts at the
    end, as JSON lines, many at a time.
    """

    sources: Sequence[Source]
    imports: ImportSettings
    resolve: Resolve | None = None
    stop: StopSwitch | None = None
    outline: bool = False
    gate: bool = False
    deliver: Callable[[Iterator[bytes]], None] | None = None
    stdin: Any = None
    _files: list[TakenFile] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What a person calls the input."""
        return input_name(self.sources)

    def look(self) -> None:
        """Open every local file and match its header, so that a wrong one is known before anything else is done.

        Raises UsageProblem.
        """
        for source in self.sources:
            if source.path:
                with open_table(source, read_options(self.imports)) as table:
                    plan_columns(table.headers, self.imports)

    async def take(self, journal: Journal, progress: Progress) -> Taken:
        """Stage every file. Raises UsageProblem, StorageFailed, and Interrupted when asked to stop."""
        progress.stage("reading", None)
        names = [source.name for source in self.sources]
        keeps = self.deliver is not None
        with (
            _collector_paused(),
            InputStaging(journal, self.imports, names, outline=self.outline, keeps_contacts=keeps) as staging,
        ):
            for number, source in enumerate(self.sources):
                with self._open(source) as table:
                    await self._take_table(table, number, staging, progress)
                # Reject files and reports are written from this, also by a later process.
                journal.record(replace(journal.facts, sources=tuple(map(_source_facts, self._files))))
            staging.finish()
            if self.deliver:
                self.deliver(staging.contacts())
            taken = Taken(tuple(self._files), staging.census())
        self._refuse_too_few(taken.census)
        return taken

    def _refuse_too_few(self, census: Census) -> None:
        """Raise InputError where the input is smaller than the settings say it must be; a reject file may be small."""
        if all(is_reject_header(file.columns.headers) for file in self._files):
            return
        no_rows = sum(census.codes.get(code, 0) for code in _NO_ROWS)
        rows = census.tally.rows - no_rows
        if rows < self.imports.min_rows:
            raise InputError(
                f"{self.name} has {rows:,} rows, and import.min_rows is {self.imports.min_rows:,} [too_few_rows]."
                " Nothing was sent.",
                advice="Look whether the export was cut off or empty; lower import.min_rows if it is right.",
            )

    def _open(self, source: Source) -> AbstractContextManager[Table]:
        # An import waits for the service, not for the file; only a check gains from a second core.
        if self.outline and is_worth_reading_ahead(source):
            return open_table_ahead(source, read_options(self.imports), lambda: warm_up(self.imports.default_region))
        return open_table(source, read_options(self.imports), stdin=self.stdin)

    async def _take_table(self, table: Table, number: int, staging: InputStaging, progress: Progress) -> None:
        columns = plan_columns(table.headers, self.imports)
        if not self.outline:
            # A check shows them at its end.
            for remark in table.dialect.remarks:
                progress.say(f"{table.name}: {remark}.")
        if self._files:
            refuse_other_places(table.headers, self._files[0].columns.headers, self.imports)
        named = columns
        if self.resolve:
            columns = await self.resolve(columns)
        rows, consent = 0, tuple[ConsentNotice, ...]()
        watch = ConsentWatch({place: name for place, name in enumerate(named.headers) if place not in named.said})
        for count, chunk in enumerate(table.chunks(), start=1):
            consent = self._judge(named, chunk.records, table.name) if count == 1 else consent
            watch.look(chunk.records)
            staging.add(map_chunk(chunk, columns), source=number)
            rows += len(chunk.records)
            progress.advance(len(chunk.records))
            if count % _CHUNKS_BETWEEN_LOOKS == 0:
                gc.collect(0)
            await anyio.lowlevel.checkpoint()
            if self.stop and self.stop.requested:
                raise Interrupted("Stopped while reading; nothing was sent.")
        if not rows:
            consent = self._judge(named, (), table.name)
        consent += self._refused(judge_later(named.headers, watch.verdicts(), consent, self.imports), table.name)
        self._files.append(
            TakenFile(
                table.name,
                table.dialect,
                columns,
                table.header_line,
                table.preamble_lines,
                table.comment_lines,
                rows,
                (*self.sources[number].left_out, *table.left_out),
                consent,
            )
        )

    def _judge(self, columns: ColumnPlan, records: Sequence[Sequence[str]], name: str) -> tuple[ConsentNotice, ...]:
        return self._refused(judge_unmapped(columns.headers, columns.said, records, self.imports), name)

    def _refused(self, found: tuple[ConsentNotice, ...], name: str) -> tuple[ConsentNotice, ...]:
        if self.gate:
            refuse_new(found, name)
        return found


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Stop the garbage collector from searching rows for cycles: they have none, and it takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def input_name(sources: Sequence[Source]) -> str:
    """Return what a person calls some files."""
    return sources[0].name if len(sources) == 1 else f"{len(sources)} files"


def read_options(imports: ImportSettings) -> ReadOptions:
    """Return how the settings want files to be read."""
    phones = [name for name, targets in imports.columns.items() if any(target.kind == "phone" for target in targets)]
    return ReadOptions(
        encoding=imports.encoding,
        delimiter=imports.delimiter,
        quoting=imports.quoting,
        header=imports.header,
        comment=imports.comment,
        sheet=imports.sheet,
        wanted=tuple(dict.fromkeys((*phones, *imports.columns))),
    )


def _source_facts(file: TakenFile) -> SourceFacts:
    return SourceFacts(
        file.name,
        tuple(file.columns.headers),
        file.dialect.encoding,
        file.dialect.delimiter,
        file.dialect.line_end,
        custom=file.columns.custom_names(),
        found_by=file.dialect.found_by,
        compression=file.dialect.compression,
        header_line=file.header_line,
        preamble_lines=file.preamble_lines,
        comment_lines=file.comment_lines,
        rows=file.rows,
        left_out=file.left_out,
        remarks=file.dialect.remarks,
    )
