"""The uploader against the sandbox: what the account holds afterwards, whatever goes wrong on the way."""

from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.errors import CanarySurprise, CredentialsRefused, ServiceUnavailable
from pipeline.heymarket import ClientConfig, open_client
from pipeline.models._changes import OnExisting
from pipeline.models._contacts import Contact
from pipeline.models._outcomes import OutcomeKind, Tally
from pipeline.planner import Policy
from pipeline.runs.journal import Journal, Rows
from pipeline.sandbox import Fault, Sandbox, Traits
from pipeline.signals import StopSwitch
from pipeline.state._traits import ServerTraits
from pipeline.uploader._batches import BulkTrust, WritePath
from pipeline.uploader._rounds import Learned, Pace, Uploader
from tests.conftest import no_sleep, open_world

MERGE = Policy(OnExisting.MERGE)


def phone(number: int) -> str:
    return f"1415{number:07}" if number > 99 else f"141555501{number:02}"


def people(count: int, **fields: str | int | bool) -> list[Contact]:
    return [Contact(line, phone(line), {"first": f"P{line}", **fields}) for line in range(2, count + 2)]


def journal_of(contacts: Sequence[Contact]) -> Journal:
    journal = Journal.create(None)
    journal.input.add([()] * len(contacts), contacts)
    journal.finish_staging()
    return journal


def sandbox(*faults: str, limit: int = 0, **traits: Any) -> Sandbox:
    return Sandbox(traits=Traits(**traits), faults=[Fault.parse(fault) for fault in faults], requests_per_minute=limit)


async def upload(
    world: Sandbox,
    journal: Journal,
    policy: Policy = MERGE,
    *,
    timeout_seconds: float = 5.0,
    stop: StopSwitch | None = None,
    path: WritePath = "auto",
) -> Tally:
    async with open_world(world, timeout_seconds=timeout_seconds) as opened:
        trust = BulkTrust(ServerTraits(), path)
        pace = Pace(4, sleep=no_sleep)
        await Uploader(opened.client, journal.rows, policy, Learned(trust), pace, stop or StopSwitch()).upload()
    return journal.outcomes.tally()


def held(world: Sandbox) -> dict[str, str]:
    contacts = world.contacts()
    assert len({contact["phone"] for contact in contacts}) == len(contacts), "a contact was doubled"
    return {contact["phone"]: contact["first"] for contact in contacts}


async def test_contacts_arrive_and_the_second_time_nothing_is_written() -> None:
    world = sandbox()
    contacts = people(250)
    assert await upload(world, journal_of(contacts)) == Tally(rows=250, created=250)
    assert held(world) == {contact.phone: contact.fields["first"] for contact in contacts}
    writes = len(world.writes)
    assert await upload(world, journal_of(contacts)) == Tally(rows=250, unchanged=250)
    assert len(world.writes) == writes


async def test_existing_contacts_are_updated_and_keep_the_rest() -> None:
    world = sandbox(update_blanks="all", update_resets_opt_out=True)
    field = str(world.add_field("Plan"))
    tag = world.add_tag("vip")
    world.add_contact(
        phone(2), first="Old", last="Kept", email="kept@example.com", assignee_id=3, custom={field: "Gold"}, tags=[tag],
        is_opted_out=True,
    )  # fmt: skip
    assert await upload(world, journal_of(people(1))) == Tally(rows=1, updated=1)
    [after] = world.contacts()
    assert after["first"] == "P2"
    assert after["last"] == "Kept"
    assert after["email"] == "kept@example.com"
    assert after["custom"] == {field: "Gold"}
    assert after["is_opted_out"] is True
    assert after["tags"] == [tag]


async def test_an_opt_out_is_applied_and_never_taken_back() -> None:
    world = sandbox()
    assert await upload(world, journal_of(people(1, is_opted_out=True))) == Tally(rows=1, created=1)
    assert world.contacts()[0]["is_opted_out"] is True
    journal = journal_of(people(1, is_opted_out=False, last="New"))
    assert await upload(world, journal) == Tally(rows=1, updated=1)
    assert world.contacts()[0]["is_opted_out"] is True
    assert journal.outcomes.notes() == {"opt_in_refused": 1}
    tally = await upload(world, journal_of(people(1, is_opted_out=False)), Policy(OnExisting.MERGE, allow_opt_in=True))
    assert tally.updated == 1
    assert world.contacts()[0]["is_opted_out"] is False


@pytest.mark.parametrize("path", ["single", "auto"])
@pytest.mark.parametrize(
    "fault", ["", "drop_after:POST /v1/contact/set_status", "drop_before:POST /v1/contact/set_status"]
)
@pytest.mark.parametrize("readable", [True, False])
async def test_an_opt_out_that_writes_do_not_carry_is_set_apart(path: WritePath, fault: str, readable: bool) -> None:
    world = sandbox(*([f"{fault}:count=2"] if fault else []), write_opt_out="drop", opt_out_readable=readable)
    existing = people(15)
    for contact in existing:
        world.add_contact(contact.phone, first="Old", is_opted_out=contact.line == 5)
    rows = people(60, is_opted_out=True) + [
        Contact(200 + row, phone(2000 + row), {"first": "New"}) for row in range(40)
    ]
    assert await upload(world, journal_of(rows), path=path) == Tally(rows=100, created=85, updated=15)
    assert {contact["phone"] for contact in world.contacts() if contact["is_opted_out"]} == {
        row.phone for row in rows[:60]
    }
    again = len(world.writes)
    assert (await upload(world, journal_of(rows), path=path)).unchanged == 100
    assert len(world.writes) == again


async def test_an_opt_out_that_nothing_carries_stops_the_run() -> None:
    world = sandbox("error_before:POST /v1/contact/set_status:status=400", write_opt_out="drop")
    journal = journal_of(people(3, is_opted_out=True))
    with pytest.raises(CanarySurprise, match="reads back otherwise in is_opted_out"):
        await upload(world, journal)


LOSSES = ["drop_before", "drop_after", "error_before", "error_after", "truncated", "wrong_json", "html_502"]


@pytest.mark.parametrize("create_existing", ["duplicate", "error", "upsert"])
@pytest.mark.parametrize("kind", LOSSES)
async def test_a_lost_answer_to_a_create_neither_loses_nor_doubles(kind: str, create_existing: str) -> None:
    world = sandbox(f"{kind}:POST /v1/contact:rate=0.4", create_existing=create_existing)
    contacts = people(40)
    tally = await upload(world, journal_of(contacts))
    assert tally.adds_up
    assert tally.created + tally.unknown == 40
    assert held(world).items() <= {contact.phone: contact.fields["first"] for contact in contacts}.items()
    assert len(held(world)) == tally.created


@pytest.mark.parametrize("kind", LOSSES)
async def test_a_lost_answer_to_an_update_is_looked_up(kind: str) -> None:
    world = sandbox(f"{kind}:PUT /v1/contact/*:rate=0.4")
    for contact in people(40):
        world.add_contact(contact.phone, first="Old")
    tally = await upload(world, journal_of(people(40)))
    assert tally.adds_up
    assert tally.updated + tally.failed == 40
    assert sum(first != "Old" for first in held(world).values()) == tally.updated


async def test_a_write_that_never_gets_through_is_unknown_and_not_forgotten() -> None:
    journal = journal_of(people(2))
    assert await upload(sandbox("drop_before:POST /v1/contact"), journal) == Tally(rows=2, unknown=2)
    assert journal.outcomes.codes(OutcomeKind.UNKNOWN) == {"not_found_after_write": 2}


async def test_an_update_that_never_gets_through_has_failed() -> None:
    world = sandbox("drop_before:PUT /v1/contact/*")
    world.add_contact(phone(2), first="Old")
    journal = journal_of(people(1))
    assert await upload(world, journal) == Tally(rows=1, failed=1)
    assert journal.outcomes.codes(OutcomeKind.FAILED) == {"not_applied": 1}


async def test_what_the_service_refuses_is_rejected_with_its_words_and_only_that() -> None:
    world = sandbox(unknown_custom="refuse")
    contacts = people(3)
    contacts[1] = Contact(3, phone(3), {"first": "P3"}, {"999": "x"})
    journal = journal_of(contacts)
    assert await upload(world, journal) == Tally(rows=3, created=2, rejected=1)
    [row] = journal.outcomes.rows(OutcomeKind.REJECTED)
    assert row.code == "refused_by_service"
    assert "status 400" in row.reason


async def test_a_refused_update_is_rejected_once() -> None:
    world = sandbox(unknown_custom="refuse")
    world.add_contact(phone(2), first="Old")
    journal = journal_of([Contact(2, phone(2), {"first": "New"}, {"999": "x"})])
    assert await upload(world, journal) == Tally(rows=1, rejected=1)
    assert held(world) == {phone(2): "Old"}


async def test_custom_values_that_are_dropped_silently_stop_the_run_before_it_spreads() -> None:
    world = sandbox(unknown_custom="drop")
    contacts = [Contact(line, phone(line), {"first": "A"}, {"999": "x"}) for line in range(2, 300)]
    journal = journal_of(contacts)
    with pytest.raises(CanarySurprise, match=r"custom\.999"):
        await upload(world, journal)
    assert journal.outcomes.codes(OutcomeKind.FAILED)["not_kept"] >= 1


async def test_a_phone_held_by_several_contacts_is_reported_and_not_guessed() -> None:
    world = sandbox()
    twins = [world.add_contact(phone(2), first="A"), world.add_contact(phone(2), first="B")]
    journal = journal_of(people(1))
    assert await upload(world, journal) == Tally(rows=1, rejected=1)
    [row] = journal.outcomes.rows(OutcomeKind.REJECTED)
    assert row.code == "several_contacts"
    assert all(str(twin["id"]) in row.reason for twin in twins)
    assert {contact["first"] for contact in world.contacts()} == {"A", "B"}


@pytest.mark.parametrize("overflow", ["refuse", "cap"])
@pytest.mark.parametrize("status", [400, 413])
async def test_small_searches_are_survived_without_doubling(overflow: str, status: int) -> None:
    world = sandbox(search_limit=7, search_overflow=overflow, too_large_status=status, create_existing="duplicate")
    for contact in people(60)[::3]:
        world.add_contact(contact.phone, first="Old")
    tally = await upload(world, journal_of(people(60)))
    assert (tally.created, tally.updated) == (40, 20)
    assert len(held(world)) == 60


async def test_a_refused_key_stops_the_run_and_leaves_it_open() -> None:
    world = sandbox()
    journal = journal_of(people(3))
    async with world.serve() as url, open_client(ClientConfig(url, api_key="wrong"), sleep=no_sleep) as client:
        with pytest.raises(CredentialsRefused):
            await Uploader(client, journal.rows, MERGE, Learned(), Pace(2, sleep=no_sleep), StopSwitch()).upload()
    assert len(journal.rows.open_rows(0, 10)) == 3
    assert not world.writes


async def test_a_service_that_goes_away_stops_the_run_with_nothing_in_doubt_that_was_not_sent() -> None:
    world = sandbox("refuse:POST /v1/contact:after=3:seconds=30")
    journal = journal_of(people(20))
    with pytest.raises(ServiceUnavailable):
        await upload(world, journal)
    created = len(held(world))
    assert await upload(sandbox_with(world), journal) == Tally(rows=20, created=20)
    assert created < 20


def sandbox_with(other: Sandbox) -> Sandbox:
    fresh = sandbox(create_existing="duplicate")
    for contact in other.contacts():
        fresh.add_contact(contact["phone"], first=contact["first"])
    return fresh


async def test_a_thrown_switch_finishes_what_is_in_flight_and_takes_nothing_new() -> None:
    world = sandbox()
    journal = journal_of(people(300))
    stop = StopSwitch()

    class Stopping(Rows):
        """Throws the switch at the fifth answer, as a signal would."""

        def answered(self, seq: int, answer: Any) -> None:
            super().answered(seq, answer)
            if len(world.writes) >= 5:
                stop.request()

    journal.rows = Stopping(journal._file)
    tally = await upload(world, journal, stop=stop)
    assert tally.created == len(held(world)) < 30
    assert not any(row.doubt for row in journal.rows.open_rows(0, 1000))
    assert await upload(world, journal) == Tally(rows=300, created=300)
    assert len(held(world)) == 300


async def test_what_was_in_doubt_when_a_process_died_is_looked_up_first() -> None:
    world = sandbox(create_existing="duplicate")
    contacts = people(4)
    journal = journal_of(contacts)
    died = journal_of(contacts)
    stop = StopSwitch()
    # Two creates took effect and their answers were never recorded; two never left.
    async with open_world(world) as opened:
        await Uploader(opened.client, died.rows, MERGE, Learned(), Pace(1, sleep=no_sleep), stop).upload()
    for contact in world.contacts()[2:]:
        world.add_contact("1212" + contact["phone"][4:])
    first = died._file.db.execute("SELECT seq, kind, body FROM writes").fetchall()
    assert len(first) == 4
    for seq, _, body in first:
        journal._file.db.execute(
            "INSERT INTO writes (seq, kind, overwrite, body, fields, began) VALUES (?, 'create', 0, ?, '[]', 0)",
            (seq, body),
        )
        journal._file.db.execute("UPDATE rows SET state = 'begun'")
    assert await upload(world, journal) == Tally(rows=4, created=4)
    assert sum(contact["phone"].startswith("1415") for contact in world.contacts()) == 4


async def test_policies_reach_the_account() -> None:
    world = sandbox()
    world.add_contact(phone(2), first="Old")
    assert await upload(world, journal_of(people(2)), Policy(OnExisting.SKIP)) == Tally(rows=2, created=1, skipped=1)
    assert await upload(world, journal_of(people(2)), Policy(OnExisting.FILL)) == Tally(rows=2, unchanged=2)
    assert await upload(world, journal_of(people(2)), Policy(OnExisting.OVERWRITE)) == Tally(
        rows=2, updated=1, unchanged=1
    )
