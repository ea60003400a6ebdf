"""How a run went over time, from what its journal noted every two seconds (pulses) and when its writes were answered.

A pulse is what was counted since the run began. What lies between two pulses is spread evenly over the stretches that
it touches, so that nothing is lost.
"""

import bisect
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

from pipeline.runs.journal import Journal, Pulse
from pipeline.values import Struct, as_tuple, field

MOST_STRETCHES = 24
"""A run is cut into at most this many stretches of equal length."""

SHORTEST_STRETCH = 2.0
"""Seconds. Pulses are that far apart; shorter stretches would show their gaps."""

FEWEST_REQUESTS = 1
"""With fewer requests in a stretch, the average time of one means nothing."""

FEWEST_STRETCHES = 3
"""With fewer stretches there is nothing to see over time."""


class Progressed(Struct, frozen=True):
    """What was done within some time. The counts are fractions where they were spread between two pulses."""

    requests: float = 0.0
    rate_limited: float = 0.0
    retries: float = 0.0
    settled: float = 0.0
    waited: float = 0.0

    def plus(self, other: "Progressed", share: float = 1.0) -> "Progressed":
        """Return the sum of this and a share of another."""
        pairs = zip(as_tuple(self), as_tuple(other), strict=True)
        return Progressed(*(mine + share * theirs for mine, theirs in pairs))


class AttemptPart(Struct, frozen=True):
    """One attempt at a run, from its first to its last pulse (seconds since 1970), and what it did."""

    number: int
    began: float
    ended: float
    done: Progressed


class Stretch(Struct):
    """A stretch of an attempt: when it began, its length in seconds, and what was done in it.

    `written` counts the writes that were answered.
    """

    attempt: int
    began: float
    seconds: float
    done: Progressed = field(default_factory=Progressed)
    written: int = 0

    @property
    def wait(self) -> float | None:
        """The seconds that a request took to be answered, on average; None where next to none was sent."""
        return self.done.waited / self.done.requests if self.done.requests >= FEWEST_REQUESTS else None

    def per_minute(self, count: float) -> float:
        """Return how many there would have been in a minute."""
        return count * 60 / self.seconds


class Course(Struct, frozen=True):
    """The course of a run. `stretches` is empty where it was too short for one."""

    attempts: tuple[AttemptPart, ...]
    stretches: tuple[Stretch, ...]


def read_course(journal: Journal) -> Course:
    """Return how a run went; in bounded memory, however many rows it has. Raises StorageFailed."""
    by_attempt = [
        list(pulses) for _, pulses in itertools.groupby(journal.pulses.read(), key=lambda pulse: pulse.attempt)
    ]
    attempts = tuple(_attempts(by_attempt))
    stretches = _cut(attempts)
    if stretches:
        for pulses in by_attempt:
            _spread(pulses, stretches)
        _add_writes(journal.pulses.answer_times(), stretches)
    return Course(attempts, tuple(stretches))


def _attempts(by_attempt: Sequence[Sequence[Pulse]]) -> Iterator[AttemptPart]:
    # Pulses count from the beginning of the run: an attempt did what was added since the one before it ended.
    before = Pulse(0, 0.0, 0, 0, 0, 0)
    for pulses in by_attempt:
        moments = [pulse.moment for pulse in pulses]
        yield AttemptPart(pulses[0].attempt, min(moments), max(moments), _between(before, pulses[-1]))
        before = pulses[-1]


def _between(before: Pulse, after: Pulse) -> Progressed:
    return Progressed(
        after.requests - before.requests,
        after.rate_limited - before.rate_limited,
        after.retries - before.retries,
        after.settled - before.settled,
        after.waited - before.waited,
    )


def _cut(attempts: Sequence[AttemptPart]) -> list[Stretch]:
    """Cut the attempts into stretches; the time between two attempts is in none."""
    width = max(sum(part.ended - part.began for part in attempts) / MOST_STRETCHES, SHORTEST_STRETCH)
    stretches: list[Stretch] = []
    for part in attempts:
        seconds = part.ended - part.began
        # An attempt that lasted no time has nothing to show over time.
        number = max(int(seconds / width), 1) if seconds > 0 else 0
        stretches += [
            Stretch(part.number, part.began + seconds * place / number, seconds / number) for place in range(number)
        ]
    return stretches if len(stretches) >= FEWEST_STRETCHES else []


def _spread(pulses: Sequence[Pulse], stretches: Sequence[Stretch]) -> None:
    """Spread what was done between two pulses evenly over that time. Nothing is lost and nothing is added."""
    mine = [stretch for stretch in stretches if stretch.attempt == pulses[0].attempt]
    for before, after in itertools.pairwise(pulses):
        done = _between(before, after)
        for stretch in mine:
            share = _share(before.moment, after.moment, stretch, last=mine[-1])
            if share:
                stretch.done = stretch.done.plus(done, share)


def _share(begin: float, end: float, stretch: Stretch, *, last: Stretch) -> float:
    """Which share of the time from `begin` to `end` lies in a stretch."""
    until = math.inf if stretch is last else stretch.began + stretch.seconds
    if end <= begin:
        # The clock was set back, or did not move: all of it belongs to one moment.
        return 1.0 if stretch.began <= end < until else 0.0
    return max(min(end, until) - max(begin, stretch.began), 0.0) / (end - begin)


def _add_writes(moments: Iterable[float], stretches: Sequence[Stretch]) -> None:
    ordered = sorted(stretches, key=lambda stretch: stretch.began)
    begins = [stretch.began for stretch in ordered]
    for moment in moments:
        ordered[max(bisect.bisect(begins, moment) - 1, 0)].written += 1
