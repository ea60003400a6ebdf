"""The duplicates of an account: contacts that share a phone, an address or another channel. Reported, never merged."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.errors import StorageFailed
from pipeline.models import Record, fold_channel, further_channels
from pipeline.results import DuplicateSummary
from pipeline.settings import Settings
from pipeline.showing import quoted
from pipeline.snapshots import Snapshot, complete_record, composed, details_of, find_snapshot, open_store
from pipeline.storage import private_file
from pipeline.wire import read_stored

COLUMNS = ("group", "shared", "value", "contact_id", "as", "phone", "first", "last", "email")
"""Source: docs/contract.md, section Files."""


def write_duplicates(settings: Settings, place: str, path: Path) -> DuplicateSummary:
    """Write the contacts of a snapshot that share something to a CSV file, a group for each thing that is shared.

    Raises InputError for a snapshot that cannot be read, and StorageFailed.
    """
    snapshot = find_snapshot(place, open_store(settings.paths.snapshots))
    shared = _shared(snapshot)
    contacts = {contact for owners in shared.values() for contact, _ in owners}
    # Only those are kept in memory; a second reading is cheaper than all contacts.
    records = {record.id: record for record in _records(snapshot) if record.id in contacts}
    try:
        with private_file(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for number, ((kind, value), owners) in enumerate(sorted(shared.items()), 1):
                writer.writerows(
                    (number, kind, value, contact, role, *_named(records[contact])) for contact, role in sorted(owners)
                )
    except OSError as error:
        raise StorageFailed(f"The list {quoted(path)} cannot be written: {error.strerror}.") from error
    groups: dict[str, int] = {}
    for kind, _ in shared:
        groups[kind] = groups.get(kind, 0) + 1
    return DuplicateSummary(str(path), snapshot.name, groups, len(contacts))


def _shared(snapshot: Snapshot) -> Mapping[tuple[str, str], set[tuple[int, str]]]:
    """Return every channel that several contacts have, with the contacts and what it is to each."""
    first: dict[tuple[str, str], tuple[int, str]] = {}
    shared: dict[tuple[str, str], set[tuple[int, str]]] = {}
    for record in _records(snapshot):
        for channel, role in _channels(record):
            owner = first.setdefault(channel, (record.id, role))
            if owner[0] != record.id:
                shared.setdefault(channel, {owner}).add((record.id, role))
    return shared


def _channels(record: Record) -> Iterator[tuple[tuple[str, str], str]]:
    own = [(("phone", record.phone), "own"), (("email", record.email), "own")]
    further = [(channel, "further") for channel in further_channels(record) or ()]
    seen: set[tuple[str, str]] = set()
    for (kind, value), role in [*own, *further]:
        channel = fold_channel(kind, value)
        if channel[1] and channel not in seen:
            seen.add(channel)
            yield channel, role


def _records(snapshot: Snapshot) -> Iterator[Record]:
    """Yield the contacts of a snapshot with what was asked of each; both are sorted by ID."""
    details = details_of(snapshot)
    known = next(details, None)
    for raw in composed(snapshot):
        record = read_stored(raw)
        while known and known.id < record.id:
            known = next(details, None)
        yield complete_record(record, known if known and known.id == record.id else None)


def _named(record: Record) -> tuple[str, ...]:
    return (f"+{record.phone}" if record.phone else "", record.first, record.last, record.email)
