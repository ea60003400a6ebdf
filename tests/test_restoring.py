"""A restore brings contacts back to what a snapshot says, makes none twice, and lets nobody be texted by accident."""

import json
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline import backups
from pipeline.account import Account
from pipeline.cli._sandbox import _load as load_into
from pipeline.errors import InputError
from pipeline.reader import Source
from pipeline.reversal import RestoreJob, UndoJob, plan_restore, run_restore, run_undo
from pipeline.run import ExportJob, run_export
from pipeline.sandbox import Sandbox, Traits
from pipeline.snapshots import consents_of, open_snapshot
from pipeline.summaries import RunSummary
from tests.accounts import Quiet, account_at, by_phone, populate, writable
from tests.cli.commands import hmpipe
from tests.conftest import Server
from tests.test_crash_resume import kill, start, wait_for

Serve = Callable[..., Server]

READABLE: dict[str, Any] = {"opt_out_readable": True}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def world(
    fields: tuple[str, ...] = ("Plan", "City"), tags: tuple[str, ...] = ("Gold", "Lead"), **traits: Any
) -> Sandbox:
    return Sandbox(traits=Traits(**traits), fields=fields, tags=tags, requests_per_minute=0)


def drawn(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - only draws contacts


async def export(account: Account, since: str | None = None) -> str:
    done = await run_export(ExportJob(account, since), Quiet())
    assert done.snapshot
    return done.snapshot


async def restore(account: Account, place: str, code: int = 0, **how: Any) -> RunSummary:
    done = await run_restore(RestoreJob(account, place, **how), Quiet())
    assert (done.exit_code, done.error, done.tally.adds_up) == (code, "", True), (done.error, done.examples)
    return done


def asking(account: Account) -> Account:
    """Return the account as one whose exports ask who is opted out."""
    settings = account.settings
    export = settings.export.model_copy(update={"consent": "status"})
    return Account(settings.model_copy(update={"export": export}), account.credentials)


async def edit_some(account: Account, sandbox: Sandbox, phones: list[str]) -> None:
    known = by_phone(sandbox)
    async with account.client() as client:
        for phone in phones:
            body = {"phone": phone, "first": "Edited", "last": "", "custom": {}, "tags": [], "email": "x@example.com"}
            await client.update_contact(known[phone]["id"], body, overwrite=True)


async def delete_some(account: Account, sandbox: Sandbox, phones: list[str]) -> None:
    known = by_phone(sandbox)
    async with account.client() as client:
        for phone in phones:
            await client.delete_contact(known[phone]["id"])


@pytest.mark.parametrize("traits", [READABLE, READABLE | {"update_blanks": "all", "batch_custom": "drop"}])
async def test_what_was_edited_and_deleted_is_as_it_was_and_the_restore_can_be_undone(
    tmp_path: Path, traits: dict[str, Any]
) -> None:
    sandbox = world(**traits)
    phones = populate(sandbox, drawn(1), 30)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        before = by_phone(sandbox)
        place = await export(account)
        await edit_some(account, sandbox, phones[:8])
        await delete_some(account, sandbox, phones[8:14])
        sandbox.add_contact("16175550199", first="Later")
        damaged = by_phone(sandbox)
        writes = len(sandbox.writes)
        plan = await plan_restore(RestoreJob(account, place), Quiet())
        assert len(sandbox.writes) == writes, "a plan writes nothing"
        done = await restore(account, "last")
        assert plan.plan.tally == done.tally
        assert (done.tally.created, done.tally.updated, done.tally.unchanged) == (6, 8, 16)
        assert done.notes["recreated"] == 6
        now = by_phone(sandbox)
        assert {phone: writable(now[phone]) for phone in phones} == {phone: writable(before[phone]) for phone in phones}
        assert now["16175550199"] == damaged["16175550199"], "what the snapshot does not hold stays"
        assert (await restore(account, place)).tally.unchanged == 30
        undone = await run_undo(UndoJob(account, str(done.run_id), delete_created=True), Quiet())
        assert undone.exit_code == 0
        after = by_phone(sandbox)
        assert after.keys() == damaged.keys()
        for phone in phones[:8]:
            consent = {"is_opted_out": now[phone]["is_opted_out"] or damaged[phone]["is_opted_out"]}
            assert writable(after[phone]) == writable(damaged[phone]) | consent


async def test_an_empty_account_becomes_equal_in_every_writable_field_with_its_own_ids(tmp_path: Path) -> None:
    one, two = world(**READABLE), world(("Other", "City", "Plan"), ("Lead", "New", "Gold"), **READABLE)
    populate(one, drawn(2), 40)
    (tmp_path / "one").mkdir()
    async with one.serve() as url:
        account = account_at(tmp_path / "one", url)
        await export(account)
        with_delta = await export(account, "last")
    async with two.serve() as url:
        other = account_at(tmp_path, url)
        with pytest.raises(InputError, match="of another account"):
            await restore(other, with_delta)
        done = await restore(other, with_delta, other_account=True)
        assert done.tally.created == 40

    def told(sandbox: Sandbox) -> dict[str, Any]:
        fields, tags = sandbox.counters()["fields"], sandbox.counters()["tags"]
        shown = {}
        for phone, contact in by_phone(sandbox).items():
            known = writable(contact)
            known["custom"] = {fields[key]: value for key, value in known["custom"].items()}
            known["tags"] = sorted(tags[str(tag)] if str(tag) in tags else tags[tag] for tag in known["tags"])
            shown[phone] = known
        return shown

    assert told(one) == told(two)


async def test_only_some_contacts(tmp_path: Path) -> None:
    sandbox = world(**READABLE)
    phones = populate(sandbox, drawn(3), 12)
    wanted = tmp_path / "lost.csv"
    wanted.write_text("phone\n" + "\n".join(f"+{phone}" for phone in phones[:3]) + "\n")
    bad = tmp_path / "bad.csv"
    bad.write_text("phone\n12\n")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        await delete_some(account, sandbox, phones[:6])
        with pytest.raises(InputError, match=r"1 rows of bad\.csv hold no phone"):
            await restore(account, place, only=Source(str(bad)))
        done = await restore(account, place, only=Source(str(wanted)))
    assert (done.tally.rows, done.tally.created) == (3, 3)
    assert set(by_phone(sandbox)) == {*phones[:3], *phones[6:]}


async def test_a_contact_with_another_phone_now_is_neither_doubled_nor_guessed(tmp_path: Path) -> None:
    sandbox = world(**READABLE)
    sandbox.add_contact("14155550100", first="Ann")
    sandbox.add_contact("14155550101", first="Bob")
    sandbox.add_contact("14155550102", first="Cid")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        ids = {contact["first"]: contact["id"] for contact in sandbox.contacts()}
        async with account.client() as client:
            # Ann has another phone; Bob too, and somebody new has his; Cid was deleted and made anew by somebody.
            await client.update_contact(ids["Ann"], {"phone": "16175550100", "first": "Anna"}, overwrite=False)
            await client.update_contact(ids["Bob"], {"phone": "16175550101", "first": "Bob"}, overwrite=False)
            await client.create_contact({"phone": "14155550101", "first": "Somebody"})
            await client.delete_contact(ids["Cid"])
            await client.create_contact({"phone": "14155550102", "first": "Sid"})
        done = await restore(account, place, code=3)
    names = {contact["phone"]: contact["first"] for contact in sandbox.contacts()}
    assert names == {
        "16175550100": "Ann", "16175550101": "Bob", "14155550101": "Somebody", "14155550102": "Cid",
    }  # fmt: skip
    assert (done.tally.updated, done.tally.rejected, done.codes) == (2, 1, {"phone_moved": 1})
    assert done.notes["phone_stays"] == 1


async def test_what_the_account_does_not_have_any_more_is_said(tmp_path: Path) -> None:
    sandbox = world(**READABLE)
    plan, city = (str(key) for key in sandbox.counters()["fields"])
    gold = int(next(iter(sandbox.counters()["tags"])))
    sandbox.add_contact("14155550100", first="Ann", custom={plan: "Gold", city: "Bern"}, tags=[gold], assignee_id=7001)
    sandbox.add_contact("14155550101", first="Bob", assignee_id=99)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = Path(await export(account))
        # The field City and the tag are gone from the account, and were in the snapshot under IDs of their own.
        manifest = json.loads((place / "manifest.json").read_text())
        assert manifest["files"]["tags.json"]["rows"] == 2
        await delete_some(account, sandbox, ["14155550100", "14155550101"])
    poorer = world(("Plan",), ("Lead",), **READABLE)
    async with poorer.serve() as url:
        account = account_at(tmp_path, url)
        done = await restore(account, str(place), other_account=True)
    [ann] = [contact for contact in poorer.contacts() if contact["first"] == "Ann"]
    assert (list(ann["custom"].values()), ann["tags"]) == (["Gold"], [])
    assert (done.notes["field_gone"], done.notes["tag_gone"], done.notes["owner_gone"]) == (1, 1, 1)


async def test_nobody_is_texted_because_the_snapshot_does_not_know(tmp_path: Path) -> None:
    sandbox = world()
    sandbox.add_contact("14155550100", first="Out", is_opted_out=True)
    sandbox.add_contact("14155550101", first="In")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        await delete_some(account, sandbox, ["14155550100", "14155550101"])
        done = await restore(account, place)
        assert done.notes["opt_out_assumed"] == 2
        assert all(contact["is_opted_out"] for contact in sandbox.contacts())
        await delete_some(account, sandbox, ["14155550100", "14155550101"])
        await restore(account, place, assume_subscribed=True)
        assert not any(contact["is_opted_out"] for contact in sandbox.contacts())


async def test_consent_that_was_asked_for_comes_back(tmp_path: Path) -> None:
    sandbox = world()
    sandbox.add_contact("14155550100", first="Out", is_opted_out=True)
    sandbox.add_contact("14155550101", first="In")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(asking(account))
        assert json.loads((Path(place) / "manifest.json").read_text())["consent"] == "status"
        rows = (Path(place) / "contacts.csv").read_text().splitlines()
        assert rows[0].split(",")[7] == "is_opted_out"
        assert [row.split(",")[7] for row in rows[1:]] == ["true", "false"]
        await delete_some(account, sandbox, ["14155550100", "14155550101"])
        done = await restore(account, place)
    assert "opt_out_assumed" not in done.notes
    assert {contact["first"]: contact["is_opted_out"] for contact in sandbox.contacts()} == {"Out": True, "In": False}


async def test_an_opt_out_that_leaves_no_trace_is_not_undone_by_a_delta_that_never_asked(tmp_path: Path) -> None:
    sandbox = world()
    sandbox.add_contact("14155550100", first="Ann")
    sandbox.add_contact("14155550101", first="Bob")
    sandbox.add_contact("14155550102", first="Cid", is_opted_out=True)
    async with sandbox.serve() as url:
        account = asking(account_at(tmp_path, url))
        base = await export(account)
        assert consents_of(open_snapshot(base)) == {1001: False, 1002: False, 1003: True}
        # Ann opts out, and neither her revision nor her stamps say so; only Bob is asked about by the delta.
        ann = by_phone(sandbox)["14155550100"]
        await delete_some(account, sandbox, ["14155550100"])
        sandbox.add_contact(**ann | {"is_opted_out": True})
        await edit_some(account, sandbox, ["14155550101"])
        place = await export(account, "last")
        assert consents_of(open_snapshot(place)) == {1002: False, 1003: True}
        made = backups.materialize_backup("last", "", account.settings)
        assert dict(open_snapshot(made).consents()) == {1002: False, 1003: True}
        for source in (place, made):
            await delete_some(account, sandbox, ["14155550100", "14155550101", "14155550102"])
            done = await restore(account, source)
            assert done.notes["opt_out_assumed"] == 1
            told = {contact["first"]: contact["is_opted_out"] for contact in sandbox.contacts()}
            assert told == {"Ann": True, "Edited": False, "Cid": True}


async def test_two_contacts_of_one_phone_are_not_made_twice(tmp_path: Path) -> None:
    sandbox = world(create_existing="duplicate", **READABLE)
    sandbox.add_contact("14155550100", first="One")
    sandbox.add_contact("14155550100", first="Two")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        async with account.client() as client:
            for contact in sandbox.contacts():
                await client.delete_contact(contact["id"])
        done = await restore(account, place, code=3)
    assert (done.tally.created, done.codes) == (1, {"several_contacts": 1})
    assert [contact["first"] for contact in sandbox.contacts()] == ["One"]


@pytest.mark.timeout(120)
def test_a_killed_restore_goes_on_by_the_same_command(tmp_path: Path, serve: Serve) -> None:
    server = serve("slow:POST /v1/contact:seconds=0.05", create_existing="duplicate", opt_out_readable=True)
    server.sandbox.seed(60)
    (tmp_path / "hmpipe.toml").write_text(
        f'[account]\nbase_url = "{server.url}"\n[limits]\nrequests_per_minute = 0\nlost_answer_seconds = 0.5\n'
        '[import]\nwrite_path = "single"\n'
    )
    assert hmpipe(tmp_path, "export").code == 0
    ids = "\n".join(str(contact["id"]) for contact in server.sandbox.contacts())
    gone = tmp_path / "gone.csv"
    gone.write_text(f"id\n{ids}\n")
    assert hmpipe(tmp_path, "delete", gone, "--yes").code == 0
    assert server.sandbox.contacts() == []
    for part in (1, 2):
        process = start(tmp_path, "restore", "last", "--yes", "--json")
        wait_for(lambda part=part: len(server.sandbox.contacts()) >= 15 * part, process)  # type: ignore[misc]
        kill(process, signal.SIGKILL)
    server.sandbox.faults = []
    done = hmpipe(tmp_path, "restore", "last", "--yes", "--json")
    assert (done.code, done.json["created"], done.json["rows"]) == (0, 60, 60), done.err
    assert "Continuing run" in done.err
    phones = [contact["phone"] for contact in server.sandbox.contacts()]
    assert len(phones) == len(set(phones)) == 60
    shown = hmpipe(tmp_path, "restore", "last", "--plan")
    assert "There is nothing to do" in shown.out or "60 unchanged" in shown.out
    assert "these do not come back" in shown.out


async def test_a_rehearsal_copy_is_made_of_any_snapshot(tmp_path: Path) -> None:
    sandbox = world()
    populate(sandbox, drawn(7), 15)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        await export(asking(account))
        await edit_some(account, sandbox, ["14155550100", "14155550101"])
        place = await export(asking(account), "last")
    copy = Sandbox(requests_per_minute=0)
    load_into(copy, place)
    assert {phone: writable(each) for phone, each in by_phone(copy).items()} == {
        phone: writable(each) for phone, each in by_phone(sandbox).items()
    }
    assert copy.counters()["fields"] == sandbox.counters()["fields"]
    with pytest.raises(InputError, match="not the folder of a snapshot"):
        load_into(copy, str(tmp_path / "nowhere"))
