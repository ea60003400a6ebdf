"""Which contact of the account is the one that a snapshot holds: by its ID, by its phone, or none of them any more.

Whoever is not plainly the same contact is left alone: to take one for another would put somebody's data in the place of
somebody else's.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping

import anyio.to_thread

from pipeline.errors import RequestRefused
from pipeline.models import Change, Contact, Expected, Found, Record, Reject
from pipeline.planner import UNASSIGNED, is_blank, plan_contact
from pipeline.reversal._list import Retrieving
from pipeline.reversal._undo import RESTORE
from pipeline.reversal.restore._ids import IdMapping
from pipeline.snapshots import OptOuts, Snapshot, composed, consents_of, identified
from pipeline.values import Struct, replace

NewerOptOuts = Callable[[], OptOuts]
"""Reads who is opted out by what newer snapshots say."""

_NAMES = ("first", "last", "email")
"""What a person is known by beside the phone."""


class Matching(Struct):
    """Makes the row of each contact of a snapshot.

    `assume_subscribed`: whether a contact that is made anew is opted out is taken from this snapshot alone, and where
    that does not say, it is not. `match_phone`: whoever has the phone of a contact that is gone, and is not in the
    snapshot, is the same person.
    """

    snapshot: Snapshot
    client: Retrieving
    ids: IdMapping
    same_account: bool
    newer: NewerOptOuts
    assume_subscribed: bool = False
    match_phone: bool = False
    _consents: Mapping[int, bool] | None = None
    _ids: "array[int] | None" = None
    _opt_outs: OptOuts | None = None

    async def row(self, line: int, record: Record, found: Found) -> Contact | Reject:
        """Return the row of a contact, of which `found` says who has its phone now.

        Raises InputError for a damaged snapshot, and what the client raises.
        """
        record = self._with_consent(record)
        wanted = self.ids.wanted(line, record)
        if not record.phone.isdecimal():
            return await self._without_phone(wanted, record)
        if self.same_account:
            # Whoever has the phone by the time of the write must be this contact still.
            wanted = replace(wanted, known_id=record.id)
        holders = found.records.get(record.phone, ())
        if record.phone in found.elsewhere or record.phone in found.refused or len(holders) > 1:
            # The uploader says what is in the way.
            return wanted
        holder = holders[0] if holders else None
        if holder and (holder.id == record.id or not self.same_account):
            return wanted
        moved = await self._present(record.id) if self.same_account else None
        if moved:
            return _moved(wanted, moved, holder)
        return self._taken_as_same(wanted, holder) if holder else await self._made_anew(wanted, record)

    async def _without_phone(self, wanted: Contact, record: Record) -> Contact | Reject:
        """Return the row of a contact that had no phone: by its ID, or else to be made from its other channels."""
        fields = dict(wanted.fields)
        if not record.email:
            # Made from a channel, it may show that one as its address.
            del fields["email"]
        wanted = replace(wanted, phone="", fields=fields)
        there = await self._present(record.id) if self.same_account else None
        if there and there.phone.isdecimal():
            return replace(wanted, phone=there.phone, known_id=record.id, notes=(*wanted.notes, "phone_stays"))
        if there:
            return replace(wanted, known_id=record.id)
        if not (record.email or wanted.channels):
            reason = f"the contact with id {record.id} had no phone, no address and no other channel to make it from"
            return Reject(wanted.line, "without_channel", "", str(record.id), reason)
        return await self._made_anew(wanted, record)

    def _with_consent(self, record: Record) -> Record:
        """Return a contact with the opt-out that its status told, where it does not show it itself."""
        if record.is_opted_out is not None:
            return record
        if self._consents is None:
            self._consents = consents_of(self.snapshot)
        return record._replace(is_opted_out=self._consents.get(record.id))

    async def _present(self, contact_id: int) -> Record | None:
        """Return a contact by its ID, or None: it is asked for only where its phone finds somebody else, or nobody."""
        try:
            return await self.client.get_contact(contact_id)
        except RequestRefused:
            # The answer for an ID that is not there is unknown (docs/api.md, section Endpoints): it shows no contact.
            return None

    def _taken_as_same(self, wanted: Contact, holder: Record) -> Contact | Reject:
        """Return the row of a contact that is gone, and whose phone another one has."""
        reason = f"the contact is gone, and its phone belongs to the contact with id {holder.id} now, "
        if self._holds(holder.id):
            reason += "which is another one of the snapshot and is not overwritten"
            return Reject(wanted.line, "phone_of_another", "Phone", wanted.phone, reason)
        if self.match_phone or is_plainly_same(wanted, holder):
            return replace(wanted, known_id=holder.id, notes=(*wanted.notes, "matched_by_phone"))
        reason += "which is not in the snapshot and has other names; if it is the same person, say --match-phone"
        return Reject(wanted.line, "phone_reused", "Phone", wanted.phone, reason)

    def _holds(self, contact_id: int) -> bool:
        """Whether the snapshot holds a contact. Its IDs are sorted; they are kept as eight bytes each."""
        if self._ids is None:
            self._ids = array("q", (each for each, _ in identified(composed(self.snapshot))))
        place = bisect_left(self._ids, contact_id)
        return place < len(self._ids) and self._ids[place] == contact_id

    async def _made_anew(self, wanted: Contact, record: Record) -> Contact:
        notes = [*wanted.notes, "recreated"]
        fields = dict(wanted.fields)
        if not (self.assume_subscribed or record.is_opted_out):
            if await self._opted_out_since(record):
                notes.append("opted_out_since")
                fields["is_opted_out"] = True
            elif record.is_opted_out is None:
                notes.append("opt_out_assumed")
                fields["is_opted_out"] = True
            elif self._opt_outs and self._opt_outs.unreadable:
                notes.append("newer_unreadable")
        elif self.assume_subscribed and not record.is_opted_out:
            fields["is_opted_out"] = False
        if record.tags is None:
            notes.append("tags_not_saved")
        # If somebody makes it before this does, theirs is not overwritten.
        return replace(wanted, fields=fields, notes=tuple(notes), known_id=None, expected=Expected())

    async def _opted_out_since(self, record: Record) -> bool:
        """Whether a newer snapshot knows the contact as opted out. They are read only when that first matters."""
        if self._opt_outs is None:
            # Beside the event loop: it may take minutes, in which a signal must be heard.
            self._opt_outs = await anyio.to_thread.run_sync(self.newer)
        return self._opt_outs.knows(record.id, record.phone)


def is_plainly_same(wanted: Contact, holder: Record) -> bool:
    """Whether a contact with the wanted phone is the wanted one, made anew since under another ID.

    It is if every name and address that it has is the wanted one's; without any, if nothing that it holds gets lost.
    """
    known_as = {name: text for name in _NAMES if (text := _folded(getattr(holder, name)))}
    if known_as:
        return all(_folded(str(wanted.fields[name])) == text for name, text in known_as.items())
    planned = plan_contact(0, wanted, holder, RESTORE)
    changes = planned.fields if isinstance(planned, Change) else ()
    return all(is_blank(change.old) or change.old in ((), False, UNASSIGNED) for change in changes)


def _folded(text: str) -> str:
    return text.strip().casefold()


def _moved(wanted: Contact, moved: Record, holder: Record | None) -> Contact | Reject:
    """Return the row of a contact that is still there, without the phone that it had."""
    here = f"the contact itself (id {moved.id})"
    if holder:
        has = "has another one" if moved.phone else "has none"
        reason = (
            f"its phone belongs to the contact with id {holder.id} now, and {here} {has}: which of them is meant is not"
            " guessed"
        )
        return Reject(wanted.line, "phone_moved", "Phone", wanted.phone, reason)
    if moved.phone.isdecimal():
        return replace(wanted, phone=moved.phone, notes=(*wanted.notes, "phone_stays"))
    reason = (
        f"{here} is still there and has no phone now, so it is not made a second time; give it its phone in the web"
        " app, then restore it"
    )
    return Reject(wanted.line, "phone_removed", "Phone", wanted.phone, reason)
