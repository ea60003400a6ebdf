"""What becomes of a row: written, left, set apart, or reported and not guessed."""

import pytest

from pipeline.errors import CanarySurprise
from pipeline.models._changes import OnExisting
from pipeline.models._contacts import Contact
from pipeline.models._outcomes import OutcomeKind, Tally
from pipeline.planner import Policy
from pipeline.uploader._batches import WritePath
from tests.uploader.uploads import held, journal_of, people, phone, sandbox, upload


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


async def test_a_phone_held_by_several_contacts_is_reported_and_not_guessed() -> None:
    world = sandbox()
    twins = [world.add_contact(phone(2), first="A"), world.add_contact(phone(2), first="B")]
    journal = journal_of(people(1))
    assert await upload(world, journal) == Tally(rows=1, rejected=1)
    [row] = journal.outcomes.rows(OutcomeKind.REJECTED)
    assert row.code == "several_contacts"
    assert all(str(twin["id"]) in row.reason for twin in twins)
    assert {contact["first"] for contact in world.contacts()} == {"A", "B"}


async def test_policies_reach_the_account() -> None:
    world = sandbox()
    world.add_contact(phone(2), first="Old")
    assert await upload(world, journal_of(people(2)), Policy(OnExisting.SKIP)) == Tally(rows=2, created=1, skipped=1)
    assert await upload(world, journal_of(people(2)), Policy(OnExisting.FILL)) == Tally(rows=2, unchanged=2)
    assert await upload(world, journal_of(people(2)), Policy(OnExisting.OVERWRITE)) == Tally(
        rows=2, updated=1, unchanged=1
    )
