"""Which snapshots may be removed: a pure decision over what their manifests say.

Of each period the newest snapshot is kept, and periods without one do not count, as restic does it. Days and weeks are
those of UTC, weeks begin on Monday.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from pipeline.snapshots._names import moment_of_name
from pipeline.values import Struct, field


class RetentionRules(Struct, frozen=True):
    """How many snapshots of each kind are kept: the last ones, and the newest of so many days, weeks, months."""

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0

    @property
    def any(self) -> bool:
        """Whether anything is to be kept by them at all."""
        return bool(self.last or self.daily or self.weekly or self.monthly)


class Candidate(Struct, frozen=True):
    """A snapshot by its manifest; `base` is the snapshot that a delta builds on, `total` all its contacts.

    `created` None: its manifest cannot be read. `trouble` says why it cannot be used, as a clause, or is "". One that
    is not `ours` was named by a person, or is a link.
    """

    name: str
    created: datetime | None = None
    complete: bool = False
    owner: str = ""
    base: str = ""
    total: int = 0
    trouble: str = ""
    is_ours: bool = True

    @property
    def usable(self) -> bool:
        """Whether it could be restored, with all that it builds on."""
        return self.created is not None and not self.trouble


class Retention(Struct):
    """What is kept and why, what may be removed, and what a person should know."""

    keep: dict[str, list[str]] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def decide(candidates: Sequence[Candidate], rules: RetentionRules, max_shrink: float) -> Retention:
    """Decide about snapshots; those of different accounts are judged apart. Of equal moments the first is preferred.

    Never removed: the newest complete snapshot of an account; what a kept delta builds on; what cannot be read or used,
    and what is older than one that cannot be read; what a person named; and what holds fewer contacts than the one
    before it by more than the share `max_shrink`. Snapshots that cannot be used, were named by a person or shrank do
    not count for the rules, so that they displace no good one. A partial snapshot never counts, and is removed when a
    newer one is complete.
    """
    decision = Retention()
    judged = [each for each in candidates if each.usable and each.is_ours]
    for owner in dict.fromkeys(each.owner for each in judged):
        _decide_for_owner([each for each in judged if each.owner == owner], rules, max_shrink, decision)
    _keep_apart(candidates, decision)
    _keep_possible_bases(candidates, decision)
    _keep_bases(candidates, decision)
    decision.remove = sorted(each.name for each in candidates if each.name not in decision.keep)
    return decision


def _keep_apart(candidates: Sequence[Candidate], decision: Retention) -> None:
    """Keep what the rules do not judge, and say why."""
    for each in candidates:
        if each.created is None:
            _keep(decision, each.name, "cannot be read")
            decision.warnings.append(
                f"{each.name} cannot be read: it was left alone, and so is all that is older, for it may build on that."
            )
        elif not each.is_ours:
            _keep(decision, each.name, "left alone: it has no name that an export gives, or is a link")
        elif each.trouble:
            _keep(decision, each.name, "cannot be used")
            decision.warnings.append(
                f"{each.name} cannot be used: {each.trouble}. It is kept, and counts for no rule; if it is of no worth"
                " any more, remove it by hand."
            )


def _keep_possible_bases(candidates: Sequence[Candidate], decision: Retention) -> None:
    """Keep what is older than a snapshot that cannot be read, because that may build on it."""
    unread = [each for each in candidates if each.created is None]
    if not unread:
        return
    moments = [moment_of_name(each.name) for each in unread]
    # A name shows the second in which a snapshot was begun; without such a name it may be of any time.
    known = [moment + timedelta(seconds=1) for moment in moments if moment]
    until = max(known) if len(known) == len(moments) else None
    for each in candidates:
        if each.created and (until is None or each.created < until):
            _keep(decision, each.name, "older than one that cannot be read")


def _decide_for_owner(
    candidates: Sequence[Candidate], rules: RetentionRules, max_shrink: float, decision: Retention
) -> None:
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
    for count, name, period in (
        # A copy and a materialized snapshot have the same moment as the original.
        (rules.last, "last", lambda moment: (moment,)),
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
    before_it: Candidate | None = None
    for each in oldest_first:
        if before_it and each.total < before_it.total * (1 - max_shrink):
            shrunk[each.name] = (before_it.total, each.total)
        else:
            before_it = each
    return shrunk


def _newest_of_periods(
    newest_first: Sequence[Candidate], count: int, period: Callable[[datetime], tuple[object, ...]]
) -> list[Candidate]:
    found: dict[tuple[object, ...], Candidate] = {}
    for each in newest_first:
        found.setdefault(period(_moment(each)), each)
    return list(found.values())[:count]


def _keep_bases(candidates: Sequence[Candidate], decision: Retention) -> None:
    by_name = {each.name: each for each in candidates}
    waiting, seen = list(decision.keep), set[str]()
    while waiting:
        name = waiting.pop()
        base = by_name[name].base
        # A damaged manifest may name anything as its base, even itself.
        if name not in seen and base in by_name and base != name:
            _keep(decision, base, "base of a kept delta")
            waiting.append(base)
        seen.add(name)


def _keep(decision: Retention, name: str, reason: str) -> None:
    reasons = decision.keep.setdefault(name, [])
    if reason not in reasons:
        reasons.append(reason)


def _moment(candidate: Candidate) -> datetime:
    if candidate.created is None:
        raise AssertionError("its manifest cannot be read")
    return candidate.created
