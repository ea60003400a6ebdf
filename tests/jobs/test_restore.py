"""A restore brings contacts back to what a snapshot says, makes none twice, and lets nobody be texted by accident."""

import json
import random
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.account import Account
from pipeline.cli._sandbox import _load as load_into
from pipeline.errors import InputError, MappingError
from pipeline.jobs import snapshots as backups
from pipeline.jobs.restore import RestoreJob, plan_restore, run_restore
from pipeline.jobs.undo import UndoJob, run_undo
from pipeline.reader.tables import Source
from pipeline.report import run_text
from pipeline.sandbox import Sandbox
from pipeline.snapshots import consents_of, open_snapshot
from tests.accounts import Quiet, account_at, by_phone, content, populate, writable
from tests.cli.commands import hmpipe, kill_when, write_settings
from tests.conftest import Serve, Server
from tests.reversal.restores import READABLE, delete_some, edit_some, export, restore, world

pytestmark = pytest.mark.usefixtures("own_state")


def drawn(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - only draws contacts


def asking(account: Account) -> Account:
    """Return the account as one whose exports ask who is opted out."""
    settings = account.settings
    export = settings.export.model_copy(update={"consent": "status"})
    return Account(settings.model_copy(update={"export": export}), account.credentials)


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
        sandbox.add_contact("16175550199", first="LaterUndos")
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
        with pytest.raises(InputError, match=r"1 rows of bad\.csv hold no phone, ID, address or UUID \(line 2\)"):
            await restore(account, place, only=Source(str(bad)))
        bad.write_text("1003\n")
        with pytest.raises(MappingError, match=r"first line of bad\.csv is '1003', which is no phone"):
            await restore(account, place, only=Source(str(bad)))
        done = await restore(account, place, only=Source(str(wanted)))
    assert (done.tally.rows, done.tally.created) == (3, 3)
    assert f"undo {done.run_id} --delete-created' takes it back" in run_text(done)
    assert set(by_phone(sandbox)) == {*phones[:3], *phones[6:]}


@pytest.mark.parametrize("columns", ["id", "id,phone"])
async def test_who_is_named_by_id_is_looked_for_in_the_snapshot(tmp_path: Path, columns: str) -> None:
    sandbox = world(**READABLE)
    phones = populate(sandbox, drawn(4), 6)
    ids = [by_phone(sandbox)[phone]["id"] for phone in phones]
    lost = tmp_path / "lost.csv"
    rest = "," if columns == "id,phone" else ""
    lost.write_text(f"{columns}\n" + "".join(f"{number}{rest}\n" for number in [*ids[:3], 999, ids[0]]))
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        await delete_some(account, sandbox, phones[:4])
        plan = await plan_restore(RestoreJob(account, place, Source(str(lost))), Quiet())
        done = await restore(account, place, code=3, only=Source(str(lost)))
    assert plan.plan.tally == done.tally
    assert (done.tally.rows, done.tally.created, done.codes) == (4, 3, {"not_in_snapshot": 1})
    assert [example.reason for example in done.examples] == [
        "the snapshot holds no contact with id 999 (line 5 of the list)"
    ]
    assert set(by_phone(sandbox)) == {*phones[:3], *phones[4:]}


async def test_what_a_list_names_and_the_snapshot_does_not_hold_is_a_row_of_its_own(tmp_path: Path) -> None:
    sandbox = world(**READABLE)
    phones = populate(sandbox, drawn(5), 4)
    ids = [by_phone(sandbox)[phone]["id"] for phone in phones]
    lost = tmp_path / "lost.csv"
    lines = [
        f",+{phones[0]}",
        ",+12125550199",
        f"{ids[1]},+{phones[1]}",
        f"{ids[2]},+{phones[3]}",
        "998,+12125550198",
        "",
    ]
    lost.write_text("Contact ID,Phone\n" + "\n".join(lines) + "\n")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        await delete_some(account, sandbox, phones)
        done = await restore(account, place, code=3, only=Source(str(lost)))
        assert (done.tally.rows, done.tally.created) == (5, 2)
        assert done.codes == {"id_mismatch": 1, "not_in_snapshot": 2}
        assert set(by_phone(sandbox)) == {*phones[:2]}
        # What was left can be given again as it is: the list that names it is the reject file.
        assert done.rejects
        again = await restore(account, place, code=3, only=Source(done.rejects))
    assert (again.tally.rows, again.tally.created, again.codes) == (3, 0, done.codes)
    assert set(by_phone(sandbox)) == {*phones[:2]}
    assert "12125550198" in content(again.rejects or "")


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


def told(sandbox: Sandbox) -> dict[str, bool]:
    return {contact["first"]: contact["is_opted_out"] for contact in sandbox.contacts()}


async def opt_out(account: Account, sandbox: Sandbox, *phones: str) -> None:
    known = by_phone(sandbox)
    async with account.client() as client:
        for phone in phones:
            await client.opt_out(known[phone]["id"])


@pytest.mark.parametrize("readable", [True, False])
async def test_whom_a_newer_snapshot_knows_as_opted_out_is_not_made_textable(tmp_path: Path, *, readable: bool) -> None:
    sandbox = world(opt_out_readable=readable)
    people = {"14155550100": "Ann", "14155550101": "Bob", "14155550102": "Cid"}
    for phone, first in people.items():
        sandbox.add_contact(phone, first=first)
    async with sandbox.serve() as url:
        account = asking(account_at(tmp_path, url))
        await export(account)
        # Ann opts out. Bob is deleted, made anew under another ID, and opts out. Then all are deleted.
        await delete_some(account, sandbox, ["14155550101"])
        async with account.client() as client:
            await client.create_contact({"phone": "14155550101", "first": "Bob"})
        await opt_out(account, sandbox, "14155550100", "14155550101")
        await export(account)
        await delete_some(account, sandbox, [*people])
        plan = await plan_restore(RestoreJob(account, "previous"), Quiet())
        assert plan.plan.notes["opted_out_since"] == 2
        done = await restore(account, "previous")
        assert told(sandbox) == {"Ann": True, "Bob": True, "Cid": False}
        assert (done.notes["recreated"], done.notes["opted_out_since"]) == (3, 2)
        assert "opt_out_assumed" not in done.notes
        await delete_some(account, sandbox, [*people])
        await restore(account, "previous", assume_subscribed=True)
        assert told(sandbox) == {"Ann": False, "Bob": False, "Cid": False}


async def test_what_a_delta_lists_as_deleted_counts_and_a_newer_one_that_cannot_be_read_is_named(
    tmp_path: Path,
) -> None:
    sandbox = world(**READABLE)
    sandbox.add_contact("14155550100", first="Ann")
    sandbox.add_contact("14155550101", first="Bob")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        first = await export(account)
        await opt_out(account, sandbox, "14155550100")
        second = Path(await export(account, "last"))
        await delete_some(account, sandbox, ["14155550100", "14155550101"])
        await export(account, "last")
        # The delta in which Ann opted out is damaged; the one after it lists her as she was last known.
        (second / "contacts.jsonl.gz").write_bytes(b"damaged")
        progress = Quiet()
        done = await run_restore(RestoreJob(account, first), progress)
    assert told(sandbox) == {"Ann": True, "Bob": False}
    assert (done.notes["opted_out_since"], done.notes["newer_unreadable"]) == (1, 1)
    assert any(second.name in line and "cannot be read" in line for line in progress.said)


async def test_into_another_account_the_newer_snapshots_of_both_are_heeded(tmp_path: Path) -> None:
    one, two = world(**READABLE), world(**READABLE)
    people = {"14155550100": "Ann", "14155550101": "Bob", "14155550102": "Cid"}
    for phone, first in people.items():
        one.add_contact(phone, first=first)
    (tmp_path / "one").mkdir()
    async with one.serve() as url:
        account = account_at(tmp_path / "one", url)
        place = await export(account)
        await opt_out(account, one, "14155550100")
        newest = Path(await export(account))
    async with two.serve() as url:
        other = account_at(tmp_path, url)
        # Under the ID that Cid has in the first account: here it is somebody else.
        two.add_contact("14155550199", id=1003, first="Eve", is_opted_out=True)
        two.add_contact("14155550101", first="Bob", is_opted_out=True)
        await export(other)
        await delete_some(other, two, ["14155550101"])
        done = await restore(other, place, other_account=True)
        assert told(two) == {"Ann": True, "Bob": True, "Cid": False, "Eve": True}
        assert done.notes["opted_out_since"] == 2
        # One whose manifest is damaged may be newer, and may know of anybody.
        (newest / "manifest.json").write_text("{")
        await delete_some(other, two, [*people])
        done = await restore(other, place, other_account=True)
        assert told(two) == {"Ann": False, "Bob": True, "Cid": False, "Eve": True}
        assert (done.notes["opted_out_since"], done.notes["newer_unreadable"]) == (1, 2)


async def test_newer_snapshots_are_read_only_where_something_is_made_anew(tmp_path: Path) -> None:
    sandbox = world(**READABLE)
    sandbox.add_contact("14155550100", first="Ann")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        await edit_some(account, sandbox, ["14155550100"])
        (Path(await export(account)) / "contacts.jsonl.gz").write_bytes(b"damaged")
        progress = Quiet()
        done = await run_restore(RestoreJob(account, place), progress)
    assert (done.tally.updated, progress.said) == (1, [])


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
        kill_when(partial(_holds, server, 15 * part), tmp_path, "restore", "last", "--yes", "--json")
    server.sandbox.faults = []
    done = hmpipe(tmp_path, "restore", "last", "--yes", "--json")
    assert (done.code, done.json["created"], done.json["rows"]) == (0, 60, 60), done.err
    assert "Continuing run" in done.err
    phones = [contact["phone"] for contact in server.sandbox.contacts()]
    assert len(phones) == len(set(phones)) == 60
    shown = hmpipe(tmp_path, "restore", "last", "--plan")
    assert "There is nothing to do" in shown.out or "60 unchanged" in shown.out
    assert "these do not come back" in shown.out


def _holds(server: Server, contacts: int) -> bool:
    return len(server.sandbox.contacts()) >= contacts


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


def whole(account: Account) -> Account:
    """Return the account as one whose exports ask for everything."""
    export = account.settings.export.model_copy(update={"detail": "full"})
    return Account(account.settings.model_copy(update={"export": export}), account.credentials)


def reached(sandbox: Sandbox) -> dict[str, Any]:
    """Return who can be reached how, and who must not be texted."""
    return {
        each["phone"]: (
            each["first"],
            each["email"],
            each["is_opted_out"],
            sorted((channel["channel_type"], channel["channel_id"]) for channel in each["channels"]),
        )
        for each in sandbox.contacts()
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "traits",
    [
        {"uuid_readable": True},
        {"uuid_readable": "v2", "channels_shown": "v2"},
        {"uuid_readable": True, "channels_shown": "all", "opt_out_readable": True},
        {"uuid_readable": True, "channel_touches": False, "channel_answer": "word"},
    ],
)
async def test_an_account_with_further_channels_comes_back_whole(
    tmp_path: Path, seed: int, traits: dict[str, Any]
) -> None:
    chance, sandbox = drawn(seed), world(**({"opt_out_readable": False} | traits))
    for number in range(12):
        kinds = [
            ("phone", f"1617555{seed}{number:03}"),
            ("email", f"more{number}@example.com"),
            ("whatsapp", f"w{number}"),
        ]
        sandbox.add_contact(
            f"14155550{number:03}",
            first=f"P{number}",
            email=chance.choice(["", f"p{number}@example.com"]),
            is_opted_out=chance.random() < 0.3,
            channels=[
                {"channel_type": kind, "channel_id": value} for kind, value in chance.sample(kinds, chance.randrange(4))
            ],
        )
    before = reached(sandbox)
    async with sandbox.serve() as url:
        account = whole(account_at(tmp_path, url))
        await export(account)
        await delete_some(account, sandbox, [*before])
        assert not sandbox.contacts()
        done = await restore(account, "last")
        assert (done.tally.created, done.exit_code) == (12, 0), done.notes
        assert reached(sandbox) == before
        # What is equal stays as it is, and a channel that somebody removed comes back.
        again = await restore(account, "last")
        assert (again.tally.unchanged, again.exit_code, again.notes.get("channel_added", 0)) == (12, 0, 0)
    assert reached(sandbox) == before


def test_a_point_in_time_picks_the_newest_complete_snapshot_of_then(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    write_settings(tmp_path, server.url)
    server.sandbox.add_contact("14155550101", first="Ann")
    place = Path(hmpipe(tmp_path, "export", "--json").json["snapshot"])
    began = json.loads((place / "manifest.json").read_text())["created"]
    day = began[:10]
    assert hmpipe(tmp_path, "restore", "--at", day, "--plan", "--json").json["unchanged"] == 1
    assert hmpipe(tmp_path, "restore", "--at", began, "--plan", "--json").code == 0
    early = hmpipe(tmp_path, "restore", "--at", "2020-01-01", "--plan")
    assert (early.code, "no complete snapshot of this account from 2020-01-01 23:59 UTC" in early.err) == (2, True)
    for wrong in (("--at", "yesterday"), ("last", "--at", day), ()):
        assert hmpipe(tmp_path, "restore", *wrong, "--plan").code == 2
    assert not server.sandbox.writes


NAMES = {
    "first": "first", "last": "last", "email": "email", "owner": "assignee_id", "tags": "tags", "plan": "Plan",
    "City": "City",
}  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
async def test_only_the_chosen_fields_are_restored_and_nobody_is_made_anew(tmp_path: Path, seed: int) -> None:
    chance = drawn(seed)
    sandbox = world(**READABLE, update_blanks=chance.choice(["names", "nothing", "all"]))
    phones = populate(sandbox, chance, 12)
    titles = {title: key for key, title in zip(sandbox.counters()["fields"], ("Plan", "City"), strict=True)}
    names = chance.sample(sorted(NAMES), chance.randint(1, 4))
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        before = by_phone(sandbox)
        place = await export(account)
        await edit_some(account, sandbox, phones[:8])
        await delete_some(account, sandbox, phones[8:10])
        damaged = by_phone(sandbox)
        done = await restore(account, place, fields=tuple(names))
        now = by_phone(sandbox)
        assert now.keys() == damaged.keys(), "a part makes nobody anew"
        for phone in phones[:8]:
            wanted = writable(damaged[phone])
            for name in (NAMES[each] for each in names):
                if name in titles:
                    key = titles[name]
                    value = before[phone]["custom"].get(key)
                    wanted["custom"] = {**wanted["custom"], **({key: value} if value else {})}
                else:
                    wanted[name] = writable(before[phone])[name]
            assert writable(now[phone]) == wanted, names
        again = await restore(account, place, fields=tuple(names))
        assert (again.tally.updated, again.tally.created) == (0, 0)
        undone = await run_undo(UndoJob(account, str(done.run_id)), Quiet())
        assert (undone.exit_code, undone.error) == (0, "")
        assert {phone: writable(each) for phone, each in by_phone(sandbox).items()} == {
            phone: writable(each) for phone, each in damaged.items()
        }
        with pytest.raises(InputError, match=r"--fields: 'Plam' is no field") as error:
            await plan_restore(RestoreJob(account, place, fields=("Plam",)), Quiet())
        assert "'Plan' (101)" in str(error.value)


async def test_a_list_of_addresses_names_whom_to_restore(tmp_path: Path) -> None:
    sandbox = world(**READABLE)
    for number in range(3):
        sandbox.add_contact(f"1415555010{number}", first=f"First{number}", email=f"p{number}@example.com")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        await delete_some(account, sandbox, ["14155550100", "14155550101"])
        wanted = tmp_path / "wanted.csv"
        wanted.write_text("Email\nP1@example.com\nnobody@example.com\n")
        done = await restore(account, place, code=3, only=Source(str(wanted)))
        assert (done.tally.created, done.codes) == (1, {"not_in_snapshot": 1})
        assert set(by_phone(sandbox)) == {"14155550101", "14155550102"}
