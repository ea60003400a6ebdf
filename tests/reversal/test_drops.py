"""What a run did by calls of their own (further channels, blocks) is taken back by its undo, or said to stay."""

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.account import Account
from pipeline.jobs.import_ import ImportJob, run_import
from pipeline.jobs.undo import UndoJob, plan_undo, run_undo
from pipeline.reader.tables import Source
from pipeline.report import reversal_plan_text
from pipeline.results import RunSummary
from pipeline.sandbox import Fault, Sandbox, Traits
from tests.accounts import Quiet, account_at, writable
from tests.conftest import examples

COLUMNS = {
    "Phone": '"phone"', "First": '"first"', "Status": '"status"', "Work": '{ channel = "phone" }',
    "Mail": '{ channel = "email" }',
}  # fmt: skip
PHONES = [f"1415555010{number}" for number in range(4)]

pytestmark = pytest.mark.usefixtures("own_state")

TRAITS = st.fixed_dictionaries(
    {
        "channel_calls": st.sampled_from(["work", "work", "work", "ignored", "refused", "missing"]),
        "channels_shown": st.sampled_from(["none", "v2", "all"]),
        "uuid_readable": st.sampled_from([True, "v2"]),
        "channel_touches": st.booleans(),
        "status_touches": st.booleans(),
        "blocked_shown": st.sampled_from(["status", "list", "nowhere"]),
        "v2_surface": st.sampled_from(["there", "there", "there", "forbidden"]),
    }
)
PERSON = st.fixed_dictionaries(
    {
        "email": st.sampled_from(["", "a@example.com"]),
        "blocked": st.booleans(),
        "channels": st.lists(
            st.sampled_from([("phone", "14155550190"), ("email", "z@example.com"), ("email", "y@example.com")]),
            unique=True,
        ),
    }
)
ROW = st.fixed_dictionaries(
    {
        "First": st.sampled_from(["", "Ann", "Bea"]),
        "Status": st.sampled_from(["", "blocked", "unblocked"]),
        "Work": st.sampled_from(["", "+14155550190", "+14155550191"]),
        "Mail": st.sampled_from(["", "a@example.com", "b@example.com", "z@example.com"]),
    }
)


def state(world: Sandbox) -> dict[str, Any]:
    """What can be seen of every contact, in no order."""
    return {
        contact["phone"]: writable(contact)
        | {
            "blocked": contact["blocked"],
            "channels": sorted((each["channel_type"], each["channel_id"]) for each in contact["channels"]),
        }
        for contact in world.contacts()
    }


async def to_its_end(run: Callable[[], Awaitable[RunSummary]], world: Sandbox, faults: list[str]) -> RunSummary:
    """Run with faults, of which some end it, and then again without any."""
    world.faults = [Fault.parse(each) for each in faults]
    done = await run()
    world.faults = []
    return done if done.exit_code in (0, 3, 4) else await run()


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(PERSON, min_size=4, max_size=4),
    st.lists(ROW, min_size=4, max_size=4),
    TRAITS,
    st.lists(
        st.sampled_from(
            [
                "drop_after:POST /v2/contact/*/channel:count=1",
                "drop_after:DELETE /v2/contact/*/channel/*:count=1",
                "error_before:GET /v2/contact/*/channels:after=3:count=1:status=403",
                "drop_after:POST /v1/contact/set_status:count=1",
                "error_before:POST /v2/contacts/search:after=4:status=401",
            ]
        ),
        max_size=2,
        unique=True,
    ),
)
def test_law_an_undo_takes_channels_and_blocks_back_or_says_what_stays(
    people: list[dict[str, Any]], rows: list[dict[str, str]], traits: dict[str, Any], faults: list[str]
) -> None:
    world = Sandbox(traits=Traits(**traits), requests_per_minute=0)
    world.add_contact("14159999999", first="Witness")
    for phone, person in zip(PHONES, people, strict=True):
        channels = [{"channel_type": kind, "channel_id": value} for kind, value in person["channels"]]
        world.add_contact(phone, first="Old", **{**person, "channels": channels})
    before = state(world)

    async def there_and_back(folder: Path) -> None:
        lines = [",".join(COLUMNS)]
        for phone, row in zip(PHONES, rows, strict=True):
            lines.append(",".join([f"+{phone}", *(row[name] for name in COLUMNS if name in row)]))
        (folder / "people.csv").write_text("\n".join(lines) + "\n")
        async with world.serve() as url:
            account: Account = account_at(folder, url, columns=COLUMNS)
            source = Source(str(folder / "people.csv"))
            job = ImportJob(account, [source], allow_unblock=True)
            imported = await to_its_end(lambda: run_import(job, Quiet()), world, faults)
            assert imported.run_id, imported.error
            after = state(world)
            said = imported.notes
            added = sum(len(set(after[phone]["channels"]) - set(before[phone]["channels"])) for phone in PHONES)
            assert said.get("channel_added", 0) <= added, "no false word of what was added"
            changed = sum(after[phone]["blocked"] != before[phone]["blocked"] for phone in PHONES)
            assert said.get("blocked", 0) + said.get("unblocked", 0) <= changed
            plan = await plan_undo(UndoJob(account, imported.run_id), Quiet())
            assert state(world) == after, "a plan writes nothing"
            assert plan.plan.channel_drops >= said.get("channel_added", 0)
            # Who is asked on a terminal is told of all of it: what has an effect never counts as nothing to do.
            told = sum(plan.effects.values())
            assert bool(told) or not said.keys() & {"channel_added", "blocked", "unblocked"}
            assert (
                f"taken away again: {plan.plan.channel_drops:,}" in reversal_plan_text(plan)
                or not plan.plan.channel_drops
            )
            undo = UndoJob(account, imported.run_id)
            undone = await to_its_end(lambda: run_undo(undo, Quiet()), world, faults)
        now = state(world)
        assert undone.tally.adds_up, undone.error
        stays = undone.notes.keys() & {"channels_stay", "block_failed", "unblock_failed"} or imported.notes.keys() & {
            "block_unproved", "unblock_unproved", "channel_unproved", "channel_unknown",
        }  # fmt: skip
        for phone in PHONES:
            kept = now[phone] | ({} if not stays else {key: before[phone][key] for key in ("channels", "blocked")})
            assert kept == before[phone], (undone.notes, imported.notes, undone.error)
            assert set(now[phone]["channels"]) >= set(before[phone]["channels"]), "an undo takes nothing else away"
        if undone.exit_code == 0 and not stays:
            assert now == before

    with tempfile.TemporaryDirectory() as name:
        anyio.run(there_and_back, Path(name))


@pytest.mark.parametrize("endpoint", ["GET /v1/contact/*", "GET /v2/contact/*/channels", "POST /v2/contact/*/channel"])
@pytest.mark.parametrize("stop", range(5))
async def test_a_kill_between_the_deletion_and_the_putting_back_costs_no_address(
    tmp_path: Path, endpoint: str, stop: int
) -> None:
    world = Sandbox(traits=Traits(uuid_readable=True, opt_out_readable=True), requests_per_minute=0)
    world.add_contact("14159999999", first="Witness")
    world.add_contact(
        PHONES[0],
        first="Ann",
        email="ann@example.com",
        channels=[{"channel_type": "email", "channel_id": "z@example.com"}],
    )
    before = state(world)
    (tmp_path / "people.csv").write_text(f"Phone,Mail\n+{PHONES[0]},b@example.com\n")
    columns = {name: COLUMNS[name] for name in ("Phone", "Mail")}
    async with world.serve() as url:
        account = account_at(tmp_path, url, columns=columns)
        imported = await run_import(ImportJob(account, [Source(str(tmp_path / "people.csv"))]), Quiet())
        assert imported.notes == {"channel_added": 1}
        undo = UndoJob(account, str(imported.run_id))
        world.faults = [Fault.parse(f"error_before:{endpoint}:after={stop}:status=401")]
        await run_undo(undo, Quiet())
        world.faults = []
        await run_undo(undo, Quiet())
    assert state(world) == before


async def test_what_was_edited_after_an_undo_is_kept_by_the_next(tmp_path: Path) -> None:
    world = Sandbox(traits=Traits(uuid_readable=True, opt_out_readable=True), requests_per_minute=0)
    world.add_contact("14159999999", first="Witness")
    held = world.add_contact(PHONES[0], first="Old")
    (tmp_path / "people.csv").write_text(f"Phone,First,Work\n+{PHONES[0]},New,+14155550190\n")
    columns = {name: COLUMNS[name] for name in ("Phone", "First", "Work")}
    async with world.serve() as url:
        account = account_at(tmp_path, url, columns=columns)
        imported = await run_import(ImportJob(account, [Source(str(tmp_path / "people.csv"))]), Quiet())
        undo = UndoJob(account, str(imported.run_id))
        await run_undo(undo, Quiet())
        async with account.client() as client:
            await client.update_contact(
                held["id"], {"phone": PHONES[0], "first": "Old", "last": "Edited"}, overwrite=False
            )
        again = await run_undo(undo, Quiet())
    assert state(world)[PHONES[0]]["last"] == "Edited"
    assert again.kept == 1
