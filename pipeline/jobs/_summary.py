"""What the journal of a run says of it: its summary and its report."""

from pathlib import Path

from pipeline.models import BAD_KINDS, OutcomeKind
from pipeline.report import find_examples, run_page, write_page
from pipeline.results import RunDetails, RunSummary
from pipeline.runs import CAME_BACK_LIST, KEPT, REJECTS, REPORT, WARNINGS, RunFolder
from pipeline.runs.journal import Journal
from pipeline.uploader import block_notes, channel_notes, list_notes
from pipeline.values import replace

KEEPING = ("undo", "restore")
"""The kinds of runs that leave a contact as it is where it was edited meanwhile, and list it."""

NOT_APPLIED = "opt_out_not_applied"
"""The note of opt-outs that a person has to look at: the run ends with 3."""

_OPT_OUT_NOTES = {
    "updated": "opted_out_of_rejected_row",
    "absent": "opt_out_remembered",
    "rejected": NOT_APPLIED,
    "failed": NOT_APPLIED,
    "unknown": NOT_APPLIED,
}
"""What became of an opt-out of a row that is not imported, as the note of a summary."""


def summarise(run: RunFolder) -> RunSummary:
    """Return what a run's journal says about it; the reject file is the one beside the journal."""
    journal, facts = run.journal, run.journal.facts
    rejects, kept, report = run.path / REJECTS, run.path / KEPT, run.path / REPORT
    warnings, came_back = run.path / WARNINGS, run.path / CAME_BACK_LIST
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
        skipped_codes=journal.outcomes.codes(OutcomeKind.SKIPPED),
        notes=journal.outcomes.notes() | further_notes(journal),
        examples=find_examples(journal, (*BAD_KINDS, OutcomeKind.SKIPPED) if facts.kind in KEEPING else BAD_KINDS),
        error=facts.error,
        report=str(report) if report.is_file() else None,
        kind=facts.kind,
        undone=facts.undoes,
        kept_list=str(kept) if kept.is_file() else None,
        warnings=str(warnings) if warnings.is_file() else None,
        came_back_list=str(came_back) if came_back.is_file() else None,
    )


def write_report(run: RunFolder, summary: RunSummary, details: RunDetails, path: Path | None = None) -> RunSummary:
    """Write the report of a run from its journal, beside it or to `path`, and return the summary that names it.

    Raises StorageFailed.
    """
    path = path or run.path / REPORT
    write_page(path, run_page(summary, details, run.journal))
    return replace(summary, report=str(path))


def further_notes(journal: Journal) -> dict[str, int]:
    """Count what became of lists, blocks and further channels, and of opt-outs of rows that are not imported."""
    further = (list_notes, block_notes, channel_notes, _opt_out_notes)
    return {note: count for notes in further for note, count in notes(journal).items()}


def _opt_out_notes(journal: Journal) -> dict[str, int]:
    """Return what became of such opt-outs, as notes of a summary."""
    notes: dict[str, int] = {}
    for fate, count in journal.opt_outs.counts().items():
        if fate in _OPT_OUT_NOTES:
            notes[_OPT_OUT_NOTES[fate]] = notes.get(_OPT_OUT_NOTES[fate], 0) + count
    return notes
