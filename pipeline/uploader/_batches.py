"""Which writes may go by batch, and what is learned from each: pure decisions, no I/O.

The batch call is documented in opposite ways (docs/api.md, section Contradictions), so it is trusted step by step:
creates first, where nothing can be damaged, ten of them; then one update whose pre-image is in the journal, then ten;
then as many as the service takes. Every batch is read back, also later: once one does not do what was seen before,
batches are not used any more, and what they left undone is done by single requests.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

from pipeline.models import Change, ChangeKind, FieldChange
from pipeline.state import ServerTraits
from pipeline.values import Struct

T = TypeVar("T")

WritePath = Literal["auto", "single", "batch"]

LARGEST_BATCH = 100
"""Contacts of one request. The service's maximum is unknown."""

FIRST_WRITES = 10
"""Single writes of each kind that are read back together before more are sent."""

WORTH_A_BATCH = 5
"""Changes from which a batch is worth its read-back, once batches are proved."""

WORTH_LEARNING = 20
"""Changes of one kind in hand from which it is worth finding out whether batches work."""

_TRIALS: Mapping[ChangeKind, tuple[int, ...]] = {ChangeKind.CREATE: (10,), ChangeKind.UPDATE: (1, 10)}


class Portion(Struct, frozen=True):
    """The next writes to send together: by batch or one by one. A trial is awaited before anything else is sent."""

    changes: Sequence[Change]
    by_batch: bool
    is_trial: bool


class Seen(Struct, frozen=True):
    """What one change of a batch looked like when it was read back.

    `is_missing`: there is no such contact. `is_untouched`: the record is the one from before. `wrong` are the fields
    that do not hold what was sent.
    """

    change: Change
    is_missing: bool = False
    is_untouched: bool = False
    is_doubled: bool = False
    wrong: tuple[FieldChange, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether everything is there."""
        return not (self.is_missing or self.is_untouched or self.is_doubled or self.wrong)

    @property
    def lacks_opt_out(self) -> bool:
        """Whether all that is missing is that the contact is opted out."""
        return [(field.name, field.new) for field in self.wrong] == [("is_opted_out", True)]


class BulkTrust:
    """How far the batch call of one account is trusted. Keeps what it learns in `traits`."""

    def __init__(self, traits: ServerTraits, path: WritePath = "auto") -> None:
        self.traits = traits
        self._path = path
        self._steps: dict[ChangeKind, int] = dict.fromkeys(ChangeKind, 0)

    # --- deciding ------------------------------------------------------------------------------------------------

    def next_portion(self, waiting: Sequence[Change], singly: frozenset[int] = frozenset()) -> Portion:
        """Return what is to be sent next of `waiting`, which is not empty; `singly` are seqs that must go alone."""
        kind = waiting[0].kind
        same = [change for change in waiting if change.kind is kind]
        batch = [change for change in same if change.seq not in singly and self._may_go(change)]
        if self._is_worth(kind, len(batch)):
            return Portion(batch[: self._size(kind)], by_batch=True, is_trial=self._is_trial(kind))
        if self.traits.single(kind) == "works":
            return Portion(same, by_batch=False, is_trial=False)
        return Portion(same[:FIRST_WRITES], by_batch=False, is_trial=True)

    def count_requests(self, changes: Sequence[Change]) -> int:
        """Return how many requests these changes will take, from what is known now and without reading back."""
        requests = 0
        for kind in ChangeKind:
            same = [change for change in changes if change.kind is kind]
            proved = self._path == "batch" or self.traits.batch(kind) == "works"
            batch = [change for change in same if proved and self._may_go(change)]
            if self._is_worth(kind, len(batch)):
                requests += -(-len(batch) // self._size(kind)) + len(same) - len(batch)
            else:
                requests += len(same)
        return requests

    def _may_go(self, change: Change) -> bool:
        """Whether a change can go by batch at all: the batch carries its parts, and it is found by its phone."""
        if change.kind is ChangeKind.DELETE or self._path == "single" or self.traits.batch(change.kind) == "fails":
            return False
        if change.before and change.before.phone != change.phone:
            return False
        return not any(_has_part(change, part) for part in self.traits.batch_drops)

    def _is_worth(self, kind: ChangeKind, count: int) -> bool:
        if not count:
            return False
        if self._path == "batch":
            return True
        # A service whose search lags would make a batch look undone, and its contacts would be created twice.
        if kind is ChangeKind.CREATE and self.traits.shows_writes != "works":
            return False
        return count >= (WORTH_A_BATCH if self.traits.batch(kind) == "works" else WORTH_LEARNING)

    def _is_trial(self, kind: ChangeKind) -> bool:
        return self.traits.batch(kind) != "works"

    def _size(self, kind: ChangeKind) -> int:
        steps = _TRIALS[kind]
        size = steps[min(self._steps[kind], len(steps) - 1)] if self._is_trial(kind) else LARGEST_BATCH
        return min(size, max(1, self.traits.batch_refused // 2)) if self.traits.batch_refused else size

    # --- learning ------------------------------------------------------------------------------------------------

    def refused(self, size: int) -> None:
        """Learn that a batch was refused for its size."""
        if size > 1:
            known = self.traits.batch_refused
            self.traits.batch_refused = min(known, size) if known else size

    def call_refused(self, kind: ChangeKind, status: int) -> None:
        """Learn that the call itself was refused, whatever it held."""
        self._fails(kind, f"the service refused it with status {status}")

    def singles_seen(self, kind: ChangeKind, *, all_done: bool, shown_at_once: bool) -> None:
        """Learn from the first single writes of a kind, read back."""
        if all_done:
            setattr(self.traits, f"single_{kind.value}", "works")
        if kind is ChangeKind.CREATE:
            self.traits.shows_writes = "works" if shown_at_once else "fails"

    def batch_seen(self, kind: ChangeKind, seen: Sequence[Seen]) -> None:
        """Learn from a batch that was answered as a success and read back."""
        reason = _failure(seen)
        if reason:
            self._fails(kind, reason)
            return
        dropped = {field.name.split(".")[0] for each in seen for field in each.wrong} - {"other"}
        self.traits.batch_drops = tuple(sorted({*self.traits.batch_drops, *dropped}))
        left_out = sum(each.is_missing or each.is_untouched for each in seen)
        if left_out * 2 > len(seen):
            # Most entries were left out and some were not. The next trial will tell whether it is the call or the rows.
            return
        self.traits.batch_size = max(self.traits.batch_size, len(seen))
        self._steps[kind] += 1
        if self._steps[kind] >= len(_TRIALS[kind]):
            setattr(self.traits, f"batch_{kind.value}", "works")

    def _fails(self, kind: ChangeKind, reason: str) -> None:
        setattr(self.traits, f"batch_{kind.value}", "fails")
        self.traits.batch_reason = reason


def in_halves(items: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """Split what was refused as a whole."""
    half = (len(items) + 1) // 2
    return items[:half], items[half:]


def _failure(seen: Sequence[Seen]) -> str:
    """Why the call is not to be used any more, or ""."""
    if any(each.is_doubled for each in seen):
        return "it created a second contact beside the one it was to update"
    if any(_is_damaged(each) for each in seen):
        return "it changed or blanked what it was told to keep"
    if all(each.is_missing for each in seen):
        return "it answered, and nothing was there"
    if seen[0].change.kind is ChangeKind.UPDATE and all(each.is_untouched or each.is_missing for each in seen):
        return "it answered, and contacts that existed were as before"
    return ""


def _is_damaged(seen: Seen) -> bool:
    """Whether an update changed something that was to stay: it holds neither what was there nor what was sent."""
    before = seen.change.before
    if before is None or seen.is_untouched:
        return False
    asked = {field.name for field in seen.change.fields}
    return any(field.name not in asked for field in seen.wrong)


def _has_part(change: Change, part: str) -> bool:
    value = change.body.get(part)
    return value not in (None, "", {}, [])
