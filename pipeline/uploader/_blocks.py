"""Block and unblock contacts, apart from their other fields: no write of a contact carries that.

The status is asked for before and after: an answer proves nothing. Once more is the same as once, so what may have been
sent is sent again.
"""

from typing import Protocol

from pipeline.errors import AnswerLost, Interrupted, RequestRefused
from pipeline.models import Status
from pipeline.runs.journal import BlockState, BlockWish, Journal
from pipeline.signals import StopSwitch
from pipeline.values import replace


class Blocking(Protocol):
    """The part of the client that blocking needs."""

    async def get_status(self, contact_id: int) -> Status | None:
        """Return the status of a contact, or None where the service does not tell."""

    async def set_status(self, contact_id: int, word: str) -> None:
        """Make a contact blocked, unblocked and so on."""


async def set_blocks(client: Blocking, journal: Journal, stop: StopSwitch, *, may_unblock: bool) -> None:
    """Block or unblock the contacts of a run whose rows say so. Each is in the journal before it is sent.

    Raises Interrupted, and what the client raises, but for AnswerLost and RequestRefused, which are recorded.
    """
    for wish in journal.blocks.to_set():
        if stop.requested:
            raise Interrupted("Stopped while contacts were blocked; those that are blocked stay so.")
        known = await _is_blocked(client, wish.contact_id)
        if not wish.was_begun:
            wish = replace(wish, was=known)  # noqa: PLW2901 - the same wish, with what is known now
        if known is wish.wanted:
            journal.blocks.record(wish, "set" if wish.was_begun and wish.was is not known else "held")
        elif not (wish.wanted or may_unblock):
            journal.blocks.record(wish, "kept")
        else:
            journal.blocks.record(wish, "begun")
            journal.blocks.record(wish, await _set(client, wish))


async def _set(client: Blocking, wish: BlockWish) -> BlockState:
    try:
        await client.set_status(wish.contact_id, "blocked" if wish.wanted else "unblocked")
    except RequestRefused:
        return "refused"
    except AnswerLost:
        # Whether it arrived is what asking tells.
        pass
    shown = await _is_blocked(client, wish.contact_id)
    if shown is None:
        return "unproved"
    return "set" if shown is wish.wanted else "ignored"


async def _is_blocked(client: Blocking, contact_id: int) -> bool | None:
    status = await client.get_status(contact_id)
    return None if status is None else status.blocked


_NOTES = {
    "set": ("unblocked", "blocked"),
    "kept": ("unblock_refused", "block_failed"),
    "begun": ("unblock_failed", "block_failed"),
    "refused": ("unblock_failed", "block_failed"),
    "ignored": ("unblock_failed", "block_failed"),
    "unproved": ("unblock_unproved", "block_unproved"),
}
"""What became of a contact that was to be unblocked, or blocked, as the note of a summary."""

BLOCK_TROUBLES = frozenset(("unblock_failed", "block_failed", "unblock_unproved", "block_unproved"))
"""Notes that make a run end with 3."""


def block_notes(journal: Journal) -> dict[str, int]:
    """Return what became of contacts that were to be blocked or unblocked, as notes of a summary."""
    notes: dict[str, int] = {}
    for (state, wanted), count in journal.blocks.counts().items():
        if state in _NOTES:
            note = _NOTES[state][wanted]
            notes[note] = notes.get(note, 0) + count
    return notes
