"""One attempt at a run that writes to the account: opened, braked, uploaded, and brought to its end."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing

from pipeline.account import Account
from pipeline.errors import PipelineError, UsageProblem
from pipeline.heymarket import HeymarketClient
from pipeline.jobs._brakes import Brakes
from pipeline.jobs._consents import keep_consents
from pipeline.jobs._ending import Ending
from pipeline.jobs._ledger import RunLedger
from pipeline.jobs._opt_outs import opt_out_only, write_opt_outs
from pipeline.jobs._preview import Decisions, Preview, says_opted_out
from pipeline.planner import Policy
from pipeline.reader.intake import is_reject_header
from pipeline.resolver import Decider, match_by_email
from pipeline.results import RunSummary
from pipeline.runs import RunFolder, RunKind, create_run, find_unfinished
from pipeline.runs.journal import RunFacts
from pipeline.settings import write_fingerprint
from pipeline.signals import Progress, StopSwitch, interruptible
from pipeline.state import (
    ConsentBook,
    ErasedPeople,
    TraitStore,
    UnverifiableWrites,
    consents_path,
    erased_path,
    traits_path,
    unverifiable_path,
)
from pipeline.uploader import BulkTrust, Learned, Pace, Uploader, add_channels, fill_lists, set_blocks, upload_phoneless
from pipeline.values import Struct, replace

GRACE_SECONDS = 20.0
"""How long an interrupted run may finish what is in flight, before it is cut off and left in doubt."""

_STAGES: Mapping[RunKind, str] = {
    "import": "importing",
    "undo": "undoing",
    "delete": "deleting",
    "restore": "restoring",
}


class Opened(Struct, frozen=True):
    """What an attempt works with once the account's lock is held and its client is open."""

    account: Account
    client: HeymarketClient
    learned: Learned
    traits: TraitStore
    stop: StopSwitch
    ending: Ending

    @property
    def progress(self) -> Progress:
        """Where it is said how far the attempt is."""
        return self.ending.progress

    def begin(self, facts: RunFacts) -> RunLedger:
        """Make a new run folder, to stage rows into. Raises StorageFailed."""
        facts = replace(facts, account=self.account.key, kind=self.ending.kind)
        return self._hold(create_run(self.account.settings.paths.runs, facts))

    def go_on(self, fingerprint: str, begun: RunLedger | None = None) -> RunLedger | None:
        """Return the unfinished run of the same fingerprint, or None; `begun` is given up where there is one.

        Raises StorageFailed.
        """
        runs = self.account.settings.paths.runs
        earlier = find_unfinished(runs, self.account.key, fingerprint, exclude=begun.folder.path if begun else None)
        if earlier is None:
            if begun:
                begun.journal.record(replace(begun.journal.facts, fingerprint=fingerprint))
            return None
        if begun:
            begun.folder.discard()
        facts = earlier.journal.facts
        earlier.journal.record(replace(facts, attempts=facts.attempts + 1, exit_code=1, error=""))
        done = earlier.journal.outcomes.tally().settled
        self.progress.say(f"Continuing run {earlier.run_id}: {done} rows are settled already.")
        return self._hold(earlier)

    def go_on_with_import(self, begun: RunLedger, policy: Policy, *, new_run: bool) -> RunLedger:
        """Return the unfinished run of the same content and settings, or the one that was begun.

        Where `new_run` says so it is always the one that was begun.
        """
        content, settings = begun.journal.facts.content, write_fingerprint(self.account.settings)
        flags = (policy.allow_opt_in, *(["unblock"] if policy.allow_unblock else ()))
        known_by = fingerprint(self.account.key, content, settings, *flags)
        if new_run:
            begun.journal.record(replace(begun.journal.facts, fingerprint=known_by))
            return begun
        return self.go_on(known_by, begun) or begun

    def _hold(self, folder: RunFolder) -> RunLedger:
        self.ending.run = RunLedger(folder, self.ending.meter, self.learned, self.traits, self.progress)
        return self.ending.run


class Attempt(Struct, frozen=True):
    """An attempt at a run whose rows are staged."""

    opened: Opened
    run: RunLedger
    policy: Policy

    async def match(self) -> None:
        """Match rows by e-mail where the settings want that."""
        opened = self.opened
        if "email" in opened.account.settings.imports.match_on:
            await match_by_email(opened.client, self.run.journal.rows, opened.stop, opened.learned.trust.traits)

    def name_fields(self, ids: Mapping[str, int]) -> None:
        """Put the IDs of custom fields into rows that were staged under their titles."""
        if ids:
            journal = self.run.journal
            journal.rows.rename_custom({title: str(number) for title, number in ids.items()})
            names = {f"custom.{number}": f"{title} (custom field {number})" for title, number in ids.items()}
            facts = journal.facts
            journal.record(replace(facts, field_names={**facts.field_names, **names}))

    async def check_brakes(self, most_deletions: int | None = None) -> None:
        """Pull a brake before anything is sent. A run that has sent something passed its brakes when it began.

        `most_deletions` is how many deletions a person has agreed to. Raises BrakePulled, and Interrupted when asked
        to stop.
        """
        opened, journal = self.opened, self.run.journal
        if journal.history.has_writes():
            return
        imports, is_planned = opened.account.settings.imports, journal.facts.planned
        brakes = Brakes(opened.ending.kind, imports, is_planned, most_deletions)
        if not self._of_rejects:
            brakes.check_rejects(journal.outcomes.tally())
        if brakes.need_preview:
            preview, learned = Preview(), opened.learned
            traits = learned.trust.traits
            decider = Decider(
                opened.client, self.policy, learned.unverifiable, traits, learned.consents, learned.erased
            )
            await preview.decide(decider, journal, opened.progress, opened.stop, self._keep_opt_outs)
            await preview.decide_phoneless(opened.client, decider, journal, self._keep_opt_outs)
            if self.is_import:
                decider = Decider(opened.client, opt_out_only(self.policy), learned.unverifiable, traits)
                await preview.decide_opt_outs(decider, journal, opened.stop)
            brakes.check_preview(preview)

    @property
    def is_import(self) -> bool:
        """Whether the rows speak for people, and not for what contacts were before."""
        return self.opened.ending.kind == "import"

    @property
    def _of_rejects(self) -> bool:
        """Whether the rows are rejects that come again: mended here and there, most of them may be what they were."""
        sources = self.run.journal.facts.sources
        return bool(sources) and all(is_reject_header(source.headers) for source in sources)

    def _keep_opt_outs(self, batch: Decisions) -> None:
        if self.is_import:
            self.run.journal.opt_outs.add_open(says_opted_out(batch))

    async def upload(self) -> None:
        """Bring every open row to an outcome."""
        opened, journal = self.opened, self.run.journal
        client, learned, stop = opened.client, opened.learned, opened.stop
        limits = opened.account.settings.limits
        pace = Pace(limits.concurrency, limits.lost_answer_seconds)
        self.run.start(_STAGES[opened.ending.kind])
        try:
            await Uploader(client, self.run, self.policy, learned, pace, stop).upload()
            await self._upload_phoneless()
        finally:
            if self.is_import:
                keep_consents(self.run, learned.consents, self.policy)
        if self.is_import:
            # Before lists are filled: adding to one may send to the contact.
            await write_opt_outs(client, self.run, self.policy, learned, pace, stop)
        await set_blocks(client, journal, stop, may_unblock=self.policy.allow_unblock)
        await add_channels(client, journal, stop, learned.unverifiable, trusts=self.is_import)
        await fill_lists(client, journal, stop, learned.unverifiable)

    async def _upload_phoneless(self) -> None:
        """Bring the rows of contacts without a phone to their outcomes: only a restore and an undo have some."""
        opened, learned = self.opened, self.opened.learned
        decider = Decider(
            opened.client,
            self.policy,
            learned.unverifiable,
            learned.trust.traits,
            learned.consents,
            learned.erased,
        )
        await upload_phoneless(opened.client, self.run.journal.phoneless, decider, opened.stop)


async def carry_through(account: Account, ending: Ending, work: Callable[[Opened], Awaitable[None]]) -> RunSummary:
    """Do the work of an attempt with the account's lock held and signals heard, and say how it ended.

    Raises UsageProblem; every other end is in the summary.
    """
    stop, traits = StopSwitch(), TraitStore(traits_path(account.key))
    with (
        closing(UnverifiableWrites(unverifiable_path(account.key))) as unverifiable,
        closing(ConsentBook(consents_path(account.key))) as consents,
    ):
        try:
            async with interruptible(stop, ending.progress.say, GRACE_SECONDS):
                # One lock for everything that writes.
                with account.lock("import"):
                    async with account.client() as client:
                        ending.meter.client = client
                        trust = BulkTrust(traits.load(), account.settings.imports.write_path)
                        learned = Learned(trust, unverifiable, consents, ErasedPeople(erased_path(account.key)))
                        await work(Opened(account, client, learned, traits, stop, ending))
        except UsageProblem:
            ending.abandon()
            raise
        except PipelineError as error:
            return ending.finish(error)
        return ending.finish(None)


def fingerprint(*facts: object) -> str:
    """Return what a run is known again by: it goes on only where all of this is the same."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()
