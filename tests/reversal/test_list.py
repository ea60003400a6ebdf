"""Contacts that a list names by phone or ID are deleted, saved first, and made anew by an undo."""

import random
from pathlib import Path

import pytest

from pipeline.account import Account
from pipeline.errors import MappingError
from pipeline.jobs.delete import DeleteJob, plan_delete, run_delete
from pipeline.jobs.undo import UndoJob, run_undo
from pipeline.reader.tables import Source
from pipeline.results import RunSummary
from pipeline.runs._folder import list_runs
from pipeline.sandbox import Fault, Sandbox, Traits
from tests.accounts import Quiet, account_at, by_phone, content, populate, writable

pytestmark = pytest.mark.usefixtures("own_state")


def world(*, opt_out_readable: bool = False) -> Sandbox:
    traits = Traits(opt_out_readable=opt_out_readable)
    return Sandbox(traits=traits, fields=("Plan", "City"), tags=("Gold", "Silver", "Lead"), requests_per_minute=0)


async def undo(account: Account, summary: RunSummary, *, delete_created: bool = False) -> RunSummary:
    assert summary.run_id
    done = await run_undo(UndoJob(account, summary.run_id, delete_created=delete_created), Quiet())
    assert (done.exit_code, done.error, done.tally.adds_up) == (0, "", True), (done.error, done.examples)
    return done


async def test_by_phone_saved_first_and_made_anew_by_an_undo(tmp_path: Path) -> None:
    sandbox = world()
    chance = random.Random(7)  # noqa: S311
    phones = populate(sandbox, chance, 30)
    before = by_phone(sandbox)
    path = tmp_path / "leavers.csv"
    # No header: the first line is a phone already. One is written twice, one is of nobody, one is no phone.
    path.write_text("\n".join(f"+{phone}" for phone in [*phones[:20], phones[3], "12125550199", "12"]) + "\n")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        deleted = await run_delete(DeleteJob(account, Source(str(path))), Quiet())
        tally = deleted.tally
        assert (deleted.exit_code, tally.rows, tally.deleted, tally.skipped, tally.rejected) == (3, 23, 20, 2, 1)
        assert set(by_phone(sandbox)) == set(phones[20:])
        undone = await undo(account, deleted)
        assert (undone.tally.created, undone.notes["recreated"]) == (20, 20)
        after = by_phone(sandbox)
        assert {phone: writable(each) for phone, each in after.items()} == {
            phone: writable(each) for phone, each in before.items()
        }
        assert all(after[phone]["id"] != before[phone]["id"] for phone in phones[:20])

        gone = await undo(account, undone, delete_created=True)
        assert gone.tally.deleted == 20
        assert set(by_phone(sandbox)) == set(phones[20:])


async def test_by_id_where_two_contacts_share_a_phone(tmp_path: Path) -> None:
    sandbox = world(opt_out_readable=True)
    wanted, twin = (sandbox.add_contact("14155550100", first=name)["id"] for name in ("Wanted", "Twin"))
    lone = sandbox.add_contact("14155550101")["id"]
    path = tmp_path / "ids.csv"
    path.write_text(f"Name,Contact ID\na,{wanted}\nb,{lone}\nc,999999\nd,x\ne,{lone}\nf,7,{twin}\n{twin}\n")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        done = await run_delete(DeleteJob(account, Source(str(path))), Quiet())
    tally = done.tally
    assert (tally.deleted, tally.skipped, tally.rejected, done.exit_code) == (2, 2, 3, 3)
    assert done.codes == {"absent": 1, "bad_number": 1, "duplicate_in_file": 1, "ragged_row": 2}
    assert [contact["id"] for contact in sandbox.contacts()] == [twin]
    assert done.rejects
    assert "d,x," in content(done.rejects), "the rejects are the list's own rows"


async def test_a_phone_and_an_id_that_do_not_fit_delete_nobody(tmp_path: Path) -> None:
    sandbox = world()
    first, second = (sandbox.add_contact(phone)["id"] for phone in ("14155550100", "14155550101"))
    path = tmp_path / "list.csv"
    third = sandbox.add_contact("14155550102")["id"]
    path.write_text(f"id,phone\n{second},+14155550100\n{third},\n,+14155550101\n")
    async with sandbox.serve() as url:
        done = await run_delete(DeleteJob(account_at(tmp_path, url), Source(str(path))), Quiet())
    assert done.codes == {"id_mismatch": 1}
    assert [contact["id"] for contact in sandbox.contacts()] == [first]


async def test_the_brakes_hold_before_anything_is_sent(tmp_path: Path) -> None:
    sandbox = world()
    populate(sandbox, random.Random(1), 5)  # noqa: S311
    path = tmp_path / "list.csv"
    path.write_text("phone\n" + "\n".join(f"+{phone}" for phone in by_phone(sandbox)))
    async with sandbox.serve() as url:
        braked = account_at(tmp_path, url, "max_changes = 4")
        done = await run_delete(DeleteJob(braked, Source(str(path))), Quiet())
        assert (done.exit_code, done.pending) == (4, 5)
        agreed = await run_delete(DeleteJob(account_at(tmp_path, url), Source(str(path))), Quiet(), most_deletions=4)
    assert agreed.exit_code == 4
    assert "4 were agreed to" in agreed.error
    assert len(sandbox.contacts()) == 5


async def test_an_opt_out_that_cannot_be_asked_for_is_assumed_when_the_contact_is_made_anew(tmp_path: Path) -> None:
    sandbox = world()
    sandbox.add_contact("14155550100", is_opted_out=False)
    path = tmp_path / "list.csv"
    path.write_text("phone\n+14155550100\n")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        sandbox.faults = [Fault.parse("error_before:POST /v1/contact/status:status=400")]
        deleted = await run_delete(DeleteJob(account, Source(str(path))), Quiet())
        sandbox.faults = []
        undone = await undo(account, deleted)
    assert undone.notes["opt_out_assumed"] == 1
    assert [contact["is_opted_out"] for contact in sandbox.contacts()] == [True]


async def test_a_plan_says_whom_and_writes_nothing(tmp_path: Path) -> None:
    sandbox = world()
    phones = populate(sandbox, random.Random(2), 5)  # noqa: S311
    path = tmp_path / "list.csv"
    path.write_text("Mobile Phone,Why\n" + "\n".join(f"+{phone},left" for phone in [*phones, "12125550199"]))
    async with sandbox.serve() as url:
        found = await plan_delete(DeleteJob(account_at(tmp_path, url), Source(str(path))), Quiet())
    assert (found.as_json()["delete"], found.as_json()["skipped"], found.plan.codes) == (5, 1, {"absent": 1})
    assert (sandbox.writes, not (tmp_path / "runs").exists()) == ([], True)


@pytest.mark.parametrize("text", ["Name,Number\nAda,5\n", "Phone,phone,Name\n+14155550100,+14155550101,Ada\n"])
async def test_a_list_that_does_not_say_whom_is_refused(tmp_path: Path, text: str) -> None:
    sandbox = world()
    populate(sandbox, random.Random(3), 5)  # noqa: S311
    path = tmp_path / "list.csv"
    path.write_text(text)
    async with sandbox.serve() as url:
        job = DeleteJob(account_at(tmp_path, url), Source(str(path)))
        with pytest.raises(MappingError, match="no column with phones, contact IDs"):
            await run_delete(job, Quiet())
    assert len(sandbox.contacts()) == 5
    assert list_runs(tmp_path / "runs") == []


async def test_an_import_that_has_a_mapping_gives_its_phone_columns(tmp_path: Path) -> None:
    sandbox = world()
    populate(sandbox, random.Random(4), 3)  # noqa: S311
    path = tmp_path / "list.csv"
    path.write_text("Work,Private,id_of_crm\n,+14155550101,77\n+14155550100,+14155550102,78\n")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url, columns={"Private": '"phone"', "Work": '"phone"'})
        done = await run_delete(DeleteJob(account, Source(str(path))), Quiet())
    assert (done.exit_code, done.tally.deleted) == (0, 2)
    assert set(by_phone(sandbox)) == {"14155550100"}, "the phone column that the settings name first counts first"


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("kind", ["email", "uuid"])
async def test_by_address_or_uuid_also_who_has_no_phone(tmp_path: Path, kind: str, header: bool) -> None:
    sandbox = Sandbox(traits=Traits(uuid_readable=True, opt_out_readable=True), requests_per_minute=0)
    for number in range(4):
        phone = f"1415555010{number}" if number else ""
        sandbox.add_contact(phone, first=f"First{number}", email=f"p{number}@example.com")
    sandbox.add_contact("14155550109", first="Twin", email="P3@example.com")
    before = {each["first"]: writable(each) for each in sandbox.contacts()}
    held = {each["first"]: each for each in sandbox.contacts()}
    named = [held[name][kind] for name in ("First0", "First2", "First3")]
    unknown = {"email": "nobody@example.com", "uuid": "00000000-0000-0000-0000-000000000000"}[kind]
    path = tmp_path / "leavers.csv"
    lines = [*(["E-Mail" if kind == "email" else "UUID"] if header else []), *named, unknown, "4155550101", named[1]]
    path.write_text("\n".join(lines) + "\n")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        plan = await plan_delete(DeleteJob(account, Source(str(path))), Quiet())
        deleted = await run_delete(DeleteJob(account, Source(str(path))), Quiet())
        # Two contacts have the third address: which of them is meant is not guessed.
        gone = {"First0", "First2"} | ({"First3"} if kind == "uuid" else set())
        assert (deleted.tally.deleted, plan.plan.tally.deleted) == (len(gone), len(gone)), deleted.examples
        bad = {"bad_email": 1, "several_contacts": 1} if kind == "email" else {"bad_uuid": 1}
        assert deleted.codes == {"absent": 1, "duplicate_in_file": 1} | bad
        assert {each["first"] for each in sandbox.contacts()} == before.keys() - gone
        undone = await undo(account, deleted)
        assert undone.tally.created == len(gone)
        assert {each["first"]: writable(each) for each in sandbox.contacts()} == before
