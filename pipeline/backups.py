"""What is done with snapshots after they were made: listed, verified, compared, joined, removed. Asks no account."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pipeline import report
from pipeline.account import account_lock, drafts_folder, verified_path
from pipeline.errors import InputError, StorageFailed
from pipeline.privatefile import private_file
from pipeline.settings import Settings
from pipeline.snapshots import (
    Candidate,
    Difference,
    Form,
    Rules,
    Sealer,
    Snapshot,
    Verification,
    decide,
    differences_between,
    find_snapshot,
    lies_in_snapshot,
    list_snapshots,
    materialize,
    need_parquet,
    open_store,
    recall_verified,
    remember_verified,
    verify_snapshot,
)
from pipeline.summaries import DifferenceSummary, FieldExample, PruneSummary, SnapshotEntry

_EXAMPLES = 10


def list_backups(settings: Settings) -> list[SnapshotEntry]:
    """Return the snapshots of the settings' place, newest first. Raises StorageFailed, UsageProblem."""
    verified = recall_verified(verified_path())
    return [
        SnapshotEntry(
            each.path,
            each.name,
            round(each.age.total_seconds()) if each.age else None,
            each.contacts,
            each.bytes,
            each.complete,
            each.account,
            each.problem,
            each.kind,
            each.base,
            each.total,
            each.deleted,
            verified.get(each.manifest_sha256, ""),
        )
        for each in list_snapshots(open_store(settings.paths.snapshots))
    ]


def export_form(settings: Settings) -> Form:
    """Return how snapshots are to be written. Raises SettingsError for what is not installed, or has no key."""
    export = settings.export
    if "parquet" in export.formats:
        need_parquet()
    sealer = Sealer.from_environment() if export.encryption == "age" else None
    return Form(export.formats, export.csv_profile, sealer)


def verify_backup(place: str, settings: Callable[[], Settings]) -> Verification:
    """Verify a snapshot and remember what was found. Raises InputError, StorageFailed."""
    found = verify_snapshot(place if _is_place(place) else _find(place, settings).where)
    if found.manifest_sha256 and found.looked_inside:
        remember_verified(verified_path(), found)
    return found


def materialize_backup(place: str, output: str, settings: Settings) -> str:
    """Make one full snapshot of a delta and its bases, beside it or at `output`; return where. Raises PipelineError."""
    snapshot = _find(place, lambda: settings)
    if not snapshot.manifest.is_delta:
        raise InputError(
            f"{snapshot.where} is a full snapshot already; nothing was written.", advice="Give the one of a delta."
        )
    store = open_store(output) if output else snapshot.store
    return materialize(snapshot, store, export_form(settings), drafts_folder("materialize", output or snapshot.where))


def compare_backups(
    old: str, new: str, settings: Callable[[], Settings], table: Path | None = None, page: Path | None = None
) -> DifferenceSummary:
    """Compare two snapshots; `table` gets every change, `page` what can be sent on. Raises PipelineError.

    Neither is written where the comparison does not come to its end, nor into a snapshot.
    """
    for target in (table, page):
        if target and lies_in_snapshot(target):
            raise InputError(
                f"{target} lies in the folder of a snapshot, which nothing may change; nothing was written.",
                advice="Name a file somewhere else.",
            )
    before, after = _find(old, settings), _find(new, settings)
    counts, fields = Counter[str](), Counter[str]()
    examples: list[FieldExample] = []
    with _change_writer(table) as write:
        for each in differences_between(before, after):
            counts[each.kind] += 1
            fields.update(name for name, _, _ in each.fields)
            write(each)
            if each.kind != "touched" and len(examples) < _EXAMPLES:
                examples.append(FieldExample(each.id, each.phone, each.kind, tuple(name for name, _, _ in each.fields)))
    summary = DifferenceSummary(
        before.where,
        after.where,
        counts["added"],
        counts["deleted"],
        counts["changed"],
        counts["touched"],
        dict(fields.most_common()),
        tuple(examples),
    )
    if page:
        report.write_page(page, report.difference_page(summary))
    return summary


def plan_pruning(settings: Settings, rules: Rules, max_shrink: float) -> PruneSummary:
    """Say which snapshots of the settings' place would be removed, and why the others stay. Raises StorageFailed."""
    found = list_snapshots(open_store(settings.paths.snapshots))
    candidates = [_candidate(each.name, settings) for each in found]
    decision = decide(candidates, rules, max_shrink)
    return PruneSummary(
        tuple((name, tuple(reasons)) for name, reasons in sorted(decision.keep.items(), reverse=True)),
        tuple(decision.remove),
        tuple(decision.warnings),
    )


def prune(settings: Settings, plan: PruneSummary) -> None:
    """Remove what a plan says. Raises StorageFailed, and LockHeld where another prune works on this place."""
    store = open_store(settings.paths.snapshots)
    with account_lock(drafts_folder("prune", settings.paths.snapshots).name, "prune"):
        store.tidy()
        # Deltas before what they build on: cut short, no chain has lost its middle.
        for name in sorted(plan.remove, reverse=True):
            if store.holds(name):
                store.remove(name)


def _candidate(name: str, settings: Settings) -> Candidate:
    try:
        manifest = Snapshot(open_store(settings.paths.snapshots), name).manifest
        created = datetime.fromisoformat(manifest.created)
    except (InputError, ValueError):
        return Candidate(name)
    owner = f"{manifest.account} {manifest.host}"
    return Candidate(name, created, manifest.complete, owner, manifest.base.get("name", ""), manifest.total)


def _find(place: str, settings: Callable[[], Settings]) -> Snapshot:
    if _is_place(place):
        return find_snapshot(place, open_store(Path(place).parent))
    return find_snapshot(place, open_store(settings().paths.snapshots))


def _is_place(text: str) -> bool:
    """Whether a text names a place by itself, so that no settings are needed."""
    return "/" in text or Path(text).exists()


@contextmanager
def _change_writer(path: Path | None) -> Iterator[Callable[[Difference], None]]:
    if path is None:
        yield lambda _: None
        return
    try:
        with private_file(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "phone", "change", "field", "old", "new"])

            def write(each: Difference) -> None:
                fields = each.fields or ([] if each.kind == "touched" else [("", "", "")])
                for name, old, new in fields:
                    writer.writerow([each.id, each.phone, each.kind, name, old, new])

            yield write
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error
