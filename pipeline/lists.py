"""Add imported contacts to the lists that their rows name, each at most once.

Adding to a list that feeds a campaign starts sending. So a request whose answer was lost is never repeated: whether it
took effect cannot be looked up (no endpoint reads lists), and twice might send twice.
"""

import itertools
from collections.abc import Sequence
from typing import Protocol

from pipeline.errors import AnswerLost, RequestRefused
from pipeline.journal import Journal
from pipeline.signals import StopSwitch

BATCH = 100
"""Contacts of one request."""


class Lists(Protocol):
    """The part of the client that this needs."""

    async def add_to_list(self, list_id: int, contact_ids: Sequence[int]) -> None:
        """Add contacts to a list. Raises AnswerLost and RequestRefused."""
        ...


async def fill_lists(client: Lists, journal: Journal, stop: StopSwitch) -> None:
    """Add the imported contacts of a run to their lists. Every request is in the journal before it leaves.

    Raises what the client raises, but for AnswerLost and RequestRefused, which are recorded.
    """
    for list_id, pairs in itertools.groupby(list(journal.lists_to_fill()), key=lambda pair: pair[0]):
        contacts = [contact_id for _, contact_id in pairs]
        for start in range(0, len(contacts), BATCH):
            if stop.requested:
                return
            batch = contacts[start : start + BATCH]
            journal.record_list_adds(list_id, batch, "begun")
            try:
                await client.add_to_list(list_id, batch)
            except AnswerLost:
                continue
            except RequestRefused:
                journal.record_list_adds(list_id, batch, "refused")
            else:
                journal.record_list_adds(list_id, batch, "added")


def list_notes(journal: Journal) -> dict[str, int]:
    """Return what became of the contacts for lists, as notes of a summary."""
    names = {"added": "list_added", "begun": "list_unknown", "refused": "list_refused"}
    return {names[state]: count for state, count in journal.list_adds().items()}
