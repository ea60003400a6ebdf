"""From a draft to a snapshot: files first, the manifest last, then one rename."""

import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import __version__
from pipeline.models import Json
from pipeline.snapshots import _writers as writers
from pipeline.snapshots._disk import disk_errors, flush_file, flush_folder, make_private_file, make_private_folder
from pipeline.snapshots._draft import Draft
from pipeline.snapshots._manifest import MANIFEST, FileEntry, Manifest, describe_file


@dataclass(frozen=True, slots=True)
class Findings:
    """What an export found out about its own completeness; it goes into the manifest as it is."""

    complete: bool
    reason: str
    walk: Mapping[str, Json]
    count_check: Mapping[str, Json]
    traffic: Mapping[str, Json] = field(default_factory=dict)


def publish(draft: Draft, findings: Findings, formats: Collection[str] = ("jsonl", "csv")) -> Path:
    """Write the files of the snapshot, make it visible under its name, remove the draft. Return its folder.

    JSON lines are always written: they are the canonical form. No reader ever sees a half snapshot, because the
    folder gets its name when everything in it is on the disk. Killed at any moment, the draft can be published again.
    Raises StorageFailed; the draft is then kept.
    """
    snapshots, contents = draft.folder.parent, draft.contents
    with disk_errors(draft.folder):
        if contents.exists():
            shutil.rmtree(contents)
        make_private_folder(contents)
        files = _write_files(draft, formats)
        manifest = _manifest(draft, findings, files)
        make_private_file(contents / MANIFEST)
        (contents / MANIFEST).write_text(manifest.as_text(), encoding="utf-8")
        flush_file(contents / MANIFEST)
        flush_folder(contents)
        draft.note(target=draft.name)
        target = snapshots / draft.name
        os.rename(contents, target)  # noqa: PTH104 - unlike Path.rename it says that it is one system call
        flush_folder(snapshots)
    draft.discard()
    return target


def _write_files(draft: Draft, formats: Collection[str]) -> dict[str, FileEntry]:
    contents = draft.contents
    custom = writers.all_custom_fields(draft.fields, draft.custom_ids)
    rows = {writers.CONTACTS: writers.write_contacts(contents / writers.CONTACTS, draft.raw_contacts())}
    if "csv" in formats:
        rows[writers.TABLE] = writers.write_table(
            contents / writers.TABLE, draft.raw_contacts(), custom, opt_out=draft.shows_opt_out
        )
    rows[writers.FIELDS] = writers.write_fields(contents / writers.FIELDS, draft.fields)
    return {name: describe_file(contents / name, count) for name, count in rows.items()}


def _manifest(draft: Draft, findings: Findings, files: Mapping[str, FileEntry]) -> Manifest:
    return Manifest(
        account=str(draft.fact("account")),
        host=str(draft.fact("host")),
        created=str(draft.fact("started")),
        contacts=files[writers.CONTACTS].rows,
        complete=findings.complete,
        reason=findings.reason,
        files=files,
        walk=findings.walk,
        count_check=findings.count_check,
        tool=f"heymarket-pipeline {__version__}",
        traffic=findings.traffic,
    )
