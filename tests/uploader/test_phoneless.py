"""A backup from which the account comes back: contacts with and without a phone, all channels, blocks and opt-outs."""

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.account import Account
from pipeline.jobs.export import ExportJob, run_export
from pipeline.jobs.import_ import ImportJob, run_import
from pipeline.jobs.plan import PlanOutputs, run_plan, run_planned_import
from pipeline.jobs.restore import RestoreJob, plan_restore, run_restore
from pipeline.jobs.undo import UndoJob, run_undo
from pipeline.reader.tables import Source
from pipeline.results import RunSummary
from pipeline.sandbox import Fault, Sandbox, Traits
from pipeline.settings import load_settings
from pipeline.values import replace
from tests.accounts import Quiet, account_at, writable
from tests.conftest import examples

pytestmark = pytest.mark.usefixtures("own_state")

TRAITS = st.fixed_dictionaries(
    {
        "channels_shown": st.sampled_from(["none", "v2", "all"]),
        "uuid_readable": st.sampled_from([True, "v2"]),
        "channel_touches": st.booleans(),
        "status_touches": st.booleans(),
        "blocked_shown": st.sampled_from(["status", "list"]),
        "opt_out_readable": st.booleans(),
        "write_opt_out": st.sampled_from(["keep", "drop"]),
        "update_blanks": st.sampled_from(["names", "nothing", "all"]),
        "channel_id_shape": st.sampled_from(["int", "string"]),
        "direction": st.sampled_from(["newest", "oldest"]),
    }
)
PERSON = st.fixed_dictionaries(
    {
        "has_phone": st.booleans(),
        "has_email": st.booleans(),
        "blocked": st.booleans(),
        "is_opted_out": st.booleans(),
        "by_contact": st.booleans(),
        "owner": st.sampled_from([None, 7001]),
        "plan": st.sampled_from(["", "gold"]),
        "channels": st.lists(st.sampled_from(["phone", "email", "whatsapp"]), unique=True),
    }
)
FAULTS = (
    "drop_after:POST /v2/contact:count=1",
    "drop_after:POST /v1/contact:count=1",
    "drop_after:POST /v2/contact/*/channel:count=1",
    "drop_after:POST /v1/contact/set_status:count=1",
    "error_before:POST /v2/contacts/search:after=5:count=1:status=401",
    "error_before:GET /v1/contact/*:after=2:count=1:status=401",
)


def populate(world: Sandbox, people: list[dict[str, Any]]) -> None:
    [field] = world.counters()["fields"]
    world.add_contact("14159999999", first="Witness")
    for number, person in enumerate(people):
        kinds = [kind for kind in person["channels"] if person["has_phone"] or kind != "phone"]
        channels = [(kind, _value(kind, number)) for kind in kinds]
        reachable = person["has_phone"] or person["has_email"] or channels
        world.add_contact(
            f"1415555010{number}" if person["has_phone"] or not reachable else "",
            first=f"First{number}",
            last=f"Last{number}",
            email=f"p{number}@example.com" if person["has_email"] else "",
            blocked=person["blocked"],
            is_opted_out=person["is_opted_out"],
            unsubscribed_contact=person["is_opted_out"] and person["by_contact"],
            unsubscribed_admin=person["is_opted_out"] and not person["by_contact"],
            assignee_id=person["owner"],
            custom={field: person["plan"]} if person["plan"] else {},
            channels=[{"channel_type": kind, "channel_id": value} for kind, value in channels],
        )


def _value(kind: str, number: int) -> str:
    return {"phone": f"1415555020{number}", "email": f"b{number}@example.com", "whatsapp": f"w{number}"}[kind]


def state(world: Sandbox) -> dict[str, Any]:
    """All that can be written of every contact, by its name; an address may be a channel as well."""
    found = {}
    for contact in world.contacts():
        channels = {(each["channel_type"], each["channel_id"]) for each in contact["channels"]}
        channels |= {("email", contact["email"])} if contact["email"] else set()
        found[contact["first"]] = writable(contact) | {"blocked": contact["blocked"], "channels": sorted(channels)}
        if not contact["phone"]:
            # Which of its addresses is the first one is not told by its channels.
            found[contact["first"]]["email"] = ""
    return found


async def empty(world: Sandbox, account: Account) -> None:
    async with account.client() as client:
        for contact in world.contacts():
            if contact["first"] != "Witness":
                await client.delete_contact(contact["id"])


async def to_its_end(run: Callable[[], Awaitable[RunSummary]], world: Sandbox, faults: list[str]) -> RunSummary:
    """Run with faults, of which some end it, and then again without any."""
    world.faults = [Fault.parse(each) for each in faults]
    done = await run()
    world.faults = []
    return done if done.exit_code in (0, 3, 4) else await run()


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PERSON, min_size=1, max_size=5), TRAITS, st.lists(st.sampled_from(FAULTS), max_size=2, unique=True))
def test_law_an_emptied_account_comes_back_from_its_full_backup(
    people: list[dict[str, Any]], traits: dict[str, Any], faults: list[str]
) -> None:
    world = Sandbox(traits=Traits(**traits), fields=("Plan",), requests_per_minute=0)
    populate(world, people)
    before = state(world)

    async def there_and_back(folder: Path) -> None:
        async with world.serve() as url:
            account = account_at(folder, url)
            file = folder / "hmpipe.toml"
            file.write_text(file.read_text() + '\n[export]\ndetail = "full"\n')
            account = replace(account, settings=load_settings(file, environ={}))
            exported = await run_export(ExportJob(account), Quiet())
            assert exported.snapshot, exported
            await empty(world, account)
            job = RestoreJob(account, exported.snapshot)
            restored = await to_its_end(lambda: run_restore(job, Quiet()), world, faults)
            assert (restored.error, restored.tally.rejected, restored.tally.adds_up) == ("", 0, True), restored.examples
            after = state(world)
            unseen = not traits["opt_out_readable"] and exported.exit_code
            if restored.exit_code == 0 and not unseen:
                # Whoever the snapshot does not know as textable is opted out.
                assert after == before
            said = {name: who for name, who in after.items() if before[name]["is_opted_out"]}
            assert all(who["is_opted_out"] for who in said.values()), "nobody who said no is textable"
            assert after.keys() == before.keys(), "nobody is lost or doubled"
            plan = await plan_restore(job, Quiet())
            tally = plan.plan.tally
            assert (tally.created, tally.updated, tally.deleted) == (0, 0, 0), plan.plan
            undone = await to_its_end(
                lambda: run_undo(UndoJob(account, str(restored.run_id), delete_created=True), Quiet()), world, faults
            )
            assert undone.error == ""
            assert state(world).keys() == {"Witness"}, undone.examples

    with tempfile.TemporaryDirectory() as name:
        anyio.run(there_and_back, Path(name))


ROWS = {
    "ID": '"id"', "UUID": '"uuid"', "Phone": '"phone"', "First": '"first"', "Plan": '{ custom = "Plan" }',
    "Out": '"is_opted_out"',
}  # fmt: skip


@pytest.mark.parametrize("uuid_readable", [True, "v2"])
@pytest.mark.parametrize("v2_surface", ["there", "missing"])
@pytest.mark.parametrize("applies_plan", [False, True])
async def test_rows_that_name_their_contact_by_id_or_uuid_update_it(
    tmp_path: Path, uuid_readable: bool | str, v2_surface: str, applies_plan: bool
) -> None:
    world = Sandbox(
        traits=Traits(uuid_readable=uuid_readable, v2_surface=v2_surface, opt_out_readable=True),
        fields=("Plan",),
        requests_per_minute=0,
    )
    [plan] = world.counters()["fields"]
    ann = world.add_contact("14155550101", first="Ann", email="ann@example.com")
    bob = world.add_contact("", first="Bob", email="bob@example.com")
    cleo = world.add_contact("14155550103", first="Cleo")
    dan = world.add_contact("14155550104", first="Dan", last="Lee")
    rows = [
        f"{ann['id']},,,Ann,gold,",
        f"{bob['id']},,,Bob,gold,yes",
        f",{cleo['uuid'].upper()},,,gold,",
        f"{dan['id']},,,Somebody,gold,",
        "999999,,,Eve,gold,yes",
        ",,,Nobody,gold,",
        "x,,,Nobody,gold,",
        f",{cleo['uuid']},+1 415 555 0104,,gold,",
    ]
    path = tmp_path / "people.csv"
    path.write_text("\n".join([",".join(ROWS), *rows]) + "\n")
    async with world.serve() as url:
        account = account_at(tmp_path, url, columns=ROWS)
        job = ImportJob(account, [Source(str(path))])
        saved = tmp_path / "plan.json.gz"
        planned = await run_plan(job, Quiet(), PlanOutputs(saved, None))
        if applies_plan:
            done = await run_planned_import(account, saved, Quiet())
        else:
            done = await run_import(job, Quiet())
        again = await run_import(replace(job, new_run=True), Quiet())
        held = {each["first"]: each for each in world.contacts()}
        assert {name: each["custom"].get(plan, "") for name, each in held.items()} == {
            "Ann": "gold", "Bob": "gold" if v2_surface == "there" else "", "Cleo": "gold", "Dan": "",
        }  # fmt: skip
        assert (held["Ann"]["email"], held["Ann"]["phone"]) == ("ann@example.com", "14155550101")
        codes = {"id_unsure": 1, "unknown_id": 1, "missing": 1, "bad_number": 1, "id_mismatch": 1}
        updated = 3 if v2_surface == "there" else 2
        assert done.codes == codes | ({} if v2_surface == "there" else {"refused": 1}), done.examples
        assert (done.tally.updated, done.exit_code, planned.tally.updated) == (updated, 3, 3)
        assert (again.tally.updated, again.tally.unchanged) == (0, updated)
        undone = await run_undo(UndoJob(account, str(done.run_id)), Quiet())
        assert undone.error == ""
        assert not any(each["custom"].get(plan) for each in world.contacts())
