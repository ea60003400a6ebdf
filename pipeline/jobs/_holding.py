"""Where somebody is held beside the account: in its snapshots and in the journals of runs of this machine."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing

from pipeline.account import Account
from pipeline.errors import InputError, SettingsError, StorageFailed
from pipeline.models import FieldChange, Json, Record, further_channels
from pipeline.planner import held_custom
from pipeline.results import PastWrite
from pipeline.runs import list_runs, open_run
from pipeline.snapshots import composed, open_store, read_catalogue
from pipeline.values import Struct
from pipeline.wire import read_stored

Channel = tuple[str, str]
_FIELDS = ("phone", "first", "last", "display_name", "email", "avatar", "assignee_id", "is_opted_out", "tags")


class Seen(Struct, frozen=True):
    """A contact as a snapshot holds it: where that is, and when it was begun (ISO 8601, UTC)."""

    where: str
    at: str
    record: Record


def seen_in_snapshots(
    account: Account, ids: AbstractSet[int], channels: AbstractSet[Channel]
) -> tuple[list[Seen], list[str]]:
    """Return how the account's snapshots hold somebody, oldest first, and those that cannot be read.

    Who has one of the IDs or channels is meant. Raises StorageFailed.
    """
    seen: list[Seen] = []
    unread: list[str] = []
    known = {channel for channel in channels if channel[1]}
    store = open_store(account.settings.paths.snapshots)
    for entry in reversed(read_catalogue(store)):
        if entry.snapshot is None:
            unread.append(store.where(entry.name))
        elif f"({account.key[:8]})" in entry.snapshot.manifest.account:
            snapshot = entry.snapshot
            at = snapshot.manifest.moment.isoformat(timespec="milliseconds")
            try:
                records = (read_stored(raw) for raw in composed(snapshot))
                seen += [Seen(snapshot.where, at, each) for each in records if each.id in ids or _own(each) & known]
            except (InputError, SettingsError, StorageFailed, ValueError):
                unread.append(snapshot.where)
    return seen, unread


def changes_seen(seen: Sequence[Seen], past: Sequence[PastWrite]) -> Iterator[PastWrite]:
    """Yield what changed from one snapshot to the next and no run of this machine wrote, oldest first."""
    last: dict[int, Seen] = {}
    for each in seen:
        before = last.get(each.record.id)
        last[each.record.id] = each
        if before is None:
            continue
        ours = {
            (field.name, str(field.new)) for write in past if before.at <= write.at <= each.at for field in write.fields
        }
        changes = [
            change for change in _changes(before.record, each.record) if (change.name, str(change.new)) not in ours
        ]
        if changes:
            outcome = f"by somebody else, after {before.at[:19]} ({each.where})"
            yield PastWrite("", each.at, 0, "seen", outcome, tuple(changes))


def runs_with(account: Account, phones: AbstractSet[str]) -> Iterator[str]:
    """Yield the runs of this machine that hold one of the phones. Raises StorageFailed."""
    runs = account.settings.paths.runs
    for entry in list_runs(runs):
        if entry.state not in ("unreadable", "never started") and entry.account == account.key:
            run = open_run(runs, entry.run_id)
            with closing(run.journal):
                if any(run.journal.rows.has_phone(phone) for phone in phones):
                    yield entry.run_id


def _own(record: Record) -> set[Channel]:
    return {("phone", record.phone), ("email", record.email), *(further_channels(record) or ())}


def _changes(old: Record, new: Record) -> Iterator[FieldChange]:
    pairs: list[tuple[str, Json, Json]] = [(name, getattr(old, name), getattr(new, name)) for name in _FIELDS]
    before, after = held_custom(old), held_custom(new)
    pairs += [(f"custom.{key}", before.get(key, ""), after.get(key, "")) for key in sorted({*before, *after})]
    # What one of them does not show is no change; nobody is an owner, too.
    shown = [pair for pair in pairs if None not in pair[1:] or pair[0] == "assignee_id" or "." in pair[0]]
    yield from (FieldChange(*pair) for pair in shown if pair[1] != pair[2])
