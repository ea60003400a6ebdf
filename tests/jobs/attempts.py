"""Attempts of small runs, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.account import Account
from pipeline.errors import PipelineError, ServiceUnavailable
from pipeline.jobs._attempt import Attempt, Opened
from pipeline.jobs._ending import Ending
from pipeline.jobs._ledger import RunLedger
from pipeline.models._changes import Change, ChangeKind, OnExisting
from pipeline.models._contacts import Contact, Reject, Skip
from pipeline.models._outcomes import Outcome, OutcomeKind, Traffic
from pipeline.planner import Policy
from pipeline.results import RunSummary
from pipeline.runs._folder import list_runs
from pipeline.runs.journal import RunFacts
from pipeline.sandbox import Sandbox
from pipeline.settings import Credentials, load_settings
from pipeline.signals import StopSwitch
from pipeline.state import TraitStore, UnverifiableWrites, traits_path, unverifiable_path
from pipeline.uploader import BulkTrust, Learned
from pipeline.values import replace
from tests.conftest import open_world
from tests.tables import described

MERGE = Policy(OnExisting.MERGE)


REJECT = Reject(99, "too_short", "Phone", "12", "too short")


Result = Contact | Reject | Skip


class Recorder:
    """A progress that remembers."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int | None]] = []
        self.said: list[str] = []
        self.steps = 0

    def stage(self, name: str, total: int | None) -> None:
        self.stages.append((name, total))

    def advance(self, steps: int) -> None:
        self.steps += steps

    def say(self, line: str) -> None:
        self.said.append(line)


def account(folder: Path, *imports: str, credential: str = "an-id") -> Account:
    """Return an account whose settings file has these lines below [import]."""
    file = folder / "hmpipe.toml"
    file.write_text("\n".join(["[import]", *imports, "[import.columns]", 'Phone = "phone"']))
    return Account(load_settings(file, environ={}), Credentials(credential, "a-key"))


def people(count: int, *, opted_out: int = 0) -> list[Contact]:
    lines = range(2, count + 2)
    contacts = [Contact(line, f"141555501{line:02}", {"first": f"P{line}"}) for line in lines]
    return [
        Contact(contact.line, contact.phone, {**contact.fields, "is_opted_out": True}) if place < opted_out else contact
        for place, contact in enumerate(contacts)
    ]


class Idle:
    """A client that was asked nothing."""

    traffic = Traffic()


def opened_for(chosen: Account, client: Any, recorder: Recorder | None = None, ending: Ending | None = None) -> Opened:
    """Return an attempt as far as its lock is held and its client open."""
    ending = ending or Ending("import", "people.csv", recorder or Recorder())
    ending.meter.client = client
    traits, memory = TraitStore(traits_path(chosen.key)), UnverifiableWrites(unverifiable_path(chosen.key))
    trust = BulkTrust(traits.load(), chosen.settings.imports.write_path)
    return Opened(chosen, client, Learned(trust, memory), traits, StopSwitch(), ending)


@dataclass(frozen=True)
class Begun:
    """An attempt of which the whole input is staged."""

    chosen: Account
    ending: Ending
    run: RunLedger

    def finish(self, error: PipelineError | None) -> RunSummary:
        return self.ending.finish(error)

    def attempt(self, client: Any, *, new_run: bool = False, allow_opt_in: bool = False) -> Attempt:
        opened = opened_for(self.chosen, client, ending=self.ending)
        run = opened.go_on_with_import(self.run, replace(MERGE, allow_opt_in=allow_opt_in), new_run=new_run)
        return Attempt(opened, run, MERGE)


def begin(
    chosen: Account,
    results: Sequence[Result],
    recorder: Recorder | None = None,
    *,
    headers: Sequence[str] = ("Phone",),
) -> Begun:
    """Begin an attempt as far as the whole input is staged."""
    opened = opened_for(chosen, Idle(), recorder)
    run = opened.begin(RunFacts(source="people.csv"))
    run.journal.record(replace(run.journal.facts, sources=described(headers)))
    run.journal.input.add([("cell",)] * len(results), results)
    run.journal.finish_staging()
    return Begun(chosen, opened.ending, run)


async def complete(begun: Begun, world: Sandbox, *, new_run: bool = False, allow_opt_in: bool = False) -> RunSummary:
    """Bring an attempt to its end, in the order of an import."""
    error: PipelineError | None = None
    async with open_world(world) as opened:
        try:
            attempt = begun.attempt(opened.client, new_run=new_run, allow_opt_in=allow_opt_in)
            await attempt.check_brakes()
            await attempt.upload()
        except PipelineError as caught:
            error = caught
    return begun.finish(error)


def states(chosen: Account) -> list[str]:
    return [entry.state for entry in list_runs(chosen.settings.paths.runs)]


async def stopped_with_one_created(chosen: Account, contacts: Sequence[Result]) -> Sandbox:
    """Leave a run of which one row is created, as a service that went away leaves it, and return that service."""
    world = Sandbox()
    begun = begin(chosen, contacts)
    async with open_world(world) as opened:
        run = begun.attempt(opened.client).run
        [row] = run.open_rows(0, 1)
        change = Change(row.seq, ChangeKind.CREATE, row.contact.phone, {"phone": row.contact.phone, "first": "P2"})
        run.begin([change])
        answer = await opened.client.create_contact(change.body)
        run.answered(row.seq, answer)
        run.settle([Outcome(row.seq, OutcomeKind.CREATED, contact_id=answer.id)])
    summary = begun.finish(ServiceUnavailable("It went away."))
    assert (summary.exit_code, summary.pending, summary.error) == (1, len(contacts) - 1, "It went away.")
    assert states(chosen) == ["unfinished"]
    return world
