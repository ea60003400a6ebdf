"""The manifest: what a snapshot holds, and whether it is complete."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
FORMAT = 1

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "format": int,
    "tool": str,
    "account": str,
    "host": str,
    "created": str,
    "kind": str,
    "contacts": int,
    "complete": bool,
    "reason": str,
    "files": dict,
    "walk": dict,
    "count_check": dict,
}
_FILE_TYPES: Mapping[str, type] = {"sha256": str, "bytes": int, "rows": int}


class ManifestUnreadable(ValueError):
    """The manifest is missing, cut short, or not one of ours; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a snapshot: its SHA-256, its size, and its rows (contacts, or custom fields)."""

    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot says of itself.

    `created` is when the export began (UTC). `walk` holds the cursor range, the watermark, the traits learned and the
    stalls; `count_check` the state `verified | count_unavailable | count_differs` and the counts before and after.
    `complete` is true only when every contact is proved to be in it; otherwise `reason` says why not.
    """

    account: str
    host: str
    created: str
    contacts: int
    complete: bool
    reason: str
    files: Mapping[str, FileEntry]
    walk: Mapping[str, Any]
    count_check: Mapping[str, Any]
    tool: str
    kind: str = "full"
    format: int = FORMAT
    traffic: Mapping[str, Any] = field(default_factory=dict)

    def as_text(self) -> str:
        """Return the manifest as it is written."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=True) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a snapshot. Raises ManifestUnreadable."""
    path = folder / MANIFEST
    try:
        return parse_manifest(path.read_bytes())
    except FileNotFoundError:
        raise ManifestUnreadable(f"{MANIFEST} is missing.") from None
    except OSError as error:
        raise ManifestUnreadable(f"{MANIFEST} cannot be read: {error.strerror}.") from error


def parse_manifest(content: bytes) -> Manifest:
    """Return the manifest that a file holds. Raises ManifestUnreadable."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ManifestUnreadable(f"{MANIFEST} is not JSON, or was cut short.") from error
    return _checked(value)


def _checked(value: object) -> Manifest:
    if not isinstance(value, dict):
        raise ManifestUnreadable(f"{MANIFEST} does not hold an object.")
    if value.get("format") != FORMAT:
        raise ManifestUnreadable(f"{MANIFEST} has format {value.get('format')!r}; this version reads format {FORMAT}.")
    _check_types(value, _TYPES, "")
    for name, entry in value["files"].items():
        if not isinstance(entry, dict):
            raise ManifestUnreadable(f"{MANIFEST} does not describe the file {name}.")
        _check_types(entry, _FILE_TYPES, f"files.{name}.")
    files = {name: FileEntry(**{key: entry[key] for key in _FILE_TYPES}) for name, entry in value["files"].items()}
    known = {key: value[key] for key in _TYPES if key != "files"}
    return Manifest(files=files, traffic=value.get("traffic", {}), **known)


def _check_types(value: Mapping[str, object], types: Mapping[str, type | tuple[type, ...]], where: str) -> None:
    for key, kind in types.items():
        found = value.get(key)
        # bool is an int in Python, but a count that says true is damage.
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            raise ManifestUnreadable(f"{MANIFEST} holds no usable {where}{key}.")


def describe_file(path: Path, rows: int) -> FileEntry:
    """Return the entry of a file that is on disk. Raises OSError."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileEntry(digest, path.stat().st_size, rows)
