"""Opt out the contacts of rows that are not imported, by the write path that every row goes.

What holds of such writes in the journal is said in runs/journal/_opt_outs.py. A contact that the account does not have
is remembered (state/_consents.py) before its row is settled, so that a kill between the two forgets nobody.
"""

from collections.abc import Sequence

from pipeline.heymarket import HeymarketClient
from pipeline.jobs._ledger import RunLedger
from pipeline.models import OnExisting, Outcome, WriteAnswer
from pipeline.planner import Policy
from pipeline.resolver import BATCH_SIZE, Resolver
from pipeline.runs.journal import Journal
from pipeline.signals import StopSwitch
from pipeline.state import ConsentBook, Said
from pipeline.uploader import Learned, Pace, Uploader
from pipeline.values import replace


def opt_out_only(policy: Policy) -> Policy:
    """Return the policy of such writes: a contact that is there is opted out, and nothing else."""
    # Of several contacts with one phone each is opted out, not the newest alone: the person has one phone.
    return replace(
        policy, on_existing=OnExisting.MERGE, allow_opt_in=False, may_create=False, on_conflict="reject", came_back=None
    )


async def write_opt_outs(
    client: HeymarketClient, run: RunLedger, policy: Policy, learned: Learned, pace: Pace, stop: StopSwitch
) -> None:
    """Opt out the contacts of the rows that are not imported, once all rows have their outcomes.

    Raises what the uploader raises; what is left then is found by the run that goes on.
    """
    journal = run.journal
    if stop.requested or not journal.opt_outs.are_left():
        return
    run.say_stage("opting out")
    for is_last in (False, True):
        ledger = OptOutLedger(run, learned.consents, is_last=is_last)
        await Uploader(client, ledger, opt_out_only(policy), learned, pace, stop).upload()
        if not ledger.shared:
            return
        await _take_apart(client, journal, sorted(ledger.shared), learned)


async def _take_apart(client: HeymarketClient, journal: Journal, seqs: Sequence[int], learned: Learned) -> None:
    """Find the contacts that share a phone."""
    resolver = Resolver(client, learned.trust.traits)
    for start in range(0, len(seqs), BATCH_SIZE):
        part = seqs[start : start + BATCH_SIZE]
        phones = dict(zip(part, [phone for phone, _ in journal.opt_outs.places(part)], strict=True))
        found = await resolver.resolve(list(phones.values()))
        contacts = {seq: [record.id for record in found.records.get(phone, ())] for seq, phone in phones.items()}
        journal.opt_outs.take_apart({seq: ids for seq, ids in contacts.items() if ids})


class OptOutLedger:
    """What the uploader writes these to (its WriteJournal).

    `shared` gets those whose phone several contacts have; they are left open, to be taken apart, unless it `is_last`.
    """

    def __init__(self, run: RunLedger, consents: ConsentBook, *, is_last: bool) -> None:
        self.shared: list[int] = []
        self._is_last = is_last
        self._run = run
        self._consents = consents
        rows = run.journal.opt_outs.rows
        self.open_rows, self.begin, self.release = rows.open_rows, rows.begin, rows.release
        self.keep_removed = rows.keep_removed

    def answered(self, seq: int, answer: WriteAnswer) -> None:
        """See WriteJournal."""
        self._run.journal.opt_outs.rows.answered(seq, answer)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """See WriteJournal."""
        if not self._is_last:
            self.shared += [outcome.seq for outcome in outcomes if outcome.code == "several_contacts"]
            outcomes = [outcome for outcome in outcomes if outcome.code != "several_contacts"]
        opt_outs = self._run.journal.opt_outs
        absent = [outcome.seq for outcome in outcomes if outcome.code == "absent"]
        run_id = self._run.folder.run_id
        places = opt_outs.places(absent)
        self._consents.keep(Said(phone, "no", "row_not_imported", run_id, line) for phone, line in places)
        opt_outs.rows.settle(outcomes)
        self._run.recorded(outcomes)
