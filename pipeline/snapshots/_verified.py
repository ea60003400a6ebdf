"""Which snapshots were verified when: kept beside the other state of this machine, never in a snapshot."""

import contextlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from pipeline.snapshots._disk import make_private_file
from pipeline.snapshots._verify import Verification


def remember_verified(path: Path, found: Verification) -> None:
    """Remember what a verification found. A machine whose state cannot be written forgets it, which harms nobody."""
    known = recall_verified(path)
    words = "whole" if found.exit_code == 0 else "damaged" if found.problems else "partial"
    known[found.manifest_sha256] = f"{words} {datetime.now(UTC).isoformat(timespec='seconds')}"
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_private_file(beside)
        beside.write_text(json.dumps(known, indent=1), encoding="utf-8")
        beside.replace(path)


def recall_verified(path: Path) -> dict[str, str]:
    """Return what was found and when, by the hash of the snapshot's manifest."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in known.items()} if isinstance(known, dict) else {}
