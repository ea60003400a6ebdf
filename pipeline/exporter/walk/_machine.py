"""The walk over the contact list by its timestamp cursor: pure decisions. `_drive` asks for the pages.

Nothing about the cursor is documented, so nothing is assumed. A page is accepted only where it visibly joins what was
read before (Frontier.joins), so a wrong guess about `date` costs a request, never a contact. What cannot be proved is
reported as stalled. Source: docs/api.md, section List cursor.

Stamps are opaque and go back byte for byte; none is ever made up. A step back by the finest unit of the server's format
asks for what the nearest stamp before it asks for, as nothing is known to lie between them. Groups with one stamp that
are wider than a page are read by `limit`, then by `page`, and accepted only when two passes agree. A newest-first walk
is repeated from the top until nothing changes; one that goes from the oldest on ends with a look at the newest
contacts: none may be newer than its last. A list that comes empty after contacts were seen is not believed.

What the proof takes for granted: the service pages by one rule as long as a walk lasts, and an edit moves a contact to
the newest end. Most breaches show (pages that do not join, are not sorted, or end too early). What does not, such as a
contact that comes late with an older stamp or one that the list hides, only the account's own count can show.
"""

from collections.abc import Generator

from pipeline.exporter.walk._frontier import Frontier, stamps_of
from pipeline.exporter.walk._state import Phase, WalkReport, WalkState
from pipeline.exporter.walk._step import Advance, Stepper
from pipeline.exporter.walk._ties import Answer
from pipeline.models import Json, Listed, Page, PageRequest, earliest, latest, order_of

SMALLEST_LIMIT = 30
"""Below this a limit is left out: 30 is the documented default. Source: docs/api.md, section Endpoints."""

MOST_PASSES = 10
"""How many catch-up passes a newest-first walk makes before it says that the account never rests."""

MOST_LOOKS = 3
"""How often the newest contacts are asked for at the end of a walk from the oldest on, while more are written."""

FRUITLESS_BASE, FRUITLESS_PER_CONTACT = 1000, 8
"""A bound on requests in a row that bring nothing new: it ends the walk over a server that repeats itself. A proof by
pages reads everything a few times, with the smallest pages by one request for each contact."""

PARAMETER_STATUSES = frozenset({400, 413, 422})
"""Answers that may mean that a parameter is not accepted."""

Steps = Generator[PageRequest, Answer, bool]


class Walk:
    """The walk as a state machine: carry out `next_request`, then call `feed` with the page, or `refuse`.

    `seen` holds the ids that earlier attempts have saved. `state` is a JSON object that, saved together with the page
    that was fed, lets another process go on. Invariant: the state only depends on records that were fed.

    With `since`, only contacts whose `updated` is that stamp or later are read: newest first, until it is passed.
    `since` is only compared, never sent. Where the server cannot be seen to list its newest contacts first, everything
    is read; the report says which it was.
    """

    def __init__(self, state: dict[str, Json] | None = None, seen: set[int] | None = None, *, since: str = "") -> None:
        self.known = WalkState.from_json(state) if state else WalkState(since=since)
        # Shared with the walks that `branch` returns.
        self._seen = seen if seen is not None else set()
        self._stepper = Stepper(self.known)
        self._steps = self._walk()
        self._request: PageRequest | None = next(self._steps, None)

    def next_request(self) -> PageRequest | None:
        """Return the page to ask for, or None when the walk is done."""
        return self._request

    def feed(self, page: Page[Listed]) -> int:
        """Take the answer to `next_request`. Return how many of its contacts were not seen before."""
        self._read(page)
        self._go_on(page.records)
        return self._stepper.new

    def refuse(self, status: int) -> bool:
        """Note that the server refused `next_request`. False when nothing is left to try: then it is an error."""
        request = self._request
        known = request is not None and status in PARAMETER_STATUSES and self._drop_parameter(request)
        if known:
            self._go_on(None)
        return known

    def guess(self, page: Page[Listed]) -> PageRequest | None:
        """Return a guess at the request that follows the answer `page` to `next_request`, or None.

        It is what `Stepper` asks first after a page that joins the ones before it. A wrong guess does no harm.
        """
        state, records = self.known, page.records
        is_plain = state.phase == "main" and state.frontier.order and page.request.page is None
        if not is_plain or not records or len(records) < state.capacity(page.request.limit):
            return None
        last = records[-1].updated
        date = (
            last if state.inclusive else next((each.updated for each in reversed(records) if each.updated != last), "")
        )
        is_another = last and date and date != page.request.date
        return PageRequest(date, state.ascending, state.limit, None) if is_another else None

    def branch(self, page: Page[Listed]) -> "Walk":
        """Return a walk over the part of the list that begins with `page`, which this one has not reached yet."""
        state = self.known.branch()
        state.frontier.move(page.request.date, page.records)
        other = Walk(state.as_json(), self._seen)
        other._read(page)
        return other

    @property
    def can_branch(self) -> bool:
        """Whether several ranges may be walked at the same time: the list is seen to be sorted, oldest first."""
        state = self.known
        is_plain = state.phase == "main" and state.direction == 1 and state.frontier.order == 1
        is_odd = state.stalls or state.unsorted_pages or state.without_updated or state.honours_page is False
        return bool(is_plain and state.honours_ascending and not is_odd)

    @property
    def seen(self) -> int:
        """How many different contacts were seen."""
        return len(self._seen)

    @property
    def state(self) -> dict[str, Json]:
        """What another process needs to go on, as a JSON object."""
        return self.known.as_json()

    @property
    def report(self) -> WalkReport:
        """How the walk ended, or how far it is."""
        return self.known.report()

    def _go_on(self, answer: Answer) -> None:
        if self.known.fruitless > FRUITLESS_BASE + FRUITLESS_PER_CONTACT * len(self._seen):
            self._finish("the server keeps answering without bringing anything new")
            self._request = None
            return
        try:
            self._request = self._steps.send(answer)
        except StopIteration:
            self._request = None

    # --- learning from every page ------------------------------------------------------------------------------

    def _read(self, page: Page[Listed]) -> None:
        state = self.known
        ids = {record.id for record in page.records}
        fresh = ids - self._seen
        self._stepper.new = len(fresh)
        self._seen |= fresh
        state.pages += 1
        state.duplicates += len(page.records) - len(fresh)
        state.fruitless = 0 if fresh else state.fruitless + 1
        stamps = stamps_of(page.records)
        state.without_updated += len(page.records) - len(stamps)
        state.first_updated = earliest([*stamps, state.first_updated])
        state.last_updated = latest([*stamps, state.last_updated])
        self._learn(page, stamps)

    def _learn(self, page: Page[Listed], stamps: list[str]) -> None:
        state, request, length = self.known, page.request, len(page.records)
        if request.page is None:
            asked = request.limit or 0
            # A contact that comes twice in a page counts once; else all other pages would look short.
            different = len({record.id for record in page.records})
            state.longest[asked] = max(different, state.longest.get(asked, 0))
        if request.limit is not None and length >= request.limit:
            state.honours_limit = length == request.limit
        order = order_of(stamps)
        if order is None or (order and state.frontier.order == -order and state.phase not in {"look", "close"}):
            state.unsorted_pages += 1
        if request.date is not None and request.date in stamps:
            state.inclusive = True
        elif request.date is not None and stamps and request.page is None and state.inclusive is None:
            state.inclusive = False

    def _drop_parameter(self, request: PageRequest) -> bool:
        """Ask for less after a refusal, and remember it. False when there was nothing to leave out."""
        state = self.known
        if request.page is not None:
            state.honours_page = False
        elif request.limit is not None:
            half = request.limit // 2
            state.limit = half if half >= SMALLEST_LIMIT else None
        elif request.ascending is not None:
            state.ascending = None
            state.honours_ascending = False
        else:
            return False
        return True

    # --- the phases -----------------------------------------------------------------------------------

    def _walk(self) -> Steps:
        state = self.known
        if state.phase == "look":
            yield from self._look_at_the_top()
            self._enter(self._begin())
        if state.phase == "since" and not (yield from self._changes()):
            self._read_everything()
        if state.phase in {"main", "close"}:
            state.phase = "main"
            whole = yield from self._chain("")
            if whole and state.direction > 0 and state.saw_newest and not state.reason:
                whole = yield from self._close()
            if state.stalls and state.honours_ascending is not False:
                state.ascending = not state.ascending
                self._enter("gather")
            elif whole and state.direction <= 0 and not state.in_one_piece:
                state.floor = state.top
                self._enter("catch_up")
        if state.phase == "gather":
            yield from self._chain(state.stalls[0][0])
        if state.phase == "catch_up":
            yield from self._catch_up()
        self._finish("")
        return True

    def _begin(self) -> Phase:
        """Return the phase that follows the look: all contacts, or down to `since` where that may be possible."""
        state = self.known
        if not state.since:
            return "main"
        # A first page with a single stamp does not show the order; later pages will.
        if state.honours_ascending is False or state.unsorted_pages or not state.last_updated:
            self._read_everything()
            return "main"
        state.ascending, state.floor = False, state.since
        return "since"

    def _read_everything(self) -> None:
        state = self.known
        state.since, state.floor, state.watermark, state.passes = "", "", "", 0
        state.ascending = None if state.honours_ascending is False else True
        self._enter("main")

    def _changes(self) -> Steps:
        """Read down to `since`. False when the list turns out not to begin with the newest contacts."""
        yield from self._catch_up()
        state = self.known
        if state.frontier.order > 0:
            state.honours_ascending = False
            return False
        state.direction = -1
        self._finish("")
        return True

    def _enter(self, phase: Phase) -> None:
        self.known.phase = phase
        self.known.frontier = Frontier()

    def _finish(self, reason: str) -> None:
        state = self.known
        state.phase = "done"
        state.reason = state.reason or reason
        if not state.reason and state.unsorted_pages:
            state.reason = f"{state.unsorted_pages} pages were not sorted by 'updated', so nothing about gaps is proved"
        if not state.reason and state.without_updated:
            state.reason = f"{state.without_updated} contacts came without 'updated': the cursor may miss more of them"

    def _look_at_the_top(self) -> Steps:
        """Ask for the newest contacts: it shows whether `ascending` is obeyed, and how far the account reaches."""
        state = self.known
        state.ascending = False
        records = yield from self._stepper.ask(None)
        order = order_of(stamps_of(records or ()))
        if order == 1:
            state.honours_ascending = False
        elif order == -1:
            state.saw_newest = True
            state.watermark = state.last_updated
        state.ascending = None if state.honours_ascending is False else True
        return True

    def _settle_direction(self) -> None:
        """Set the direction of the main walk once a page shows it."""
        state = self.known
        if state.phase != "main" or state.direction or not state.frontier.order:
            return
        state.direction = state.frontier.order
        if state.ascending and state.direction < 0:
            state.honours_ascending = False
        elif state.ascending and state.saw_newest and state.direction > 0:
            state.honours_ascending = True

    def _chain(self, floor: str) -> Steps:
        """Read page after page, each proved to join, to the end of the list or until `floor` is passed."""
        state = self.known
        if not state.frontier.anchors:
            records = yield from self._first_page()
            self._start(records)
            if not records or len(records) < state.page_size:
                end = yield from self._stepper.confirm_end()
                if end is Advance.END:
                    return True
        while True:
            self._settle_direction()
            if state.phase == "since" and state.frontier.order > 0:
                return False
            if floor and state.frontier.has_passed(floor):
                return True
            verdict = yield from self._stepper.advance()
            if verdict is Advance.END:
                verdict = yield from self._stepper.confirm_end()
            if verdict is Advance.END:
                return True
            if verdict is Advance.STUCK and not (yield from self._stepper.skip_stall()):
                return False

    def _first_page(self) -> Generator[PageRequest, Answer, tuple[Listed, ...]]:
        """Ask for the first page. An empty one is not believed where contacts were seen before."""
        state = self.known
        for ascending in dict.fromkeys((state.ascending, None)):
            for _ in range(2):
                records = yield from self._stepper.ask(None)
                if records or not self._seen:
                    return records or ()
            if ascending:
                # Perhaps this server lists the oldest first only with a date; newest first did bring contacts.
                state.ascending, state.honours_ascending = None, False
        state.reason = "the service lists no contacts, and has listed some before"
        return ()

    def _close(self) -> Steps:
        """Ask for the newest contacts once more: a walk that reads the oldest first is complete when none is newer."""
        state = self.known
        for _ in range(MOST_LOOKS):
            state.phase = "close"
            newest = latest(stamps_of((yield PageRequest(None, False, state.limit, None)) or ()))
            state.phase = "main"
            # A refusal or an empty page shows nothing.
            if newest and not state.frontier.is_ahead(newest):
                return True
            if not (yield from self._chain("")):
                return False
        state.reason = "the newest contacts are not where the list seems to end"
        # The rest is read from the other end of the list.
        self._stepper.declare_stall()
        return False

    def _start(self, records: tuple[Listed, ...]) -> None:
        state = self.known
        state.frontier.move(None, records)
        state.in_one_piece = True
        stamps = stamps_of(records)
        state.top = stamps[0] if stamps else ""
        state.watermark = state.watermark or state.top

    def _catch_up(self) -> Steps:
        """Read again from the top down to where the last pass began, until that takes a single answer.

        An edit moves a contact to the top, out of the part still to be read. What was edited during a pass is above
        the top that the pass began with. Once a single answer shows all of that part, no edit can have been missed.
        """
        state = self.known
        while True:
            if not (yield from self._chain(state.floor)):
                return False
            if state.in_one_piece:
                return True
            state.passes += 1
            if state.passes >= MOST_PASSES:
                state.reason = "contacts were edited faster than they could be read"
                return False
            state.floor = state.top
            self._enter(state.phase)
