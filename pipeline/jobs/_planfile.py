"""The plan file: what an import is to do, row by row, saved to be looked at and then applied exactly.

It is gzip: one JSON object a line, the first of them the header. The header stands in a gzip member of its own, so that
the rows can be written while they are read, and their hash and the totals be put in front of them at the end.
"""

import contextlib
import gzip
import hashlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from pipeline.errors import InputError, PlanRefused, StorageFailed
from pipeline.models import ChangeKind, Json, OnExisting, OutcomeKind
from pipeline.planner import Policy
from pipeline.runs.journal import OPT_OUT, PlannedRow, SourceFacts, read_sources, write_sources
from pipeline.showing import quoted
from pipeline.storage import private_file
from pipeline.values import Struct, as_dict, field_names

FORMAT = 1
NAME = "hmpipe plan"
_COMPRESSION = 6
_KINDS = {*ChangeKind, *OutcomeKind, OPT_OUT}
_LONGEST_HEADER = 64 * 1024 * 1024

_TYPES: Mapping[str, type] = {
    "account": str,
    "created": str,
    "source": str,
    "sources": str,
    "content": str,
    "settings": str,
    "policy": dict,
    "fields_to_create": list,
    "rows": int,
    "sha256": str,
    "totals": dict,
}


class PlanHeader(Struct, frozen=True):
    """What a plan says of itself.

    `account` is the key of the account (a hash of its URL and its credential's ID), `created` UTC, `source` what a
    person calls the input and `sources` what reject files are written from; `content` is the hash of the input,
    `settings` those that decide what is written, `fields_to_create` the titles of custom fields that have to be made
    first, and `totals` what `hmpipe plan --json` said.
    """

    account: str
    source: str
    sources: tuple[SourceFacts, ...]
    content: str
    settings: str
    policy: Policy
    fields_to_create: tuple[str, ...]
    totals: Mapping[str, Json]
    created: str = ""


class PlanFile(Struct, frozen=True):
    """A plan on disk, of which the header was read."""

    path: Path
    header: PlanHeader
    rows: int
    sha256: str

    def check_account(self, key: str) -> None:
        """Raise PlanRefused unless the plan was made for this account."""
        if self.header.account != key:
            raise PlanRefused(
                f"The plan {self.path} was made for another account, or with another credential. Nothing was sent.",
                advice="Make a new plan with the settings and credentials that you want to import with.",
            )

    def read_rows(self) -> Iterator[PlannedRow]:
        """Yield every row. Raises InputError, at the latest at the end, when the file is damaged."""
        digest, count = hashlib.sha256(), 0
        with _damage(self.path), gzip.open(self.path, "rb") as lines:
            lines.readline()
            for line in lines:
                count += 1
                digest.update(line)
                yield _row(json.loads(line))
        if (count, digest.hexdigest()) != (self.rows, self.sha256):
            raise _damaged(self.path, "its rows are not those that it was written with")


def write_plan(path: Path, header: PlanHeader, rows: Iterable[PlannedRow]) -> None:
    """Write a plan into a private file, at once or not at all. Raises StorageFailed."""
    try:
        with tempfile.TemporaryFile(dir=path.parent) as body, private_file(path) as beside:
            count, sha256 = _write_rows(body, rows)
            body.seek(0)
            facts = as_dict(header) | {"format": FORMAT, "kind": NAME, "rows": count, "sha256": sha256}
            facts["sources"] = write_sources(header.sources)
            facts["created"] = datetime.now(UTC).isoformat(timespec="seconds")
            with beside.open("wb") as target:
                target.write(gzip.compress(json.dumps(facts).encode() + b"\n", _COMPRESSION, mtime=0))
                shutil.copyfileobj(body, target)
                target.flush()
                os.fsync(target.fileno())
    except OSError as error:
        raise StorageFailed(
            f"The plan {path} cannot be written: {error.strerror}. Nothing was sent.",
            advice="Make room, or name another place with --output.",
        ) from error


def open_plan(path: Path) -> PlanFile:
    """Open a plan and read its header. Raises InputError when it is none, of a newer version, or damaged."""
    try:
        with _damage(path), gzip.open(path, "rb") as lines:
            found = json.loads(lines.readline(_LONGEST_HEADER))
    except OSError as error:
        raise InputError(f"The plan {path} cannot be read: {error.strerror}. Nothing was sent.") from error
    if not isinstance(found, dict) or found.get("kind") != NAME:
        raise _damaged(path, "it is no plan of hmpipe")
    if found.get("format") != FORMAT:
        raise InputError(
            f"The plan {path} has format {quoted(found.get('format'))}; this version reads format {FORMAT}."
            " Nothing was sent.",
            advice="Make the plan anew, or apply it with the version that made it.",
        )
    for name, kind in _TYPES.items():
        if not isinstance(found.get(name), kind):
            raise _damaged(path, f"its header holds no usable {quoted(name)}")
    return PlanFile(path, _header(path, found), found["rows"], found["sha256"])


def _header(path: Path, found: Mapping[str, Any]) -> PlanHeader:
    policy = found["policy"]
    try:
        known = Policy(**policy | {"on_existing": OnExisting(policy["on_existing"])})
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, "its header holds no usable 'policy'") from error
    try:
        sources = read_sources(found["sources"])
    except ValueError as error:
        raise _damaged(path, "its header holds no usable 'sources'") from error
    names = ("account", "source", "content", "settings", "totals", "created")
    return PlanHeader(
        policy=known,
        sources=sources,
        fields_to_create=tuple(map(str, found["fields_to_create"])),
        **{name: found[name] for name in names},
    )


def _write_rows(target: IO[bytes], rows: Iterable[PlannedRow]) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    with gzip.GzipFile("", "wb", _COMPRESSION, target, mtime=0) as packed:
        for row in rows:
            count += 1
            # The standard library's encoder: cells may carry undecodable bytes as lone surrogates and must keep them.
            line = json.dumps({name: value for name, value in _facts(row).items() if value not in ("", None, (), [])})
            packed.write(line.encode() + b"\n")
            digest.update(line.encode() + b"\n")
    return count, digest.hexdigest()


def _facts(row: PlannedRow) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in field_names(PlannedRow)}
    expected = json.loads(row.wanted).get("expected") if row.wanted else None
    # For whoever reads the file; what is applied is in `wanted`.
    return facts | {"rev": expected[1] if expected else None}


def _row(found: dict[str, Any]) -> PlannedRow:
    found.pop("rev", None)
    row = PlannedRow(**found)
    if row.kind not in _KINDS:
        raise ValueError(f"no such kind: {row.kind}")
    return row


@contextlib.contextmanager
def _damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError, TypeError, StopIteration) as error:
        raise _damaged(path, "it was cut short or changed, or is no plan of hmpipe") from error


def _damaged(path: Path, what: str) -> InputError:
    return InputError(f"The plan {path} cannot be used: {what}. Nothing was sent.", advice="Make the plan anew.")
