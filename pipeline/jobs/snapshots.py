"""What is done with snapshots after they were made: listed, verified, compared, joined, removed. Asks no account."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline import report, snapshots
from pipeline.errors import InputError, StorageFailed
from pipeline.models import Record, further_channels
from pipeline.results import DifferenceSummary, FieldExample, Leftover, PruneSummary, SnapshotEntry
from pipeline.settings import Settings
from pipeline.state import ErasedPeople, account_lock, drafts_folder, drafts_root, find_erased, verified_path
from pipeline.storage import is_address, private_file
from pipeline.values import replace

_EXAMPLES = 10


def list_backups(settings: Settings) -> list[SnapshotEntry]:
    """Return the snapshots of the settings' place, newest first. Raises StorageFailed, UsageProblem."""
    verified = snapshots.recall_verified(verified_path())
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
            verified.get(each.mark, ""),
        )
        for each in snapshots.list_snapshots(_store(settings))
    ]


def describe_place(settings: Settings) -> str:
    """Return where the settings' snapshots lie, and whether there is no such folder. Raises UsageProblem."""
    where = _store(settings).where("")
    if is_address(where):
        return where
    folder = Path(where).resolve()
    return str(folder) if folder.is_dir() else f"{folder} (there is no such folder)"


def list_leftovers(settings: Settings) -> list[Leftover]:
    """Return the drafts on this machine and the removals that were cut short: files that no list of snapshots shows.

    All drafts that addresses had are among them, of whichever account: they hold contacts in plain. Raises
    StorageFailed.
    """
    store, root = _store(settings), drafts_root()
    local = store.drafts(root)
    folders = [*([local] if local != root else []), *(sorted(root.iterdir()) if root.is_dir() else [])]
    drafts = [each for folder in folders for each in snapshots.list_drafts(folder)]
    return [
        *(Leftover("draft", str(each.path), each.bytes, round(each.idle.total_seconds())) for each in drafts),
        *(Leftover("removal", store.where(name)) for name in store.remnants()),
    ]


def export_form(settings: Settings, *, plain: bool = False) -> snapshots.SnapshotFormat:
    """Return how snapshots are to be written; `plain` says that they are not to be encrypted, whatever is set.

    Raises SettingsError for what is not installed, or has no key.
    """
    export = settings.export
    if "parquet" in export.formats:
        snapshots.need_parquet()
    encryptor = snapshots.Encryptor.from_environment() if export.encryption == "age" and not plain else None
    return snapshots.SnapshotFormat(export.formats, export.csv_profile, encryptor)


def verify_backup(place: str, settings: Callable[[], Settings]) -> snapshots.Verification:
    """Verify a snapshot and remember what was found. Raises InputError, StorageFailed."""
    found = (
        snapshots.verify_snapshot(place)
        if _is_place(place)
        else snapshots.verify_stored(*snapshots.locate(place, _store(settings())))
    )
    snapshots.remember_verified(verified_path(), found)
    return found


def materialize_backup(place: str, output: str, settings: Settings, *, plain: bool = False) -> str:
    """Make one full snapshot of a delta and its bases, beside it or at `output`; return where. Raises PipelineError.

    What is encrypted is written in plain only where `plain` says so.
    """
    snapshot, form = _find(place, lambda: settings), export_form(settings, plain=plain)
    if not snapshot.manifest.is_delta:
        raise InputError(
            f"{snapshot.where} is a full snapshot already; nothing was written.", advice="Give the one of a delta."
        )
    if not plain:
        snapshots.refuse_plain_copy(snapshot, form, "Or say --plain, if everybody who gets there may read them.")
    store = snapshots.open_store(output) if output else snapshot.store
    # Whoever was forgotten is copied no further.
    erased = ErasedPeople(find_erased(snapshot.manifest.account.rpartition("(")[2].rstrip(")")))
    drafts = drafts_folder("materialize", output or snapshot.where)
    return snapshots.materialize(snapshot, store, form, drafts, lambda record: erased.know(_channels_of(record)))


def _channels_of(record: Record) -> list[tuple[str, str]]:
    return [("phone", record.phone), ("email", record.email), *(further_channels(record) or ())]


def compare_backups(
    old: str, new: str, settings: Callable[[], Settings], table: Path | None = None, page: Path | None = None
) -> DifferenceSummary:
    """Compare two snapshots; `table` gets every change, `page` what can be sent on. Raises PipelineError.

    Neither is written where the comparison does not come to its end, nor into a snapshot.
    """
    for target in (table, page):
        if target and snapshots.lies_in_snapshot(target):
            raise InputError(
                f"{target} lies in the folder of a snapshot, which nothing may change; nothing was written.",
                advice="Name a file somewhere else.",
            )
    before, after = _find(old, settings), _find(new, settings)
    counts, fields = Counter[str](), Counter[str]()
    examples: list[FieldExample] = []
    with _change_writer(table) as write:
        for each in snapshots.differences_between(before, after):
            counts[each.kind] += 1
            fields.update(name for name, _, _ in each.fields)
            write(each)
            if each.kind != "touched" and len(examples) < _EXAMPLES:
                examples.append(FieldExample(each.id, each.phone, each.kind, tuple(name for name, _, _ in each.fields)))
    owners = (before.manifest.owner, after.manifest.owner)
    summary = DifferenceSummary(
        before.where,
        after.where,
        counts["added"],
        counts["deleted"],
        counts["changed"],
        counts["touched"],
        dict(fields.most_common()),
        tuple(examples),
        tuple(" at ".join(each) for each in owners) if len(set(owners)) > 1 else (),
    )
    if page:
        report.write_page(page, report.difference_page(summary))
    return summary


def plan_pruning(settings: Settings, rules: snapshots.RetentionRules, max_shrink: float) -> PruneSummary:
    """Say which snapshots of the settings' place would be removed, and why the others stay. Raises StorageFailed."""
    decision = snapshots.decide(_candidates(_store(settings)), rules, max_shrink)
    return PruneSummary(
        tuple((name, tuple(reasons)) for name, reasons in sorted(decision.keep.items(), reverse=True)),
        tuple(decision.remove),
        tuple(decision.warnings),
    )


def prune(settings: Settings, plan: PruneSummary) -> PruneSummary:
    """Remove what a plan says, and what earlier removals that were killed have left; return the plan with the latter.

    Raises StorageFailed, and LockHeld where another prune works on this place.
    """
    store = _store(settings)
    with account_lock(drafts_folder("prune", settings.paths.snapshots).name, "prune"):
        tidied = store.tidy()
        # Deltas before what they build on: cut short, no chain has lost its middle.
        for name in sorted(plan.remove, reverse=True):
            if store.holds(name):
                store.remove(name)
    return replace(plan, tidied=tuple(tidied))


def _candidates(store: snapshots.Store) -> list[snapshots.Candidate]:
    """Return what retention is to judge, newest first. Raises StorageFailed."""
    entries, verified = snapshots.read_catalogue(store), snapshots.recall_verified(verified_path())
    opened = [each.snapshot for each in entries if each.snapshot]
    troubles = snapshots.find_troubles(opened, lambda each: snapshots.damage_known(verified.get(each.mark, "")))
    return [
        _candidate(each.snapshot, troubles[each.name], is_ours=store.can_remove(each.name))
        if each.snapshot
        else snapshots.Candidate(each.name)
        for each in entries
    ]


def _candidate(snapshot: snapshots.Snapshot, trouble: str, *, is_ours: bool) -> snapshots.Candidate:
    manifest = snapshot.manifest
    return snapshots.Candidate(
        snapshot.name,
        manifest.moment,
        manifest.complete,
        " ".join(manifest.owner),
        manifest.base.get("name", ""),
        manifest.total,
        trouble,
        is_ours,
    )


def _store(settings: Settings) -> snapshots.Store:
    return snapshots.open_store(settings.paths.snapshots)


def _find(place: str, settings: Callable[[], Settings]) -> snapshots.Snapshot:
    return snapshots.open_snapshot(place) if _is_place(place) else snapshots.find_snapshot(place, _store(settings()))


def _is_place(text: str) -> bool:
    """Whether a text names a place by itself, so that no settings are needed."""
    return text not in (snapshots.LAST, snapshots.PREVIOUS) and ("/" in text or Path(text).exists())


@contextmanager
def _change_writer(path: Path | None) -> Iterator[Callable[[snapshots.Difference], None]]:
    if path is None:
        yield lambda _: None
        return
    try:
        with private_file(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "phone", "change", "field", "old", "new"])

            def write(each: snapshots.Difference) -> None:
                fields = each.fields or ([] if each.kind == "touched" else [("", "", "")])
                for name, old, new in fields:
                    writer.writerow([each.id, each.phone, each.kind, name, old, new])

            yield write
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error
