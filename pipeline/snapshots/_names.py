"""What snapshots are called: the UTC time when they were begun, and what they hold."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

_NAME = re.compile(r"\d{8}T\d{6}Z-(full|delta)(-\d+)?")


def is_snapshot_name(name: str) -> bool:
    """Whether a name is one that an export gives."""
    return bool(_NAME.fullmatch(name))


def moment_of_name(name: str) -> datetime | None:
    """Return the second that the name of a snapshot shows, or None for a name that no export gives."""
    try:
        return datetime.strptime(name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if is_snapshot_name(name) else None
    except ValueError:
        return None


def snapshot_name(started: datetime, kind: str) -> str:
    """Return the name of a snapshot that was begun at `started` (UTC)."""
    return f"{started:%Y%m%dT%H%M%SZ}-{kind}"


def free_name(name: str, is_taken: Callable[[str], bool]) -> str:
    """Return `name`, or with -2, -3... where that is taken."""
    candidate, number = name, 1
    while is_taken(candidate):
        number += 1
        candidate = f"{name}-{number}"
    return candidate
