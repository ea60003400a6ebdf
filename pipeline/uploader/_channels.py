"""Give imported contacts the further phones and addresses that their rows name.

What a contact has is looked up before anything is sent, except for one that this run has made; a lost answer is looked
up, too. So a channel is never added twice, also after a kill.
"""

import itertools
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from pipeline.errors import AnswerLost, Interrupted, RequestRefused
from pipeline.models import Record, fold_channel
from pipeline.runs.journal import ChannelWish, Journal
from pipeline.signals import StopSwitch
from pipeline.state import UnverifiableWrites
from pipeline.uploader._batches import LARGEST_BATCH
from pipeline.uploader._writer import Contacts
from pipeline.values import replace

MOST_SENDS = 3
"""How often a channel whose answers are lost is sent before it is given up as unknown."""


async def add_channels(
    client: Contacts, journal: Journal, stop: StopSwitch, unverifiable: UnverifiableWrites, *, trusts: bool = True
) -> None:
    """Give the written contacts of a run their further channels. Each is in the journal before it is sent.

    Those that `unverifiable` knows from an earlier run are not added again, also where somebody has removed them since,
    which is said where a search shows it; unless it is not to be trusted, as for what is restored. Raises Interrupted,
    and what the client raises, but for AnswerLost and RequestRefused, which are recorded.
    """
    wishes = journal.channels.to_add()
    fresh = [
        wish for wish in wishes if not (trusts and unverifiable.has_channel(wish.contact_id, wish.kind, wish.value))
    ]
    known = [wish for wish in wishes if wish not in fresh]
    removed = await _removed(client, known)
    for wish in known:
        journal.channels.record(wish, "removed" if wish in removed else "known")
    fresh = await _with_uuids(client, fresh)
    for _, group in itertools.groupby(fresh, key=lambda wish: wish.contact_id):
        if stop.requested:
            raise Interrupted("Stopped while further phones and addresses were added; those that are there stay.")
        await _add(client, journal, unverifiable, list(group))


async def _removed(client: Contacts, known: Sequence[ChannelWish]) -> set[ChannelWish]:
    """Return those of an earlier run that somebody has taken away since, where a search shows channels."""
    removed: set[ChannelWish] = set()
    phones = list(dict.fromkeys(wish.phone for wish in known if wish.phone))
    for start in range(0, len(phones), LARGEST_BATCH):
        found = await client.search_by_phone(phones[start : start + LARGEST_BATCH])
        shown = {record.id: _all_of(record) for record in found if record.channels is not None}
        removed.update(wish for wish in known if _folded(wish) not in shown.get(wish.contact_id, {_folded(wish)}))
    return removed


def _all_of(record: Record) -> set[tuple[str, str]]:
    own = (("phone", record.phone), ("email", record.email), *(record.channels or ()))
    return {fold_channel(kind, value) for kind, value in own if value}


async def _with_uuids(client: Contacts, wishes: Sequence[ChannelWish]) -> list[ChannelWish]:
    """The wishes with the UUIDs that a search shows where no answer told them; some services show none."""
    unknown = list(dict.fromkeys(wish.phone for wish in wishes if wish.phone and not wish.uuid))
    shown: dict[int, str] = {}
    for wish in wishes:
        if not (wish.phone or wish.uuid or wish.contact_id in shown):
            shown[wish.contact_id] = next((each.uuid for each in await client.search(wish.kind, [wish.value])), "")
    for start in range(0, len(unknown), LARGEST_BATCH):
        shown |= {
            record.id: record.uuid for record in await client.search_by_phone(unknown[start : start + LARGEST_BATCH])
        }
    return [wish if wish.uuid else replace(wish, uuid=shown.get(wish.contact_id, "")) for wish in wishes]


async def _add(
    client: Contacts, journal: Journal, unverifiable: UnverifiableWrites, wishes: Sequence[ChannelWish]
) -> None:
    """Add the channels of one contact, and read them back: an answer proves nothing."""
    uuid = wishes[0].uuid
    if not uuid:
        for wish in wishes:
            journal.channels.record(wish, "needs_uuid")
        return
    held: AbstractSet[tuple[str, str]] = frozenset()
    if not all(wish.is_new and not wish.was_begun for wish in wishes):
        held = await _held(client, uuid) or held
    states = {wish: await _send(client, journal, wish, held) for wish in wishes}
    if "sent" in states.values():
        shown = await _held(client, uuid)
        states = {wish: _proved(wish, shown) if state == "sent" else state for wish, state in states.items()}
    for wish, state in states.items():
        if state in ("added", "held"):
            unverifiable.keep_channel(wish.contact_id, wish.kind, wish.value)
        journal.channels.record(wish, state)


def _proved(wish: ChannelWish, shown: AbstractSet[tuple[str, str]] | None) -> str:
    if shown is None:
        return "unproved"
    return "added" if _folded(wish) in shown else "ignored"


async def _send(client: Contacts, journal: Journal, wish: ChannelWish, held: AbstractSet[tuple[str, str]]) -> str:
    """Send one channel, unless it is there; return what came of it, "sent" where it was answered."""
    if _folded(wish) in held:
        # Begun by an earlier attempt, it is that one's work.
        return "added" if wish.was_begun else "held"
    journal.channels.record(wish, "begun")
    for _ in range(MOST_SENDS):
        try:
            await client.add_channel(wish.uuid, wish.kind, wish.value)
        except AnswerLost:
            if _folded(wish) in (await _held(client, wish.uuid) or ()):
                return "added"
        except RequestRefused:
            # It may be refused because it is there.
            return "held" if _folded(wish) in (await _held(client, wish.uuid) or ()) else "refused"
        else:
            return "sent"
    return "unknown"


def _folded(wish: ChannelWish) -> tuple[str, str]:
    return fold_channel(wish.kind, wish.value)


async def _held(client: Contacts, uuid: str) -> AbstractSet[tuple[str, str]] | None:
    """Return the channels of a contact as they are compared, or None where the service does not show them."""
    try:
        return {fold_channel(kind, value) for kind, value in await client.list_channels(uuid)}
    except RequestRefused:
        return None


NOTES = {
    "added": "channel_added",
    "begun": "channel_unknown",
    "refused": "channel_refused",
    "ignored": "channel_ignored",
    "unproved": "channel_unproved",
    "unknown": "channel_unknown",
    "needs_uuid": "needs_uuid",
    "removed": "channel_removed",
}
"""What became of a channel, as the note of a summary."""

_TAKEN = {"dropped": "channels_taken_back", "kept": "channels_stay"}
"""What became of channels that an undo takes away, by contact and type."""

TROUBLES = frozenset((*NOTES.values(), "channels_stay")) - {"channel_added", "channel_removed"}
"""Notes that make a run end with 3."""


def channel_notes(journal: Journal) -> dict[str, int]:
    """Return what became of the channels, as notes of a summary."""
    notes: dict[str, int] = {}
    for state, count in journal.channels.counts().items():
        if state in NOTES:
            notes[NOTES[state]] = notes.get(NOTES[state], 0) + count
    taken = {_TAKEN[state]: count for state, count in journal.drops.counts().items() if state in _TAKEN}
    return notes | taken
