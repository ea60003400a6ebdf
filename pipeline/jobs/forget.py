"""Forget a person: delete the contact at the service, and let no old file or snapshot bring it back."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from pipeline.account import Account
from pipeline.errors import InputError, SettingsError, StorageFailed
from pipeline.jobs.delete import DeleteJob, run_delete
from pipeline.models import further_channels
from pipeline.reader.tables import Source
from pipeline.results import Forgotten, FoundPerson
from pipeline.runs import list_runs, open_run
from pipeline.signals import Progress
from pipeline.snapshots import Snapshot, composed, open_store, read_catalogue
from pipeline.state import ConsentBook, ErasedPeople, consents_path, erased_path
from pipeline.wire import read_stored


async def forget_people(account: Account, people: Sequence[FoundPerson], progress: Progress) -> Forgotten:
    """Delete contacts for good, and remember their channels by keyed hashes that imports and restores heed.

    The hashes come first: whoever is deleted is not brought back, also after a kill between the two. Backups are not
    rewritten; which snapshots and runs still hold the person is in what is returned. Raises UsageProblem and
    StorageFailed; how the deletion ended is in its summary.
    """
    channels = [channel for person in people for channel in channels_of(person)]
    ErasedPeople(erased_path(account.key)).add(channels)
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "forget.csv"
        listed.touch(mode=0o600)
        listed.write_text("\n".join(["id", *(str(person.id) for person in people)]) + "\n", encoding="ascii")
        deletion = await run_delete(DeleteJob(account, Source(str(listed))), progress)
    with closing(ConsentBook(consents_path(account.key))) as book:
        book.forget({person.phone for person in people})
    ids, phones = {person.id for person in people}, {person.phone for person in people if person.phone}
    runs = tuple(_runs_with(account, phones))
    snapshots, unread = _snapshots_with(account, ids, channels)
    return Forgotten(deletion, runs, tuple(snapshots), tuple(unread))


def channels_of(person: FoundPerson) -> list[tuple[str, str]]:
    """Return everything by which a person is known again."""
    return [("phone", person.phone), ("email", person.email), *(person.channels or ())]


def _runs_with(account: Account, phones: set[str]) -> Iterator[str]:
    runs = account.settings.paths.runs
    for entry in list_runs(runs):
        if entry.state not in ("unreadable", "never started") and entry.account == account.key:
            run = open_run(runs, entry.run_id)
            with closing(run.journal):
                if any(run.journal.rows.has_phone(phone) for phone in phones):
                    yield entry.run_id


def _snapshots_with(
    account: Account, ids: set[int], channels: Sequence[tuple[str, str]]
) -> tuple[list[str], list[str]]:
    """Return the snapshots of the account that hold somebody, and those that cannot be read."""
    held: list[str] = []
    unread: list[str] = []
    store = open_store(account.settings.paths.snapshots)
    for entry in read_catalogue(store):
        if entry.snapshot is None:
            unread.append(store.where(entry.name))
        elif f"({account.key[:8]})" in entry.snapshot.manifest.account:
            try:
                if _holds(entry.snapshot, ids, set(channels)):
                    held.append(entry.snapshot.where)
            except (InputError, SettingsError, StorageFailed, ValueError):
                unread.append(entry.snapshot.where)
    return held, unread


def _holds(snapshot: Snapshot, ids: set[int], channels: set[tuple[str, str]]) -> bool:
    for raw in composed(snapshot):
        record = read_stored(raw)
        own = {("phone", record.phone), ("email", record.email), *(further_channels(record) or ())}
        if record.id in ids or own & {channel for channel in channels if channel[1]}:
            return True
    return False
