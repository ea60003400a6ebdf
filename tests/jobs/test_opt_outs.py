"""Who says no is not texted, whatever becomes of the row that says so."""

import csv
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.account import Account
from pipeline.jobs.check import CheckOutputs, run_check
from pipeline.jobs.import_ import ImportJob, run_import
from pipeline.jobs.plan import PlanOutputs, run_plan, run_planned_import
from pipeline.jobs.undo import UndoJob, run_undo
from pipeline.models import Tally
from pipeline.reader.tables import expand_sources
from pipeline.results import PlanSummary, RunSummary
from pipeline.runs import open_run
from pipeline.sandbox import Sandbox, Traits
from pipeline.state import ConsentBook, consents_path
from pipeline.values import replace
from tests.accounts import Quiet, account_at
from tests.cli.commands import hmpipe, kill_when, write_settings
from tests.conftest import Server

HEADER = ["Phone", "First", "Mail", "Out", "Stop", "Gone"]
COLUMNS = {
    "Phone": '"phone"',
    "First": '"first"',
    "Mail": '"email"',
    "Out": '"is_opted_out"',
    "Stop": '"is_opted_out"',
}
BAD = "no mail"


def phone(number: int) -> str:
    return f"1415555010{number}"


def row(number: int, mail: str = "", out: str = "", stop: str = "", gone: str = "") -> list[str]:
    return [f"+{phone(number)}", f"P{number}", mail, out, stop, gone]


@dataclass(frozen=True)
class Desk:
    """A sandbox, an account of it, and the jobs over files."""

    folder: Path
    sandbox: Sandbox
    account: Account

    def job(self, *rows: list[str]) -> ImportJob:
        path = self.folder / "people.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows])
        return ImportJob(self.account, expand_sources([str(path)]))

    async def import_(self, *rows: list[str]) -> RunSummary:
        return await run_import(self.job(*rows), Quiet())

    async def plan(self, *rows: list[str], save: Path | None = None) -> PlanSummary:
        return await run_plan(self.job(*rows), Quiet(), PlanOutputs(save))

    def textable(self) -> set[str]:
        return {each["phone"] for each in self.sandbox.contacts() if not each["is_opted_out"]}

    def rejects(self, summary: RunSummary) -> list[dict[str, str]]:
        assert summary.rejects
        with Path(summary.rejects).open(newline="") as file:
            return list(csv.DictReader(file))


@asynccontextmanager
async def open_desk(
    folder: Path, *imports: str, contacts: int = 1, opt_out_readable: bool = True
) -> AsyncIterator[Desk]:
    sandbox = Sandbox(traits=Traits(opt_out_readable=opt_out_readable), requests_per_minute=0)
    for number in range(contacts):
        sandbox.add_contact(phone(number), first=f"P{number}", last="Kept")
    async with sandbox.serve() as url:
        yield Desk(folder, sandbox, account_at(folder, url, *imports, columns=COLUMNS))


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


async def test_a_rejected_row_opts_its_contact_out_and_stays_rejected(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        summary = await desk.import_(row(0, BAD, "yes"))
        assert summary.tally == Tally(rows=1, rejected=1)
        assert desk.textable() == set()
        [contact] = desk.sandbox.contacts()
        assert (contact["first"], contact["last"]) == ("P0", "Kept")
        assert summary.as_json()["opted_out_of_rejected_row"] == 1
        assert summary.exit_code == 3
        [reject] = desk.rejects(summary)
        assert reject["_reason"].endswith("; it says opted out, and the contact was opted out")
        again = await desk.import_(row(0, BAD, "yes"))
        assert again.as_json()["opted_out_of_rejected_row"] == 0
        assert desk.rejects(again)[0]["_reason"].endswith("the contact is opted out already")
        assert len(desk.sandbox.writes) == 1


@pytest.mark.parametrize(
    "setting",
    ['on_existing = "skip"', 'on_existing = "fill"', 'duplicates = "reject"', 'reject_doubtful = ["shared_phone"]'],
)
async def test_also_where_rows_are_skipped_or_refused_late(tmp_path: Path, setting: str) -> None:
    async with open_desk(tmp_path, setting, "shared_phone_rows = 2") as desk:
        summary = await desk.import_(row(0, "", "yes"), row(0, "", "", ""))
        assert desk.textable() == set()
        assert summary.tally.adds_up
        assert len(desk.sandbox.writes) == 1


async def test_a_skipped_row_is_counted_and_stays_skipped(tmp_path: Path) -> None:
    async with open_desk(tmp_path, 'on_existing = "skip"') as desk:
        summary = await desk.import_(row(0, "", "yes"))
        assert (summary.tally, summary.exit_code) == (Tally(rows=1, skipped=1), 0)
        assert summary.notes == {"opted_out_of_rejected_row": 1}


async def test_rows_of_skip_where_are_named_and_sent_only_where_that_is_said(tmp_path: Path) -> None:
    async with open_desk(tmp_path, 'skip_where = { "Gone" = "x" }') as desk:
        summary = await desk.import_(row(0, "", "yes", "", "x"))
        assert summary.notes == {"skipped_says_opted_out": 1}
        assert desk.textable() == {phone(0)}
    (tmp_path / "sent").mkdir()
    async with open_desk(tmp_path / "sent", 'skip_where = { "Gone" = "x" }', "skipped_opt_outs = true") as desk:
        summary = await desk.import_(row(0, "", "yes", "", "x"))
        assert summary.notes == {"skipped_says_opted_out": 1, "opted_out_of_rejected_row": 1}
        assert desk.textable() == set()


@pytest.mark.parametrize(
    "broken",
    [[*row(0, "", "yes"), "more"], [f"+{phone(0)}", "A", "yes"], [f"+{phone(0)}", "A", "B", "", "", "yes", "z"]],
)
async def test_what_may_stand_under_a_wrong_heading_is_not_sent_and_listed(tmp_path: Path, broken: list[str]) -> None:
    async with open_desk(tmp_path) as desk:
        summary = await desk.import_(broken)
        assert summary.notes == {"opt_out_unsure": 1}
        assert desk.textable() == {phone(0)}
        [reject] = desk.rejects(summary)
        assert "it may say opted out: look at the person" in reject["_reason"]


async def test_a_broken_row_that_says_nothing_of_it_is_not_listed(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        assert (await desk.import_([f"+{phone(0)}", "A", "no"])).notes == {}


async def test_who_has_no_contact_yet_is_opted_out_when_one_is_made(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        first = await desk.import_(row(5, BAD, "yes"))
        assert first.notes == {"rejected_says_opted_out": 1, "opt_out_remembered": 1}
        assert "remembered" in desk.rejects(first)[0]["_reason"]
        known = ConsentBook(consents_path(desk.account.key)).standing(phone(5)).no
        assert known
        assert (known.place, known.line) == (first.run_id, 2)
        planned = await desk.plan(row(5), row(6, "", "no"))
        assert planned.notes["opt_out_recalled"] == 1
        second = await desk.import_(row(5), row(6, "", "no"))
        assert second.tally == Tally(rows=2, created=2)
        assert second.notes["opt_out_recalled"] == 1
        assert desk.textable() == {phone(0), phone(6)}


async def test_an_opt_in_at_the_making_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await desk.import_(row(5, BAD, "yes"), row(6, BAD, "yes"))
        refused = await desk.import_(row(5, "", "no"))
        assert (refused.notes["opt_in_refused"], refused.notes["opt_out_recalled"]) == (1, 1)
        await run_import(replace(desk.job(row(6, "", "no")), allow_opt_in=True), Quiet())
        assert desk.textable() == {phone(0), phone(6)}


@pytest.mark.parametrize("brake", ["max_changes = 0", "max_opt_outs = 0"])
async def test_the_brakes_count_them(tmp_path: Path, brake: str) -> None:
    async with open_desk(tmp_path, brake, 'on_existing = "skip"', contacts=2) as desk:
        summary = await desk.import_(row(0, BAD, "yes"), row(1, "", "yes"))
        assert summary.exit_code == 4
        assert "would" in summary.error
        assert " 2 contacts" in summary.error
        assert desk.sandbox.writes == []


async def test_brakes_that_allow_them_let_them_through(tmp_path: Path) -> None:
    async with open_desk(tmp_path, "max_changes = 2", "max_opt_outs = 2", contacts=2) as desk:
        summary = await desk.import_(row(0, BAD, "yes"), row(1, "", "yes"), row(1, BAD, "yes"))
        assert (summary.exit_code, desk.textable()) == (3, set())
        assert len(desk.sandbox.writes) == 2


async def test_a_plan_shows_them_and_a_saved_one_carries_them_out(tmp_path: Path) -> None:
    async with open_desk(tmp_path, 'on_existing = "skip"', contacts=3) as desk:
        rows = [row(0, BAD, "yes"), row(1, "", "yes"), row(2, BAD, "no"), row(2, "", ""), row(7, BAD, "yes")]
        saved = tmp_path / "plan.gz"
        plan = await desk.plan(*rows, save=saved)
        assert plan.as_json()["opted_out_of_rejected_row"] == 2
        assert desk.sandbox.writes == []
        summary = await run_planned_import(desk.account, saved, Quiet())
        assert desk.textable() == {phone(2)}
        assert summary.as_json()["opted_out_of_rejected_row"] == 2
        assert summary.notes["opt_out_remembered"] == 1
        assert (await desk.plan(*rows)).as_json()["opted_out_of_rejected_row"] == 0


async def test_an_undo_lists_them_and_leaves_them_opted_out(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        done = await desk.import_(row(0, BAD, "yes"), row(8, BAD, "yes"))
        progress = Quiet()
        assert done.run_id
        undone = await run_undo(UndoJob(desk.account, done.run_id), progress)
        assert undone.tally.rows == 1
        assert undone.notes == {"opt_out_stays": 1}
        assert desk.textable() == set()
        assert any("1 opt-out of somebody who has no contact yet" in said for said in progress.said)


async def test_each_of_several_contacts_with_the_phone_is_opted_out(tmp_path: Path) -> None:
    async with open_desk(tmp_path, contacts=0) as desk:
        desk.sandbox.add_contact(phone(0), first="A")
        desk.sandbox.add_contact(phone(0), first="B")
        assert (await desk.plan(row(0, "", "yes"))).opted_out_of_rejected_row == 2
        summary = await desk.import_(row(0, "", "yes"))
        assert summary.tally == Tally(rows=1, rejected=1)
        assert "opt_out_not_applied" not in summary.notes
        assert summary.exit_code == 3
        assert summary.as_json()["opted_out_of_rejected_row"] == 2
        assert desk.textable() == set()


async def test_a_refused_opt_in_is_said_where_the_list_hides_opt_outs(tmp_path: Path) -> None:
    for policy in ("skip", "fill", "merge", "overwrite"):
        folder = tmp_path / policy
        folder.mkdir()
        async with open_desk(folder, f'on_existing = "{policy}"', opt_out_readable=False) as desk:
            desk.sandbox.add_contact(phone(1), first="P1", is_opted_out=True)
            summary = await desk.import_(row(0, "", "no"), row(1, "", "no"))
            assert summary.notes["opt_in_refused"] == 1, policy
            assert phone(1) not in desk.textable()
            asked = len(desk.sandbox.requests)
            again = await desk.import_(row(0, "", "no"), row(1, "", "no"))
            assert again.notes["opt_in_refused"] == 1, policy
            assert len(desk.sandbox.requests) - asked < asked, "who was not opted out is not asked about again"
            assert desk.sandbox.writes == []


async def test_a_check_counts_what_such_rows_say(tmp_path: Path) -> None:
    async with open_desk(tmp_path, 'skip_where = { "Gone" = "x" }') as desk:
        rows = [row(0, BAD, "yes"), row(1, "", "yes", "", "x"), row(2, "", "yes"), row(2), [*row(3, "", "yes"), "more"]]
        job = desk.job(*rows)
        for outputs in (CheckOutputs(), CheckOutputs(rejects=tmp_path / "bad.csv")):
            found = await run_check(desk.account.settings, job.sources, Quiet(), outputs)
            wanted = {"rejected_says_opted_out", "skipped_says_opted_out", "opt_out_kept", "opt_out_unsure"}
            assert {note: found.notes.get(note) for note in wanted} == dict.fromkeys(wanted, 1)


async def test_a_journal_of_before_has_none_and_takes_them(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        done = await desk.import_(row(1))
        assert done.run_id
        runs = desk.account.settings.paths.runs
        with open_run(runs, done.run_id).journal as journal, journal._file.transaction() as db:
            db.execute("DROP TABLE opt_outs")
        with open_run(runs, done.run_id).journal as journal:
            assert journal.opt_outs.counts() == {}
            assert len(list(journal.history.traces())) == 1
            assert not journal.opt_outs.are_left()


# --- over drawn files -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One row of a drawn file."""

    number: int
    mail: str
    out: str
    stop: str
    gone: bool
    off: int

    @property
    def says_no(self) -> bool:
        return "yes" in (self.out, self.stop)

    @property
    def counts(self) -> bool:
        """Whether it is a whole row that speaks for its person."""
        return self.says_no and not self.off and not self.gone

    def cells(self) -> list[str]:
        whole = row(self.number, self.mail, self.out, self.stop, "x" if self.gone else "")
        return [*whole, "more"] if self.off > 0 else whole[: self.off or None]


LINES = st.builds(
    Line,
    number=st.integers(0, 5),
    mail=st.sampled_from(["", "a@example.com", BAD]),
    out=st.sampled_from(["", "yes", "no"]),
    stop=st.sampled_from(["", "", "yes", "no"]),
    gone=st.sampled_from([False, False, False, True]),
    off=st.sampled_from([0, 0, 0, 0, -2, 1]),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(LINES, min_size=1, max_size=8),
    policy=st.sampled_from(["skip", "fill", "merge", "overwrite"]),
    duplicates=st.sampled_from(["last", "first", "merge", "reject"]),
    readable=st.booleans(),
)
def test_nobody_who_said_no_is_textable(lines: list[Line], policy: str, duplicates: str, readable: bool) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_STATE_HOME", str(folder / "state"))
            anyio.run(hold_the_law, folder, lines, policy, duplicates, readable)
    finally:
        shutil.rmtree(folder)


async def hold_the_law(folder: Path, lines: list[Line], policy: str, duplicates: str, readable: bool) -> None:
    options = (f'on_existing = "{policy}"', f'duplicates = "{duplicates}"', 'skip_where = { "Gone" = "x" }')
    async with open_desk(folder, *options, contacts=3, opt_out_readable=readable) as desk:
        said_no = {phone(line.number) for line in lines if line.counts}
        may_be_out = said_no | {phone(line.number) for line in lines if line.says_no and not line.off}
        rows = [line.cells() for line in lines]
        plan = await desk.plan(*rows)
        summary = await desk.import_(*rows)
        assert summary.tally.adds_up
        assert summary.tally.rows == len(lines)
        assert not desk.textable() & said_no
        everybody = {each["phone"] for each in desk.sandbox.contacts()}
        assert everybody - desk.textable() <= may_be_out
        noted = Counter(summary.notes)
        assert noted["rejected_says_opted_out"] == sum(line.counts and line.mail == BAD for line in lines)
        assert noted["skipped_says_opted_out"] == sum(line.says_no and line.gone and not line.off for line in lines)
        assert plan.opted_out_of_rejected_row == summary.opted_out_of_rejected_row
        writes = len(desk.sandbox.writes)
        assert writes == summary.tally.created + summary.tally.updated + summary.opted_out_of_rejected_row
        again = await desk.import_(*rows)
        assert len(desk.sandbox.writes) == writes, again
        await desk.import_(*[row(number) for number in range(6)])
        assert not desk.textable() & said_no, "also who had no contact then"


# --- killed in the middle ---------------------------------------------------------------------------------------------


@pytest.mark.service
@pytest.mark.timeout(120)
def test_killed_in_the_middle_each_is_opted_out_once(tmp_path: Path, serve: Callable[..., Server]) -> None:
    server = serve("slow:PUT /v1/contact*:seconds=0.05,when=after")
    for number in range(40):
        server.sandbox.add_contact(f"141555501{number:02}", first="Old")
    write_settings(tmp_path, server.url, columns='"Mail" = "email"\n"Out" = "is_opted_out"')
    rows = tmp_path / "people.csv"
    lines = [f"+141555501{number:02},P{number},{BAD},yes" for number in range(60)]
    rows.write_text("\n".join(["Phone,First,Mail,Out", *lines]) + "\n")
    for target in (5, 20, 33):
        kill_when(server.has_written(target), tmp_path, "import", rows, "--json")
    result = hmpipe(tmp_path, "import", rows, "--json")
    assert result.code == 3, result.err
    assert (result.json["rows"], result.json["rejected"]) == (60, 60)
    assert result.json["opted_out_of_rejected_row"] == 40
    assert all(contact["is_opted_out"] for contact in server.sandbox.contacts())
    [run] = hmpipe(tmp_path, "runs", "list", "--json").json["runs"]
    assert run["state"] == "finished"
    shown = hmpipe(tmp_path, "runs", "show", "last", "--json").json
    assert shown["notes"]["opt_out_remembered"] == 20
    undone = hmpipe(tmp_path, "undo", "last", "--json")
    assert undone.json["rows"] == 40
    assert all(contact["is_opted_out"] for contact in server.sandbox.contacts())


async def test_whom_we_made_ourselves_is_not_asked_about_again(tmp_path: Path) -> None:
    async with open_desk(tmp_path, contacts=0, opt_out_readable=False) as desk:
        rows = [row(number, "", "no") for number in range(8)]
        await desk.import_(*rows)
        asked = len([each for each in desk.sandbox.requests if each.path == "/v1/contact/status"])
        await desk.import_(*rows)
        again = len([each for each in desk.sandbox.requests if each.path == "/v1/contact/status"])
        assert (asked, again) == (0, 0)
