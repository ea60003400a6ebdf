"""After an import and its undo every contact is what it was; what others edited, and what consent forbids, stays."""

import random
from pathlib import Path
from typing import Any

import anyio
import pytest

from pipeline.account import Account
from pipeline.jobs.import_ import ImportJob, run_import
from pipeline.jobs.undo import UndoJob, plan_undo, run_undo
from pipeline.reader.tables import Source
from pipeline.results import RunSummary
from pipeline.sandbox import Fault, Sandbox, Traits
from pipeline.state import TraitStore, traits_path
from tests.accounts import Quiet, account_at, by_phone, content, populate, writable

COLUMNS = {
    "Phone": '"phone"', "First": '"first"', "Last": '"last"', "Shown": '"display_name"', "Mail": '"email"',
    "Owner": '"assignee_id"', "Out": '"is_opted_out"', "Tags": '{ tags = ";" }', "Plan": '{ custom = "Plan" }',
    "City": '{ custom = "City" }',
}  # fmt: skip
TOUCHED, UNTOUCHED, NEW = 28, 6, 12

WORLDS: dict[str, tuple[str, dict[str, Any]]] = {
    "batches": ("auto", {}),
    "singles": ("single", {"update_blanks": "all"}),
    "batches without custom fields": ("auto", {"batch_custom": "drop", "batch_tags": "drop", "batch_limit": 20}),
    "opt-out lost by updates": ("auto", {"update_resets_opt_out": True, "update_blanks": "all"}),
    "opt-outs are set apart": ("auto", {"write_opt_out": "drop", "update_resets_opt_out": True}),
    "opt-out readable": ("auto", {"opt_out_readable": True, "display_name": "derived"}),
    "batches skip, answers ok": ("auto", {"batch_existing": "skip", "batch_answer": "ok", "tags_read_shape": "ints"}),
    "batches double": ("auto", {"batch_existing": "duplicate", "opt_out_readable": True}),
    "a missing contact is a 400": ("single", {"missing_status": 400, "stamp": "one", "update_blanks": "nothing"}),
}


pytestmark = pytest.mark.usefixtures("own_state")


def world(**traits: Any) -> Sandbox:
    return Sandbox(
        traits=Traits(**traits), fields=("Plan", "City"), tags=("Gold", "Silver", "Lead"), requests_per_minute=0
    )


def write_rows(folder: Path, chance: random.Random, phones: list[str], tags: list[str]) -> Source:
    """Write a file that says anything about these contacts."""
    lines = [",".join(COLUMNS)]
    for number, phone in enumerate(phones):
        values = [f"New{number}", f"Row{number}", f"Shown{number}", f"n{number}@example.com"]
        values += [chance.choice(["7001", "7002", "-1"]), chance.choice(["yes", "no", "no"])]
        values += [";".join(chance.sample(tags, chance.randint(1, 2))), f"Plan{number}", f"City{number}"]
        lines.append(",".join([f"+{phone}", *(value if chance.random() < 0.7 else "" for value in values)]))
    path = folder / "people.csv"
    path.write_text("\n".join(lines) + "\n")
    return Source(str(path))


async def undo(account: Account, summary: RunSummary, *, delete_created: bool = False) -> RunSummary:
    assert summary.run_id
    done = await run_undo(UndoJob(account, summary.run_id, delete_created=delete_created), Quiet())
    assert (done.exit_code, done.error, done.tally.adds_up) == (0, "", True), (done.error, done.examples)
    return done


async def bring(account: Account, source: Source) -> RunSummary:
    done = await run_import(ImportJob(account, [source]), Quiet())
    assert (done.exit_code, done.error) == (0, ""), done.examples
    return done


async def edit(account: Account, contacts: dict[str, dict[str, Any]], phones: list[str]) -> None:
    """Edit contacts as somebody else would."""
    async with account.client() as client:
        for phone in phones:
            known = contacts[phone]
            body = {"phone": phone, "first": "Edited", "last": known["last"], "email": "x@example.com"}
            await client.update_contact(known["id"], body, overwrite=False)


@pytest.mark.parametrize("name", WORLDS)
async def test_an_undo_brings_back_everything_but_consent_and_what_was_edited(tmp_path: Path, name: str) -> None:
    path, traits = WORLDS[name]
    policy = ("merge", "overwrite")[list(WORLDS).index(name) % 2]
    derived = traits.get("display_name") == "derived"
    chance = random.Random(name)  # noqa: S311 - only draws values
    sandbox = world(**traits)
    tags = list(sandbox.counters()["tags"])
    known = populate(sandbox, chance, TOUCHED + UNTOUCHED)[:TOUCHED]
    new = [f"121255501{number:02}" for number in range(NEW)]
    before = by_phone(sandbox)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url, f'on_existing = "{policy}"', f'write_path = "{path}"', columns=COLUMNS)
        imported = await bring(account, write_rows(tmp_path, chance, known + new, tags))
        assert imported.tally.created == NEW
        assert imported.tally.updated > TOUCHED / 2
        after = by_phone(sandbox)
        changed = [phone for phone in known if after[phone]["rev"] != before[phone]["rev"]]
        edited = [*chance.sample(changed, 4), *chance.sample(new, 3)]
        await edit(account, after, edited)
        between = by_phone(sandbox)
        writes = len(sandbox.writes)

        job = UndoJob(account, str(imported.run_id), delete_created=True)
        plan = await plan_undo(job, Quiet())
        assert len(sandbox.writes) == writes, "a plan writes nothing"
        # What the import learned may be gone: the undo learns it anew, by its own writes.
        TraitStore(traits_path(account.key)).forget()
        undone = await undo(account, imported, delete_created=True)
        tally = undone.tally
        assert (plan.plan.tally, plan.kept) == (tally, undone.kept)
        assert (tally.updated + tally.unchanged, tally.deleted) == (len(changed) - 4, NEW - 3)
        assert (undone.kept, undone.kept_list is not None) == (7, True)
        assert tally.rows == tally.updated + tally.unchanged + tally.deleted + tally.skipped

        now = by_phone(sandbox)
        assert set(now) == set(before) | set(edited)
        newly_out = [phone for phone in before if after[phone]["is_opted_out"] > before[phone]["is_opted_out"]]
        assert undone.notes["opt_out_stays"] >= len(set(newly_out) - set(edited)) > 0
        for phone in set(before) - set(edited):
            consent = {"is_opted_out": before[phone]["is_opted_out"] or after[phone]["is_opted_out"]}
            assert writable(now[phone], derived=derived) == writable(before[phone], derived=derived) | consent
            assert now[phone]["id"] == before[phone]["id"]
        for phone in edited:
            assert now[phone] == between[phone], "what was edited since is not touched"

        again = await undo(account, imported, delete_created=True)
        assert (again.tally.updated, again.tally.created, again.tally.deleted) == (0, 0, 0), "repeating it does nothing"
        assert by_phone(sandbox) == now

        # The undo of the undo: what the import had made of the contacts, but for those that were made anew.
        redone = await undo(account, undone)
        assert (redone.tally.created, redone.kept) == (NEW - 3, 0)
        third = by_phone(sandbox)
        for phone in set(after) - set(edited):
            assert writable(third[phone], derived=derived) == writable(after[phone], derived=derived)
        # And all of it once more.
        back = await undo(account, imported, delete_created=True)
        assert (back.tally.deleted, back.kept) == (NEW - 3, 7)
        last = by_phone(sandbox)
        assert last.keys() == now.keys()
        assert all(writable(last[phone]) == writable(now[phone]) for phone in now)


async def test_without_delete_created_what_the_run_created_stays_and_is_listed(tmp_path: Path) -> None:
    sandbox = world()
    sandbox.add_contact("14155550100", first="Ada")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url, columns={"Phone": '"phone"', "First": '"first"'})
        path = tmp_path / "people.csv"
        path.write_text("Phone,First\n+14155550100,Bea\n+12125550101,New\n")
        imported = await bring(account, Source(str(path)))
        undone = await undo(account, imported)
    assert (undone.tally.updated, undone.tally.skipped, undone.codes) == (1, 1, {"created": 1})
    assert sorted(contact["first"] for contact in sandbox.contacts()) == ["Ada", "New"]
    assert undone.kept_list
    assert "12125550101" in content(undone.kept_list)


async def test_an_import_that_was_broken_off_is_undone_as_far_as_it_came_and_never_goes_on(tmp_path: Path) -> None:
    sandbox = world(update_blanks="all")
    phones = populate(sandbox, random.Random(5), 12)  # noqa: S311
    before = by_phone(sandbox)
    lines = ["Phone,First,Last", *(f"+{phone},Changed{phone[-2:]},Row" for phone in phones), "+12125550101,New,Row"]
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines))
    async with sandbox.serve() as url:
        columns = {"Phone": '"phone"', "First": '"first"', "Last": '"last"'}
        account = account_at(tmp_path, url, 'write_path = "single"', columns=columns)
        # The answers of some writes are lost, and then the key is refused: their rows stay in doubt.
        sandbox.faults = [
            Fault.parse("drop_after:PUT /v1/contact/*:count=3"),
            Fault.parse("error_before:POST /v2/contacts/search:after=2:status=403"),
        ]
        job = ImportJob(account, [Source(str(path))])
        broken = await run_import(job, Quiet())
        assert (broken.exit_code, broken.pending > 0, broken.tally.updated) == (1, True, 0)
        assert by_phone(sandbox) != before
        sandbox.faults = []
        await undo(account, broken, delete_created=True)
        assert {phone: writable(each) for phone, each in by_phone(sandbox).items()} == {
            phone: writable(each) for phone, each in before.items()
        }
        again = await run_import(job, Quiet())
    assert again.run_id != broken.run_id, "an undone run is never continued"
    assert again.exit_code == 0


async def test_a_write_that_a_canary_stopped_is_undone(tmp_path: Path) -> None:
    """The service drops a tag without a word: the import stops, and its undo brings the rest of the contact back."""
    sandbox = world(unknown_tag="drop")
    sandbox.add_contact("14155550100", first="Ada", last="Old")
    path = tmp_path / "people.csv"
    path.write_text("Phone,First,Tags\n+14155550100,Bea,999\n")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url, columns={"Phone": '"phone"', "First": '"first"', "Tags": '"tags"'})
        stopped = await run_import(ImportJob(account, [Source(str(path))]), Quiet())
        assert stopped.exit_code == 4
        assert sandbox.contacts()[0]["first"] == "Bea"
        done = await undo(account, stopped)
    assert (done.tally.updated, sandbox.contacts()[0]["first"]) == (1, "Ada")


@pytest.mark.parametrize("seed", [1, 2])
async def test_lost_answers_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - only draws values
    sandbox = world(update_blanks="all", create_existing="duplicate", batch_custom="drop")
    known = populate(sandbox, chance, 20)
    before = by_phone(sandbox)
    new = [f"121255501{number:02}" for number in range(8)]
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url, columns=COLUMNS)
        imported = await bring(account, write_rows(tmp_path, chance, known + new, list(sandbox.counters()["tags"])))
        after = by_phone(sandbox)
        sandbox.faults = [
            Fault.parse("drop_after:PUT /v1/contact/*:rate=0.2"),
            Fault.parse("error_after:POST /v1/batch/contacts:rate=0.3"),
            Fault.parse("drop_after:DELETE /v1/contact/*:rate=0.3"),
            Fault.parse("truncated:POST /v1/contact:rate=0.3"),
        ]
        undone = await undo(account, imported, delete_created=True)
        now = by_phone(sandbox)
        assert set(now) == set(before)
        for phone in before:
            consent = {"is_opted_out": before[phone]["is_opted_out"] or after[phone]["is_opted_out"]}
            assert writable(now[phone]) == writable(before[phone]) | consent
        await undo(account, undone)
        third = by_phone(sandbox)
    assert {phone: writable(third[phone]) for phone in third} == {phone: writable(after[phone]) for phone in after}


async def test_a_value_that_was_no_text_comes_back_as_it_was(tmp_path: Path) -> None:
    sandbox = world(custom_values="any")
    plan, city = sandbox.counters()["fields"]
    held = {plan: 7, city: ["Paris", {"deep": True}]}
    sandbox.add_contact("14155550100", first="Ann", custom=held)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url, columns=COLUMNS)
        path = tmp_path / "people.csv"
        path.write_text("Phone,First,Last,Shown,Mail,Owner,Out,Tags,Plan,City\n+14155550100,Ann,,,,,,,8,London\n")
        summary = await bring(account, Source(str(path)))
        assert sandbox.contacts()[0]["custom"] == {plan: "8", city: "London"}
        await undo(account, summary)
        assert sandbox.contacts()[0]["custom"] == held


@pytest.mark.parametrize("held", [{"email": "else@example.com"}, {"first": "Eve", "custom": {"101": "gold"}}, {}])
async def test_a_create_that_updated_somebody_elses_contact_is_no_creation_and_is_kept(
    tmp_path: Path, held: dict[str, Any]
) -> None:
    sandbox = world(create_existing="upsert", timestamp_precision="micros")
    sandbox.add_contact("14155550199", first="Witness")
    sandbox.faults = [Fault.parse("slow:POST /v1/contact:seconds=2")]
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url, 'write_path = "single"', columns={"Phone": '"phone"', "Last": '"last"'})
        path = tmp_path / "people.csv"
        path.write_text("Phone,Last\n+14155550100,Lee\n+14155550101,Ray\n")
        ends: list[RunSummary] = []

        async def import_() -> None:
            ends.append(await bring(account, Source(str(path))))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(import_)
            asked = 0
            # The creates are slow: when nothing more is answered for a while, they are on their way.
            while not asked or asked < len(sandbox.requests):
                asked = len(sandbox.requests)
                await anyio.sleep(0.4)
            # Somebody makes it while our create is on its way.
            sandbox.add_contact("14155550100", **held)
        [summary] = ends
        assert (summary.tally.created, summary.tally.updated) == (1, 1)
        assert summary.notes["existed_meanwhile"] == 1
        undone = await undo(account, summary, delete_created=True)
        assert (undone.tally.deleted, undone.codes["existed"]) == (1, 1)
        assert {each["phone"] for each in sandbox.contacts()} == {"14155550199", "14155550100"}
