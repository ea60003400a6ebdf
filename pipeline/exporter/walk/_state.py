"""What a walk over the contact list knows: kept between requests, saved with every page, reported at the end."""

from collections.abc import Mapping
from typing import Literal

from pipeline.exporter.walk._frontier import Frontier
from pipeline.models import Json, earliest, latest
from pipeline.values import Struct, field, field_names, replace

Phase = Literal["look", "since", "main", "catch_up", "gather", "close", "done"]
"""look: the newest contacts; since: those that were changed since a stamp; main: the whole list; catch_up: edits that a
newest-first walk lost; gather: what can still be read beyond a stall; close: the newest contacts once more; done."""

Direction = Literal["ascending", "descending", "unknown"]
_DIRECTIONS: Mapping[int, Direction] = {1: "ascending", -1: "descending", 0: "unknown"}

START_LIMIT = 500
"""The page size that is asked for first; the server may give less, and usually does."""


class Stall(Struct, frozen=True):
    """A place whose completeness could not be proved: its stamp, and how many contacts at least have that stamp."""

    stamp: str
    at_stake: int


class WalkReport(Struct, frozen=True):
    """How a walk ended and what it learned.

    `ended` is `proved` only when every contact that existed from start to end was seen; otherwise `reason` says in a
    sentence why not, and `stalls` where. `direction` and `inclusive` are what the server did; `page_size` is the
    longest page. `honours_*` is None where nothing showed it. `watermark` is the highest `updated` known to exist at
    the start, or an earlier one. `duplicates` counts contacts that came again. `since` is the stamp from which on
    contacts were read, or "" where all of them were.
    """

    ended: Literal["proved", "stalled"]
    reason: str = ""
    stalls: tuple[Stall, ...] = ()
    direction: Direction = "unknown"
    inclusive: bool | None = None
    page_size: int = 0
    honours_ascending: bool | None = None
    honours_limit: bool | None = None
    honours_page: bool | None = None
    page_base: int | None = None
    first_updated: str = ""
    last_updated: str = ""
    watermark: str = ""
    since: str = ""
    pages: int = 0
    duplicates: int = 0
    without_updated: int = 0
    unsorted_pages: int = 0

    def traits(self) -> dict[str, Json]:
        """Return what was learned about the server, for the manifest."""
        names = ("direction", "inclusive", "page_size", "honours_ascending", "honours_limit", "honours_page")
        return {name: getattr(self, name) for name in (*names, "page_base")}


_COUNTED = (
    "fruitless", "first_updated", "last_updated", "pages", "duplicates", "without_updated", "unsorted_pages", "reason",
)  # fmt: skip


class WalkState(Struct):
    """Everything a walk needs to go on after a kill, besides the ids seen, which are in the draft.

    `longest` maps an asked limit (0: none asked) to the longest page it brought. `floor` is the stamp that a catch-up
    must pass; `since` is the first such stamp of a walk over what was changed only. `saw_newest` says whether the first
    look showed the newest contacts first, `pages_beside_date` whether `page` counts within a `date`, `is_restless`
    whether the list was edited while all its pages were read, `in_one_piece` whether the current pass was read by one
    answer, which leaves no time for an edit.
    """

    phase: Phase = "look"
    frontier: Frontier = field(default_factory=Frontier)
    limit: int | None = START_LIMIT
    ascending: bool | None = True
    inclusive: bool | None = None
    honours_ascending: bool | None = None
    honours_limit: bool | None = None
    honours_page: bool | None = None
    page_base: int | None = None
    pages_beside_date: bool | None = None
    is_restless: bool = False
    longest: dict[int, int] = field(default_factory=dict)
    direction: int = 0
    saw_newest: bool = False
    top: str = ""
    floor: str = ""
    since: str = ""
    in_one_piece: bool = False
    passes: int = 0
    tail_rounds: int = 0
    fruitless: int = 0
    first_updated: str = ""
    last_updated: str = ""
    watermark: str = ""
    pages: int = 0
    duplicates: int = 0
    without_updated: int = 0
    unsorted_pages: int = 0
    reason: str = ""
    stalls: list[tuple[str, int]] = field(default_factory=list)

    def as_json(self) -> dict[str, Json]:
        """Return the state as a JSON object."""
        plain = self._by_name()
        plain["frontier"] = self.frontier.as_json()
        plain["longest"] = sorted(self.longest.items())
        plain["stalls"] = list(self.stalls)
        return plain

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> "WalkState":
        """Return the state that `as_json` wrote."""
        known = dict(value)
        known["frontier"] = Frontier.from_json(value["frontier"])
        known["longest"] = dict(value["longest"])
        known["stalls"] = [(stamp, count) for stamp, count in value["stalls"]]
        return cls(**known)

    def branch(self) -> "WalkState":
        """Return the state of a walk over another part of the list, which knows the server and has read nothing."""
        fresh = WalkState()
        counted = {name: getattr(fresh, name) for name in _COUNTED}
        frontier = Frontier(order=self.frontier.order)
        return replace(self, frontier=frontier, longest=dict(self.longest), stalls=[], **counted)

    def absorb(self, other: "WalkState") -> None:
        """Add what a walk over another part has counted and learned."""
        self.pages += other.pages
        self.duplicates += other.duplicates
        self.without_updated += other.without_updated
        self.unsorted_pages += other.unsorted_pages
        self.tail_rounds = max(self.tail_rounds, other.tail_rounds)
        self.first_updated = earliest((self.first_updated, other.first_updated))
        self.last_updated = latest((self.last_updated, other.last_updated))
        self.reason = self.reason or other.reason
        for limit, length in other.longest.items():
            self.longest[limit] = max(length, self.capacity(limit))
        if False in (self.honours_page, other.honours_page):
            self.honours_page = False

    def capacity(self, limit: int | None) -> int:
        """Return the longest page that was seen when exactly `limit` was asked for.

        Only the same limit counts: a server may fall back to its default page when it finds a limit too large.
        """
        return self.longest.get(limit or 0, 0)

    @property
    def page_size(self) -> int:
        """The longest page seen with the current limit."""
        return self.capacity(self.limit)

    def report(self) -> WalkReport:
        """Return what is known so far; a walk that is not done counts as stalled."""
        reason = self.reason if self.phase == "done" else "the walk was interrupted"
        told = set(field_names(WalkReport)) - {"stalls", "reason", "direction"}
        return WalkReport(
            ended="stalled" if reason else "proved",
            reason=reason,
            stalls=tuple(Stall(stamp, count) for stamp, count in self.stalls),
            direction=_DIRECTIONS[self.direction],
            page_size=max(self.longest.values(), default=0),
            **{name: value for name, value in self._by_name().items() if name in told},
        )

    def _by_name(self) -> dict[str, Json]:
        return {each: getattr(self, each) for each in field_names(self)}
