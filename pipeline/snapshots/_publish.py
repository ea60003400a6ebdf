"""From a draft to a snapshot: its files first, the manifest last, and only then does it appear in the store."""

import shutil
from collections.abc import Collection, Mapping, Sequence

from pipeline import __version__
from pipeline.models import CustomField, Json
from pipeline.snapshots import _writers as writers
from pipeline.snapshots._base import check_base_stays
from pipeline.snapshots._details import DetailColumns
from pipeline.snapshots._draft import Draft
from pipeline.snapshots._draftdetails import CHANNELS, STATUS
from pipeline.snapshots._encryption import Encryptor
from pipeline.snapshots._manifest import MANIFEST, FileEntry, Manifest, describe_file
from pipeline.snapshots._names import free_name
from pipeline.snapshots._parquet import write_parquet
from pipeline.snapshots._store import FolderStore, Store
from pipeline.storage import disk_errors, flush_file, flush_folder, make_private_file, make_private_folder
from pipeline.values import Struct, field, replace


class ExportFacts(Struct, frozen=True):
    """What an export found out about its own completeness, for the manifest."""

    complete: bool
    reason: str
    walk: Mapping[str, Json]
    count_check: Mapping[str, Json]
    traffic: Mapping[str, Json] = field(default_factory=dict)
    deletions: str = ""
    composed: int = -1
    composed_from: Sequence[str] = ()


class SnapshotFormat(Struct, frozen=True):
    """How a snapshot is written: its formats, the profile of its CSV, and what encrypts it."""

    formats: Collection[str] = ("jsonl", "csv")
    csv_profile: writers.CsvProfile = "exact"
    encryptor: Encryptor | None = None


def publish(draft: Draft, facts: ExportFacts, form: SnapshotFormat | None = None, store: Store | None = None) -> str:
    """Write the files of the snapshot, make it visible under its name, remove the draft. Return its place.

    JSON lines are always written: they are the canonical form. No reader ever sees a part of a snapshot. After a kill
    at any moment, the draft can be published again. Raises StorageFailed, and BaseLost where the base of a delta is
    gone; the draft is then kept.
    """
    form, store = form or SnapshotFormat(), store or FolderStore(draft.folder.parent)
    contents = draft.contents
    with disk_errors(draft.folder):
        if contents.exists():
            shutil.rmtree(contents)
        make_private_folder(contents)
        files = _write_files(draft, form)
        manifest = _manifest(draft, facts, form, files)
        make_private_file(contents / MANIFEST)
        (contents / MANIFEST).write_bytes(manifest.as_text().encode())
        flush_file(contents / MANIFEST)
        flush_folder(contents)
    if draft.facts.base:
        # Somebody may remove the base during the export, so it is checked as late as possible.
        check_base_stays(store, draft.facts.base)
    # Saved before the upload begins, so that another try replaces the files that this one has left.
    target = draft.facts.target or free_name(draft.name, store.holds)
    draft.note(replace(draft.facts, target=target))
    store.put(target, contents)
    draft.discard()
    return store.where(target)


def _write_files(draft: Draft, form: SnapshotFormat) -> dict[str, FileEntry]:
    contents = draft.contents
    custom = writers.all_custom_fields(draft.facts.fields, draft.custom_ids)
    consents = dict(draft.consents())
    rows = {writers.CONTACTS: writers.write_contacts(contents / writers.CONTACTS, draft.raw_contacts())}
    rows |= _write_tables(draft, form, custom, consents)
    rows[writers.FIELDS] = writers.write_fields(contents / writers.FIELDS, draft.facts.fields)
    if consents:
        rows[writers.CONSENT] = writers.write_consents(contents / writers.CONSENT, draft.consents())
    if draft.facts.detail == "full":
        rows[writers.DETAILS] = writers.write_details(contents / writers.DETAILS, draft.details())
    if draft.facts.base:
        rows[writers.DELETED] = writers.write_contacts(contents / writers.DELETED, draft.raw_deleted())
    for name, held in ((writers.TAGS, draft.facts.tags), (writers.TEAM, draft.facts.team)):
        if held is not None:
            rows[name] = writers.write_json(contents / name, held)
    paths = {name: form.encryptor.encrypt(contents / name) if form.encryptor else contents / name for name in rows}
    return {path.name: describe_file(path, rows[name]) for name, path in paths.items()}


def _write_tables(
    draft: Draft, form: SnapshotFormat, custom: Sequence[CustomField], consents: Mapping[int, bool]
) -> dict[str, int]:
    contents, rows = draft.contents, dict[str, int]()
    is_full = draft.facts.detail == "full"
    if "csv" in form.formats:
        rows[writers.TABLE] = writers.write_table(
            contents / writers.TABLE,
            writers.with_consents(draft.detailed_contacts(), consents),
            custom,
            opt_out=draft.facts.shows_opt_out or bool(consents) or draft.tells_opt_outs,
            profile=form.csv_profile,
            columns=DetailColumns.over(draft.detailed_contacts()) if is_full else None,
        )
    if "parquet" in form.formats:
        contacts = writers.with_consents(draft.detailed_contacts(), consents)
        rows[writers.PARQUET] = write_parquet(contents / writers.PARQUET, contacts, custom, detailed=is_full)
    return rows


def _manifest(draft: Draft, found: ExportFacts, form: SnapshotFormat, files: Mapping[str, FileEntry]) -> Manifest:
    facts = draft.facts
    is_full = facts.detail == "full"
    channels, channels_unknown = draft.how_known(CHANNELS) if is_full else ("unknown", 0)
    status, status_unknown = draft.how_known(STATUS) if is_full else ("unknown", 0)
    return Manifest(
        account=facts.of or facts.account,
        host=facts.host,
        created=facts.started,
        contacts=next(entry.rows for name, entry in files.items() if name.startswith(writers.CONTACTS)),
        complete=found.complete,
        reason=found.reason,
        files=files,
        walk=found.walk,
        count_check=found.count_check,
        tool=f"heymarket-pipeline {__version__}",
        kind="delta" if facts.base else "full",
        traffic=found.traffic,
        base=facts.base,
        deletions=found.deletions,
        composed=found.composed,
        composed_from=found.composed_from,
        encryption="age" if form.encryptor else "none",
        csv_profile=form.csv_profile,
        surface=facts.surface or "v1",
        consent=facts.consent,
        unavailable=facts.unavailable,
        detail=facts.detail,
        detailed=facts.detailed,
        channels=channels,
        status=status,
        channels_unknown=channels_unknown,
        status_unknown=status_unknown,
        archived="asked" if facts.archived in ("together", "apart") else "unknown",
    )
