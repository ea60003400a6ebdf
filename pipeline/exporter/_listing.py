"""Reading the contact list of an account into a draft: by one walk, or in parallel ranges where that is quicker."""

import time
from collections.abc import Callable
from typing import Protocol

from pipeline.exporter.walk._ahead import Fetch, reading_ahead
from pipeline.exporter.walk._drive import WalkStep, answered, walk, walk_ranges
from pipeline.exporter.walk._machine import Walk
from pipeline.exporter.walk._ranges import Budget, Ranges, count_ranges, find_starts
from pipeline.exporter.walk._state import WalkReport
from pipeline.models import Listed, Page, PageRequest, Traffic
from pipeline.snapshots import Draft, DraftFacts
from pipeline.values import replace

OnPage = Callable[[int, int | None], None]
"""Called after every page with the contacts saved so far and the account's own count, if known."""

_PAGES_ALONE = 5
"""Pages that are read by one walk first, to measure how slow the service is."""


class CountedSource(Protocol):
    """The part of the client that says what was sent."""

    @property
    def traffic(self) -> Traffic:
        """What was sent so far."""
        ...


class ListSource(CountedSource, Protocol):
    """The part of the client that reading the list needs."""

    async def list_page(self, request: PageRequest) -> Page[Listed]:
        """Return one page of the contact list."""
        ...


class ExportTotals:
    """Requests and seconds of an export, over all attempts at it."""

    def __init__(self, source: CountedSource, draft: Draft) -> None:
        self._source = source
        self._sent = source.traffic.requests
        self._began = time.monotonic()
        self._before = draft.facts

    def on(self, facts: DraftFacts) -> DraftFacts:
        """Return the facts of the draft with both as they are now."""
        return replace(
            facts,
            requests=self._before.requests + self._source.traffic.requests - self._sent,
            seconds=self._before.seconds + time.monotonic() - self._began,
        )


class ListReader:
    """Reads the list by `fetch` into the draft, from where the draft ends. Without a `budget`, by one walk only."""

    def __init__(
        self,
        source: ListSource,
        draft: Draft,
        *,
        fetch: Fetch,
        totals: ExportTotals,
        on_page: OnPage,
        budget: Budget | None,
    ) -> None:
        self._source = source
        self._draft = draft
        self._fetch = fetch
        self._totals = totals
        self._on_page = on_page
        self._budget = budget
        self._machine = Walk()

    async def read(self) -> tuple[WalkReport, int]:
        """Read the list to its end. Return how the walk ended, and how many different contacts it saw.

        Raises what the source raises, and StorageFailed; the draft then holds every page fed so far.
        """
        await reading_ahead(self._fetch, self._guess, self._read)
        return self._machine.report, self._machine.seen

    async def catch_up(self, since: str) -> WalkReport | None:
        """Read again what was changed since a stamp, into a draft that was read to its end before.

        None where those contacts cannot be told apart from the rest of the list, or not be proved complete. Progress is
        not saved: if interrupted, it begins again; reading a contact twice does no harm. Raises as `read` does.
        """
        machine = Walk(None, self._draft.ids(), since=since)
        while machine.report.since and machine.next_request() is not None:
            await walk(self._fetch, machine, self._save_again, pages=1)
        report = machine.report
        return report if report.since and report.ended == "proved" else None

    async def read_beside(self, fetch: Fetch) -> WalkReport:
        """Read another list of the account into the draft, from its beginning; return how that ended.

        Progress is not saved: if interrupted, it begins again. Raises as `read` does.
        """
        machine = Walk()
        await walk(fetch, machine, self._save_again)
        return machine.report

    async def _read(self, fetch_ahead: Fetch) -> None:
        draft = self._draft
        seen = draft.ids()
        self._machine = Walk(draft.facts.walk, seen, since=draft.facts.since)
        ranges = self._saved_ranges(seen)
        if ranges is None:
            before = self._source.traffic
            await walk(fetch_ahead, self._machine, self._save, pages=_PAGES_ALONE)
            ranges = await self._divide(before)
        if ranges is not None:
            await walk_ranges(self._fetch, ranges, self._save)
            self._machine = Walk(ranges.merged(), seen)
            draft.note(replace(draft.facts, walk=self._machine.state, ranges=()))
        await walk(fetch_ahead, self._machine, self._save)

    def _guess(self, page: Page[Listed]) -> PageRequest | None:
        return self._machine.guess(page)

    def _saved_ranges(self, seen: set[int]) -> Ranges | None:
        saved = self._draft.facts.ranges
        return Ranges.restored(saved, seen) if saved else None

    async def _divide(self, before: Traffic) -> Ranges | None:
        """Divide the rest of the list and save where the ranges begin. None where one walk is as quick."""
        machine, count = self._machine, self._draft.facts.count_before
        now = self._source.traffic
        sent = now.requests - before.requests
        if self._budget is None or not machine.can_branch or not count or not sent:
            return None
        seconds = (now.waited - before.waited) / sent
        wanted = count_ranges(self._budget, seconds, (count - machine.seen) // machine.known.page_size)
        starts = await answered(self._fetch, find_starts(machine, wanted, count))
        if not starts:
            return None
        ranges = Ranges.begin(machine, starts)
        facts = replace(self._draft.facts, ranges=tuple(map(ranges.state, range(len(ranges)))))
        records = [record for page in starts for record in page.records]
        self._draft.save(records, self._totals.on(facts))
        return ranges

    def _save(self, step: WalkStep) -> None:
        facts = self._draft.facts
        if step.number is None:
            facts = replace(facts, walk=step.state)
        else:
            states = {**dict(enumerate(facts.ranges)), step.number: step.state}
            facts = replace(facts, ranges=tuple(states.values()))
        self._draft.save(step.page.records, self._totals.on(facts))
        self._on_page(step.seen, self._draft.facts.count_before)

    def _save_again(self, step: WalkStep) -> None:
        self._draft.forget_outdated(step.page.records)
        self._draft.save(step.page.records, self._totals.on(self._draft.facts))
        self._on_page(step.seen, self._draft.facts.count_before)
