"""One attempt at an import, an undo or a deletion: its run folder, its brakes, its signals, and how it ends."""

import contextlib
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.account import Account
from pipeline.errors import (
    BrakePulled,
    CountsDisagree,
    Interrupted,
    PipelineError,
    StorageFailed,
    UsageProblem,
)
from pipeline.heymarket import HeymarketClient
from pipeline.jobs._ending import (
    _TROUBLES,
    KEEPING,
    _exit_code,
    _further_notes,
    _is_left,
    _text,
    summarise,
    write_report,
)
from pipeline.jobs._preview import Preview
from pipeline.models import BAD_KINDS, Change, Outcome, OutcomeKind, Record, Staged, Tally, Traffic, WriteAnswer
from pipeline.planner import Policy
from pipeline.reader import write_rejects
from pipeline.report import read_details
from pipeline.resolver import Decider, match_by_email
from pipeline.results import RunSummary
from pipeline.runs import KEPT, REJECTS, RunFolder, RunKind, find_unfinished, write_summary
from pipeline.runs.journal import Pulse, RunState
from pipeline.settings import ImportSettings, write_fingerprint
from pipeline.signals import Progress, StopSwitch, interruptible
from pipeline.state import TraitStore, UnverifiableWrites, traits_path, unverifiable_path
from pipeline.uploader import BulkTrust, Uploader, add_channels, fill_lists

GRACE_SECONDS = 20.0
"""How long an interrupted run may finish what is in flight, before it is cut off and left in doubt."""


PULSE_SECONDS = 2.0
"""At least so many seconds lie between two pulses of a run: enough for a chart, little to write."""


_LOOK_AGAIN: Mapping[RunKind, str] = {
    "import": "Look at 'hmpipe plan' with the same file; if it is right, raise {name}.",
    "undo": "Look at the same command with --plan; if it is right, raise {name}.",
    "delete": "Look at the same command with --plan; if it is right, raise {name}.",
    "restore": "Look at the same command with --plan; if it is right, raise {name}.",
}
_STAGES: Mapping[RunKind, str] = {
    "import": "importing",
    "undo": "undoing",
    "delete": "deleting",
    "restore": "restoring",
}


class Attempt:
    """One attempt at a run: what it has opened so far, and how it ends."""

    def __init__(self, account: Account, source: str, progress: Progress, kind: RunKind = "import") -> None:
        self.stop = StopSwitch()
        self._source = source
        self._kind: RunKind = kind
        self._account = account
        self._progress = progress
        self._began = time.monotonic()
        self._run: RunFolder | None = None
        self._client: HeymarketClient | None = None
        self._before = Traffic()
        self._seconds_before = 0.0
        self._attempts = 1
        self._settled = 0
        self._pulsed = 0.0
        self._traits = TraitStore(traits_path(account.key))
        self._unverifiable = UnverifiableWrites(unverifiable_path(account.key))
        self._trust = BulkTrust(self._traits.load(), self.imports.write_path)

    @property
    def imports(self) -> ImportSettings:
        """The import settings."""
        return self._account.settings.imports

    def use(self, client: HeymarketClient) -> None:
        """Count this client's requests as the attempt's."""
        self._client = client

    def take(self, run: RunFolder) -> None:
        """Work on this run folder."""
        self._run = run

    def continue_earlier(self, runs: Path, allow_opt_in: bool, new_run: bool) -> None:
        """Go on with an unfinished run of the same account, content and settings, if there is one."""
        run = self._opened()
        fingerprint = self._fingerprint(run, allow_opt_in)
        if new_run:
            run.journal.record(replace(run.journal.facts, fingerprint=fingerprint))
        else:
            self.continue_same(runs, fingerprint)

    def continue_same(self, runs: Path, fingerprint: str) -> bool:
        """Go on with an unfinished run of this fingerprint instead of the one that was begun; whether there was one."""
        run = self._opened()
        earlier = find_unfinished(runs, self._account.key, fingerprint, exclude=run.path)
        if earlier is None:
            run.journal.record(replace(run.journal.facts, fingerprint=fingerprint))
            return False
        run.discard()
        self._go_on_with(earlier)
        return True

    def resume(self, runs: Path, fingerprint: str) -> bool:
        """Go on with an unfinished run of this fingerprint; whether there was one. For runs that read no file."""
        earlier = find_unfinished(runs, self._account.key, fingerprint)
        if earlier:
            self._go_on_with(earlier)
        return earlier is not None

    def _go_on_with(self, earlier: RunFolder) -> None:
        self._run = earlier
        facts = earlier.journal.facts
        self._before, self._seconds_before, self._attempts = facts.traffic, facts.seconds, facts.attempts + 1
        earlier.journal.record(replace(facts, attempts=self._attempts, exit_code=1, error=""))
        done = earlier.journal.outcomes.tally().settled
        self._progress.say(f"Continuing run {earlier.run_id}: {done} rows are settled already.")

    def _fingerprint(self, run: RunFolder, allow_opt_in: bool) -> str:
        facts = (
            self._account.key,
            run.journal.facts.content,
            write_fingerprint(self._account.settings),
            allow_opt_in,
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    def name_fields(self, ids: Mapping[str, int]) -> None:
        """Put the IDs of custom fields into rows that were staged under their titles."""
        if ids:
            journal = self._opened().journal
            journal.rows.rename_custom({title: str(number) for title, number in ids.items()})
            names = {f"custom.{number}": f"{title} (custom field {number})" for title, number in ids.items()}
            facts = journal.facts
            journal.record(replace(facts, field_names={**facts.field_names, **names}))

    async def check_brakes(self, client: HeymarketClient, policy: Policy, *, most_deletions: int | None = None) -> None:
        """Pull a brake before anything is sent. A run that has sent something passed its brakes when it began.

        `most_deletions` is how many deletions a person has agreed to. Raises BrakePulled, and Interrupted when asked
        to stop.
        """
        if self._opened().journal.history.has_writes():
            return
        self._check_reject_rate()
        imports = self.imports
        is_planned = self._opened().journal.facts.planned
        if imports.max_changes is None and imports.max_opt_outs is None and most_deletions is None and not is_planned:
            return
        preview = await self._plan(Decider(client, policy, self._unverifiable, self._trust.traits))
        if is_planned:
            self._check_stale(preview)
        self._brake("write", "max_changes", preview.changes, imports.max_changes)
        self._brake("opt out", "max_opt_outs", preview.opt_outs, imports.max_opt_outs)
        if most_deletions is not None and preview.deletions > most_deletions:
            raise BrakePulled(
                f"There are {preview.deletions} contacts to delete by now; {most_deletions} were agreed to. Nothing was"
                " sent.",
                advice="Run the same command again and look at what it shows.",
            )

    def _brake(self, verb: str, name: str, count: int, limit: int | None) -> None:
        if limit is not None and count > limit:
            raise BrakePulled(
                f"This {self._kind} would {verb} {count} contacts; {name} is {limit}. Nothing was sent.",
                advice=_LOOK_AGAIN[self._kind].format(name=name),
            )

    def _check_stale(self, preview: Preview) -> None:
        limit = self.imports.max_stale
        if preview.rows and preview.stale / preview.rows > limit:
            share = preview.stale / preview.rows
            raise BrakePulled(
                f"{preview.stale} of the {preview.rows} changes of this plan are stale ({share:.1%}):"
                f" their contacts have moved on. max_stale is {limit:.1%}. Nothing was sent.",
                advice="Make a new plan from the same file, or raise max_stale.",
            )

    def _check_reject_rate(self) -> None:
        tally = self._opened().journal.outcomes.tally()
        limit = self.imports.max_reject_rate
        if limit is not None and tally.rows and tally.rejected / tally.rows > limit:
            rate = tally.rejected / tally.rows
            raise BrakePulled(
                f"{tally.rejected} of {tally.rows} rows are rejected ({rate:.1%}); max_reject_rate is {limit:.1%}."
                " Nothing was sent.",
                advice="Look at the reject file, mend the file or the mapping, or raise max_reject_rate.",
            )

    async def _plan(self, decider: Decider) -> Preview:
        """Decide the whole input without writing."""
        journal = self._opened().journal
        tally = journal.outcomes.tally()
        preview = Preview()
        self._progress.stage("planning", tally.rows - tally.settled)
        async for batch in decider.preview(journal.rows.open_rows):
            preview.add(batch)
            self._progress.advance(len(batch))
            if self.stop.requested:
                raise Interrupted("Stopped while planning; nothing was sent.")
        return preview

    async def match(self, client: HeymarketClient) -> None:
        """Match rows by e-mail where the settings want that."""
        if "email" in self.imports.match_on:
            await match_by_email(client, self._opened().journal.rows, self.stop, self._trust.traits)

    async def upload(self, client: HeymarketClient, policy: Policy) -> None:
        """Bring every open row to an outcome."""
        tally = self._opened().journal.outcomes.tally()
        self._progress.stage(_STAGES[self._kind], tally.rows)
        self._progress.advance(tally.settled)
        self._settled = tally.settled
        self._pulse()
        await Uploader(
            client,
            self,
            policy,
            limits=self._account.settings.limits,
            stop=self.stop,
            trust=self._trust,
            unverifiable=self._unverifiable,
        ).upload()
        await add_channels(client, self._opened().journal, self.stop, self._unverifiable)
        await fill_lists(client, self._opened().journal, self.stop, self._unverifiable)

    # --- the uploader's ledger: the journal, and the progress that follows it --------------------------------------

    def open_rows(self, after: int, limit: int) -> list[Staged]:
        """See Ledger."""
        return self._opened().journal.rows.open_rows(after, limit)

    def begin(self, changes: Sequence[Change]) -> None:
        """See Ledger."""
        self._opened().journal.rows.begin(changes)

    def release(self, seqs: Sequence[int]) -> None:
        """See Ledger."""
        self._opened().journal.rows.release(seqs)

    def answered(self, seq: int, answer: WriteAnswer) -> None:
        """See Ledger."""
        self._opened().journal.rows.answered(seq, answer)
        self._pulse_when_due()

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """See Ledger. Progress moves only when the outcomes are on disk."""
        self._opened().journal.rows.settle(outcomes)
        self._settled += len(outcomes)
        self._unverifiable.keep(outcomes)
        self._remember()
        self._pulse_when_due()
        self._progress.advance(len(outcomes))

    def keep_removed(self, seq: int, record: Record) -> None:
        """See Ledger."""
        self._opened().journal.rows.keep_removed(seq, record)

    # --- the end -----------------------------------------------------------------------------------------------------

    def abandon(self) -> None:
        """Remove the run folder: the input or the settings are at fault and nothing was sent."""
        if self._run:
            self._run.discard()
            self._run = None

    def finish(self, error: PipelineError | None) -> RunSummary:
        """Close the run and say how it ended; a run whose counts do not add up never ends well."""
        try:
            return self._close(error)
        except StorageFailed as full:
            # The disk does not even take the run's own end. What is in the journal stays, and can be continued.
            return self._summary_in_memory(error or full)
        finally:
            self._unverifiable.close()

    def _summary_in_memory(self, error: PipelineError | None) -> RunSummary:
        tally = Tally()
        if self._run:
            with contextlib.suppress(StorageFailed):
                tally = self._run.journal.outcomes.tally()
        return RunSummary(
            run_id=self._run.run_id if self._run else None,
            tally=tally,
            traffic=self._traffic(),
            seconds=self._seconds(),
            exit_code=_exit_code(tally, error),
            source=self._source,
            error=_text(error),
            kind=self._kind,
        )

    def _close(self, error: PipelineError | None) -> RunSummary:
        if self._run and not self._run.journal.facts.staged:
            # It ended before the input was in the journal: there is nothing to continue.
            self.abandon()
        if self._run is None:
            return self._summary_in_memory(error)
        run = self._run
        self._remember()
        if self._pulsed:
            self._pulse()
        tally = run.journal.outcomes.tally()
        if isinstance(error, Interrupted) and tally.adds_up and not _is_left(run.journal):
            # The signal came when everything was done already.
            error = None
        if error is None and not tally.adds_up:
            error = CountsDisagree(
                f"{tally.rows} rows came in and {tally.settled} have an outcome: this is a fault of the program.",
                advice="Run the same command again; if it stays, report it with the run folder's summary.json.",
            )
        state: RunState = "finished" if error is None else "refused" if isinstance(error, BrakePulled) else "open"
        # The state comes last: a run whose reject file could not be written is not finished.
        code = _exit_code(tally, error) or (3 if _TROUBLES & _further_notes(run.journal).keys() else 0)
        run.journal.record(replace(run.journal.facts, exit_code=code, error=_text(error)))
        rejects = run.path / REJECTS
        if tally.rejected + tally.failed + tally.unknown:
            write_rejects(rejects, run.journal, BAD_KINDS)
        else:
            rejects.unlink(missing_ok=True)
        if self._kind in KEEPING and tally.skipped:
            write_rejects(run.path / KEPT, run.journal, (OutcomeKind.SKIPPED,))
        run.journal.record(replace(run.journal.facts, state=state))
        summary = summarise(run)
        write_summary(run, summary.as_json())
        summary = self._report(run, summary)
        run.journal.close()
        return summary

    def _report(self, run: RunFolder, summary: RunSummary) -> RunSummary:
        """Write the report. Everything that it says can be said again from the journal, so it spoils no run's end."""
        try:
            return write_report(run, summary, read_details(run.journal, run.state))
        except StorageFailed as error:
            self._progress.say(f"{error.message} 'hmpipe runs report {run.run_id}' makes the report anew.")
            return replace(summary, report=None)

    def _opened(self) -> RunFolder:
        if self._run is None:
            raise AssertionError("the attempt has no run folder yet")
        return self._run

    def _remember(self) -> None:
        journal, traits = self._opened().journal, self._trust.traits.describe()
        journal.record(replace(journal.facts, traffic=self._traffic(), seconds=self._seconds(), traits=traits))
        self._traits.save(self._trust.traits)

    def _pulse_when_due(self) -> None:
        if time.monotonic() - self._pulsed >= PULSE_SECONDS:
            self._pulse()

    def _pulse(self) -> None:
        traffic, self._pulsed = self._traffic(), time.monotonic()
        counts = (traffic.requests, traffic.rate_limited, traffic.retries, self._settled, traffic.waited)
        self._opened().journal.pulses.record(Pulse(self._attempts, time.time(), *counts))

    def _traffic(self) -> Traffic:
        now = self._client.traffic if self._client else Traffic()
        return Traffic(
            self._before.requests + now.requests,
            self._before.rate_limited + now.rate_limited,
            self._before.retries + now.retries,
            self._before.waited + now.waited,
        )

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._began


async def carry_through(
    attempt: Attempt, account: Account, progress: Progress, work: Callable[[], Awaitable[None]]
) -> RunSummary:
    """Do an attempt's work with the account's lock held and signals heard, and say how it ended.

    Raises UsageProblem; every other end is in the summary.
    """
    try:
        async with interruptible(attempt.stop, progress.say, GRACE_SECONDS):
            # One lock for everything that writes.
            with account.lock("import"):
                await work()
    except UsageProblem:
        attempt.abandon()
        raise
    except PipelineError as error:
        return attempt.finish(error)
    return attempt.finish(None)
