"""A delta and all that it builds on, merged into one full snapshot."""

from contextlib import closing
from datetime import datetime
from itertools import islice
from pathlib import Path

from pipeline import jsontext
from pipeline.snapshots._compose import chain_of, composed, consents_of
from pipeline.snapshots._draft import Draft, find_unfinished
from pipeline.snapshots._publish import ExportFacts, SnapshotFormat, publish
from pipeline.snapshots._snapshot import Snapshot
from pipeline.snapshots._store import Store
from pipeline.snapshots._writers import TAGS, TEAM
from pipeline.wire import read_stored

_PIECE = 1_000


def materialize(snapshot: Snapshot, store: Store, form: SnapshotFormat, drafts: Path) -> str:
    """Write a snapshot, merged with all that it builds on, as a full one of the same moment; return its place.

    Raises InputError for a chain that is damaged, and StorageFailed.
    """
    manifest = snapshot.manifest
    chain = chain_of(snapshot)
    folder = store.drafts(drafts)
    owner = f"materialized from {snapshot.name} {snapshot.manifest_sha256[:16]}"
    # A draft that an earlier try has left is dropped: its contents can be copied again.
    while left := find_unfinished(folder, owner, manifest.host, store=store):
        left.discard()
    started = datetime.fromisoformat(manifest.created)
    # Under an owner of its own, so that no export of the account continues this draft.
    with closing(
        Draft.create(folder, owner, manifest.host, is_taken=store.holds, started=started, of=manifest.account)
    ) as draft:
        draft.set_fields(snapshot.fields())
        records = map(read_stored, composed(snapshot))
        while piece := list(islice(records, _PIECE)):
            draft.save(piece)
        draft.save_consents(consents_of(snapshot).items())
        facts = {}
        for fact, file in (("tags", TAGS), ("team", TEAM)):
            if snapshot.stored(file):
                with snapshot.reading(file) as stream:
                    facts[fact] = jsontext.decode(stream.read())
        draft.note(
            surface=manifest.surface,
            consent=manifest.consent,
            unavailable=list(manifest.unavailable),
            **facts,
        )
        findings = ExportFacts(
            manifest.complete,
            manifest.reason,
            manifest.walk,
            manifest.count_check,
            composed_from=[link.name for link in chain],
        )
        return publish(draft, findings, form, store)
