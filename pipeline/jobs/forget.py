"""Forget a person: delete the contact at the service, and let no old file or snapshot bring it back."""

import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from pipeline.account import Account
from pipeline.jobs._holding import runs_with, seen_in_snapshots
from pipeline.jobs.delete import DeleteJob, run_delete
from pipeline.jobs.find import channels_of
from pipeline.reader.tables import Source
from pipeline.results import Forgotten, FoundPerson
from pipeline.signals import Progress
from pipeline.state import ConsentBook, ErasedPeople, consents_path, erased_path


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
    seen, unread = seen_in_snapshots(account, ids, set(channels))
    snapshots = tuple(dict.fromkeys(each.where for each in reversed(seen)))
    return Forgotten(deletion, tuple(runs_with(account, phones)), snapshots, tuple(unread))
