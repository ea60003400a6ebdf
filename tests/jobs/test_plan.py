"""A plan is what an import does: saved, applied exactly, made offline, and empty when all is done."""

import gzip
import json
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from pipeline.account import Account
from pipeline.cli._progress import SilentProgress
from pipeline.errors import InputError, PipelineError
from pipeline.jobs.export import ExportJob, run_export
from pipeline.jobs.import_ import ImportJob, run_import
from pipeline.jobs.plan import PlanOutputs, run_plan, run_plan_against, run_planned_import
from pipeline.jobs.undo import UndoJob, run_undo
from pipeline.reader.tables import expand_sources
from pipeline.results import PlanSummary, RunSummary
from pipeline.sandbox import SECRET_ID, SECRET_KEY, Fault, Sandbox, Traits
from pipeline.settings import Credentials, load_settings
from tests.accounts import writable

HEADER = "Phone,First,Plan,Mail,Tags,Out,Picture,Owner,News"
NOTHING = PlanOutputs()


class Desk:
    """A sandbox, settings for it, a file, and the jobs over them."""

    def __init__(self, folder: Path, sandbox: Sandbox, url: str, *imports: str, columns: str = "") -> None:
        self.folder, self.sandbox = folder, sandbox
        self.settings = folder / "hmpipe.toml"
        lines = [f'[account]\nbase_url = "{url}"', "[limits]\nrequests_per_minute = 0\nlost_answer_seconds = 0.1"]
        lines += ["[import]", *imports, "[import.columns]", 'Phone = "phone"', 'First = "first"', columns]
        self.settings.write_text("\n".join(lines))
        self.account = self.account_of(SECRET_ID)

    def account_of(self, credential: str) -> Account:
        return Account(load_settings(self.settings, environ={}), Credentials(credential, SECRET_KEY))

    def file(self, *rows: str, header: str = "Phone,First") -> ImportJob:
        path = self.folder / "people.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        return ImportJob(self.account, expand_sources([str(path)]), allow_lists=True)

    async def plan(self, job: ImportJob, *, save: str = "", page: str = "") -> PlanSummary:
        outputs = PlanOutputs(self.folder / save if save else None, self.folder / page if page else None)
        return await run_plan(job, SilentProgress(), outputs)

    async def import_(self, job: ImportJob) -> RunSummary:
        return await run_import(job, SilentProgress())

    async def apply(self, name: str, account: Account | None = None) -> RunSummary:
        return await run_planned_import(account or self.account, self.folder / name, SilentProgress())

    def contact(self, phone: str) -> dict[str, Any]:
        return next(each for each in self.sandbox.contacts() if each["phone"] == phone)


pytestmark = pytest.mark.usefixtures("own_state")


def lines_of(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def text_of(path: str) -> str:
    return Path(path).read_text()


def changes(summary: PlanSummary) -> int:
    return summary.tally.created + summary.tally.updated + sum(summary.list_adds.values())


def people(count: int, name: str = "P", first: int = 0) -> list[str]:
    return [f"+1 415 555 0{number:03},{name}{number}" for number in range(first, first + count)]


def phone(number: int) -> str:
    return f"14155550{number:03}"


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


class TestSaved:
    async def test_it_is_applied_exactly_and_says_what_it_is(self, tmp_path: Path) -> None:
        sandbox = Sandbox(traits=Traits(opt_out_readable=True), requests_per_minute=0, fields=["Plan"])
        sandbox.add_contact(phone(1), first="Old")
        sandbox.add_contact(phone(2), first="P2")
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url)
            job = desk.file(*people(4), "12,Bad")
            writes = len(sandbox.writes)
            summary = await desk.plan(job, save="plan.json.gz", page="plan.html")
            assert len(sandbox.writes) == writes
            assert (summary.tally.created, summary.tally.updated, summary.tally.unchanged) == (2, 1, 1)
            assert stat.S_IMODE((tmp_path / "plan.json.gz").stat().st_mode) == 0o600
            header, *rows = map(json.loads, lines_of(tmp_path / "plan.json.gz"))
            assert (header["format"], header["account"], header["rows"]) == (1, desk.account.key, 5)
            assert header["totals"] == summary.as_json()
            update = next(row for row in rows if row["kind"] == "update")
            assert (update["line"], update["fields"]) == (3, [["first", "Old", "P1"]])
            assert {"contact_id", "rev"} <= update.keys()
            page = (tmp_path / "plan.html").read_text()
            assert "1415***0001" in page
            assert phone(1) not in page
            # The plan is applied, whatever has become of the file and of the policy.
            (tmp_path / "people.csv").unlink()
            applied = await desk.apply("plan.json.gz")
            tally = applied.tally
            assert (tally.rows, tally.created, tally.updated, tally.unchanged, tally.rejected) == (5, 2, 1, 1, 1)
            assert applied.rejects
            assert "12,Bad," in text_of(applied.rejects)
            assert desk.contact(phone(1))["first"] == "P1"
            repeated = await desk.apply("plan.json.gz")
            assert repeated.exit_code == 4, "all of it is stale by then"

    async def test_nothing_is_done_to_who_moved_on(self, tmp_path: Path) -> None:
        sandbox = Sandbox(traits=Traits(opt_out_readable=True), requests_per_minute=0)
        ids = [sandbox.add_contact(phone(number), first="Old")["id"] for number in range(40)]
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url)
            await desk.plan(desk.file(*people(44)), save="plan.gz")
            async with desk.account.client() as client:
                edit = {"phone": phone(3), "first": "Old", "last": "Edited"}
                await client.update_contact(ids[3], edit, overwrite=False)
            sandbox.add_contact(phone(41), first="Theirs")
            applied = await desk.apply("plan.gz")
            assert applied.exit_code == 0, applied
            assert applied.codes == {"stale": 2}
            assert (applied.tally.created, applied.tally.updated, applied.tally.skipped) == (3, 39, 2)
            assert (desk.contact(phone(3))["first"], desk.contact(phone(3))["last"]) == ("Old", "Edited")
            assert desk.contact(phone(41))["first"] == "Theirs"

    async def test_too_much_that_moved_on_refuses_the_whole(self, tmp_path: Path) -> None:
        sandbox = Sandbox(requests_per_minute=0)
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url)
            await desk.plan(desk.file(*people(10)), save="plan.gz")
            sandbox.add_contact(phone(4))
            sent = len(sandbox.writes)
            applied = await desk.apply("plan.gz")
            assert (applied.exit_code, len(sandbox.writes)) == (4, sent)
            assert "1 of the 10 changes" in applied.error
            Desk(tmp_path, sandbox, url, "max_stale = 0.2")
            assert (await desk.apply("plan.gz", desk.account_of(SECRET_ID))).tally.created == 9

    async def test_a_plan_for_another_account_is_refused(self, tmp_path: Path) -> None:
        sandbox = Sandbox(requests_per_minute=0)
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url)
            await desk.plan(desk.file(*people(2)), save="plan.gz")
            refused = await desk.apply("plan.gz", desk.account_of("another-id"))
            assert refused.exit_code == 4
            assert "another account" in refused.error
            assert sandbox.writes == []

    async def test_fields_that_are_made_for_a_plan_get_their_values(self, tmp_path: Path) -> None:
        sandbox = Sandbox(traits=Traits(opt_out_readable=True), requests_per_minute=0)
        sandbox.add_contact(phone(1), first="A")
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url, 'unmapped = "create"')
            job = desk.file("+14155550001,A,Paris", "+14155550002,B,Rome", header="Phone,First,City")
            summary = await desk.plan(job, save="plan.gz")
            assert summary.fields_to_create == ("City",)
            applied = await desk.apply("plan.gz")
            assert (applied.exit_code, applied.tally.created, applied.tally.updated) == (0, 1, 1), applied
            assert list(desk.contact(phone(1))["custom"].values()) == ["Paris"]

    async def test_an_interrupted_one_goes_on(self, tmp_path: Path) -> None:
        sandbox = Sandbox(requests_per_minute=0)
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url, columns="")
            await desk.plan(desk.file(*people(12)), save="plan.gz")
            sandbox.faults = [Fault.parse("error_before:POST /v1/contact:status=403:after=4")]
            stopped = await desk.apply("plan.gz")
            assert stopped.exit_code == 1, stopped
            sandbox.faults = []
            done = await desk.apply("plan.gz")
            assert (done.exit_code, done.run_id, done.tally.created) == (0, stopped.run_id, 12)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A saved plan of ten creates."""

    async def make() -> None:
        sandbox = Sandbox(requests_per_minute=0)
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url)
            await desk.plan(desk.file(*people(10)), save="plan.gz")

    anyio.run(make)
    return tmp_path / "plan.gz"


def spoil_header(path: Path, **facts: Any) -> None:
    header, *rows = lines_of(path)
    path.write_bytes(gzip.compress(json.dumps(json.loads(header) | facts).encode() + b"\n" + b"".join(rows)))


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-40]), "cut short"),
        (lambda path: path.write_bytes(b"Phone,First\n"), "no plan"),
        (lambda path: path.write_bytes(b""), "no plan"),
        (lambda path: path.write_bytes(gzip.compress(b'{"some": "json"}\n')), "no plan"),
        (lambda path: path.write_bytes(gzip.compress(b"[1]\n")), "no plan"),
        (lambda path: spoil_header(path, format=99), "format 99"),
        (lambda path: spoil_header(path, policy={"on_existing": "wipe"}), "policy"),
        (lambda path: spoil_header(path, sources=None), "sources"),
        (lambda path: spoil_header(path, sha256="0"), "its rows"),
        (lambda path: path.unlink(), "No such file"),
    ],
)
async def test_a_plan_that_cannot_be_used_is_said_and_nothing_is_sent(
    saved: Path, spoil: Callable[[Path], Any], word: str
) -> None:
    sandbox = Sandbox(requests_per_minute=0)
    async with sandbox.serve() as url:
        desk = Desk(saved.parent, sandbox, url)
        key = desk.account.key
        # The saved plan is of another sandbox's address.
        spoil_header(saved, account=key)
        spoil(saved)
        with pytest.raises(InputError, match=word) as caught:
            await desk.apply(saved.name)
        assert caught.value.exit_code == 2
        assert sandbox.writes == []
        assert not list((saved.parent / "runs").glob("*/journal.sqlite"))


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
