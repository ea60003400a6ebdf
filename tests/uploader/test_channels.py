"""Further phones and addresses are added once, whatever happens to the answers, and cost nothing afterwards."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Interrupted
from pipeline.models._changes import OnExisting
from pipeline.models._contacts import Contact
from pipeline.models._outcomes import Tally
from pipeline.planner import Policy
from pipeline.runs.journal import Journal
from pipeline.sandbox import Fault, Sandbox, Traits
from pipeline.signals import StopSwitch
from pipeline.state._unverifiable import UnverifiableWrites
from pipeline.uploader._channels import add_channels, channel_notes
from pipeline.uploader._rounds import Learned, Pace, Uploader
from tests.cli.commands import hmpipe, write_csv, write_settings
from tests.conftest import Serve, no_sleep, open_world
from tests.tables import take_text

ANN, BOB = "14155550101", "14155550102"
WORK, HOME = ("phone", "14155550111"), ("phone", "14155550112")
PACE = Pace(sleep=no_sleep)


def service(*faults: str, **traits: Any) -> Sandbox:
    world = Sandbox(
        traits=Traits(**traits), requests_per_minute=0, faults=[Fault.parse(fault) for fault in faults], fields=["Plan"]
    )
    world.add_contact("14159999999", first="Witness")
    return world


def channels_of(world: Sandbox, phone: str) -> list[tuple[str, str]]:
    [contact] = [contact for contact in world.contacts() if contact["phone"] == phone]
    return [(each["channel_type"], each["channel_id"]) for each in contact["channels"]]


async def run(
    world: Sandbox, rows: list[Contact], memory: UnverifiableWrites | None = None, journal: Journal | None = None
) -> Journal:
    if journal is None:
        journal = Journal.create(None)
        journal.input.add([()] * len(rows), rows)
    async with open_world(world) as opened:
        policy = Policy(OnExisting.MERGE)
        await Uploader(opened.client, journal.rows, policy, Learned(), PACE, StopSwitch()).upload()
        await add_channels(opened.client, journal, StopSwitch(), memory or UnverifiableWrites(None))
    return journal


def rows_of(*channels: tuple[str, str]) -> list[Contact]:
    return [Contact(2, ANN, {"first": "Ann"}, channels=channels), Contact(3, BOB, {"first": "Bob"})]


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("readable", [False, True])
async def test_they_are_added_to_new_and_to_known_contacts(existing: bool, readable: bool) -> None:
    world = service(uuid_readable=readable)
    if existing:
        world.add_contact(ANN, first="Old")
    journal = await run(world, rows_of(WORK, HOME, ("email", "a@example.com")))
    assert journal.outcomes.tally() == Tally(rows=2, created=2 - existing, updated=int(existing))
    assert channels_of(world, ANN) == [WORK, HOME, ("email", "a@example.com")]
    assert channels_of(world, BOB) == []
    assert channel_notes(journal) == {"channel_added": 3}


async def test_what_a_contact_has_is_not_added_again_and_not_even_looked_for_the_next_time(tmp_path: Path) -> None:
    world = service(uuid_readable=True)
    memory = UnverifiableWrites(tmp_path / "memory.sqlite")
    await run(world, rows_of(WORK), memory)
    asked = len(world.requests)
    journal = await run(world, rows_of(WORK, HOME), memory)
    assert channels_of(world, ANN) == [WORK, HOME]
    assert channel_notes(journal) == {"channel_added": 1}
    paths = Counter(request.path.split("/")[-1] for request in list(world.requests)[asked:])
    assert (paths["channel"], paths["channels"]) == (1, 2), "looked for, added, read back"
    again = await run(world, rows_of(WORK, HOME))
    assert channel_notes(again) == {}, "without a memory it looks, and finds both"
    memory.close()


@pytest.mark.parametrize("fault", ["drop_after", "error_after", "truncated", "drop_before", "html_502"])
async def test_a_lost_answer_neither_loses_nor_doubles(fault: str) -> None:
    world = service(f"{fault}:POST /v2/contact/*/channel:rate=1:count=2")
    journal = await run(world, rows_of(WORK, HOME))
    assert channels_of(world, ANN) == [WORK, HOME]
    assert channel_notes(journal) == {"channel_added": 2}


async def test_one_that_was_begun_before_a_kill_is_looked_for_first() -> None:
    world = service()
    journal = await run(world, rows_of(WORK))
    [wish] = [each for each in [*_wishes(journal)] if each]
    journal.channels.record(wish, "begun")
    asked = len(world.requests)
    await run(world, [], journal=journal)
    assert channels_of(world, ANN) == [WORK]
    assert journal.channels.counts() == {"added": 1}, "it was the work of the killed attempt"
    assert [request.method for request in list(world.requests)[asked:] if "/channel" in request.path] == ["GET"]


def _wishes(journal: Journal) -> list[Any]:
    with journal._file.transaction() as db:
        db.execute("DELETE FROM channel_adds")
    return journal.channels.to_add()


async def test_without_a_uuid_it_is_said_and_the_row_keeps_its_outcome() -> None:
    world = service(uuid_readable=False)
    world.add_contact(ANN, first="Ann")
    journal = await run(world, rows_of(WORK))
    assert journal.outcomes.tally() == Tally(rows=2, created=1, unchanged=1)
    assert channel_notes(journal) == {"needs_uuid": 1}


async def test_a_refused_one_is_counted() -> None:
    world = service("error_before:POST /v2/contact/*/channel:status=422:rate=1:count=9")
    journal = await run(world, rows_of(WORK))
    assert set(channel_notes(journal)) <= {"channel_refused", "channel_unknown"}
    assert channels_of(world, ANN) == []


async def test_a_stop_leaves_the_rest_for_the_next_run() -> None:
    world = service()
    journal = Journal.create(None)
    rows = rows_of(WORK)
    journal.input.add([()] * len(rows), rows)
    stop = StopSwitch()
    async with open_world(world) as opened:
        await Uploader(opened.client, journal.rows, Policy(OnExisting.MERGE), Learned(), PACE, StopSwitch()).upload()
        stop.request()
        with pytest.raises(Interrupted):
            await add_channels(opened.client, journal, stop, UnverifiableWrites(None))
        assert journal.channels.to_add()
        await add_channels(opened.client, journal, StopSwitch(), UnverifiableWrites(None))
    assert channels_of(world, ANN) == [WORK]


def test_cells_become_channels_or_are_counted() -> None:
    columns = {"Phone": "phone", "Work": [{"channel": "phone"}], "Mail": {"channel": "email"}}
    text = (
        "Phone,Work,Mail\n+1 415 555 0101,(415) 555-0111,a@example.com\n"
        "+1 415 555 0102,+1 415 555 0102,nobody\n+1 415 555 0103,,\n"
    )
    journal, taken = take_text(text, columns=columns)
    assert [contact.channels for contact in journal.input.contacts()] == [(WORK, ("email", "a@example.com")), (), ()]
    assert taken.census.notes["channel_invalid"] == 1


def test_a_plan_counts_them_until_an_import_has_added_them(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    write_settings(tmp_path, server.url, columns='"Work" = { channel = "phone" }\n')
    rows = write_csv(tmp_path, ["+1 415 555 0101,Ann,+1 415 555 0111"], header="Phone,First,Work")
    assert hmpipe(tmp_path, "plan", rows, "--json").json["channel_adds"] == 1
    done = hmpipe(tmp_path, "import", rows, "--json")
    assert (done.code, done.json["created"]) == (0, 1)
    assert channels_of(server.sandbox, ANN) == [WORK]
    planned = hmpipe(tmp_path, "plan", rows, "--json").json
    assert (planned["channel_adds"], planned["unchanged"]) == (0, 1)


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("answer", ["list", "one", "word"])
@pytest.mark.parametrize(
    ("traits", "notes"),
    [
        ({"channel_calls": "ignored"}, {"channel_ignored"}),
        ({"channel_calls": "refused"}, {"channel_refused", "channel_unproved"}),
        ({"channel_calls": "missing"}, {"channel_refused", "channel_unproved"}),
        ({"v2_surface": "missing"}, {"channel_refused", "channel_unproved", "needs_uuid"}),
        ({"v2_surface": "forbidden"}, {"channel_refused", "channel_unproved", "needs_uuid"}),
    ],
)
async def test_nothing_counts_as_added_that_is_not_there(
    existing: bool, answer: str, traits: dict[str, Any], notes: set[str]
) -> None:
    world = service(uuid_readable=True, channel_answer=answer, **traits)
    if existing:
        world.add_contact(ANN, first="Old")
    journal = await run(world, rows_of(WORK, HOME))
    assert channels_of(world, ANN) == []
    found = channel_notes(journal)
    assert found.keys() <= notes
    assert sum(found.values()) == 2
    [said] = [result.notes for result in journal.outcomes.results() if result.phone == int(ANN)]
    assert said
    assert all(each.startswith("channel_") for each in said)


def test_a_channel_that_is_ignored_ends_an_import_with_3_and_is_named(tmp_path: Path, serve: Serve) -> None:
    server = serve(channel_calls="ignored")
    write_settings(tmp_path, server.url, columns='Work = { channel = "phone" }\n')
    (tmp_path / "rows.csv").write_text(f"Phone,First,Work\n+{ANN},Ann,+{WORK[1]}\n")
    done = hmpipe(tmp_path, "import", "rows.csv", "--json")
    assert (done.code, done.json["channels_added"], done.json["created"]) == (3, 0, 1)
    assert "are NOT there" in done.err
    results = (tmp_path / "runs" / done.json["run_id"] / "results.csv").read_text()
    assert "channel_ignored" in results


@pytest.mark.parametrize("shown", ["none", "v2", "all"])
async def test_what_somebody_removed_is_said_and_not_added_again(tmp_path: Path, shown: str) -> None:
    world = service(uuid_readable=True, channels_shown=shown)
    memory = UnverifiableWrites(tmp_path / "memory.sqlite")
    await run(world, rows_of(WORK, ("email", "a@example.com")), memory)
    [ann] = [contact for contact in world.contacts() if contact["phone"] == ANN]
    async with open_world(world) as opened:
        await opened.client.delete_channel(ann["uuid"], "phone")
    left = channels_of(world, ANN)
    journal = await run(world, rows_of(WORK, ("email", "a@example.com")), memory)
    assert channels_of(world, ANN) == left == [("email", "a@example.com")]
    assert channel_notes(journal) == ({} if shown == "none" else {"channel_removed": 1})
