"""Give imported contacts the further phones and addresses that their rows name.

What a contact has is looked up before anything is sent, except for one that this run has made; a lost answer is looked
up, too. So a channel is never added twice, also after a kill.
"""

import itertools
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from pipeline.errors import AnswerLost, Interrupted, RequestRefused
from pipeline.runs.journal import ChannelWish, Journal
from pipeline.signals import StopSwitch
from pipeline.state import UnverifiableWrites
from pipeline.uploader._batches import LARGEST_BATCH
from pipeline.uploader._writer import Contacts

MOST_SENDS = 3
"""How often a channel whose answers are lost is sent before it is given up as unknown."""

TROUBLES = frozenset(("channel_refused", "channel_unknown"))
"""Notes that make a run end with 3."""


async def add_channels(client: Contacts, journal: Journal, stop: StopSwitch, unverifiable: UnverifiableWrites) -> None:
    """Give the imported contacts of a run their further channels. Each is in the journal before it is sent.

    Those that `unverifiable` knows from an earlier run cost nothing. Raises Interrupted, and what the client raises,
    but for AnswerLost and RequestRefused, which are recorded.
    """
    wishes = journal.channels.to_add()
    fresh = [wish for wish in wishes if not unverifiable.has_channel(wish.contact_id, wish.kind, wish.value)]
    for wish in wishes:
        if wish not in fresh:
            journal.channels.record(wish, "known")
    fresh = await _with_uuids(client, fresh)
    for _, group in itertools.groupby(fresh, key=lambda wish: wish.contact_id):
        if stop.requested:
            raise Interrupted("Stopped while further phones and addresses were added; those that are there stay.")
        await _add(client, journal, unverifiable, list(group))


async def _with_uuids(client: Contacts, wishes: Sequence[ChannelWish]) -> list[ChannelWish]:
    """The wishes with the UUIDs that a search shows where no answer told them; some services show none."""
    unknown = list(dict.fromkeys(wish.phone for wish in wishes if not wish.uuid))
    shown: dict[int, str] = {}
    for start in range(0, len(unknown), LARGEST_BATCH):
        shown |= {
            record.id: record.uuid for record in await client.search_by_phone(unknown[start : start + LARGEST_BATCH])
        }
    return [wish if wish.uuid else replace(wish, uuid=shown.get(wish.contact_id, "")) for wish in wishes]


async def _add(
    client: Contacts, journal: Journal, unverifiable: UnverifiableWrites, wishes: Sequence[ChannelWish]
) -> None:
    """Add the channels of one contact."""
    uuid = wishes[0].uuid
    held: AbstractSet[tuple[str, str]] = frozenset()
    if uuid and not all(wish.is_new and not wish.was_begun for wish in wishes):
        held = await _held(client, uuid)
    for wish in wishes:
        state = await _settle(client, journal, wish, held) if uuid else "needs_uuid"
        if state in ("added", "held"):
            unverifiable.keep_channel(wish.contact_id, wish.kind, wish.value)
        journal.channels.record(wish, state)


async def _settle(client: Contacts, journal: Journal, wish: ChannelWish, held: AbstractSet[tuple[str, str]]) -> str:
    """Return what came of one channel."""
    if (wish.kind, wish.value) in held:
        return "held"
    journal.channels.record(wish, "begun")
    for _ in range(MOST_SENDS):
        try:
            await client.add_channel(wish.uuid, wish.kind, wish.value)
        except AnswerLost:
            if (wish.kind, wish.value) in await _held(client, wish.uuid):
                return "added"
        except RequestRefused:
            # It may be refused because it is there.
            return "held" if (wish.kind, wish.value) in await _held(client, wish.uuid) else "refused"
        else:
            return "added"
    return "unknown"


async def _held(client: Contacts, uuid: str) -> AbstractSet[tuple[str, str]]:
    try:
        return frozenset(await client.list_channels(uuid))
    except RequestRefused:
        return frozenset()


def channel_notes(journal: Journal) -> dict[str, int]:
    """Return what became of the channels, as notes of a summary."""
    names = {
        "added": "channel_added",
        "begun": "channel_unknown",
        "refused": "channel_refused",
        "unknown": "channel_unknown",
        "needs_uuid": "needs_uuid",
    }
    notes: dict[str, int] = {}
    for state, count in journal.channels.counts().items():
        if state in names:
            notes[names[state]] = notes.get(names[state], 0) + count
    return notes
