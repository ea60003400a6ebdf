"""Snapshots: the draft that survives a kill, publishing, reading, composing, verifying, listing."""

from pipeline.snapshots._base import base_in, base_lost, check_base, reason_of
from pipeline.snapshots._compose import chain_of, composed, consents_of, identified
from pipeline.snapshots._contacts import SnapshotContacts
from pipeline.snapshots._difference import Difference, differences_between
from pipeline.snapshots._draft import Draft, find_unfinished
from pipeline.snapshots._encryption import Sealer
from pipeline.snapshots._manifest import FileEntry, Manifest, ManifestUnreadable, read_manifest
from pipeline.snapshots._materialize import materialize
from pipeline.snapshots._parquet import load_library as need_parquet
from pipeline.snapshots._publish import Findings, Form, publish
from pipeline.snapshots._retention import Candidate, Decision, Rules, decide
from pipeline.snapshots._snapshot import Snapshot, find_snapshot, lies_in_snapshot, open_snapshot, readable
from pipeline.snapshots._store import FolderStore, Store, open_store
from pipeline.snapshots._verified import recall_verified, remember_verified
from pipeline.snapshots._verify import SnapshotInfo, Verification, list_snapshots, verify_snapshot
from pipeline.snapshots._writers import custom_headers, read_fields

__all__ = [
    "Candidate",
    "Decision",
    "Difference",
    "Draft",
    "FileEntry",
    "Findings",
    "FolderStore",
    "Form",
    "Manifest",
    "ManifestUnreadable",
    "Rules",
    "Sealer",
    "Snapshot",
    "SnapshotContacts",
    "SnapshotInfo",
    "Store",
    "Verification",
    "base_in",
    "base_lost",
    "chain_of",
    "check_base",
    "composed",
    "consents_of",
    "custom_headers",
    "decide",
    "differences_between",
    "find_snapshot",
    "find_unfinished",
    "identified",
    "lies_in_snapshot",
    "list_snapshots",
    "materialize",
    "need_parquet",
    "open_snapshot",
    "open_store",
    "publish",
    "read_fields",
    "read_manifest",
    "readable",
    "reason_of",
    "recall_verified",
    "remember_verified",
    "verify_snapshot",
]
