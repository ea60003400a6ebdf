"""How an attempt at a run ends: its state, its exit code, and the files that it leaves."""

import contextlib

from pipeline.errors import BrakePulled, CountsDisagree, Interrupted, PipelineError, StorageFailed
from pipeline.jobs._ledger import Meter, RunLedger
from pipeline.jobs._summary import KEEPING, NOT_APPLIED, further_notes, summarise, write_report
from pipeline.models import BAD_KINDS, ConsentNotice, OutcomeKind, Tally
from pipeline.reader.outputs import write_left_out, write_reject_workbook, write_rejects, write_results
from pipeline.report import read_details
from pipeline.results import RunSummary
from pipeline.runs import KEPT, REJECTS, REJECTS_WORKBOOK, RESULTS, WARNINGS, RunFolder, RunKind, write_summary
from pipeline.runs.journal import Journal, RunState
from pipeline.signals import Progress
from pipeline.uploader import BLOCK_TROUBLES, TROUBLES
from pipeline.values import Struct, field, replace

_TROUBLES = TROUBLES | BLOCK_TROUBLES | {"list_unknown", "list_refused", NOT_APPLIED}
"""What may have become of lists, further channels and opt-outs that a person has to look at: the run ends with 3."""


class Ending(Struct):
    """Brings an attempt to its end, however far it came: `run` is there once a run folder is."""

    kind: RunKind
    source: str
    progress: Progress
    meter: Meter = field(default_factory=Meter)
    run: RunLedger | None = None
    consent: tuple[ConsentNotice, ...] = ()

    def abandon(self) -> None:
        """Remove the run folder: the input or the settings are at fault and nothing was sent.

        One that an earlier attempt has written by stays: it can be continued, and undone.
        """
        if self.run and not self.run.journal.history.has_writes():
            self.run.folder.discard()
            self.run = None

    def finish(self, error: PipelineError | None) -> RunSummary:
        """Close the run and say how it ended; a run whose counts do not add up never ends well."""
        try:
            if self.run and not self.run.journal.facts.staged:
                # It ended before the input was in the journal: there is nothing to continue.
                self.abandon()
            summary = self._close(self.run, error) if self.run else self._summary_without_journal(error)
        except StorageFailed as full:
            # The disk takes nothing more, not even how the run ended. What is in the journal can be continued.
            summary = self._summary_without_journal(error or full)
        return replace(summary, consent=self.consent, error_code=error.error_code if error else "")

    def _summary_without_journal(self, error: PipelineError | None) -> RunSummary:
        tally = Tally()
        if self.run:
            with contextlib.suppress(StorageFailed):
                tally = self.run.journal.outcomes.tally()
        return RunSummary(
            run_id=self.run.folder.run_id if self.run else None,
            tally=tally,
            traffic=self.run.traffic() if self.run else self.meter.traffic(),
            seconds=self.run.seconds() if self.run else self.meter.seconds(),
            exit_code=_exit_code(tally, error),
            source=self.source,
            error=str(error or ""),
            kind=self.kind,
        )

    def _close(self, run: RunLedger, error: PipelineError | None) -> RunSummary:
        journal, folder = run.journal, run.folder
        run.record_end()
        tally = journal.outcomes.tally()
        error = _judged(error, tally, is_left=_is_left(journal))
        code = _exit_code(tally, error) or (3 if _TROUBLES & further_notes(journal).keys() else 0)
        journal.record(replace(journal.facts, exit_code=code, error=str(error or "")))
        _write_lists(folder, tally, self.kind)
        # The state comes last: a run whose reject file could not be written is not finished.
        state: RunState = "finished" if error is None else "refused" if isinstance(error, BrakePulled) else "open"
        journal.record(replace(journal.facts, state=state))
        summary = summarise(folder)
        write_summary(folder, summary.as_json())
        summary = self._report(folder, summary)
        journal.close()
        return summary

    def _report(self, folder: RunFolder, summary: RunSummary) -> RunSummary:
        """Write the report. It can be made again from the journal, so a failure does not change how the run ended."""
        try:
            return write_report(folder, summary, read_details(folder.journal, folder.state))
        except StorageFailed as error:
            self.progress.say(f"{error.message} 'hmpipe runs report {folder.run_id}' makes the report anew.")
            return replace(summary, report=None)


def _judged(error: PipelineError | None, tally: Tally, *, is_left: bool) -> PipelineError | None:
    """Return the error that a run ends with, from the one that ended it and its counts."""
    if isinstance(error, Interrupted) and tally.adds_up and not is_left:
        # The signal came when everything was done already.
        return None
    if error is None and not tally.adds_up:
        return CountsDisagree(
            f"{tally.rows} rows came in and {tally.settled} have an outcome: this is a fault of the program.",
            advice="Run the same command again; if it stays, report it with the run folder's summary.json.",
        )
    return error


def _write_lists(run: RunFolder, tally: Tally, kind: RunKind) -> None:
    """Write what became of every row, what was not done, and what an undo or a restore kept."""
    if tally.rejected + tally.failed + tally.unknown:
        write_rejects(run.path / REJECTS, run.journal, BAD_KINDS)
        # What an undo or a restore could not do is no file to import.
        if kind not in KEEPING:
            write_reject_workbook(run.path / REJECTS_WORKBOOK, run.journal, BAD_KINDS)
    else:
        for name in (REJECTS, REJECTS_WORKBOOK):
            (run.path / name).unlink(missing_ok=True)
    write_left_out(run.path / WARNINGS, run.journal)
    write_results(run.path / RESULTS, run.journal)
    if kind in KEEPING and tally.skipped:
        write_rejects(run.path / KEPT, run.journal, (OutcomeKind.SKIPPED,))


def _is_left(journal: Journal) -> bool:
    """Whether contacts that are written still wait for lists or further channels, or others for their opt-outs."""
    if journal.facts.kind == "import" and journal.opt_outs.are_left():
        return True
    lists, channels, drops, blocks = journal.lists, journal.channels, journal.drops, journal.blocks
    return bool(next(lists.to_fill(), None) or channels.to_add() or drops.to_drop() or blocks.to_set())


def _exit_code(tally: Tally, error: PipelineError | None) -> int:
    if error:
        return error.exit_code
    return 3 if tally.rejected + tally.failed + tally.unknown else 0
