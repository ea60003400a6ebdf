"""The manifest: what a snapshot holds, and whether it is complete."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline import jsontext
from pipeline.showing import quoted
from pipeline.values import Struct, as_dict, field

MANIFEST = "manifest.json"
FORMAT = 2
WITHOUT_CHECKSUM = 1
"""The format of manifests that do not hold their own checksum."""

_OWN = "own_sha256"
_BLANK = "0" * 64


class ManifestUnreadable(ValueError):
    """The manifest is missing, cut short, or not one of ours; the text is a sentence."""


class FileEntry(Struct, frozen=True):
    """One file of a snapshot: its SHA-256, its size, and its rows (contacts, or custom fields)."""

    sha256: str
    bytes: int
    rows: int


class Manifest(Struct, frozen=True):
    """What a snapshot says of itself. Snapshots of earlier versions lack the fields that have a default.

    `created` is when the export began (UTC). `walk` holds the cursor range, the watermark, the traits learned and the
    stalls; `count_check` the state `verified | count_unavailable | count_differs` and the counts before and after.
    `complete` is true only when every contact is proved to be in it; otherwise `reason` says why not.

    A `kind` of `delta` holds what changed since its `base` (`name` and `manifest_sha256` of the snapshot before it);
    `composed` is then the number of contacts of both together, and `deletions` says how the deleted ones were found:
    `found` (by a full walk), `none` (the account counts as many), `unknown` (it does not count), `not_looked_for` where
    the export was cut short. `composed_from` names the snapshots that a materialized one was made of. `encryption` is
    how its files are stored, `csv_profile` how contacts.csv is written, `surface` which list was walked, `consent`
    how opt-outs were learned, `unavailable` what the service refused to tell.

    `detail` is how much was asked for. Where that is `full`, `channels` and `status` (opted out, blocked) say how they
    are known: `list`, `asked`, or `unknown`, which they are of `channels_unknown` and `status_unknown` contacts.
    `detailed` says of which contacts: `all` of the account, or of a delta those that `changed`, where such a change was
    seen to raise `updated`. `archived` says whether archived contacts are in it: `asked` for, or `unknown`.
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
    kind: str
    format: int = FORMAT
    traffic: Mapping[str, Any] = field(default_factory=dict)
    base: Mapping[str, str] = field(default_factory=dict)
    deletions: str = ""
    composed: int = -1
    composed_from: Sequence[str] = ()
    encryption: str = "none"
    csv_profile: str = "exact"
    surface: str = "v1"
    consent: str = "list"
    unavailable: Sequence[str] = ()
    detail: str = "list"
    detailed: str = ""
    channels: str = "unknown"
    status: str = "unknown"
    channels_unknown: int = 0
    status_unknown: int = 0
    archived: str = "unknown"

    @property
    def moment(self) -> datetime:
        """When the export began, in UTC; a manifest that names no zone is taken for UTC."""
        return _moment(self.created)

    @property
    def owner(self) -> tuple[str, str]:
        """Whose contacts it holds: the account and its host."""
        return self.account, self.host

    @property
    def is_delta(self) -> bool:
        """Whether it holds only what changed since its base."""
        return self.kind == "delta"

    @property
    def total(self) -> int:
        """How many contacts there are in all, those of the snapshots before it included."""
        return self.composed if self.is_delta else self.contacts

    @property
    def has_checksum(self) -> bool:
        """Whether it carries its own SHA-256, so that a changed manifest is noticed."""
        return self.format != WITHOUT_CHECKSUM

    def as_text(self) -> str:
        """Return the manifest as it is written."""
        return with_checksum(as_dict(self))


def with_checksum(value: Mapping[str, Any]) -> str:
    """Return the text of a manifest. It ends with the SHA-256 of itself, taken with zeros in that place."""
    text = json.dumps({**value, _OWN: _BLANK}, indent=2, ensure_ascii=True) + "\n"
    return text.replace(_own_entry(_BLANK), _own_entry(hashlib.sha256(text.encode()).hexdigest()))


def parse_manifest(content: bytes) -> Manifest:
    """Return the manifest that a file holds. Raises ManifestUnreadable."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ManifestUnreadable(f"{MANIFEST} is not JSON, or was cut short.") from error
    if not isinstance(value, dict):
        raise ManifestUnreadable(f"{MANIFEST} does not hold an object.")
    if value.get("format") not in (WITHOUT_CHECKSUM, FORMAT):
        raise ManifestUnreadable(
            f"{MANIFEST} has format {quoted(value.get('format'))}; this version reads format {FORMAT}."
        )
    if value["format"] == FORMAT or _OWN in value:
        _check_own(value.get(_OWN), content)
    return _checked(value)


def _own_entry(digest: str) -> str:
    return f'"{_OWN}": "{digest}"'


def _check_own(told: object, content: bytes) -> None:
    """Raise ManifestUnreadable unless every byte of a manifest is as it was written."""
    known = isinstance(told, str) and re.fullmatch("[0-9a-f]{64}", told)
    entry = _own_entry(str(told)).encode()
    blank = content.replace(entry, _own_entry(_BLANK).encode())
    if not known or content.count(entry) != 1 or hashlib.sha256(blank).hexdigest() != told:
        raise ManifestUnreadable(f"{MANIFEST} was changed: its own checksum does not agree.")


def _checked(value: Mapping[str, Any]) -> Manifest:
    try:
        manifest = jsontext.convert(value, Manifest)
    except jsontext.InvalidJson as error:
        raise ManifestUnreadable(f"{MANIFEST} holds a value that cannot be used: {error}.") from error
    try:
        _moment(manifest.created)
    except (ValueError, OverflowError) as error:
        raise ManifestUnreadable(
            f"{MANIFEST} says that it was created {quoted(manifest.created)}: that is no time."
        ) from error
    if manifest.is_delta and not {"name", "manifest_sha256"} <= manifest.base.keys():
        raise ManifestUnreadable(f"{MANIFEST} is that of a delta and does not name its base.")
    return manifest


def _moment(stamp: str) -> datetime:
    found = datetime.fromisoformat(stamp)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def describe_file(path: Path, rows: int) -> FileEntry:
    """Return the entry of a file that is on disk. Raises OSError."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileEntry(digest, path.stat().st_size, rows)
