"""What an export begins with: the snapshot that a delta builds on, and the draft that an earlier try has left."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from pipeline.account import Account
from pipeline.errors import UsageProblem
from pipeline.exporter import DeltaBase
from pipeline.snapshots import (
    Draft,
    DraftFacts,
    Snapshot,
    Store,
    base_in,
    base_lost,
    check_base,
    composed,
    find_snapshot,
    find_unfinished,
    identified,
    readable,
    reason_of,
)
from pipeline.state import drafts_folder

LONGEST_AGE = timedelta(days=3)
"""An older draft is dropped: its snapshot would carry the date on which it was begun.

Asking a million contacts for their status takes a day and a half at the allowed rate, so one day would be too few.
"""

Say = Callable[[str], None]


def find_base(account: Account, since: str, store: Store, say: Say) -> Snapshot | None:
    """Return the snapshot that a delta since `since` is to build on, checked to be whole and readable.

    None where the last one is asked for and cannot be had: the export is then a full one, and says why. Raises
    InputError for a named one, SettingsError where the key to it is missing, StorageFailed.
    """
    if since == "last":
        return _last_base(account, store, say)
    base = find_snapshot(since, store)
    if base.manifest.owner != _owner(account):
        raise base.unusable("it is of another account, or was made with another credential")
    if not base.manifest.complete:
        raise base.unusable("it is partial, and what is missing from it would be missing from the delta")
    base = base_in(store, base)
    check_base(base)
    return base


def open_draft(account: Account, store: Store, base: Snapshot | None, say: Say) -> Draft:
    """Return the draft of an unfinished export of the same kind, or a new one. Raises StorageFailed."""
    place = account.settings.paths.snapshots
    folder = store.drafts(drafts_folder(account.key, place))
    owner, host = _owner(account)
    named = {"name": base.name, "manifest_sha256": base.manifest_sha256} if base else {}
    export = account.settings.export
    surface = export.surface
    draft = find_unfinished(folder, owner, host, base=named, store=store)
    if draft and abs(draft.age) > LONGEST_AGE:
        say(f"The unfinished export {draft.name} was begun {_spoken(draft.age)} ago: it is dropped, and all read anew.")
        draft.discard()
        draft = None
    if draft is None:
        return Draft.create(folder, DraftFacts(owner, host, base=named, surface=surface), is_taken=store.holds)
    is_chosen = export.detail == "full" and draft.facts.surface == "v2"
    if draft.facts.surface != surface and not is_chosen:
        # The cursor of one list says nothing of the other.
        draft.begin_anew(surface)
    say(
        f"Continuing the unfinished export {draft.name}, begun {_spoken(draft.age)} ago: {draft.contacts:,} contacts"
        " are on disk already."
    )
    return draft


def as_base(snapshot: Snapshot) -> DeltaBase:
    """Return a snapshot as an export needs it. Its contacts raise BaseLost where they turn out damaged."""

    def contacts() -> Iterator[tuple[int, bytes]]:
        try:
            yield from identified(composed(snapshot))
        except UsageProblem as error:
            raise base_lost(snapshot.where, reason_of(error)) from error

    return DeltaBase(snapshot.name, str(snapshot.manifest.walk.get("watermark", "")), contacts)


def _last_base(account: Account, store: Store, say: Say) -> Snapshot | None:
    owner = _owner(account)
    for base in readable(store):
        if not base.manifest.complete or base.manifest.owner != owner:
            continue
        try:
            check_base(base)
        except UsageProblem as error:
            # A nightly export that failed until somebody looks would be worse than a full one.
            say(f"No delta can be built on {base.where}: {reason_of(error)}. Making a full snapshot.")
            return None
        return base
    say("There is no complete snapshot of this account yet: making a full one.")
    return None


def _owner(account: Account) -> tuple[str, str]:
    # Two credentials may share a folder and a name; their exports must not be mixed.
    return f"{account.settings.account.name} ({account.key[:8]})", urlsplit(account.settings.account.base_url).netloc


def _spoken(age: timedelta) -> str:
    minutes = max(0, round(age.total_seconds() / 60))
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
