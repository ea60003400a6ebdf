"""What became of rows, and the counts of a run."""

from enum import StrEnum

from pipeline.values import Struct


class OutcomeKind(StrEnum):
    """What became of a row. Each row of a run has exactly one (the identity)."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    DELETED = "deleted"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"


BAD_KINDS = (OutcomeKind.REJECTED, OutcomeKind.FAILED, OutcomeKind.UNKNOWN)
"""The outcomes that make a run end with 3 and that go into the reject file."""


class Unseen(Struct, frozen=True):
    """A part of a write that the service does not show: a hash of what was `sent`, and what was `shown` instead."""

    field: str
    sent: str
    shown: str


class Outcome(Struct, frozen=True):
    """What became of one staged row. `code` and `reason` say why, where there is a why.

    `unseen` is what a proved write sent that cannot be read back. `rev` is the contact's revision as it was seen when
    the row's write was judged, for an undo to know it by.
    """

    seq: int
    kind: OutcomeKind
    code: str = ""
    reason: str = ""
    column: str = ""
    value: str = ""
    contact_id: int | None = None
    notes: tuple[str, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    rev: int | None = None


class Tally(Struct, frozen=True):
    """Counts by outcome. `rows` is what came in; the outcomes must add up to it (the identity).

    `deleted` is 0 in every import.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0
    failed: int = 0
    unknown: int = 0
    deleted: int = 0

    @property
    def settled(self) -> int:
        """Rows that have an outcome."""
        return sum(getattr(self, kind.value) for kind in OutcomeKind)

    @property
    def adds_up(self) -> bool:
        """Whether the identity holds."""
        return self.rows == self.settled


class Traffic(Struct, frozen=True, eq=False):
    """What a client sent: `requests` on the wire, of which `rate_limited` were answered 429, `retries` repeated.

    `waited` is the sum of the seconds from sending each request to its answer; it is left out of comparisons.
    """

    requests: int = 0
    rate_limited: int = 0
    retries: int = 0
    waited: float = 0.0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Traffic) and self._counted == other._counted

    def __hash__(self) -> int:
        return hash(self._counted)

    @property
    def _counted(self) -> tuple[int, int, int]:
        return self.requests, self.rate_limited, self.retries
