"""What all processes of an account use of its request budget: pure arithmetic over a value that a store keeps.

A process leases slots for two seconds and reports later what became of them. The guarantee is the one of
`_schedule.Schedule`, over all processes together: a place is occupied from the moment a slot is granted until a full
window after the answer. Requests that a process never reports (it was killed) count as answered at the last moment at
which they can have been under way: the end of its lease and one time-out.

Times inside are seconds of the store's own clock; reports hold ages, and grants hold seconds from now.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from pipeline import jsontext
from pipeline.limiter._schedule import BURST, MINUTE, WINDOW_SECONDS
from pipeline.values import Struct, as_tuple

LEASE_SECONDS = 2.0
"""How long slots may be used after they were granted."""

LONGEST_PAUSE_SECONDS = 600.0
LONGEST_TIMEOUT_SECONDS = 600.0

NEARLY_ALL = 0.9
"""A process that wants this part of an equal share is taken to want all that it can get."""

TICKS_PER_SECOND = 10
"""Answers are counted by tenths of a second (rounded up), so that the value stays small at any rate."""


class LedgerUnreadable(ValueError):
    """The stored value was not written by `Ledger.write`."""


class UsageReport(Struct, frozen=True):
    """What a process reports when it asks for slots; all slots that it has not used are given back with it.

    `ceiling` is its own limit a minute; `answered` are the seconds since each answer not reported before; `flying`
    requests are under way; `waiting` callers want a slot now (0: none is asked for); `rate` is how many requests a
    minute it would send without a limit; `timeout` (seconds) bounds one request; `pause` is how many seconds all
    processes must wait because of a 429.
    """

    ceiling: int
    answered: Sequence[float] = ()
    flying: int = 0
    waiting: int = 1
    rate: float = 0.0
    timeout: float = 30.0
    pause: float = 0.0
    leaving: bool = False


class Grant(Struct, frozen=True):
    """What a process may start: `starts` are the earliest moments, in seconds from now, one for each slot.

    `per_minute` is its fair share of the rate, `pause` the seconds that all processes must wait.
    """

    starts: tuple[float, ...]
    per_minute: float
    pause: float


class _Holder(Struct):
    """A process: its own ceiling, when its lease ends, when its last requests are over, its slots, its rate."""

    ceiling: int
    ends: float
    over: float
    held: int
    flying: int
    rate: float

    def demand(self, equal: float) -> float:
        """Return the rate that the process is taken to want, where `equal` is an equal share."""
        return self.ceiling if self.rate >= NEARLY_ALL * min(self.ceiling, equal) else self.rate


class _Stored(Struct, frozen=True):
    """A ledger as it is stored: counts by moment, and the fields of each holder."""

    used: list[tuple[int, int]]
    holders: dict[str, tuple[int, float, float, int, int, float]]
    paused_until: float


class Ledger:
    """The places of the rolling minute of one account: used, leased and under way."""

    def __init__(self) -> None:
        self._used: defaultdict[int, int] = defaultdict(int)
        self._holders: dict[str, _Holder] = {}
        self._paused_until = 0.0

    @classmethod
    def read(cls, text: bytes) -> "Ledger":
        """Return the ledger that `write` wrote, or an empty one for b"". Raises LedgerUnreadable."""
        ledger = cls()
        if not text:
            return ledger
        try:
            stored = jsontext.convert(jsontext.decode(text), _Stored)
        except jsontext.InvalidJson as error:
            raise LedgerUnreadable("the shared budget's record cannot be read") from error
        ledger._used.update(stored.used)
        ledger._holders = {name: _Holder(*values) for name, values in stored.holders.items()}
        ledger._paused_until = stored.paused_until
        return ledger

    def write(self) -> bytes:
        """Return the ledger as text."""
        holders = {name: as_tuple(holder) for name, holder in self._holders.items()}
        return jsontext.encode(
            {"used": sorted(self._used.items()), "holders": holders, "paused_until": self._paused_until}
        )

    def settle(self, name: str, report: UsageReport, now: float) -> Grant:
        """Enter what the process `name` reports and grant it slots."""
        self._tidy(now)
        for age in report.answered:
            self._use(now - max(0.0, age), 1)
        self._paused_until = max(self._paused_until, now + min(report.pause, LONGEST_PAUSE_SECONDS))
        pause = max(0.0, self._paused_until - now)
        self._holders.pop(name, None)
        others = [holder for holder in self._holders.values() if holder.ends > now]
        ceiling = max([report.ceiling, *(holder.ceiling for holder in others)])
        equal = ceiling / (len(others) + 1)
        demands = [holder.demand(equal) for holder in others]
        share = fair_share(report.ceiling, demands, ceiling)
        if report.leaving:
            self._leave(name, report, now)
            return Grant((), share, pause)
        starts: list[float] = []
        if pause <= LEASE_SECONDS:
            kept = sum(
                max(0, _reserve(min(demand, equal), equal) - holder.held)
                for holder, demand in zip(others, demands, strict=True)
            )
            starts = self._starts(ceiling - report.flying - kept, _most(report, share), now)
        ends = now + LEASE_SECONDS
        self._holders[name] = _Holder(
            report.ceiling, ends, ends + report.timeout, len(starts), report.flying, report.rate
        )
        return Grant(tuple(starts), share, pause)

    def _starts(self, places: int, most: int, now: float) -> list[float]:
        """Return the earliest moments of at most `most` slots within a lease, as seconds from now.

        A slot may be granted for a later moment, at which the window of an older answer will have passed.
        """
        room = places - sum(holder.held + holder.flying for holder in self._holders.values())
        room -= sum(self._used.values())
        starts = [0.0] * min(max(0, room), most)
        room -= len(starts)
        for at, count in sorted(self._used.items()):
            wait = at / TICKS_PER_SECOND + WINDOW_SECONDS - now
            if len(starts) >= most or wait > LEASE_SECONDS:
                break
            room += count
            free = min(max(0, room), most - len(starts))
            starts += [wait] * free
            room -= free
        return starts

    def _use(self, at: float, count: int) -> None:
        if count:
            self._used[math.ceil(at * TICKS_PER_SECOND)] += count

    def _leave(self, name: str, report: UsageReport, now: float) -> None:
        """Forget a process that ends; requests still under way (usually none) are kept until their time-out."""
        if report.flying:
            self._holders[name] = _Holder(report.ceiling, now, now + report.timeout, 0, report.flying, 0.0)

    def _tidy(self, now: float) -> None:
        """Forget what is past. A time in the future comes from a clock that was set back: it counts as now."""
        for name, holder in list(self._holders.items()):
            holder.ends = min(holder.ends, now + LEASE_SECONDS)
            holder.over = min(holder.over, now + LEASE_SECONDS + LONGEST_TIMEOUT_SECONDS)
            if holder.over <= now:
                del self._holders[name]
                self._use(holder.over, holder.held + holder.flying)
        used, self._used = self._used, defaultdict(int)
        latest = math.ceil(now * TICKS_PER_SECOND)
        for at, count in used.items():
            if at / TICKS_PER_SECOND + WINDOW_SECONDS > now:
                self._used[min(at, latest)] += count
        self._paused_until = min(self._paused_until, now + LONGEST_PAUSE_SECONDS)


def fair_share(own: float, others: Iterable[float], total: float) -> float:
    """Return how much of `total` a process that wants `own` gets beside others that want what `others` says.

    Max-min fairness: no process gets less than an equal share unless it wants less, and what it leaves goes to others.
    """
    demands = sorted(others)
    left, places = total, len(demands) + 1
    for demand in demands:
        if demand >= min(own, left / places):
            # This one and those after it want as much as this process, or more than an equal part of the rest.
            break
        left -= demand
        places -= 1
    return min(own, left / places)


def _most(report: UsageReport, share: float) -> int:
    """Return how many slots to grant: what one lease takes at the share, but not much more than is wanted."""
    if not report.waiting:
        return 0
    rate = share if report.rate >= NEARLY_ALL * share else min(share, 2 * report.rate)
    return math.ceil(rate * LEASE_SECONDS / MINUTE) + min(report.waiting, BURST)


def _reserve(rate: float, equal: float) -> int:
    """Return how many slots to keep free for a process of this rate, so that others do not take them all.

    At least one where an equal share of a lease allows it; with a small budget a kept slot would stay unused.
    """
    return max(math.floor(rate * LEASE_SECONDS / MINUTE), 1 if equal * LEASE_SECONDS / MINUTE >= BURST else 0)
