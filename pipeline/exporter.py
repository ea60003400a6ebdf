"""The export: walk the contact list into a draft, check it against the account's own count, judge it."""

import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from pipeline.errors import PipelineError, RequestRefused
from pipeline.heymarket._frontier import compare
from pipeline.heymarket._paging import Walk, walk
from pipeline.heymarket._walkstate import WalkReport
from pipeline.models import CustomField, Json, Page, PageRequest, Traffic
from pipeline.snapshots import Draft, Findings, publish
from pipeline.summaries import CountState, ExportSummary

OnPage = Callable[[int, int | None], None]
"""Called after every page with the contacts saved so far and the account's own count, None when it does not tell."""


class ContactSource(Protocol):
    """The part of the client that an export needs."""

    @property
    def traffic(self) -> Traffic:
        """What was sent so far."""
        ...

    async def list_contacts(self, request: PageRequest) -> Page:
        """Return one page of the contact list."""
        ...

    async def count_contacts(self) -> int | None:
        """Return how many contacts the account has, or None."""
        ...

    async def list_custom_fields(self) -> tuple[CustomField, ...]:
        """Return the custom fields of the account."""
        ...


@dataclass(frozen=True, slots=True)
class CountCheck:
    """The snapshot against the account's own count, taken before and after the walk; None where it was not told."""

    state: CountState
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export brought. `requests` and `seconds` add up over all attempts at it."""

    contacts: int
    walk: WalkReport
    count: CountCheck
    requests: int
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether the walk ended by proof and the count does not speak against it."""
        return self.walk.ended == "proved" and self.count.state != "count_differs"

    @property
    def reason(self) -> str:
        """Why it is not complete, as the middle of a sentence, or ""."""
        if self.walk.ended != "proved":
            return self.walk.reason
        if self.count.state == "count_differs":
            told = f"{self.count.before} before and {self.count.after} after"
            return f"the account counts {told} the walk, but {self.contacts} contacts were found"
        return ""

    def findings(self) -> Findings:
        """Return what the manifest is to say."""
        report = self.walk
        walked: dict[str, Json] = {
            "ended": report.ended,
            "pages": report.pages,
            "duplicates_dropped": report.duplicates,
            "first_updated": report.first_updated,
            "last_updated": report.last_updated,
            "watermark": report.watermark,
            "without_updated": report.without_updated,
            "unsorted_pages": report.unsorted_pages,
            "stalls": [asdict(stall) for stall in report.stalls],
            "traits": report.traits(),
        }
        traffic = {"requests": self.requests, "seconds": round(self.seconds, 3)}
        return Findings(self.complete, self.reason, walked, asdict(self.count), traffic)


async def export_contacts(source: ContactSource, draft: Draft, *, on_page: OnPage) -> ExportResult:
    """Read all contacts of the account into `draft`, going on from what it holds. Publishing is the next step.

    The count is compared with tolerance for what happens during the walk: with `before` and `after`, a snapshot of n
    contacts agrees when n is between the two, where contacts that were created since the start may come on top (one
    that was deleted after it was read is in the snapshot and in no later count). Fewer than both is always a
    difference. Raises what the source raises, and StorageFailed; the draft then holds every page fed so far.
    """
    clock = _Clock(source, draft)
    before = draft.fact("count_before")
    if not draft.fact("begun", default=False):
        before = await _count(source)
        draft.set_fields(await source.list_custom_fields())
        draft.note(begun=True, count_before=before)
    machine = Walk(draft.fact("walk"), draft.ids())
    async for step in walk(source.list_contacts, machine):
        draft.save(step.page.records, walk=step.state, **clock.facts())
        on_page(machine.seen, before)
    after = await _count(source)
    report = machine.report
    count = CountCheck(_compare_counts(draft, machine.seen, before, after, report.watermark), before, after)
    facts = clock.facts()
    draft.note(**facts)
    return ExportResult(machine.seen, report, count, facts["requests"], facts["seconds"])


def publish_export(draft: Draft, result: ExportResult, formats: Collection[str]) -> ExportSummary:
    """Publish what `export_contacts` brought and sum it up. Raises StorageFailed; the draft is then kept."""
    path: Path = publish(draft, result.findings(), formats)
    return ExportSummary(
        snapshot=str(path),
        contacts=result.contacts,
        complete=result.complete,
        pages=result.walk.pages,
        requests=result.requests,
        duplicates_dropped=result.walk.duplicates,
        seconds=result.seconds,
        exit_code=0 if result.complete else 3,
        count_check=result.count.state,
        reason=result.reason,
    )


def failed_export(error: PipelineError, contacts: int = 0) -> ExportSummary:
    """Return the summary of an export that stopped; the `contacts` read so far stay in its draft."""
    return ExportSummary(None, contacts, False, 0, 0, 0, 0.0, error.exit_code, "count_unavailable", "", str(error))


class _Clock:
    """Requests and seconds of this attempt on top of those of earlier ones."""

    def __init__(self, source: ContactSource, draft: Draft) -> None:
        self._source = source
        self._sent = source.traffic.requests
        self._began = time.monotonic()
        self._requests: int = draft.fact("requests", 0)
        self._seconds: float = draft.fact("seconds", 0.0)

    def facts(self) -> dict[str, Json]:
        return {
            "requests": self._requests + self._source.traffic.requests - self._sent,
            "seconds": self._seconds + time.monotonic() - self._began,
        }


async def _count(source: ContactSource) -> int | None:
    try:
        return await source.count_contacts()
    except RequestRefused:
        # Counting is a second witness; a server that will not count does not spoil a walk that is proved.
        return None


def _compare_counts(draft: Draft, contacts: int, before: int | None, after: int | None, start: str) -> CountState:
    known = [count for count in (before, after) if count is not None]
    if not known:
        return "count_unavailable"
    if contacts < min(known):
        return "count_differs"
    if contacts <= max(known):
        return "verified"
    # More than was ever counted: only contacts that were created and others that were deleted meanwhile explain it.
    created = sum(bool(stamp) and compare(stamp, start) >= 0 for stamp in draft.created_stamps()) if start else 0
    return "verified" if contacts <= max(known) + created else "count_differs"
