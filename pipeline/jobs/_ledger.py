"""A run under way: its folder, its journal as the uploader writes it, and what is recorded beside the rows."""

import time
from collections.abc import Sequence

from pipeline.heymarket import HeymarketClient
from pipeline.models import Change, ChangeKind, Outcome, Traffic, WriteAnswer
from pipeline.report import AUTOMATIONS
from pipeline.runs import RunFolder
from pipeline.runs.journal import Pulse
from pipeline.signals import Progress
from pipeline.state import TraitStore
from pipeline.uploader import Learned
from pipeline.values import Struct, field, replace

PULSE_SECONDS = 2.0
"""At least so many seconds lie between two pulses of a run: enough for a chart, little to write."""


class Meter(Struct):
    """What an attempt has cost so far: seconds, and requests from when it has a client."""

    client: HeymarketClient | None = None
    began: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Return the seconds of this attempt."""
        return time.monotonic() - self.began

    def traffic(self) -> Traffic:
        """Return the requests of this attempt."""
        return self.client.traffic if self.client else Traffic()


class RunLedger:
    """What the uploader writes to (its WriteJournal). What is shown and learned is on disk already."""

    def __init__(
        self, folder: RunFolder, meter: Meter, learned: Learned, traits: TraitStore, progress: Progress
    ) -> None:
        journal = folder.journal
        self.folder = folder
        self.journal = journal
        rows = journal.rows
        self.open_rows, self.release, self.keep_removed = rows.open_rows, rows.release, rows.keep_removed
        # A run that goes on has said it before.
        self._creates = journal.facts.attempts > 1
        self._meter = meter
        self._learned = learned
        self._traits = traits
        self._progress = progress
        self._before = journal.facts
        self._settled = 0
        self._pulsed: float | None = None

    def seconds(self) -> float:
        """Return the seconds of all attempts."""
        return self._before.seconds + self._meter.seconds()

    def traffic(self) -> Traffic:
        """Return the requests of all attempts."""
        before, now = self._before.traffic, self._meter.traffic()
        return Traffic(
            before.requests + now.requests,
            before.rate_limited + now.rate_limited,
            before.retries + now.retries,
            # As the journal keeps it, so that a report that is made again says the same.
            round(before.waited + now.waited, 3),
        )

    def start(self, stage: str) -> None:
        """Begin to upload."""
        tally = self.journal.outcomes.tally()
        self._progress.stage(stage, tally.rows)
        self._progress.advance(tally.settled)
        self._settled = tally.settled
        self._pulse()

    def begin(self, changes: Sequence[Change]) -> None:
        """See WriteJournal. Before the first contact is made it is said what that can start."""
        if not self._creates and any(change.kind is ChangeKind.CREATE for change in changes):
            self._creates = True
            self._progress.say(AUTOMATIONS)
        self.journal.rows.begin(changes)

    def answered(self, seq: int, answer: WriteAnswer) -> None:
        """See WriteJournal."""
        self.journal.rows.answered(seq, answer)
        self._pulse_when_due()

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """See WriteJournal. Progress moves only when the outcomes are on disk."""
        self.journal.rows.settle(outcomes)
        self._settled += len(outcomes)
        self.recorded(outcomes)
        self._progress.advance(len(outcomes))

    def recorded(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what is learned from outcomes that are on disk."""
        self._learned.unverifiable.keep(outcomes)
        self._remember()
        self._pulse_when_due()

    def say_stage(self, stage: str) -> None:
        """Say that something begins whose length is not known."""
        self._progress.stage(stage, None)

    def record_end(self) -> None:
        """Record what the attempt has cost and learned, and the last pulse of an upload."""
        self._remember()
        if self._pulsed is not None:
            self._pulse()

    def _remember(self) -> None:
        traits, facts = self._learned.trust.traits, self.journal.facts
        # As the file keeps them, so that a report made anew from it says the same.
        spent = replace(facts, traffic=self.traffic(), seconds=round(self.seconds(), 3), traits=traits.describe())
        self.journal.record(spent)
        self._traits.save(traits)

    def _pulse_when_due(self) -> None:
        if self._pulsed is None or time.monotonic() - self._pulsed >= PULSE_SECONDS:
            self._pulse()

    def _pulse(self) -> None:
        traffic, self._pulsed = self.traffic(), time.monotonic()
        counts = (traffic.requests, traffic.rate_limited, traffic.retries, self._settled, traffic.waited)
        self.journal.pulses.record(Pulse(self._before.attempts, time.time(), *counts))
