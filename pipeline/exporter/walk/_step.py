"""One step of the walk: find a cursor whose page joins what is proved and goes beyond it."""

from collections.abc import Generator, Iterator
from enum import Enum, auto

from pipeline.exporter.walk._frontier import last_stamp, stamps_of
from pipeline.exporter.walk._state import WalkState
from pipeline.exporter.walk._ties import Answer, TieProof, prove_by_pages
from pipeline.models import Listed, PageRequest, compare, order_of

LARGEST_LIMIT = 16_000
"""The largest page that is asked for to read a tie group in one answer: some 16 MB."""

MOST_TAIL_ROUNDS = 1000
"""How many pages of contacts newer than the start of the walk are read before it is given up."""


class Advance(Enum):
    """What a page means for the frontier."""

    MOVED = auto()
    END = auto()
    STUCK = auto()
    GAP = auto()


class Stepper:
    """Asks for pages and moves the frontier of `state`. `new` is how many unseen contacts the last page brought."""

    def __init__(self, state: WalkState) -> None:
        self._state = state
        self._tied = 0
        self.new = 0

    def ask(
        self, date: str | None, *, page: int | None = None, limit: int | None = None
    ) -> Generator[PageRequest, Answer, Answer]:
        """Ask for a page. A refusal is repeated with fewer parameters, unless `limit` or `page` was given here."""
        while True:
            state = self._state
            answer = yield PageRequest(date, state.ascending, limit or state.limit, page)
            if answer is not None or limit is not None or page is not None:
                return answer

    def advance(self) -> Generator[PageRequest, Answer, Advance]:
        """Find a cursor whose page joins the frontier and goes beyond it."""
        frontier, stuck_date = self._state.frontier, self._state.frontier.date
        tried: set[str | None] = set()
        self._tied = 0
        for date in self._cursors():
            if date in tried:
                continue
            tried.add(date)
            records = yield from self.ask(date)
            verdict = self._judge(date, records, None)
            if verdict in {Advance.MOVED, Advance.END}:
                return verdict
            if verdict is Advance.STUCK:
                self._note_tied(records or ())
                stuck_date = date if stuck_date == frontier.date or date == frontier.stamp else stuck_date
                if not self._state.inclusive or frontier.stamp in tried:
                    break
        if self._state.phase == "gather":
            return Advance.STUCK
        return (yield from self._widen(stuck_date))

    def _note_tied(self, records: tuple[Listed, ...]) -> None:
        if {record.updated for record in records} == {self._state.frontier.stamp}:
            self._tied = max(self._tied, len(records))

    def _cursors(self) -> Iterator[str | None]:
        """Yield cursors to try, the farthest first. The last stamp itself joins only on an inclusive server."""
        frontier = self._state.frontier
        if self._state.inclusive and frontier.stamp:
            yield frontier.stamp
        for stamp in frontier.step_back_stamps():
            yield stamp
            if self._state.inclusive and frontier.stamp:
                yield frontier.stamp
        if frontier.stamp:
            yield frontier.stamp
        yield frontier.date
        yield None

    def _judge(self, date: str | None, records: Answer, limit: int | None) -> Advance:
        """Return what a page means; where it joins and is ahead, the frontier moves to it."""
        state, frontier = self._state, self._state.frontier
        if records is None or not (date is None or frontier.joins(records)):
            return Advance.GAP
        stamp = last_stamp(records)
        is_short = len(records) < state.capacity(limit or state.limit)
        if self._goes_on(stamp) or (is_short and self.new):
            self._move(date, records)
            return Advance.END if self._grows_without_end(is_short=is_short) else Advance.MOVED
        if is_short:
            state.in_one_piece = date is None
            return Advance.END
        return Advance.STUCK

    def _goes_on(self, stamp: str) -> bool:
        """Whether a page that ends with `stamp` is progress. On an unsorted server only unseen contacts are."""
        is_ahead = bool(stamp) and self._state.frontier.is_ahead(stamp)
        return is_ahead and bool(self.new or not self._state.unsorted_pages)

    def _move(self, date: str | None, records: tuple[Listed, ...]) -> None:
        self._state.frontier.move(date, records)
        # An answer without a cursor shows the list from its beginning, at one moment.
        self._state.in_one_piece = date is None

    def _grows_without_end(self, *, is_short: bool) -> bool:
        """Count the pages beyond what there was at the start; whether there are too many to go on.

        Source: docs/api.md, section List cursor.
        """
        state = self._state
        is_tail = state.saw_newest and compare(state.frontier.stamp, state.watermark) > 0
        state.tail_rounds += is_tail or (is_short and not state.saw_newest)
        if state.tail_rounds > MOST_TAIL_ROUNDS:
            state.reason = state.reason or "contacts were written faster than they could be read"
        return state.tail_rounds > MOST_TAIL_ROUNDS

    def confirm_end(self) -> Generator[PageRequest, Answer, Advance]:
        """Ask once more with the last stamp: this is the end only if that brings nothing new, and nothing beyond.

        Contacts beyond may have been seen by an earlier request without being joined to what is proved.
        """
        state, frontier = self._state, self._state.frontier
        if not frontier.stamp or state.tail_rounds > MOST_TAIL_ROUNDS:
            return Advance.END
        records = (yield from self.ask(frontier.stamp)) or ()
        if self.new:
            return Advance.MOVED
        if not any(frontier.is_ahead(record.updated) for record in records if record.updated):
            return Advance.END
        if frontier.joins(records) and self._goes_on(last_stamp(records)):
            self._move(frontier.stamp, records)
            return Advance.MOVED
        return Advance.STUCK

    # --- ties wider than a page --------------------------------------------------------------------------------

    def _widen(self, date: str | None) -> Generator[PageRequest, Answer, Advance]:
        """Read a tie group that one page does not hold: with a larger limit, then by `page` within the date."""
        state = self._state
        limit = state.limit
        while limit is not None and limit * 2 <= LARGEST_LIMIT:
            length = state.capacity(limit)
            limit *= 2
            if 0 < state.capacity(limit) <= length:
                break
            records = yield from self.ask(date, limit=limit)
            verdict = self._judge(date, records, limit)
            if verdict in {Advance.MOVED, Advance.END}:
                return verdict
            self._note_tied(records or ())
            if records is None or len(records) <= length:
                break
        if state.honours_page is False:
            return Advance.STUCK
        # Where nothing was read before the group, its pages are those of the whole list, without a cursor.
        is_first = state.frontier.date is None and not state.frontier.order
        if is_first:
            return (yield from self._read_by_pages(None))
        if state.pages_beside_date is not False:
            verdict = yield from self._read_by_pages(date)
            if verdict is not Advance.STUCK or state.pages_beside_date:
                return verdict
        return (yield from self._read_from_the_top())

    def _read_from_the_top(self) -> Generator[PageRequest, Answer, Advance]:
        """Read by page number over the whole list, where `page` does not work together with a date.

        To the end of the list if it does not change meanwhile: otherwise each large group would read all before it.
        """
        state = self._state
        if not state.is_restless:
            verdict = yield from self._read_by_pages(None, to_the_end=True)
            if verdict is not Advance.STUCK:
                return verdict
            state.is_restless = True
        return (yield from self._read_by_pages(None))

    def _read_by_pages(self, date: str | None, *, to_the_end: bool = False) -> Generator[PageRequest, Answer, Advance]:
        state, frontier = self._state, self._state.frontier
        # The page length that was seen: a server may number pages by the limit asked for and return shorter ones.
        length = min(state.page_size, state.limit or 0) or None

        def ask(number: int | None) -> Generator[PageRequest, Answer, Answer]:
            return self.ask(date, page=number, limit=length)

        def is_beyond(record: Listed) -> bool:
            return not to_the_end and bool(record.updated) and frontier.is_ahead(record.updated)

        def found_base(base: int | None) -> None:
            self._note_base(date, base)

        known_base = state.page_base if date and state.pages_beside_date else None
        proof = yield from prove_by_pages(ask, is_beyond, found_base, known_base)
        if proof is None:
            if date is not None:
                state.pages_beside_date = bool(state.pages_beside_date)
            return Advance.STUCK
        if to_the_end or not proof.at_end:
            self._move_behind(proof, date)
        # A proof over the whole list shows a single moment, so no edit can be missing.
        state.in_one_piece = date is None
        return Advance.END if proof.at_end else Advance.MOVED

    def _note_base(self, date: str | None, base: int | None) -> None:
        """Remember whether `page` works with this date; it may work without a date all the same."""
        state = self._state
        if base is not None or date is None:
            state.honours_page = base is not None
            state.page_base = base
        if date is not None:
            state.pages_beside_date = base is not None

    def _move_behind(self, proof: TieProof, date: str | None) -> None:
        frontier = self._state.frontier
        if proof.has_body and not frontier.order:
            # What follows the group shows the direction, unless nothing of the group came before it.
            frontier.order = order_of([frontier.stamp, *stamps_of(proof.tail)]) or 0
        frontier.move(date, proof.tail)

    def skip_stall(self) -> Generator[PageRequest, Answer, bool]:
        """Record a stall and go on behind it where possible: a partial snapshot holds as much as it can."""
        state, frontier = self._state, self._state.frontier
        if state.phase != "gather":
            self.declare_stall()
        if not frontier.stamp:
            return False
        records = yield from self.ask(frontier.stamp)
        if records and self._goes_on(last_stamp(records)):
            self._move(frontier.stamp, records)
            return True
        return False

    def declare_stall(self) -> None:
        """Record where completeness could not be proved, and why: a group larger than a page, or constant edits."""
        state, stamp = self._state, self._state.frontier.stamp
        state.stalls.append((stamp, self._tied or state.page_size))
        if state.reason:
            return
        state.reason = (
            f"at least {self._tied} contacts share the time stamp {stamp or '(none)'} and there may be more of them: "
            "neither a larger limit nor 'page' shows whether these are all"
            if self._tied
            else f"what follows the time stamp {stamp} could not be joined to what was read before: contacts there "
            "were edited or deleted faster than they could be read, or the service does not page as it seemed to"
        )
