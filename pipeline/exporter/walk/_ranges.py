"""Walking several ranges of the timeline at the same time: where they begin, and how they are joined again.

Each range is a walk of its own, as strict as a single one: a page counts only where it joins the pages before it. A
range is complete when it shows, unchanged, a contact of the first page of a later range: contacts before that one are
in the earlier range, the others in the later one. Ranges are walked oldest first only: an edit then moves a contact
behind all ranges, to the end of the list, which a single walk reads when all ranges are complete (`Ranges.merged`). So
an edit during the walk is no more dangerous than in a single walk.
"""

import math
from collections.abc import Generator, Mapping, Sequence
from typing import Literal

from pipeline.exporter.walk._frontier import signature, stamps_of
from pipeline.exporter.walk._machine import Walk
from pipeline.exporter.walk._state import WalkState
from pipeline.exporter.walk._ties import Answer
from pipeline.models import Json, Listed, Page, PageRequest, compare, order_of
from pipeline.values import Struct, replace

MOST_RANGES = 8
MOST_UNLIMITED = 4
"""Most ranges without a limit on requests: with more, this machine would be the bottleneck."""

FEWEST_PAGES = 20
"""Shorter ranges are not worth the requests that find their first pages."""

End = Literal["", "met", "over", "stuck"]


class Budget(Struct, frozen=True):
    """What the account allows: requests a minute (0: any number), and how many at once."""

    requests_per_minute: int
    concurrency: int


def count_ranges(budget: Budget, seconds: float, pages_left: int) -> int:
    """Return how many ranges to walk at once, where a page takes `seconds`; 1 where a single walk is as quick.

    Little's law: to use the allowed rate, rate times duration of a request must be under way.
    """
    rate = budget.requests_per_minute
    needed = math.ceil(seconds * rate / 60) if rate else MOST_UNLIMITED
    return max(1, min(needed, budget.concurrency, MOST_RANGES, pages_left // FEWEST_PAGES))


def find_starts(machine: Walk, ranges: int, contacts: int) -> Generator[PageRequest, Answer, tuple[Page[Listed], ...]]:
    """Ask for the first pages of further ranges, evenly over what is left of a list of `contacts`.

    A page asked for by its number shows a stamp from about that place, which is then the cursor. How exactly the server
    counts pages does not matter; where it ignores `page`, there are no ranges. Send None for a refused request.
    """
    known = machine.known
    limit, size, behind = known.limit, known.page_size, known.frontier.stamp
    first, last = machine.seen // size, -(-contacts // size)
    starts: list[Page[Listed]] = []
    for number in range(1, ranges):
        shown = yield PageRequest(None, True, limit, first + (last - first) * number // ranges)
        stamps = stamps_of(shown or ())
        if not stamps or compare(stamps[0], behind) <= 0:
            break
        request = PageRequest(stamps[0], True, limit)
        records = (yield request) or ()
        stamps = stamps_of(records)
        # A page with a single stamp may be part of a larger group with that stamp, where no range can begin.
        if len(stamps) < len(records) or order_of(stamps) != 1 or compare(stamps[0], request.date or "") < 0:
            break
        starts.append(Page(request, records))
        behind = stamps[-1]
    return tuple(starts)


class _Range(Struct):
    """One range: its walk, and id -> signature of its first page. `met` is the number of the later range it reached."""

    walk: Walk
    start: Mapping[int, str]
    end: End = ""
    met: int = 0

    def as_json(self) -> dict[str, Json]:
        start = list(self.start.items())
        return {"walk": self.walk.state, "start": start, "end": self.end, "met": self.met}


class Ranges:
    """Several walks over one list, which share the IDs they have seen. Use `begin` or `restored`."""

    def __init__(self, ranges: Sequence[_Range]) -> None:
        self._ranges = ranges

    @classmethod
    def begin(cls, machine: Walk, starts: Sequence[Page[Listed]]) -> "Ranges":
        """Divide what `machine` has not read yet; its own walk goes on as the first range."""
        branches = [_Range(machine.branch(page), _signatures(page.records)) for page in starts]
        return cls([_Range(machine, {}), *branches])

    @classmethod
    def restored(cls, saved: Sequence[Mapping[str, Json]], seen: set[int]) -> "Ranges":
        """Go on from what `state` gave for each range; `seen` are the ids of the contacts that were saved."""
        return cls([_Range(Walk(each["walk"], seen), dict(each["start"]), each["end"], each["met"]) for each in saved])

    def __len__(self) -> int:
        return len(self._ranges)

    @property
    def seen(self) -> int:
        """How many different contacts were seen."""
        return self._ranges[0].walk.seen

    def state(self, number: int) -> dict[str, Json]:
        """Return what another process needs to go on with a range, as a JSON object."""
        return self._ranges[number].as_json()

    def next_request(self, number: int) -> PageRequest | None:
        """Return the page to ask for next in a range, or None when it is complete or was given up."""
        each = self._ranges[number]
        return None if each.end else each.walk.next_request()

    def feed(self, number: int, page: Page[Listed]) -> int:
        """Take the answer to `next_request`. Return how many of its contacts were not seen before."""
        new = self._ranges[number].walk.feed(page)
        self._judge(number)
        return new

    def refuse(self, number: int, status: int) -> bool:
        """Note that the server refused `next_request`. False when nothing is left to try: then it is an error."""
        known = self._ranges[number].walk.refuse(status)
        self._judge(number)
        return known

    def merged(self) -> dict[str, Json]:
        """Return the state of a single walk that goes on where the joined ranges end.

        It still has to read the end of the list, which holds everything that was edited since the start.
        """
        last = 0
        while self._ranges[last].end == "met":
            last = self._ranges[last].met
        states = [WalkState.from_json(each.walk.state) for each in self._ranges]
        for state, each in zip(states, self._ranges, strict=True):
            if each.end == "stuck":
                state.stalls, state.reason = [], ""
        frontier, limit = states[last].frontier, states[last].limit
        whole = states[0]
        for state in states[1:]:
            whole.absorb(state)
        return replace(whole, phase="main", ascending=True, frontier=frontier, limit=limit).as_json()

    def _judge(self, number: int) -> None:
        each = self._ranges[number]
        known = each.walk.known
        if known.stalls:
            # The single walk that follows will reach the same place, and can deal with it.
            each.end = "stuck"
            for other in self._ranges:
                other.end = other.end or "over"
            return
        for later in range(len(self._ranges) - 1, number, -1):
            if known.frontier.shows(self._ranges[later].start):
                each.end, each.met = "met", later
                return
        # What is newer than the start of the walk is left to the single walk that follows: edits may arrive slightly
        # out of order, and none of them may fall behind a range.
        if each.walk.next_request() is None or compare(known.frontier.stamp, known.watermark) >= 0:
            each.end = "over"


def _signatures(records: Sequence[Listed]) -> dict[int, str]:
    return {record.id: signature(record) for record in records}
