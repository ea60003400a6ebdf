"""Channels and statuses of contacts at the time of a snapshot, of all that it builds on; streamed, sorted by id."""

import heapq
from collections.abc import Iterator
from itertools import groupby

from pipeline.models import Status
from pipeline.snapshots._compose import chain_of, identified
from pipeline.snapshots._details import Details
from pipeline.snapshots._snapshot import Snapshot
from pipeline.snapshots._writers import DETAILS

_CHANGED, _TOLD = 0, 1


def details_of(snapshot: Snapshot) -> Iterator[Details]:
    """Yield channels and statuses as far as exports of the chain have asked for them, sorted by contact ID.

    What a later export did not ask again may be out of date: of a status only opted out and blocked are passed on, and
    channels only of contacts that did not change since. Raises InputError.
    """
    chain = chain_of(snapshot)
    if not any(each.stored(DETAILS) for each in chain):
        return
    streams = [_events(each, place) for place, each in enumerate(chain)]
    for _, group in groupby(heapq.merge(*streams, key=lambda each: each[:3]), key=lambda each: each[0]):
        events = {event[1:3]: event[3] for event in group}
        known: Details | None = None
        for place, each in enumerate(chain):
            told, is_changed = events.get((place, _TOLD)), (place, _CHANGED) in events
            if known and (each.manifest.detailed != "changed" or is_changed):
                known = _still_true(known, keeps_channels=not is_changed and not each.manifest.detailed)
            if told and known and told.status is None:
                told = told._replace(status=known.status)
            known = told or known
        if known and (known.channels is not None or known.status):
            yield known


def _events(snapshot: Snapshot, place: int) -> Iterator[tuple[int, int, int, Details | None]]:
    """Yield what a snapshot of a chain says of a contact: that it holds it, and what was asked of it."""
    held = ((number, place, _CHANGED, None) for number, _ in identified(snapshot.raw_contacts(), snapshot))
    told = ((each.id, place, _TOLD, each) for each in snapshot.details())
    return heapq.merge(held, told, key=lambda each: each[:3])


def _still_true(known: Details, *, keeps_channels: bool) -> Details:
    status = known.status or Status()
    said = Status(status.unsubscribed or None, status.blocked or None)
    alarms = said._replace(by_admin=status.by_admin, by_contact=status.by_contact) if said.unsubscribed else said
    return known._replace(
        channels=known.channels if keeps_channels else None, status=None if alarms == Status() else alarms
    )
