"""The decider: a plan is what an import does, and nothing is written while deciding."""

import pytest

from pipeline.models._changes import Change, ChangeKind, OnExisting
from pipeline.models._contacts import Contact, Expected, Found, Record
from pipeline.models._outcomes import Outcome, OutcomeKind
from pipeline.planner import Policy, change_digest, plan_contact
from pipeline.resolver._decide import Decider, find_conflict, find_stale, hold_to_plan
from pipeline.resolver._phones import BATCH_SIZE
from pipeline.runs.journal import Journal
from pipeline.sandbox import Sandbox, Traits
from pipeline.values import replace
from tests.conftest import open_world

ANN = "14155550101"
MERGE = Policy(OnExisting.MERGE)
STATUS = "/v1/contact/status"


async def decide(world: Sandbox, contact: Contact, policy: Policy = MERGE) -> Change | Outcome:
    async with open_world(world) as opened:
        decider = Decider(opened.client, policy)
        return await decider.decide(7, contact, await decider.resolve([contact.phone]))


def asked_for_consent(world: Sandbox) -> int:
    return sum(request.path == STATUS for request in world.requests)


async def test_who_is_not_there_is_to_be_created() -> None:
    change = await decide(Sandbox(), Contact(2, ANN, {"first": "Ann"}))
    assert isinstance(change, Change)
    assert (change.seq, change.kind, change.contact_id) == (7, ChangeKind.CREATE, None)
    assert change.body == {"phone": ANN, "first": "Ann"}


async def test_who_is_there_is_to_be_updated() -> None:
    world = Sandbox(traits=Traits(opt_out_readable=True))
    contact_id = world.add_contact(ANN, first="Old")["id"]
    writes = len(world.writes)
    change = await decide(world, Contact(2, ANN, {"first": "Ann"}))
    assert isinstance(change, Change)
    assert (change.kind, change.contact_id) == (ChangeKind.UPDATE, contact_id)
    assert len(world.writes) == writes


async def test_an_opt_out_that_a_record_does_not_show_is_asked_for_and_sent_along() -> None:
    world = Sandbox(traits=Traits(opt_out_readable=False))
    world.add_contact(ANN, first="Old", is_opted_out=True)
    change = await decide(world, Contact(2, ANN, {"first": "Ann"}))
    assert isinstance(change, Change)
    assert change.body["is_opted_out"] is True
    assert asked_for_consent(world) == 1


async def test_consent_is_not_asked_for_where_it_shows_or_does_not_matter() -> None:
    shown = Sandbox(traits=Traits(opt_out_readable=True))
    shown.add_contact(ANN, first="Old", is_opted_out=True)
    change = await decide(shown, Contact(2, ANN, {"first": "Ann"}))
    assert isinstance(change, Change)
    assert change.body["is_opted_out"] is True
    unchanged = Sandbox(traits=Traits(opt_out_readable=False))
    unchanged.add_contact(ANN, first="Ann")
    outcome = await decide(unchanged, Contact(2, ANN, {"first": "Ann"}))
    assert isinstance(outcome, Outcome)
    assert outcome.kind is OutcomeKind.UNCHANGED
    assert asked_for_consent(shown) == asked_for_consent(unchanged) == 0


async def test_a_policy_of_the_moment_goes_before_the_deciders_own() -> None:
    async with open_world(Sandbox()) as opened:
        decider = Decider(opened.client, MERGE)
        record = Record(5, ANN, first="Old", is_opted_out=False)
        wanted = Contact(2, ANN, {"first": "Ann"})
        assert isinstance(await decider.plan(1, wanted, record), Change)
        skipped = await decider.plan(1, wanted, record, Policy(OnExisting.SKIP))
    assert isinstance(skipped, Outcome)
    assert skipped.kind is OutcomeKind.SKIPPED


class TestConflicts:
    WANTED = Contact(2, ANN, notes=("region_assumed",))

    def conflict(self, found: Found) -> Outcome:
        conflict = find_conflict(7, self.WANTED, found)
        assert conflict
        assert (conflict.seq, conflict.kind, conflict.column, conflict.value, conflict.notes) == (
            7,
            OutcomeKind.REJECTED,
            "phone",
            ANN,
            ("region_assumed",),
        )
        return conflict

    def test_a_phone_that_the_service_would_not_search_for(self) -> None:
        conflict = self.conflict(Found(refused={ANN: "no such country"}))
        assert conflict.code == "search_refused"
        assert conflict.reason == "the service refused to search for it: no such country"

    def test_a_further_number_of_somebody_else(self) -> None:
        conflict = self.conflict(Found(elsewhere={ANN: Record(9, "14155550199")}))
        assert (conflict.code, conflict.reason) == (
            "phone_of_other_contact",
            "it is a further number of the contact with id 9",
        )

    def test_several_contacts_with_one_phone(self) -> None:
        conflict = self.conflict(Found(records={ANN: (Record(8, ANN), Record(9, ANN))}))
        assert (conflict.code, conflict.reason) == (
            "several_contacts",
            "the account holds 2 contacts with this phone: ids 8, 9",
        )

    def test_one_record_or_none_is_no_conflict(self) -> None:
        assert find_conflict(7, self.WANTED, Found()) is None
        assert find_conflict(7, self.WANTED, Found(records={ANN: (Record(8, ANN),)})) is None


async def test_a_conflict_is_decided_without_a_plan() -> None:
    world = Sandbox()
    for first in ("A", "B"):
        world.add_contact(ANN, first=first)
    outcome = await decide(world, Contact(2, ANN, {"first": "Ann"}))
    assert isinstance(outcome, Outcome)
    assert outcome.code == "several_contacts"
    assert asked_for_consent(world) == 0


async def test_a_preview_goes_over_every_open_row_once_and_writes_nothing() -> None:
    world = Sandbox(requests_per_minute=0)
    contacts = [Contact(line, f"1415{line:07}", {"first": "P"}) for line in range(2002, 2002 + 2 * BATCH_SIZE + 5)]
    world.add_contact(contacts[0].phone, first="P")
    before = len(world.writes)
    journal = Journal.create(None)
    journal.input.add([()] * len(contacts), contacts)
    journal.finish_staging()
    async with open_world(world) as opened:
        batches = [batch async for batch in Decider(opened.client, MERGE).preview(journal.rows.open_rows)]
    assert [len(batch) for batch in batches] == [BATCH_SIZE, BATCH_SIZE + 5]
    decided = [pair for batch in batches for pair in batch]
    assert [staged.contact for staged, _ in decided] == contacts
    assert [isinstance(decision, Change) for _, decision in decided] == [False] + [True] * (len(contacts) - 1)
    assert len(world.writes) == before
    assert len(journal.rows.open_rows(0, 1000)) == len(contacts)


async def test_a_preview_of_nothing_asks_nothing() -> None:
    world = Sandbox()
    async with open_world(world) as opened:
        assert [batch async for batch in Decider(opened.client, MERGE).preview(lambda *_: [])] == []
    assert world.requests == []


@pytest.mark.parametrize(
    ("expected", "record", "word"),
    [
        (None, Record(5, ANN, rev=3), ""),
        (Expected(), None, ""),
        (Expected(5, 3), Record(5, ANN, rev=3), ""),
        (Expected(5), Record(5, ANN), ""),
        (Expected(), Record(5, ANN, rev=1), "created meanwhile"),
        (Expected(5, 3), None, "deleted meanwhile"),
        (Expected(5, 3), Record(6, ANN, rev=3), "deleted meanwhile"),
        (Expected(5, 3), Record(5, ANN, rev=4), "edited meanwhile"),
    ],
)
async def test_a_row_is_left_alone_when_its_contact_moved_on(
    expected: Expected | None, record: Record | None, word: str
) -> None:
    contact = Contact(2, ANN, {"first": "Ann"}, expected=expected)
    outcome = find_stale(7, contact, record)
    assert (outcome is None) is (word == "")
    if outcome:
        assert (outcome.kind, outcome.code) == (OutcomeKind.SKIPPED, "stale")
        assert word in outcome.reason
    with Journal.create(None) as journal:
        journal.input.add([[ANN]], [contact])
        assert [each.expected for each in journal.input.contacts()] == [expected]


def test_another_change_than_the_planned_one_is_stale_even_where_no_revision_tells() -> None:
    wanted = Contact(2, ANN, {"first": "Ann", "is_opted_out": True}, {"9": "Gold"})
    planned = plan_contact(7, wanted, Record(5, ANN, first="Old"), MERGE)
    assert isinstance(planned, Change)
    wanted = replace(wanted, expected=Expected(5, None, change_digest(planned)))
    assert hold_to_plan(wanted, planned) is planned
    # That the opt-out is there by now does no harm, and the key of a field that was made meanwhile is no change.
    for record, custom in ((Record(5, ANN, first="Old", is_opted_out=True), "9"), (Record(5, ANN, first="Old"), "12")):
        again = plan_contact(7, replace(wanted, custom={custom: "Gold"}), record, MERGE)
        assert hold_to_plan(wanted, again) is again
    edited = hold_to_plan(wanted, plan_contact(7, wanted, Record(5, ANN, first="Edited"), MERGE))
    assert isinstance(edited, Outcome)
    assert (edited.kind, edited.code, edited.contact_id) == (OutcomeKind.SKIPPED, "stale", 5)
    with Journal.create(None) as journal:
        journal.input.add([[ANN]], [wanted])
        assert [each.expected for each in journal.input.contacts()] == [wanted.expected]
