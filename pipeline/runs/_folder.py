"""The folder of runs: one private folder a run, with its journal, its summary and its reject file."""

import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import InputError, StorageFailed
from pipeline.runs._entries import RunEntry
from pipeline.runs.journal import Journal, JournalFormatUnknown, RunFacts, RunKind
from pipeline.showing import quoted
from pipeline.values import Struct, replace

JOURNAL = "journal.sqlite"
SUMMARY = "summary.json"
REJECTS = "rejects.csv"
WARNINGS = "warnings.csv"
"""The cells that were left out of contacts that were imported without them."""

REJECTS_WORKBOOK = "rejects.xlsx"
RESULTS = "results.csv"
CAME_BACK_LIST = "came_back.csv"
"""The contacts that may be texted although an older no is known."""

REPORT = "report.html"
KEPT = "kept.csv"
"""What an undo or a restore left as it is, and why."""

LAST = "last"
"""What the newest run may be called instead of its ID."""

_KINDS: Mapping[RunKind, str] = {"import": "", "undo": "undo of ", "delete": "deletion by ", "restore": "restore of "}
_PRIVATE_FOLDER = 0o700
_STAMP = len("20261123T041200Z")


class RunFolder(Struct, frozen=True):
    """One run on disk."""

    path: Path
    journal: Journal

    @property
    def run_id(self) -> str:
        """The name of the folder, which is the name of the run."""
        return self.path.name

    @property
    def state(self) -> str:
        """How far the run got: finished, unfinished, refused, undone or never started. Raises StorageFailed."""
        facts = self.journal.facts
        if facts.state in ("finished", "refused", "undone"):
            return facts.state
        return "unfinished" if facts.staged else "never started"

    def discard(self) -> None:
        """Remove a run that sent nothing. Raises StorageFailed."""
        self.journal.close()
        try:
            shutil.rmtree(self.path)
        except OSError as error:
            raise StorageFailed(f"The run folder {self.path} cannot be removed: {error.strerror}.") from error


def create_run(runs: Path, facts: RunFacts) -> RunFolder:
    """Make a new private run folder, with a journal that holds these facts and is open. Raises StorageFailed."""
    started = datetime.now(UTC)
    path = runs / f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    try:
        runs.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
        path.mkdir(mode=_PRIVATE_FOLDER)
    except OSError as error:
        raise StorageFailed(
            f"The run folder {path} cannot be made: {error.strerror}. Nothing was sent.",
            advice="Make room, mend the permissions, or set paths.runs to another folder.",
        ) from error
    try:
        journal = Journal.create(path / JOURNAL)
        journal.record(replace(facts, started=started.isoformat(timespec="milliseconds"), state="open"))
    except StorageFailed:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return RunFolder(path, journal)


def find_unfinished(runs: Path, account: str, fingerprint: str, *, exclude: Path | None = None) -> RunFolder | None:
    """Return the newest unfinished run of the same account and content but `exclude`, or None.

    Call it with the account's lock held. Runs of the account that died before anything could be sent are removed.
    """
    newest: RunFolder | None = None
    for path in sorted(_run_paths(runs)):
        run = None if path == exclude else _open(path)
        facts = run.journal.facts if run else RunFacts()
        is_open = facts.account == account and facts.state == "open"
        if run and is_open and not facts.staged:
            run.discard()
        elif run and is_open and facts.fingerprint == fingerprint:
            _close(newest)
            newest = run
        else:
            _close(run)
    return newest


def open_run(runs: Path, run_id: str, *, last_but: RunKind | None = None) -> RunFolder:
    """Open a run by its ID, by the beginning of it, or as `last`: the newest one that is not of the kind `last_but`.

    Raises InputError when there is none or more than one.
    """
    if run_id == LAST and (newest := _newest(runs, last_but)):
        return newest
    matching = [path for path in _run_paths(runs) if path.name.startswith(run_id)] if run_id else []
    exact = [path for path in matching if path.name == run_id]
    chosen = exact or matching
    if len(chosen) != 1:
        what = "No run" if not chosen else f"{len(chosen)} runs"
        raise InputError(
            f"{what} in {runs} has an ID that begins with {quoted(run_id)}.",
            advice="'hmpipe runs list' shows the runs.",
        )
    return RunFolder(chosen[0], Journal.open(chosen[0] / JOURNAL))


def list_runs(runs: Path) -> list[RunEntry]:
    """Return all runs, newest first; one that cannot be read is listed as such."""
    return [_entry(path) for path in sorted(_run_paths(runs), reverse=True)]


def write_summary(run: RunFolder, summary: dict[str, object]) -> None:
    """Write summary.json of a run. Raises StorageFailed."""
    path = run.path / SUMMARY
    try:
        path.touch(mode=0o600)
        path.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error


def find_undoings(runs: Path, run_id: str) -> list[RunFolder]:
    """Return the runs that undid a run, those that undid one of them, and so on, in the order in which they wrote.

    They are open; close them.
    """
    undoes: dict[str, str] = {}
    for path in _run_paths(runs):
        run = _open(path)
        if run and (undone := run.journal.facts.undoes):
            undoes[run.run_id] = undone
        _close(run)
    known = {run_id}
    # A run may carry a name that sorts before the one that it undid, when both began in one second.
    while fresh := {each for each, undone in undoes.items() if undone in known} - known:
        known |= fresh
    found = [run for each in known - {run_id} if (run := _open(runs / each))]
    return sorted(found, key=lambda run: run.journal.history.first_write() or 0.0)


def list_undoings(runs: Path, run_id: str) -> list[tuple[str, str]]:
    """Return (run ID, state) of the runs that undid a run, oldest first."""
    found = find_undoings(runs, run_id)
    undoings = [(run.run_id, run.state) for run in found if run.journal.facts.undoes == run_id]
    for run in found:
        _close(run)
    return undoings


def _newest(runs: Path, but: RunKind | None) -> RunFolder | None:
    """Return the run that was begun last. Those of one second are told apart by what their journals say."""
    best: RunFolder | None = None
    for path in sorted(_run_paths(runs), reverse=True):
        if best and path.name[:_STAMP] != best.run_id[:_STAMP]:
            break
        run = _open(path)
        is_newer = run and (best is None or run.journal.facts.started > best.journal.facts.started)
        if run and is_newer and not (but and run.journal.facts.kind == but):
            _close(best)
            best = run
        else:
            _close(run)
    return best


def _run_paths(runs: Path) -> Iterator[Path]:
    return (path.parent for path in runs.glob(f"*/{JOURNAL}"))


def _open(path: Path) -> RunFolder | None:
    try:
        return RunFolder(path, Journal.open(path / JOURNAL))
    except StorageFailed:
        # A journal that cannot be read is shown by `runs list`; it must not block new runs.
        return None


def _close(run: RunFolder | None) -> None:
    if run:
        run.journal.close()


def _entry(path: Path) -> RunEntry:
    try:
        with Journal.open(path / JOURNAL) as journal:
            facts = journal.facts
            return RunEntry(
                path.name,
                RunFolder(path, journal).state,
                _KINDS[facts.kind] + facts.source,
                facts.started,
                journal.outcomes.tally(),
                facts.kind,
                facts.undoes,
                facts.account,
            )
    except JournalFormatUnknown as error:
        return RunEntry(path.name, "unreadable", problem=f"journal format {error.found}, of another version of hmpipe")
    except StorageFailed:
        return RunEntry(path.name, "unreadable")
