"""Which snapshots were verified when: kept with the state of this machine, never in a snapshot."""

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

from pipeline.snapshots._verify import Verification
from pipeline.storage import private_file

_DAMAGED = "damaged"


def remember_verified(path: Path, found: Verification) -> None:
    """Remember the result of a verification. Where the state cannot be written, it is lost without harm.

    Damage is remembered for each damaged snapshot of a chain; "whole" only where the files were looked into.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    words = "whole" if found.exit_code == 0 else _DAMAGED if found.problems else "partial"
    told = {found.mark: f"{words} {now}"} if found.mark and (found.looked_inside or found.problems) else {}
    told |= dict.fromkeys(found.damaged, f"{_DAMAGED} {now}")
    if not told:
        return
    known = recall_verified(path) | told
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with private_file(path) as beside:
            beside.write_text(json.dumps(known, indent=1), encoding="utf-8")


def recall_verified(path: Path) -> dict[str, str]:
    """Return what was found and when, by the mark of the snapshot."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in known.items()} if isinstance(known, dict) else {}


def damage_known(found: str) -> str:
    """Return what is remembered of a snapshot as a clause if it is damage, else ""."""
    words, _, when = found.partition(" ")
    return f"it was found damaged ({when}); 'hmpipe snapshots verify' looks again" if words == _DAMAGED else ""
