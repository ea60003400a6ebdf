"""One person is shown whole: what the account holds, what it does not tell, and what runs wrote."""

import json
from pathlib import Path

import pytest

from pipeline.account import Account
from pipeline.errors import InputError, UsageProblem
from pipeline.jobs.export import ExportJob, run_export
from pipeline.jobs.find import export_person, find_people
from pipeline.jobs.import_ import ImportJob, run_import
from pipeline.reader.tables import expand_sources
from pipeline.report import people_text
from pipeline.sandbox import Sandbox, Traits
from tests.accounts import Quiet, account_at
from tests.cli.commands import hmpipe, write_settings
from tests.conftest import Serve

ANN = "14155550101"

pytestmark = pytest.mark.usefixtures("own_state")


def world(**traits: object) -> Sandbox:
    known = {"uuid_readable": True, "status_shape": "long", **traits}
    sandbox = Sandbox(traits=Traits(**known), requests_per_minute=0, fields=("Plan",), tags=("VIP",))  # type: ignore[arg-type]
    [plan], [tag] = sandbox.counters()["fields"], sandbox.counters()["tags"]
    sandbox.add_contact(
        ANN, first="Ann", last="Lee", email="ann@example.com", custom={plan: 7}, tags=[int(tag)], blocked=True,
        assignee_id=7001, unsubscribed_contact=True,
        channels=[{"channel_type": "phone", "channel_id": "14155550177"}],
    )  # fmt: skip
    sandbox.add_contact("14155550102", first="Bob")
    return sandbox


async def test_every_way_to_name_somebody_finds_them_whole(tmp_path: Path) -> None:
    sandbox = world()
    held = sandbox.contacts()[0]
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        for wanted in (
            f"+{ANN}",
            "(415) 555-0101",
            ANN,
            "ann@example.com",
            held["uuid"],
            str(held["id"]),
            "14155550177",
        ):
            found = await find_people(account, wanted)
            [person] = found.people
            assert (person.id, person.first, person.custom, person.tags) == (held["id"], "Ann", {"Plan": 7}, ("VIP",))
            assert (person.opted_out, person.opted_out_by_contact, person.opted_out_by_admin) == (True, True, False)
            assert person.blocked is True
            assert ("phone", "14155550177") in (person.channels or ())
            assert found.exit_code == 0
        assert (await find_people(account, "+14155550199")).exit_code == 3
        assert (await find_people(account, "0" * 8 + "-" + "-".join(["0" * 4] * 3) + "-" + "0" * 12)).people == ()
        with pytest.raises(UsageProblem, match="is no phone"):
            await find_people(account, "Ann Lee")
    assert not sandbox.writes


@pytest.mark.parametrize("traits", [{"v2_surface": "missing"}, {"uuid_readable": False}, {"status_call": "missing"}])
async def test_what_the_service_does_not_tell_is_unknown(tmp_path: Path, traits: dict[str, object]) -> None:
    async with world(**traits).serve() as url:
        [person] = (await find_people(account_at(tmp_path, url), "ann@example.com")).people
    if "status_call" in traits:
        assert (person.opted_out, person.blocked) == (None, None)
    else:
        assert person.channels is None


async def bring(account: Account, folder: Path, text: str) -> str:
    path = folder / "people.csv"
    path.write_text(text)
    summary = await run_import(ImportJob(account, expand_sources([str(path)])), Quiet())
    assert summary.run_id
    return summary.run_id


async def test_the_history_says_which_run_changed_what(tmp_path: Path) -> None:
    async with world().serve() as url:
        account = account_at(tmp_path, url, columns={"Phone": '"phone"', "First": '"first"'})
        first = await bring(account, tmp_path, f"Phone,First\n+{ANN},Anna\n+14155550102,Rob\n")
        second = await bring(account, tmp_path, f"Phone,First\n+{ANN},Annie\n")
        found = await find_people(account, f"+{ANN}", history=True)
        assert [(each.run_id, each.kind, each.outcome) for each in found.history or ()] == [
            (first, "update", "updated"),
            (second, "update", "updated"),
        ]
        changes = [(field.name, field.old, field.new) for each in found.history or () for field in each.fields]
        assert changes == [("first", "Ann", "Anna"), ("first", "Anna", "Annie")]


def test_the_command_shows_it_and_ends_with_3_for_nobody(tmp_path: Path, serve: Serve) -> None:
    server = serve(uuid_readable=True)
    server.sandbox.add_contact(ANN, first="Ann\x1b[31m")
    write_settings(tmp_path, server.url)
    found = hmpipe(tmp_path, "find", f"+{ANN}")
    assert (found.code, f"+{ANN}" in found.out, "\x1b" in found.out) == (0, True, False)
    nobody = hmpipe(tmp_path, "find", "+14155550199", "--json")
    assert (nobody.code, nobody.json["people"], nobody.json["asked"]) == (3, [], ["phone"])
    assert ANN not in nobody.err


async def edited(account: Account, contact_id: int, **fields: object) -> None:
    async with account.client() as client:
        await client.update_contact(contact_id, {"phone": ANN, **fields}, overwrite=False)


async def test_the_history_tells_our_writes_from_what_somebody_else_changed(tmp_path: Path) -> None:
    sandbox = world(opt_out_readable=True)
    held = sandbox.contacts()[0]
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url, columns={"Phone": '"phone"', "First": '"first"'})
        await run_export(ExportJob(account), Quiet())
        (tmp_path / "people.csv").write_text(f"Phone,First\n+{ANN},Anne\n")
        ours = await run_import(ImportJob(account, expand_sources([str(tmp_path / "people.csv")])), Quiet())
        await edited(account, held["id"], first="Anne", last="Li")
        second = await run_export(ExportJob(account), Quiet())
        found = await find_people(account, ANN, history=True)
        assert found.history is not None
        [wrote] = [each for each in found.history if each.run_id]
        [seen] = [each for each in found.history if not each.run_id]
        assert (wrote.run_id, [(field.name, field.new) for field in wrote.fields]) == (ours.run_id, [("first", "Anne")])
        assert ("last", "Lee", "Li") in [(field.name, field.old, field.new) for field in seen.fields]
        assert "first" not in [field.name for field in seen.fields], "our own write is no change of somebody else's"
        assert str(second.snapshot) in seen.outcome
        assert "by somebody else, after " in people_text(found)


async def test_all_that_is_held_of_somebody_is_written_also_of_who_is_gone(tmp_path: Path) -> None:
    sandbox = world(opt_out_readable=True)
    held = sandbox.contacts()[0]
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url, columns={"Phone": '"phone"', "First": '"first"'})
        first = await run_export(ExportJob(account), Quiet())
        (tmp_path / "people.csv").write_text(f"Phone,First\n+{ANN},Anne\n+14155550102,Rob\n")
        ours = await run_import(ImportJob(account, expand_sources([str(tmp_path / "people.csv")])), Quiet())
        path = tmp_path / "ann.json"
        assert (await export_person(account, "ann@example.com", path)).exit_code == 0
        assert path.stat().st_mode & 0o777 == 0o600
        told = json.loads(path.read_text())
        assert [each["first"] for each in told["people"]] == ["Anne"]
        assert [(each["snapshot"], each["contact"]["first"]) for each in told["snapshots"]] == [(first.snapshot, "Ann")]
        assert told["runs"] == [ours.run_id]
        assert [each["phone"] for each in told["known_noes"]] == [ANN]
        assert not {"Bob", "Rob"} & set(path.read_text().split('"')), "nobody else"
        with pytest.raises(InputError, match="is there already"):
            await export_person(account, ANN, path)
        async with account.client() as client:
            await client.delete_contact(held["id"])
        gone = tmp_path / "gone.json"
        assert (await export_person(account, f"+{ANN}", gone)).exit_code == 3
        told = json.loads(gone.read_text())
        assert (told["people"], len(told["snapshots"]), told["runs"]) == ([], 1, [ours.run_id])
