"""A plan is what an import does: saved, applied exactly, made offline, and empty when all is done."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli._progress import SilentProgress
from pipeline.errors import InputError, PipelineError
from pipeline.jobs.export import ExportJob, run_export
from pipeline.jobs.import_ import ImportJob
from pipeline.jobs.plan import PlanOutputs, run_plan_against
from pipeline.jobs.undo import UndoJob, run_undo
from pipeline.results import PlanSummary
from pipeline.sandbox import Fault, Sandbox, Traits
from tests.accounts import writable
from tests.jobs.desk import Desk, people, phone

HEADER = "Phone,First,Plan,Mail,Tags,Out,Picture,Owner,News"


NOTHING = PlanOutputs()


pytestmark = pytest.mark.usefixtures("own_state")


def changes(summary: PlanSummary) -> int:
    return summary.tally.created + summary.tally.updated + sum(summary.list_adds.values())


RICH = (
    "+14155550100,Ann,Gold,ann@example.com,{tag},yes,https://example.com/a.png,{owner},{list}",
    "+14155550101,Bob,,,,no,,,{list}",
    "+14155550102,Cid,Silver,cid@example.com,{tag},,https://example.com/c.png,-1,",
    "+14155550103,<clear>,<clear>,<clear>,<clear>,,<clear>,<clear>,{list}",
    "+14155550104,,,,,yes,,,",
)


COLUMNS = (
    'Plan = { custom = "Plan" }\nMail = "email"\nTags = { tags = ";" }\nOut = "is_opted_out"\nPicture = "avatar"\n'
    'Owner = "assignee_id"\nNews = "list"'
)


READABLE = {"opt_out_readable": True}


SHOWN_NOWHERE = {"opt_out_readable": False, "avatar_shown": "copied", "tags_read_shape": "missing"}


@pytest.mark.parametrize("on_existing", ["skip", "fill", "merge", "overwrite"])
@pytest.mark.parametrize(
    ("options", "traits"),
    [
        ((), READABLE),
        (('blanks = "clear"', 'tags = "add"'), {}),
        (('tags = "replace"',), SHOWN_NOWHERE),
        (('blanks = "clear"', 'tags = "replace"'), {"avatar_shown": "copied", "update_blanks": "all"}),
        (('tags = "add"',), SHOWN_NOWHERE | {"update_blanks": "nothing"}),
    ],
)
async def test_right_after_an_import_there_is_nothing_to_do(
    tmp_path: Path, on_existing: str, options: Sequence[str], traits: dict[str, Any]
) -> None:
    sandbox = Sandbox(traits=Traits(**traits), requests_per_minute=0, fields=["Plan", "City"], tags=["vip", "old"])
    unreadable = not traits.get("opt_out_readable") and "avatar_shown" in traits
    tags, fields = list(sandbox.counters()["tags"]), list(sandbox.counters()["fields"])
    list_id = sandbox.add_list("Customers")
    for number in (100, 102, 103, 104):
        sandbox.add_contact(
            phone(number), first="Old", last="Name", email="old@example.com", avatar="https://example.com/o.png",
            custom={fields[0]: "Bronze", fields[1]: "Paris"}, tags=[{"tag_id": int(tags[1])}], assignee_id=7001,
        )  # fmt: skip
    if unreadable:
        # Neither the contact nor its status tells whether it is opted out.
        sandbox.faults = [Fault.parse("error_before:POST /v1/contact/status:status=404")]
    async with sandbox.serve() as url:
        desk = Desk(tmp_path, sandbox, url, f'on_existing = "{on_existing}"', *options, columns=COLUMNS)
        rows = [row.format(tag=tags[0], owner=7002, list=list_id) for row in RICH]
        job = desk.file(*rows, header=HEADER)
        assert changes(await desk.plan(job)) > 0
        first = await desk.import_(job)
        assert first.exit_code == 0, first
        sent = len(sandbox.writes)
        again = await desk.plan(job)
        assert changes(again) == 0, again
        # Under skip even the contact that the import made is one that exists by now.
        listed = 0 if on_existing == "skip" else 3
        assert again.unverifiable.get("list", 0) == listed
        if unreadable and on_existing != "skip":
            assert again.unverifiable.get("is_opted_out") == 2
        members = sandbox.list_members(list_id)
        second = await desk.import_(job)
        assert (second.exit_code, len(sandbox.writes)) == (0, sent)
        assert sandbox.list_members(list_id) == members
        assert second.notes.get("list_unverifiable", 0) == listed


class TestAgainstASnapshot:
    async def test_it_plans_what_the_account_itself_would_show_without_asking_it(self, tmp_path: Path) -> None:
        sandbox = Sandbox(traits=Traits(opt_out_readable=True), requests_per_minute=0, fields=["Plan"])
        sandbox.seed(250)
        sandbox.add_contact(phone(1), first="Old")
        sandbox.add_contact(phone(2), first="P2")
        for name in ("one", "two"):
            sandbox.add_contact(phone(3), first=name)
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url, columns='Plan = { custom = "Plan" }')
            job = desk.file(*(f"{row},Gold" for row in people(6)), header="Phone,First,Plan")
            exported = await run_export(ExportJob(desk.account), SilentProgress())
            assert exported.snapshot
            online = await desk.plan(job)
            asked = len(sandbox.requests)
            outputs = PlanOutputs(tmp_path / "plan.gz")
            offline = await run_plan_against(job, exported.snapshot, SilentProgress(), outputs)
            assert len(sandbox.requests) == asked
            assert offline.tally == online.tally
            assert (offline.fields, offline.codes) == (online.fields, online.codes)
            assert offline.codes == {"several_contacts": 1}
            applied = await desk.apply("plan.gz")
            assert (applied.tally.created, applied.tally.updated, applied.tally.skipped) == (3, 2, 0), applied

    async def test_a_damaged_one_and_another_accounts_are_refused(self, tmp_path: Path) -> None:
        sandbox = Sandbox(requests_per_minute=0)
        sandbox.seed(3)
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url)
            job = desk.file(*people(2))
            snapshot = (await run_export(ExportJob(desk.account), SilentProgress())).snapshot or ""
        other = ImportJob(desk.account_of("another-id"), job.sources)
        with pytest.raises(InputError, match="another account"):
            await run_plan_against(other, snapshot, SilentProgress(), NOTHING)
        contacts = Path(snapshot) / "contacts.jsonl.gz"
        contacts.write_bytes(contacts.read_bytes()[:-9])
        with pytest.raises(InputError, match=r"contacts\.jsonl\.gz"):
            await run_plan_against(job, snapshot, SilentProgress(), NOTHING)
        with pytest.raises(InputError, match="not the folder"):
            await run_plan_against(job, str(tmp_path / "nowhere"), SilentProgress(), NOTHING)

    async def test_names_that_it_cannot_bring_to_ids_are_not_saved_away(self, tmp_path: Path) -> None:
        sandbox = Sandbox(requests_per_minute=0, tags=["vip"])
        sandbox.seed(3)
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url, columns='Tags = { tags = ";" }')
            snapshot = (await run_export(ExportJob(desk.account), SilentProgress())).snapshot or ""
        job = desk.file("+14155550001,A,vip", header="Phone,First,Tags")
        assert (await run_plan_against(job, snapshot, SilentProgress(), NOTHING)).tally.created == 1
        with pytest.raises(PipelineError, match="by name"):
            await run_plan_against(job, snapshot, SilentProgress(), PlanOutputs(tmp_path / "plan.gz"))
        assert not (tmp_path / "plan.gz").exists()


async def test_what_a_plan_did_can_be_undone_like_any_run(tmp_path: Path) -> None:
    sandbox = Sandbox(traits=Traits(opt_out_readable=True), requests_per_minute=0, fields=["Plan"])
    field = next(iter(sandbox.counters()["fields"]))
    for number in range(12):
        sandbox.add_contact(phone(number), first=f"Old{number}", custom={field: "Gold"}, is_opted_out=number == 3)
    before = {each["phone"]: writable(each) for each in sandbox.contacts()}
    async with sandbox.serve() as url:
        desk = Desk(tmp_path, sandbox, url, columns='Plan = { custom = "Plan" }')
        rows = [f"{row},Silver" for row in people(20, "New")]
        await desk.plan(desk.file(*rows, header="Phone,First,Plan"), save="plan.gz")
        done = await desk.apply("plan.gz")
        assert (done.tally.updated, done.tally.created) == (12, 8)
        undone = await run_undo(UndoJob(desk.account, str(done.run_id), delete_created=True), SilentProgress())
        assert (undone.tally.updated, undone.tally.deleted, undone.exit_code) == (12, 8, 0)
        assert {each["phone"]: writable(each) for each in sandbox.contacts()} == before
        again = await desk.apply("plan.gz")
        # Every contact has moved on since the plan was made.
        assert again.exit_code == 4
        assert {each["phone"]: writable(each) for each in sandbox.contacts()} == before


FOLDER_COLUMNS = (
    'Mail = "email"\nPlan = { custom = "Plan" }\nOut = "is_opted_out"\nFax = { channel = "phone" }\nKind = "ignore"'
)
FOLDER_ROWS = (
    "+14155550100,Ann,ann@example.com,Gold,,,",
    "+14155550101,Bob,bob@,Silver,,,",
    "+14155550101,Bo,bob@,Silver,,,",
    "4155550102 x,Cid,cid@,,yes,+14155550199,",
    "12,Dora,,,yes,,",
    "+14155550103,Eve,eve@example.com,,perhaps,,",
    "+14155550104,Fay,fay@,,,12,",
    "+14155550105,Gus,,,no,,",
    "+14155550106,Hal,,,,,gone",
    "+14155550107,Ida",
    "+14155550108,Old,,,,,",
    "12,J\u00f8rn\x1b,,,,,",
    "Total 11 rows,,,,,,",
)


@pytest.mark.parametrize(
    "options", [(), ('duplicates = "merge"', 'country_column = "Plan"'), ('on_existing = "skip"',)]
)
async def test_the_folder_of_an_applied_plan_is_that_of_a_plain_import(tmp_path: Path, options: Sequence[str]) -> None:
    options = (*options, 'on_bad_field = "leave_out"', 'skip_where = { Kind = "gone" }', "consent_question = []")
    folders = []
    for way in ("import", "plan"):
        sandbox = Sandbox(requests_per_minute=0, fields=["Plan"])
        for number in (102, 105, 108):
            sandbox.add_contact(phone(number), first="Old", is_opted_out=number == 105)
        (tmp_path / way).mkdir()
        async with sandbox.serve() as url:
            desk = Desk(tmp_path / way, sandbox, url, *options, columns=FOLDER_COLUMNS)
            job = desk.file(*FOLDER_ROWS, header="Phone,First,Mail,Plan,Out,Fax,Kind")
            if way == "plan":
                await desk.plan(job, save="people.plan")
            run = await (desk.apply("people.plan") if way == "plan" else desk.import_(job))
        folders.append(folder_of(tmp_path / way / "runs" / str(run.run_id)))
    plain, planned = folders
    assert plain.keys() == planned.keys()
    for name, text in plain.items():
        assert planned[name] == text, name


def folder_of(run: Path) -> dict[str, object]:
    """What a run's folder says, but for when it was and how many requests it took."""
    texts = {path.name: path.read_bytes() for path in run.iterdir() if not path.name.startswith("journal")}
    summary = json.loads(texts.pop("summary.json"))
    page = texts.pop("report.html").decode().replace(str(run), "RUN").replace(run.name, "ID")
    texts.pop("rejects.xlsx", None)
    for passing in ("run_id", "seconds", "requests", "rate_limited", "rejects", "warnings", "report"):
        summary.pop(passing, None)
    said = [text for text in re.findall(r"<(?:h2|h3|p|td|th)[^>]*>([^<]*)", page)[1:] if text.strip()]
    said = [re.sub(r"[\d.]+ (?:requests?|seconds?|s)\b", "N", text) for text in said]
    return texts | {"summary.json": summary, "report.html": said}
