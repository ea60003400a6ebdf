"""One attempt at an import: its brakes, how it goes on with an earlier one, and how it ends."""

import json
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.account import Account
from pipeline.errors import BrakePulled, Interrupted, LockHeld, PipelineError, ServiceUnavailable
from pipeline.jobs._attempt import Attempt, Opened
from pipeline.jobs._ending import Ending
from pipeline.jobs._ledger import RunLedger
from pipeline.jobs._summary import summarise
from pipeline.models._changes import Change, ChangeKind, OnExisting, WriteAnswer
from pipeline.models._contacts import Contact, Reject, Skip
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally, Traffic
from pipeline.planner import Policy
from pipeline.results import RunSummary
from pipeline.runs._folder import JOURNAL, REJECTS, SUMMARY, list_runs, open_run
from pipeline.runs.journal import RunFacts
from pipeline.sandbox import Sandbox
from pipeline.settings import Credentials, load_settings
from pipeline.signals import StopSwitch
from pipeline.state import TraitStore, UnverifiableWrites, traits_path, unverifiable_path
from pipeline.uploader import BulkTrust, Learned
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
        run = opened.go_on_with_import(self.run, allow_opt_in=allow_opt_in, new_run=new_run)
        return Attempt(opened, run, MERGE)


def begin(chosen: Account, results: Sequence[Result], recorder: Recorder | None = None) -> Begun:
    """Begin an attempt as far as the whole input is staged."""
    opened = opened_for(chosen, Idle(), recorder)
    run = opened.begin(RunFacts(source="people.csv"))
    run.journal.record(replace(run.journal.facts, sources=described(("Phone",))))
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


def text_of(path: str | None) -> str:
    assert path
    return Path(path).read_text()


def states(chosen: Account) -> list[str]:
    return [entry.state for entry in list_runs(chosen.settings.paths.runs)]


async def test_an_import_ends_with_its_counts_on_disk(tmp_path: Path) -> None:
    chosen, recorder, world = account(tmp_path), Recorder(), Sandbox()
    summary = await complete(begin(chosen, people(3), recorder), world)
    assert summary.tally == Tally(rows=3, created=3)
    assert (summary.exit_code, summary.rejects, summary.error, summary.attempts) == (0, None, "", 1)
    assert summary.traffic.requests == len(world.requests)
    assert summary.run_id
    folder = chosen.settings.paths.runs / summary.run_id
    assert json.loads((folder / SUMMARY).read_text()) == summary.as_json()
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert not (folder / REJECTS).exists()
    assert states(chosen) == ["finished"]
    assert recorder.stages == [("importing", 3)]
    assert recorder.steps == 3


async def test_rows_to_look_at_end_it_with_3_and_a_reject_file(tmp_path: Path) -> None:
    skip = Skip(98, "skip_where", "deleted")
    summary = await complete(begin(account(tmp_path), [*people(1), skip, REJECT]), Sandbox())
    assert summary.tally == Tally(rows=3, created=1, skipped=1, rejected=1)
    assert summary.exit_code == 3
    assert summary.codes == {"skip_where": 1, "too_short": 1}
    assert [example.code for example in summary.examples] == ["too_short"]
    assert text_of(summary.rejects).splitlines() == [
        "Phone,_row,_code,_column,_value,_reason",
        "cell,99,too_short,Phone,12,too short",
    ]


class TestBrakes:
    @pytest.mark.parametrize(
        ("brake", "results", "words"),
        [
            ("max_reject_rate = 0.33", [*people(1), REJECT], "1 of 2 rows are rejected (50.0%); max_reject_rate is 33"),
            ("max_reject_rate = 0.0", [REJECT], "1 of 1 rows are rejected (100.0%); max_reject_rate is 0.0%"),
            ("max_changes = 2", people(3), "would write 3 contacts; max_changes is 2."),
            ("max_changes = 0", people(1), "would write 1 contacts; max_changes is 0."),
            ("max_opt_outs = 1", people(3, opted_out=2), "would opt out 2 contacts; max_opt_outs is 1."),
        ],
    )
    async def test_above_its_limit_everything_is_refused_before_anything_is_written(
        self, tmp_path: Path, brake: str, results: list[Result], words: str
    ) -> None:
        chosen, world = account(tmp_path, brake), Sandbox()
        summary = await complete(begin(chosen, results), world)
        assert summary.exit_code == 4
        assert words in summary.error
        assert "Nothing was sent." in summary.error
        assert world.writes == []
        assert summary.pending == sum(isinstance(result, Contact) for result in results)
        assert states(chosen) == ["refused"]

    @pytest.mark.parametrize(
        ("brake", "results"),
        [
            ("max_reject_rate = 0.5", [*people(1), REJECT]),
            ("max_reject_rate = 0.0", []),
            ("max_changes = 3", people(3)),
            ("max_opt_outs = 2", people(3, opted_out=2)),
        ],
    )
    async def test_at_its_limit_nothing_is_refused(self, tmp_path: Path, brake: str, results: list[Result]) -> None:
        summary = await complete(begin(account(tmp_path, brake), results), Sandbox())
        assert summary.error == ""
        assert summary.tally.adds_up
        assert summary.tally.created == sum(isinstance(result, Contact) for result in results)

    async def test_what_needs_no_write_is_no_change(self, tmp_path: Path) -> None:
        world, recorder = Sandbox(), Recorder()
        for contact in people(3):
            world.add_contact(contact.phone, **contact.fields)
        summary = await complete(begin(account(tmp_path, "max_changes = 0"), people(3), recorder), world)
        assert (summary.exit_code, summary.tally) == (0, Tally(rows=3, unchanged=3))
        assert recorder.stages == [("planning", 3), ("importing", 3)]
        assert recorder.steps == 6

    async def test_without_a_brake_nothing_is_planned_ahead(self, tmp_path: Path) -> None:
        world = Sandbox()
        begun = begin(account(tmp_path), people(3))
        async with open_world(world) as opened:
            await begun.attempt(opened.client).check_brakes()
        assert world.requests == []

    async def test_a_refused_run_is_not_gone_on_with(self, tmp_path: Path) -> None:
        refused = await complete(begin(account(tmp_path, "max_changes = 2"), people(3)), Sandbox())
        chosen = account(tmp_path, "max_changes = 3")
        summary = await complete(begin(chosen, people(3)), Sandbox())
        assert summary.run_id != refused.run_id
        assert (summary.attempts, summary.exit_code) == (1, 0)

    async def test_a_run_that_has_sent_something_passed_its_brakes_when_it_began(self, tmp_path: Path) -> None:
        world = await stopped_with_one_created(account(tmp_path), people(3))
        summary = await complete(begin(account(tmp_path, "max_changes = 2"), people(3)), world)
        assert (summary.exit_code, summary.tally.created) == (0, 3)


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


class TestContinuing:
    async def test_it_adds_up_over_all_attempts_and_covers_the_whole_input(self, tmp_path: Path) -> None:
        chosen, recorder = account(tmp_path), Recorder()
        world = await stopped_with_one_created(chosen, people(4))
        [entry] = list_runs(chosen.settings.paths.runs)
        earlier = open_run(chosen.settings.paths.runs, entry.run_id)
        facts = earlier.journal.facts
        assert facts.traffic == Traffic(requests=1)
        earlier.journal.record(replace(facts, seconds=1000, traffic=Traffic(1, rate_limited=7, retries=5)))
        earlier.journal.close()
        summary = await complete(begin(chosen, people(4), recorder), world)
        assert summary.run_id == entry.run_id
        assert (summary.tally, summary.exit_code, summary.error) == (Tally(rows=4, created=4), 0, "")
        assert summary.attempts == 2
        assert summary.traffic == Traffic(requests=len(world.requests), rate_limited=7, retries=5)
        assert 1000 < summary.seconds < 1030
        assert recorder.said == [f"Continuing run {entry.run_id}: 1 rows are settled already."]
        assert recorder.stages == [("importing", 4)]
        assert len({contact["phone"] for contact in world.contacts()}) == len(world.contacts()) == 4
        # The folder that the second attempt began with is gone.
        assert states(chosen) == ["finished"]
        with open_run(chosen.settings.paths.runs, entry.run_id).journal as journal:
            pulses = journal.pulses.read()
        assert [pulse.attempt for pulse in pulses] == sorted(pulse.attempt for pulse in pulses)
        assert {pulse.attempt: pulse.settled for pulse in pulses} == {1: 1, 2: 4}
        first, last = pulses[0], pulses[-1]
        assert (last.requests, last.rate_limited, last.retries) == (len(world.requests), 7, 5)
        assert first.moment <= last.moment

    @pytest.mark.parametrize(
        "line",
        ["max_changes = 9", "max_opt_outs = 9", "max_reject_rate = 0.9"],
    )
    async def test_a_changed_brake_goes_on_all_the_same(self, tmp_path: Path, line: str) -> None:
        world = await stopped_with_one_created(account(tmp_path), people(3))
        assert (await complete(begin(account(tmp_path, line), people(3)), world)).attempts == 2

    async def test_other_content_settings_or_account_begin_anew(self, tmp_path: Path) -> None:
        world = await stopped_with_one_created(account(tmp_path), people(3))
        for chosen, contacts in (
            (account(tmp_path), people(4)),
            (account(tmp_path, 'blanks = "clear"'), people(3)),
            (account(tmp_path, credential="another-id"), people(3)),
        ):
            summary = await complete(begin(chosen, contacts), world)
            assert (summary.attempts, summary.exit_code) == (1, 0)
        assert (await complete(begin(account(tmp_path), people(3)), world, allow_opt_in=True)).attempts == 1
        assert (await complete(begin(account(tmp_path), people(3)), world, new_run=True)).attempts == 1
        assert "unfinished" in states(account(tmp_path))
        assert (await complete(begin(account(tmp_path), people(3)), world)).attempts == 2

    async def test_a_third_attempt_is_counted_as_one(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        world = await stopped_with_one_created(chosen, people(3))
        again = begin(chosen, people(3))
        again.attempt(Idle())
        assert again.finish(ServiceUnavailable("Again.")).attempts == 2
        assert (await complete(begin(chosen, people(3)), world)).attempts == 3


class TestLedger:
    def test_what_was_begun_is_in_doubt_until_it_is_released_or_answered(self, tmp_path: Path) -> None:
        run = begin(account(tmp_path), people(1)).run
        change = Change(1, ChangeKind.CREATE, "14155550102", {"phone": "14155550102"})
        run.begin([change])
        assert run.open_rows(0, 10)[0].doubt == change
        run.release([1])
        assert run.open_rows(0, 10)[0].doubt is None
        run.begin([change])
        run.answered(1, WriteAnswer(55))
        assert run.open_rows(0, 10)[0].answer == WriteAnswer(55)

    def test_progress_moves_only_when_outcomes_are_on_disk(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        settled: list[int] = []

        class Looking(Recorder):
            """Reads the run as another process would, at every step."""

            def advance(self, steps: int) -> None:
                super().advance(steps)
                [entry] = list_runs(chosen.settings.paths.runs)
                settled.append(entry.tally.settled)

        run = begin(chosen, people(3), Looking()).run
        run.settle([Outcome(1, OutcomeKind.CREATED)])
        run.settle([Outcome(2, OutcomeKind.CREATED), Outcome(3, OutcomeKind.CREATED)])
        assert settled == [1, 3]


class TestEnd:
    def test_without_a_run_there_is_only_an_error(self) -> None:
        summary = Ending("import", "people.csv", Recorder()).finish(LockHeld("Another import."))
        assert (summary.run_id, summary.tally, summary.exit_code) == (None, Tally(), 4)
        assert (summary.error, summary.source, summary.traffic) == ("Another import.", "people.csv", Traffic())

    def test_a_run_that_ended_before_its_input_was_in_leaves_nothing(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        opened = opened_for(chosen, Idle())
        opened.begin(RunFacts(source="people.csv"))
        summary = opened.ending.finish(Interrupted("Stopped.", signal_number=15))
        assert (summary.run_id, summary.exit_code, summary.error) == (None, 143, "Stopped.")
        assert list(chosen.settings.paths.runs.iterdir()) == []

    def test_abandoning_removes_the_run_and_may_be_done_twice(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        begun = begin(chosen, people(1))
        begun.ending.abandon()
        begun.ending.abandon()
        assert list(chosen.settings.paths.runs.iterdir()) == []

    def test_rows_without_an_outcome_never_end_well(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        begun = begin(chosen, people(3))
        begun.run.settle([Outcome(1, OutcomeKind.CREATED)])
        summary = begun.finish(None)
        assert (summary.exit_code, summary.pending) == (1, 2)
        assert summary.error.startswith("3 rows came in and 1 have an outcome: this is a fault of the program.")
        assert summary.as_json()["pending"] == 2
        assert states(chosen) == ["unfinished"]

    def test_an_interruption_keeps_the_run_open(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        summary = begin(chosen, people(1)).finish(Interrupted("Stopped by SIGTERM.", signal_number=15))
        assert (summary.exit_code, summary.error, summary.pending) == (143, "Stopped by SIGTERM.", 1)
        assert states(chosen) == ["unfinished"]

    @pytest.mark.parametrize(("kind", "code"), [(OutcomeKind.CREATED, 0), (OutcomeKind.UNKNOWN, 3)])
    def test_an_interruption_after_the_last_row_is_none(self, tmp_path: Path, kind: OutcomeKind, code: int) -> None:
        chosen = account(tmp_path)
        begun = begin(chosen, people(1))
        begun.run.settle([Outcome(1, kind)])
        summary = begun.finish(Interrupted("Stopped by SIGTERM."))
        assert (summary.exit_code, summary.error) == (code, "")
        assert states(chosen) == ["finished"]

    def test_another_error_stays_even_when_every_row_has_its_outcome(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        begun = begin(chosen, people(1))
        begun.run.settle([Outcome(1, OutcomeKind.FAILED, "not_kept", "why")])
        summary = begun.finish(BrakePulled("It would be too much."))
        assert (summary.exit_code, summary.error) == (4, "It would be too much.")

    @pytest.mark.parametrize(
        ("error", "code", "words"), [(None, 1, "readonly database"), (BrakePulled("Too much."), 4, "Too much.")]
    )
    def test_a_disk_that_takes_nothing_more_does_not_hide_how_it_ended(
        self, tmp_path: Path, error: PipelineError | None, code: int, words: str
    ) -> None:
        begun = begin(account(tmp_path), people(2))
        begun.run.settle([Outcome(1, OutcomeKind.CREATED)])
        run = begun.run
        # SQLite itself refuses every write from here on, as on a file system that became read-only.
        run.journal._file.db.execute("PRAGMA query_only = ON")
        summary = begun.finish(error)
        run.journal.close()
        assert (summary.run_id, summary.tally, summary.exit_code) == (run.folder.run_id, Tally(rows=2, created=1), code)
        assert words in summary.error

    def test_a_journal_that_cannot_even_be_read_does_not_hide_how_it_ended(self, tmp_path: Path) -> None:
        begun = begin(account(tmp_path), people(2))
        begun.run.journal.close()
        summary = begun.finish(ServiceUnavailable("It went away."))
        assert (summary.tally, summary.exit_code, summary.error) == (Tally(), 1, "It went away.")

    def test_a_run_that_was_killed_is_summarised_as_stopped(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        begin(chosen, [*people(1), REJECT]).run.journal.close()
        [path] = chosen.settings.paths.runs.glob(f"*/{JOURNAL}")
        run = open_run(chosen.settings.paths.runs, path.parent.name)
        summary = summarise(run)
        run.journal.close()
        assert summary == RunSummary(
            path.parent.name,
            Tally(rows=2, rejected=1),
            Traffic(),
            0.0,
            1,
            source="people.csv",
            codes={"too_short": 1},
            examples=summary.examples,
        )
