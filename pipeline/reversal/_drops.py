"""Take from contacts the further phones and addresses that a run gave them.

The service deletes all channels of a type at once (docs/api.md, section Endpoints). So what a contact holds is in the
journal before anything is sent, and what is gone beyond what was wanted is put back and looked for again.
"""

import contextlib
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Protocol

from pipeline.errors import AnswerLost, CanarySurprise, Interrupted, RequestRefused
from pipeline.models import Change, Json, Record, WriteAnswer, fold_channel
from pipeline.planner import held_custom, plan_contact
from pipeline.reversal._undo import RESTORE, contact_as_before
from pipeline.runs.journal import ChannelDrop, Journal
from pipeline.signals import StopSwitch

Channels = tuple[tuple[str, str], ...]


class Dropping(Protocol):
    """The part of the client that taking channels away needs."""

    async def search_by_phone(self, phones: Sequence[str]) -> list[Record]: ...
    async def get_contact(self, contact_id: int) -> Record | None: ...
    async def update_contact(self, contact_id: int, body: Mapping[str, Json], *, overwrite: bool) -> WriteAnswer: ...
    async def list_channels(self, uuid: str) -> Channels: ...
    async def add_channel(self, uuid: str, kind: str, value: str) -> Channels | None: ...
    async def delete_channel(self, uuid: str, kind: str) -> Channels | None: ...


async def drop_channels(client: Dropping, journal: Journal, stop: StopSwitch) -> None:
    """Take away the channels that the rows of an undo name, and prove that nothing else went.

    Where a contact's channels cannot be seen, nothing is sent. Raises Interrupted, CanarySurprise where something else
    went and could not be put back, and what the client raises, but for AnswerLost and RequestRefused.
    """
    for drop in journal.drops.to_drop():
        if stop.requested:
            raise Interrupted("Stopped while further phones and addresses were taken away; the others are still there.")
        await _drop(client, journal, drop)


async def _drop(client: Dropping, journal: Journal, drop: ChannelDrop) -> None:
    uuid = next((each.uuid for each in await client.search_by_phone([drop.phone]) if each.id == drop.contact_id), "")
    before = await client.get_contact(drop.contact_id) if uuid else None
    shown = await _shown(client, uuid) if uuid else None
    if shown is None or before is None:
        journal.drops.record(drop, (), "kept")
        return
    # What a killed attempt had seen counts: the call may have taken more than it should, the main address as well.
    (_, phone), (_, email), *held = drop.held or (("phone", before.phone), ("email", before.email), *shown)
    before = before._replace(phone=phone, email=email)
    ours = {fold_channel(drop.kind, value) for value in drop.values} - _main(before)
    saved = (("phone", phone), ("email", email), *held)
    if drop.held is None and not ours & _folded(shown):
        journal.drops.record(drop, saved, "gone")
        return
    journal.drops.record(drop, saved, "begun")
    wanted = [channel for channel in held if fold_channel(*channel) not in ours]
    for _ in range(2):
        shown = await _shown(client, uuid) or ()
        if ours & _folded(shown):
            await _sent(client.delete_channel(uuid, drop.kind))
        await _put_back(client, uuid, before, wanted)
        if await _is_as_wanted(client, uuid, before, wanted):
            journal.drops.record(drop, saved, "dropped")
            return
        if ours <= _folded(await _shown(client, uuid) or ()):
            # The service keeps them: nothing was lost, and it is said.
            journal.drops.record(drop, saved, "kept")
            return
    raise CanarySurprise(
        f"Taking the further {drop.kind} of the contact with id {drop.contact_id} away took something else as well,"
        " and it could not be put back. The undo stopped before this could spread.",
        advice="Compare the contact in the web app with the run's journal ('hmpipe find', 'hmpipe runs show').",
    )


async def _put_back(client: Dropping, uuid: str, before: Record, wanted: Iterable[tuple[str, str]]) -> None:
    """Bring back the phone and the address of a contact, and the channels that it is to keep."""
    now = await client.get_contact(before.id)
    if now and (now.phone, now.email) != (before.phone, before.email):
        custom = held_custom(before)
        planned = plan_contact(0, contact_as_before(0, before._replace(custom=custom)), now, RESTORE)
        if isinstance(planned, Change):
            body = {**planned.body, "phone": before.phone}
            await _sent(client.update_contact(before.id, body, overwrite=planned.overwrite))
    there = _folded(await _shown(client, uuid) or ())
    for kind, value in wanted:
        if fold_channel(kind, value) not in there | _main(before):
            await _sent(client.add_channel(uuid, kind, value))


async def _is_as_wanted(client: Dropping, uuid: str, before: Record, wanted: Iterable[tuple[str, str]]) -> bool:
    now, shown = await client.get_contact(before.id), await _shown(client, uuid)
    if now is None or shown is None or (now.phone, now.email) != (before.phone, before.email):
        return False
    return _folded(shown) - _main(before) == _folded(wanted) - _main(before)


def _main(record: Record) -> set[tuple[str, str]]:
    """The phone and the address that stand in the contact itself."""
    return {fold_channel("phone", record.phone), fold_channel("email", record.email)}


def _folded(channels: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {fold_channel(kind, value) for kind, value in channels}


async def _shown(client: Dropping, uuid: str) -> Channels | None:
    try:
        return tuple(await client.list_channels(uuid))
    except RequestRefused:
        return None


async def _sent(call: Awaitable[object]) -> None:
    """Send something of which reading back tells what became of it."""
    with contextlib.suppress(AnswerLost, RequestRefused):
        await call
