"""The export: walk the contact list into a draft, check it against the account's own count, judge it.

A delta is walked from the watermark of the snapshot before it, less an overlap; contacts that were deleted leave no
trace in such a walk. The account's count tells whether there are any, and then everything is read.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

import anyio

from pipeline.errors import CredentialsRefused, RequestRefused, ServiceUnavailable
from pipeline.exporter._archived import try_word, with_word
from pipeline.exporter._listing import ExportTotals, ListReader, ListSource, OnPage
from pipeline.exporter._result import CountCheck, ExportResult
from pipeline.exporter.walk._ahead import Fetch
from pipeline.exporter.walk._machine import Walk
from pipeline.exporter.walk._ranges import Budget
from pipeline.exporter.walk._state import WalkReport
from pipeline.models import CustomField, Json, Listed, Page, PageRequest, compare
from pipeline.results import CountState
from pipeline.snapshots import Draft, ExportVerdict
from pipeline.values import Struct, as_dict, replace

OVERLAP_SECONDS = 600
"""How far before the watermark a delta begins: the clocks of the service's servers may differ."""

_ASKED_AT_ONCE = 200
"""How many answers about the status of contacts are saved together."""


class ContactSource(ListSource, Protocol):
    """The part of the client that an export needs."""

    async def count_contacts(self, *, archived: bool = False) -> int | None:
        """Return how many contacts the account has, or None; `archived`: asked as the list is for archived ones."""
        ...

    async def list_custom_fields(self) -> tuple[CustomField, ...]:
        """Return the custom fields of the account."""
        ...

    async def list_all_tags(self) -> list[tuple[int, str]]:
        """Return ID and name of every tag."""
        ...

    async def describe_team(self) -> dict[str, Json]:
        """Return the team with its members."""
        ...

    async def get_opt_out(self, contact_id: int) -> bool | None:
        """Return whether a contact is opted out, or None where the service cannot say."""
        ...


class DeltaBase(Struct, frozen=True):
    """The snapshot that a delta builds on: its watermark, and its contacts with their ids, sorted by id."""

    name: str
    watermark: str
    contacts: Callable[[], Iterable[tuple[int, bytes]]]


class Export:
    """One export into a draft. `say` gets a line about what takes longer than expected, and why.

    `fetch` replaces the source's own `list_page`. With a `budget` several ranges of the list may be read in parallel.
    """

    def __init__(
        self,
        source: ContactSource,
        draft: Draft,
        *,
        on_page: OnPage,
        base: DeltaBase | None = None,
        say: Callable[[str], None] = lambda _: None,
        fetch: Fetch | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._source = source
        self._draft = draft
        self._fetch = fetch or source.list_page
        self._asks_archived = False
        self._base = base
        self._say = say
        self._totals = ExportTotals(source, draft)
        self._listing = ListReader(
            source, draft, fetch=self._fetch_page, totals=self._totals, on_page=on_page, budget=budget
        )

    async def read(self, *, full: bool = False, archived: bool = False) -> ExportResult:
        """Read the contacts of the account into the draft, going on from what it holds. Publishing is the next step.

        With `archived`, archived contacts are read as well, where the list is seen to tell them.

        With a base, only what changed since is read, unless `full` is set or the account's count shows that contacts
        were deleted. A list that an earlier process has read to its end is brought up to date: what changed since is
        read, and the account's count is asked for again. Where these do not agree, everything is read again.

        The count may change during the walk: a snapshot agrees with the counts before and after when its number of
        contacts is between the two, plus at most the contacts created since the start (one that was deleted after it
        was read is in the snapshot and in no later count). Fewer than both counts is always a difference. Raises what
        the source raises, and StorageFailed; the draft then holds every page fed so far.
        """
        draft, self._asks_archived = self._draft, archived
        if draft.facts.archived == "apart":
            # Alone in a list of their own they cannot be told from those that did not change: all are read.
            full = True
        if full and self._reads_changes_only():
            draft.begin_anew()
        result = self._judged()
        if result is not None:
            result = await self._renew(result)
        if result is None:
            result = await self._read(full=full or self._base is None)
        self._keep(result)
        if self._base:
            draft.reduce_to_changes(self._base.contacts(), with_deleted=result.deletions == "found")
        return result

    async def ask_for_consent(self, concurrency: int, advance: Callable[[int], None]) -> None:
        """Ask for the status of every contact that does not show whether it is opted out; one request each.

        `advance` is told how many more are known. Raises what the source raises; what is known by then is saved.
        """
        if self._draft.facts.shows_opt_out:
            return
        self._draft.note(replace(self._draft.facts, consent="status"))
        limiter = anyio.CapacityLimiter(concurrency)
        while ids := self._draft.unasked(_ASKED_AT_ONCE):
            known: list[tuple[int, bool | None]] = []

            async def ask(contact_id: int, known: list[tuple[int, bool | None]] = known) -> None:
                async with limiter:
                    known.append((contact_id, await self._source.get_opt_out(contact_id)))

            try:
                async with anyio.create_task_group() as group:
                    for contact_id in ids:
                        group.start_soon(ask, contact_id)
            finally:
                self._draft.save_consents(known)
                self._draft.note(self._totals.on(self._draft.facts))
            advance(len(ids))

    def _reads_changes_only(self) -> bool:
        facts = self._draft.facts
        return bool((facts.walk or {}).get("since", facts.since))

    async def _read(self, *, full: bool) -> ExportResult:
        draft = self._draft
        if not draft.facts.begun:
            await self._begin(full=full)
        result = await self._read_and_judge()
        if result.walk.since and result.count.state == "count_differs":
            self._say(
                f"{result.reason[0].upper()}{result.reason[1:]}: contacts were deleted. Reading all of them now,"
                " to find out which."
            )
            draft.begin_anew()
            await self._begin(full=True)
            result = await self._read_and_judge()
        return result

    async def _read_and_judge(self) -> ExportResult:
        report, seen = await self._listing.read()
        apart = 0
        if self._draft.facts.archived == "apart":
            told = await self._listing.read_beside(with_word(self._fetch))
            if told.ended != "proved" and report.ended == "proved":
                report = replace(told, reason=f"of the archived contacts, {told.reason}")
            apart = self._draft.contacts - seen
        return await self._judge(report, seen + apart, apart)

    async def _fetch_page(self, request: PageRequest) -> Page[Listed]:
        ask = with_word(self._fetch) if self._draft.facts.archived == "together" else self._fetch
        return await ask(request)

    async def _count(self) -> int | None:
        """Ask for the account's count of what is read, None where it tells none of that."""
        plain = await _count(self._source)
        if self._draft.facts.archived != "together":
            return plain
        whole = await _count(self._source, archived=True)
        # A count that does not know the word may or may not have archived contacts in it.
        return None if whole == plain else whole

    async def _renew(self, judged: ExportResult) -> ExportResult | None:
        """Bring what an earlier process has read up to date, and judge it again.

        None where everything must be read again; the draft is then empty.
        """
        self._say("Everything was read before: asking the account what has changed since.")
        before = await self._count()
        is_current = judged.complete and self._draft.facts.archived != "apart"
        report = await self._listing.catch_up(earlier(judged.walk.watermark)) if is_current else None
        result = await self._judge_again(judged, report, before) if report else None
        if result is None:
            self._say("What was read before cannot be brought up to date: reading everything anew.")
            self._draft.begin_anew()
        else:
            await self._read_surroundings()
            self._draft.note(self._totals.on(self._draft.facts))
        return result

    async def _judge_again(self, judged: ExportResult, report: WalkReport, before: int | None) -> ExportResult | None:
        after = await self._count()
        total = self._count_together(judged.deletions)
        created = partial(_count_created, self._draft, report.watermark, strictly=True)
        state = _compare_counts(total, before, after, created)
        # Only the count shows deletions since then; without it, the deletions that were found may be incomplete.
        if state == "count_differs" or (state != "verified" and judged.deletions == "found"):
            return None
        walk = replace(
            judged.walk, pages=judged.walk.pages + report.pages, duplicates=judged.walk.duplicates + report.duplicates
        )
        deletions = judged.deletions if state == "verified" else "unknown"
        result = self._result(
            self._draft.contacts, walk, CountCheck(state, before, after), total if self._base else -1, deletions
        )
        return replace(result, caught_up=datetime.now(UTC).isoformat(timespec="seconds"))

    def _count_together(self, deletions: str) -> int:
        """Count the contacts of the account by what the draft holds; of a delta, together with its base."""
        draft = self._draft
        if not self._base:
            return draft.contacts
        compared = draft.compare_with(self._base.contacts())
        if deletions == "found" and not draft.facts.reduced:
            return compared.read
        return compared.together - draft.deleted_count

    async def _begin(self, *, full: bool) -> None:
        archived = await try_word(self._fetch) if self._asks_archived else ""
        self._draft.note(replace(self._draft.facts, archived=archived))
        before = await self._count()
        await self._read_surroundings()
        since = "" if full or not self._base or archived == "apart" else earlier(self._base.watermark)
        self._draft.note(replace(self._draft.facts, begun=True, count_before=before, since=since))

    async def _read_surroundings(self) -> None:
        """Ask for what a snapshot holds besides contacts: custom fields, and tags and team where allowed."""
        custom = await self._source.list_custom_fields()
        tags: Json = None
        team: Json = None
        refused = []
        try:
            tags = [{"id": tag_id, "tag": name} for tag_id, name in await self._source.list_all_tags()]
        except (RequestRefused, CredentialsRefused, ServiceUnavailable):
            # Contacts can be backed up without them.
            refused.append("tags")
        try:
            team = await self._source.describe_team()
        except (RequestRefused, CredentialsRefused, ServiceUnavailable):
            refused.append("team")
        known = replace(self._draft.facts, fields=tuple(custom), tags=tags, team=team, unavailable=tuple(refused))
        self._draft.note(known)

    async def _judge(self, report: WalkReport, seen: int, apart: int = 0) -> ExportResult:
        """Judge a walk that saw so many contacts, `apart` of them in a list that the account's count leaves out."""
        draft = self._draft
        before, after = (
            None if count is None else count + apart for count in (draft.facts.count_before, await self._count())
        )
        total, deletions = -1, ""
        if self._base:
            compared = draft.compare_with(self._base.contacts())
            total = compared.together if report.since else compared.read
        # A delta is judged more strictly: a false alarm costs a full walk, a missed one hides a deletion.
        strictly = bool(self._base and report.since)
        created = partial(_count_created, draft, report.watermark, strictly=strictly)
        state = _compare_counts(seen if total < 0 else total, before, after, created)
        if self._base:
            deletions = _deletions(report, state)
        return self._result(seen, report, CountCheck(state, before, after), total, deletions)

    def _result(self, contacts: int, report: WalkReport, count: CountCheck, total: int, deletions: str) -> ExportResult:
        """Return a result with the requests and seconds of all attempts, which are saved as well."""
        facts = self._totals.on(self._draft.facts)
        self._draft.note(facts)
        return ExportResult(contacts, report, count, facts.requests, facts.seconds, total, deletions)

    def _keep(self, result: ExportResult) -> None:
        """Save the verdict: it cannot be reached again once the draft is reduced to what changed."""
        verdict = ExportVerdict(result.contacts, as_dict(result.count), result.total, result.deletions)
        self._draft.note(replace(self._draft.facts, verdict=verdict))

    def _judged(self) -> ExportResult | None:
        facts = self._draft.facts
        verdict = facts.verdict
        if verdict is None:
            return None
        report, count = Walk(facts.walk, set()).report, CountCheck(**verdict.count)
        return self._result(verdict.contacts, report, count, verdict.total, verdict.deletions)


def earlier(stamp: str) -> str:
    """Return the stamp from which on a delta reads; a text that is no time stamp is returned as it is."""
    try:
        return (datetime.fromisoformat(stamp) - timedelta(seconds=OVERLAP_SECONDS)).isoformat()
    except (ValueError, OverflowError):
        return stamp


def _deletions(report: WalkReport, state: CountState) -> str:
    if not report.since:
        return "found" if report.ended == "proved" else "unknown"
    return "none" if state == "verified" else "unknown"


async def _count(source: ContactSource, *, archived: bool = False) -> int | None:
    try:
        return await (source.count_contacts(archived=True) if archived else source.count_contacts())
    except RequestRefused:
        # The count only confirms a walk; a proved walk is complete without it.
        return None


def _compare_counts(
    contacts: int, before: int | None, after: int | None, count_created: Callable[[], int]
) -> CountState:
    known = [count for count in (before, after) if count is not None]
    if not known:
        return "count_unavailable"
    if contacts < min(known):
        return "count_differs"
    # More than any count: explained only by contacts created, and others deleted, during the walk.
    is_explained = contacts <= max(known) or contacts <= max(known) + count_created()
    return "verified" if is_explained else "count_differs"


def _count_created(draft: Draft, start: str, *, strictly: bool) -> int:
    """Count the contacts that were created since the walk began: at or, `strictly`, after the stamp of its start."""
    least = 1 if strictly else 0
    return sum(bool(stamp) and compare(stamp, start) >= least for stamp in draft.created_stamps()) if start else 0
