"""Which snapshots may go: a pure decision over what their manifests say.

Of each period the newest snapshot is kept, and periods without one do not count, as restic does it. Days and weeks are
those of UTC, weeks begin on Monday.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Rules:
    """How many snapshots of each kind are kept: the last ones, and the newest of so many days, weeks, months."""

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0

    @property
    def any(self) -> bool:
        """Whether anything is to be kept by them at all."""
        return bool(self.last or self.daily or self.weekly or self.monthly)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A snapshot as its manifest tells it; `base` is the snapshot that a delta builds on, `total` its contacts in all.

    `created` None: its manifest cannot be read.
    """

    name: str
    created: datetime | None = None
    complete: bool = False
    owner: str = ""
    base: str = ""
    total: int = 0


@dataclass(slots=True)
class Decision:
    """What is kept and why, what may go, and what a person should know."""

    keep: dict[str, list[str]] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def decide(candidates: Sequence[Candidate], rules: Rules, max_shrink: float) -> Decision:
    """Decide about snapshots; those of different accounts are judged apart.

    Never removed: the newest complete snapshot of an account, what a kept delta builds on, what cannot be read, and
    what holds fewer contacts than the one before it by more than the share `max_shrink`. Such a one does not count for
    the rules either, so that it cannot push out a good one. A partial snapshot never counts, and goes when a newer one
    is complete.
    """
    decision = Decision()
    for owner in dict.fromkeys(each.owner for each in candidates if each.created):
        _decide_for_owner(
            [each for each in candidates if each.created and each.owner == owner], rules, max_shrink, decision
        )
    for each in candidates:
        if each.created is None:
            decision.keep[each.name] = ["cannot be read"]
            decision.warnings.append(f"{each.name} cannot be read; it was left alone.")
    _keep_bases(candidates, decision)
    decision.remove = sorted(each.name for each in candidates if each.name not in decision.keep)
    return decision


def _decide_for_owner(candidates: Sequence[Candidate], rules: Rules, max_shrink: float, decision: Decision) -> None:
    newest_first = sorted(candidates, key=_moment, reverse=True)
    complete = [each for each in newest_first if each.complete]
    shrunk = _find_shrunk(complete[::-1], max_shrink)
    good = [each for each in complete if each.name not in shrunk]
    for name, (before, after) in shrunk.items():
        _keep(decision, name, "shrank")
        decision.warnings.append(
            f"{name} holds {after:,} contacts where the one before it holds {before:,}: it is kept, and counts for no"
            " rule. If that is right, say --max-shrink 1."
        )
    if complete:
        _keep(decision, complete[0].name, "newest")
    for each in good[: rules.last]:
        _keep(decision, each.name, "last")
    for count, name, period in (
        (rules.daily, "daily", lambda moment: (moment.year, moment.month, moment.day)),
        (rules.weekly, "weekly", lambda moment: moment.isocalendar()[:2]),
        (rules.monthly, "monthly", lambda moment: (moment.year, moment.month)),
    ):
        for each in _newest_of_periods(good, count, period):
            _keep(decision, each.name, name)
    for each in newest_first:
        if not each.complete and (not complete or _moment(each) > _moment(complete[0])):
            _keep(decision, each.name, "partial, and none newer is complete")


def _find_shrunk(oldest_first: Sequence[Candidate], max_shrink: float) -> Mapping[str, tuple[int, int]]:
    shrunk: dict[str, tuple[int, int]] = {}
    yardstick: Candidate | None = None
    for each in oldest_first:
        if yardstick and each.total < yardstick.total * (1 - max_shrink):
            shrunk[each.name] = (yardstick.total, each.total)
        else:
            yardstick = each
    return shrunk


def _newest_of_periods(
    newest_first: Sequence[Candidate], count: int, period: Callable[[datetime], tuple[int, ...]]
) -> list[Candidate]:
    found: dict[tuple[int, ...], Candidate] = {}
    for each in newest_first:
        found.setdefault(period(_moment(each)), each)
    return list(found.values())[:count]


def _keep_bases(candidates: Sequence[Candidate], decision: Decision) -> None:
    by_name = {each.name: each for each in candidates}
    for name in list(decision.keep):
        base = by_name[name].base
        while base in by_name:
            _keep(decision, base, "base of a kept delta")
            base = by_name[base].base


def _keep(decision: Decision, name: str, reason: str) -> None:
    reasons = decision.keep.setdefault(name, [])
    if reason not in reasons:
        reasons.append(reason)


def _moment(candidate: Candidate) -> datetime:
    if candidate.created is None:
        raise AssertionError("its manifest cannot be read")
    return candidate.created
