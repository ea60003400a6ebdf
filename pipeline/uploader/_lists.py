"""Add imported contacts to the lists that their rows name, each at most once.

Adding to a list that feeds a campaign starts sending. So a request whose answer was lost is never repeated: whether it
took effect cannot be looked up (no endpoint reads lists), and twice might send twice.
"""

import itertools

from pipeline.errors import AnswerLost, Interrupted, RequestRefused
from pipeline.runs.journal import Journal
from pipeline.signals import StopSwitch
from pipeline.state import UnverifiableWrites
from pipeline.uploader._batches import LARGEST_BATCH
from pipeline.uploader._writer import Contacts


async def fill_lists(client: Contacts, journal: Journal, stop: StopSwitch, unverifiable: UnverifiableWrites) -> None:
    """Add the imported contacts of a run to their lists. Every request is in the journal before it leaves.

    What was sent is not sent again by a run that goes on; contacts that `unverifiable` knows to be on their list from
    an earlier run are left out, and counted. Raises Interrupted, and what the client raises, but for AnswerLost and
    RequestRefused, which are recorded.
    """
    for list_id, pairs in itertools.groupby(journal.lists.to_fill(), key=lambda pair: pair[0]):
        wanted = [contact_id for _, contact_id in pairs]
        contacts = [contact_id for contact_id in wanted if not unverifiable.is_on_list(list_id, contact_id)]
        journal.lists.record(list_id, sorted({*wanted} - {*contacts}), "known")
        for start in range(0, len(contacts), LARGEST_BATCH):
            if stop.requested:
                raise Interrupted("Stopped while contacts were added to lists; those that are on theirs stay.")
            batch = contacts[start : start + LARGEST_BATCH]
            journal.lists.record(list_id, batch, "begun")
            unverifiable.keep_list(list_id, batch)
            try:
                await client.add_to_list(list_id, batch)
            except AnswerLost:
                continue
            except RequestRefused:
                journal.lists.record(list_id, batch, "refused")
                unverifiable.drop_list(list_id, batch)
            else:
                journal.lists.record(list_id, batch, "added")


def list_notes(journal: Journal) -> dict[str, int]:
    """Return what became of the contacts for lists, as notes of a summary."""
    names = {
        "added": "list_added",
        "begun": "list_unknown",
        "refused": "list_refused",
        "known": "list_unverifiable",
    }
    return {names[state]: count for state, count in journal.lists.counts().items()}
