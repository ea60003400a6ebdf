"""Snapshots: the draft that survives a kill, publishing, reading, composing, verifying, listing."""

from pipeline.snapshots._base import base_in, base_lost, check_base, reason_of
from pipeline.snapshots._catalogue import (
    LAST,
    PREVIOUS,
    SnapshotInfo,
    find_snapshot,
    list_snapshots,
    locate,
    read_catalogue,
    readable,
)
from pipeline.snapshots._compose import chain_of, composed, consents_of, identified
from pipeline.snapshots._contacts import SnapshotContacts
from pipeline.snapshots._detailchain import details_of
from pipeline.snapshots._details import Details, complete_record, is_detail_column, status_of
from pipeline.snapshots._difference import Difference, differences_between
from pipeline.snapshots._draft import Draft, find_unfinished, list_drafts
from pipeline.snapshots._draftdetails import CHANNELS, IS_BLOCKED, OPT_OUT, STATUS, WHO
from pipeline.snapshots._draftfacts import DraftFacts, ExportVerdict
from pipeline.snapshots._encryption import Encryptor
from pipeline.snapshots._manifest import FileEntry, Manifest, ManifestUnreadable
from pipeline.snapshots._materialize import materialize, refuse_plain_copy
from pipeline.snapshots._optouts import OptOuts, newer_than
from pipeline.snapshots._parquet import load_library as need_parquet
from pipeline.snapshots._publish import ExportFacts, SnapshotFormat, publish
from pipeline.snapshots._retention import Candidate, Retention, RetentionRules, decide
from pipeline.snapshots._snapshot import Snapshot, lies_in_snapshot, open_snapshot
from pipeline.snapshots._store import FolderStore, Store, open_store
from pipeline.snapshots._usability import find_troubles
from pipeline.snapshots._verified import damage_known, recall_verified, remember_verified
from pipeline.snapshots._verify import Verification, verify_snapshot, verify_stored
from pipeline.snapshots._writers import custom_headers, read_fields

__all__ = [
    "CHANNELS",
    "IS_BLOCKED",
    "LAST",
    "OPT_OUT",
    "PREVIOUS",
    "STATUS",
    "WHO",
    "Candidate",
    "Details",
    "Difference",
    "Draft",
    "DraftFacts",
    "Encryptor",
    "ExportFacts",
    "ExportVerdict",
    "FileEntry",
    "FolderStore",
    "Manifest",
    "ManifestUnreadable",
    "OptOuts",
    "Retention",
    "RetentionRules",
    "Snapshot",
    "SnapshotContacts",
    "SnapshotFormat",
    "SnapshotInfo",
    "Store",
    "Verification",
    "base_in",
    "base_lost",
    "chain_of",
    "check_base",
    "complete_record",
    "composed",
    "consents_of",
    "custom_headers",
    "damage_known",
    "decide",
    "details_of",
    "differences_between",
    "find_snapshot",
    "find_troubles",
    "find_unfinished",
    "identified",
    "is_detail_column",
    "lies_in_snapshot",
    "list_drafts",
    "list_snapshots",
    "locate",
    "materialize",
    "need_parquet",
    "newer_than",
    "open_snapshot",
    "open_store",
    "publish",
    "read_catalogue",
    "read_fields",
    "readable",
    "reason_of",
    "recall_verified",
    "refuse_plain_copy",
    "remember_verified",
    "status_of",
    "verify_snapshot",
    "verify_stored",
]
