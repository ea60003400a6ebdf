"""How a run ends: its exit code, its summary and its report."""

from dataclasses import replace
from pathlib import Path

from pipeline.errors import (
    PipelineError,
)
from pipeline.models import BAD_KINDS, OutcomeKind, Tally
from pipeline.report import find_examples, run_page, write_page
from pipeline.results import RunDetails, RunSummary
from pipeline.runs import KEPT, REJECTS, REPORT, RunFolder
from pipeline.runs.journal import Journal
from pipeline.uploader import TROUBLES, channel_notes, list_notes

_TROUBLES = TROUBLES | {"list_unknown", "list_refused"}
"""What may have become of contacts for lists that a person has to look at: the run ends with 3."""


KEEPING = ("undo", "restore")
"""The kinds of runs that leave a contact as it is where somebody else was quicker, and list it."""


def _is_left(journal: Journal) -> bool:
    """Whether contacts that are written still wait for lists or further channels."""
    return bool(next(journal.lists.to_fill(), None) or journal.channels.to_add())


def _further_notes(journal: Journal) -> dict[str, int]:
    return list_notes(journal) | channel_notes(journal)


def summarise(run: RunFolder) -> RunSummary:
    """Return what a run's journal says about it; the reject file is the one beside the journal."""
    journal, facts = run.journal, run.journal.facts
    rejects, kept = run.path / REJECTS, run.path / KEPT
    shown = BAD_KINDS if facts.kind not in KEEPING else (*BAD_KINDS, OutcomeKind.SKIPPED)
    report = run.path / REPORT
    return RunSummary(
        run_id=run.run_id,
        tally=journal.outcomes.tally(),
        traffic=facts.traffic,
        seconds=facts.seconds,
        exit_code=facts.exit_code,
        rejects=str(rejects) if rejects.is_file() else None,
        source=facts.source,
        attempts=facts.attempts,
        codes=journal.outcomes.codes(*BAD_KINDS, OutcomeKind.SKIPPED),
        notes=journal.outcomes.notes() | _further_notes(journal),
        examples=find_examples(journal, shown),
        error=facts.error,
        report=str(report) if report.is_file() else None,
        kind=facts.kind,
        undone=facts.undoes,
        kept_list=str(kept) if kept.is_file() else None,
    )


def write_report(run: RunFolder, summary: RunSummary, details: RunDetails, path: Path | None = None) -> RunSummary:
    """Write the report of a run from its journal, beside it or to `path`, and return the summary that names it.

    Raises StorageFailed.
    """
    path = path or run.path / REPORT
    write_page(path, run_page(summary, details, run.journal))
    return replace(summary, report=str(path))


def _exit_code(tally: Tally, error: PipelineError | None) -> int:
    if error:
        return error.exit_code
    return 3 if tally.rejected + tally.failed + tally.unknown else 0


def _text(error: PipelineError | None) -> str:
    return str(error) if error else ""
