"""Snapshots on disk: the draft that survives a kill, publishing, verifying, listing."""

from pipeline.snapshots._contacts import SnapshotContacts
from pipeline.snapshots._draft import Draft, find_unfinished
from pipeline.snapshots._manifest import FileEntry, Manifest, ManifestUnreadable, read_manifest
from pipeline.snapshots._publish import Findings, publish
from pipeline.snapshots._verify import SnapshotInfo, Verification, list_snapshots, verify_snapshot

__all__ = [
    "Draft",
    "FileEntry",
    "Findings",
    "Manifest",
    "ManifestUnreadable",
    "SnapshotContacts",
    "SnapshotInfo",
    "Verification",
    "find_unfinished",
    "list_snapshots",
    "publish",
    "read_manifest",
    "verify_snapshot",
]
