"""Snapshots on disk: the draft that survives a kill, publishing, verifying, listing."""

from pipeline.snapshots._contacts import SnapshotContacts
from pipeline.snapshots._draft import Draft, find_unfinished
from pipeline.snapshots._manifest import FileEntry, Manifest, ManifestUnreadable, read_manifest
from pipeline.snapshots._publish import Findings, publish
from pipeline.snapshots._snapshot import Snapshot, open_snapshot
from pipeline.snapshots._store import FolderStore, Store
from pipeline.snapshots._verify import SnapshotInfo, Verification, list_snapshots, verify_snapshot

__all__ = [
    "Draft",
    "FileEntry",
    "Findings",
    "FolderStore",
    "Manifest",
    "ManifestUnreadable",
    "Snapshot",
    "SnapshotContacts",
    "SnapshotInfo",
    "Store",
    "Verification",
    "find_unfinished",
    "list_snapshots",
    "open_snapshot",
    "publish",
    "read_manifest",
    "verify_snapshot",
]
