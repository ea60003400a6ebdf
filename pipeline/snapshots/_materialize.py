"""A delta and all that it builds on, merged into one full snapshot."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from itertools import islice
from pathlib import Path

from pipeline import jsontext
from pipeline.errors import SettingsError
from pipeline.models import Json, Record
from pipeline.snapshots._compose import chain_of, composed, consents_of
from pipeline.snapshots._detailchain import details_of
from pipeline.snapshots._draft import Draft, find_unfinished
from pipeline.snapshots._draftfacts import DraftFacts
from pipeline.snapshots._publish import ExportFacts, SnapshotFormat, publish
from pipeline.snapshots._snapshot import Snapshot
from pipeline.snapshots._store import Store
from pipeline.snapshots._writers import TAGS, TEAM
from pipeline.values import replace
from pipeline.wire import read_stored

_PIECE = 1_000


def materialize(
    snapshot: Snapshot,
    store: Store,
    form: SnapshotFormat,
    drafts: Path,
    leave_out: Callable[[Record], bool] = lambda _: False,
) -> str:
    """Write a snapshot, merged with all that it builds on, as a full one of the same moment; return its place.

    Contacts that are to be left out are not in it.

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
        Draft.create(
            folder, DraftFacts(owner, manifest.host, of=manifest.account), is_taken=store.holds, started=started
        )
    ) as draft:
        records = (record for record in map(read_stored, composed(snapshot)) if not leave_out(record))
        while piece := list(islice(records, _PIECE)):
            draft.save(piece)
        draft.keep_details(details_of(snapshot))
        draft.save_consents(consents_of(snapshot).items())
        is_full = manifest.detail == "full"
        known = replace(
            draft.facts,
            detail="full" if any(link.manifest.detail == "full" for link in chain) else "list",
            detailed="all" if is_full else "",
            # What the newest of the chain did not ask for is known of the time before it only.
            carried={
                "channels": (manifest.channels, manifest.channels_unknown) if is_full else ("unknown", 0),
                "status": (manifest.status, manifest.status_unknown) if is_full else ("unknown", 0),
            },
            archived="together" if manifest.archived == "asked" else "unknown",
            fields=tuple(snapshot.fields()),
            surface=manifest.surface,
            consent=manifest.consent,
            unavailable=tuple(manifest.unavailable),
            tags=_held(snapshot, TAGS),
            team=_held(snapshot, TEAM),
        )
        draft.note(known)
        findings = ExportFacts(
            manifest.complete,
            manifest.reason,
            manifest.walk,
            manifest.count_check,
            composed_from=[link.name for link in chain],
        )
        return publish(draft, findings, form, store)


def _held(snapshot: Snapshot, file: str) -> Json:
    """Return what a JSON file of a snapshot holds, None where it has no such file."""
    if not snapshot.stored(file):
        return None
    with snapshot.reading(file) as stream:
        return jsontext.decode(stream.read())


def refuse_plain_copy(snapshot: Snapshot, form: SnapshotFormat, way_out: str = "") -> None:
    """Raise SettingsError where contacts of an encrypted snapshot, or of one that it builds on, would lie in plain.

    `form` is how the copy is to be written; `way_out` is a sentence that says how else it could be done. Raises
    InputError for a chain that is damaged.
    """
    if form.encryptor:
        return
    for link in chain_of(snapshot):
        if link.manifest.encryption != "none":
            raise SettingsError(
                f"{link.where} is encrypted, and export.encryption is not set: its contacts would lie there in plain."
                " Nothing was written.",
                advice=f'Set export.encryption to "age" (--set export.encryption=age). {way_out}'.strip(),
            )
