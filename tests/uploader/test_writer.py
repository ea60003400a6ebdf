"""Writes by batch against the sandbox: what the account holds afterwards, and what it cost."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.errors import CredentialsRefused
from pipeline.models._changes import Change, OnExisting
from pipeline.models._contacts import Contact
from pipeline.models._outcomes import OutcomeKind, Tally
from pipeline.planner import Policy, plan_contact
from pipeline.runs.journal import Journal
from pipeline.sandbox import Fault, Sandbox, Traits
from pipeline.signals import StopSwitch
from pipeline.state._traits import ServerTraits
from pipeline.uploader._batches import BulkTrust, WritePath
from pipeline.uploader._rounds import Learned, Pace, Uploader
from tests.conftest import no_sleep, open_world

MERGE = Policy(OnExisting.MERGE)
PLAN = "101"
PACE = Pace(sleep=no_sleep)


def phone(number: int) -> str:
    return f"1415{2000000 + number}"


def service(*faults: str, existing: int = 0, **traits: Any) -> Sandbox:
    world = Sandbox(
        traits=Traits(**{"opt_out_readable": True, **traits}),
        faults=[Fault.parse(fault) for fault in faults],
        requests_per_minute=0,
        fields=["Plan", "Shoe"],
    )
    # Somebody is always there, so that a search can be proved to find anybody.
    world.add_contact("14159999999", first="Witness")
    for number in range(existing):
        world.add_contact(
            phone(number),
            first="Old",
            last="Kept",
            email="kept@example.com",
            custom={PLAN: "basic", "102": "44"},
            is_opted_out=number % 7 == 0,
        )
    return world


def people(count: int, first: int = 0, *, custom: bool = True) -> list[Contact]:
    return [
        Contact(number + 2, phone(number), {"first": f"P{number}"}, {PLAN: f"v{number}"} if custom else {})
        for number in range(first, first + count)
    ]


class Run:
    """An upload and what it left."""

    def __init__(self, tally: Tally, traits: ServerTraits, world: Sandbox, asked: int) -> None:
        self.tally, self.traits = tally, traits
        self.requests = Counter(
            "PUT" if request.method == "PUT" else request.path for request in list(world.requests)[asked:]
        )
        self.total = len(world.requests) - asked
        self.held = {contact["phone"]: contact for contact in world.contacts()}
        assert len(self.held) == len(world.contacts()), "a contact was doubled"


async def upload(
    world: Sandbox, rows: Sequence[Contact], traits: ServerTraits | None = None, path: WritePath = "auto"
) -> Run:
    trust = BulkTrust(traits or ServerTraits(), path)
    asked = len(world.requests)
    with Journal.create(None) as journal:
        journal.input.add([()] * len(rows), rows)
        async with open_world(world) as opened:
            uploader = Uploader(opened.client, journal.rows, MERGE, Learned(trust), PACE, StopSwitch())
            await uploader.upload()
        return Run(journal.outcomes.tally(), trust.traits, world, asked)


def assert_all_there(run: Run, rows: Sequence[Contact], *, updated: bool = False) -> None:
    for row in rows:
        held = run.held[row.phone]
        assert held["first"] == row.fields["first"]
        assert {**held["custom"], **row.custom} == held["custom"]
        if updated:
            assert (held["last"], held["email"], held["custom"]["102"]) == ("Kept", "kept@example.com", "44")


async def test_new_contacts_cost_three_requests_a_hundred() -> None:
    rows = people(500)
    run = await upload(service(), rows)
    assert run.tally == Tally(rows=500, created=500)
    assert_all_there(run, rows)
    assert run.total <= 32 * 5 / 10 + 30
    again = await upload(service(), rows, run.traits)
    assert again.total <= 18, "only that a search finds anybody is proved anew"


async def test_changed_contacts_cost_three_requests_a_hundred_and_keep_the_rest() -> None:
    rows = people(500)
    run = await upload(service(existing=500), rows)
    assert run.tally == Tally(rows=500, updated=500)
    assert_all_there(run, rows, updated=True)
    assert sum(contact["is_opted_out"] for contact in run.held.values()) == 72
    assert run.total <= 32 * 5 / 10 + 30
    assert "PUT" not in run.requests


@pytest.mark.parametrize("existing", [0, 150])
@pytest.mark.parametrize("answer", ["contacts", "failed", "ok"])
@pytest.mark.parametrize("lacks", [{}, {"batch_custom": "drop"}, {"batch_custom": "drop", "batch_tags": "drop"}])
async def test_whatever_a_batch_answers_or_drops_everything_is_there(
    answer: str, existing: int, lacks: dict[str, str]
) -> None:
    rows = people(150)
    run = await upload(service(existing=existing, batch_answer=answer, **lacks), rows)
    assert run.tally == Tally(rows=150, created=150 - existing, updated=existing)
    assert_all_there(run, rows, updated=bool(existing))
    assert run.traits.batch_drops == (("custom",) if lacks else ())


@pytest.mark.parametrize("part", ["batch_tags", "batch_custom"])
@pytest.mark.parametrize("lost", [(), ("drop_after:POST /v1/batch/contacts:rate=1:count=3",)])
async def test_what_a_batch_blanked_is_put_back_beside_what_the_row_gives(part: str, lost: tuple[str, ...]) -> None:
    drops: dict[str, Any] = {part: "drop"}
    world = service(*lost, update_blanks="all", **drops)
    kept, given = world.add_tag("kept"), world.add_tag("given")
    for number in range(60):
        world.add_contact(phone(number), first="Old", last="Kept", custom={PLAN: "a", "102": "44"}, tags=[kept])
    rows = [Contact(number + 2, phone(number), {"first": "New"}, {PLAN: "b"}, (given,)) for number in range(60)]
    run = await upload(world, rows)
    assert run.tally == Tally(rows=60, updated=60)
    for row in rows:
        held = run.held[row.phone]
        assert (held["first"], held["last"], held["custom"]) == ("New", "Kept", {PLAN: "b", "102": "44"})
        assert set(held["tags"]) == {kept, given}


@pytest.mark.parametrize("blanks", ["names", "nothing", "all"])
@pytest.mark.parametrize("resets", [False, True])
@pytest.mark.parametrize("readable", [False, True])
async def test_nobody_is_opted_back_in_and_nothing_is_blanked(blanks: str, *, resets: bool, readable: bool) -> None:
    rows = people(60)
    world = service(existing=60, update_blanks=blanks, update_resets_opt_out=resets, opt_out_readable=readable)
    run = await upload(world, rows)
    assert run.tally == Tally(rows=60, updated=60)
    assert_all_there(run, rows, updated=True)
    out = {contact["phone"] for contact in world.contacts() if contact["is_opted_out"]}
    assert out == {phone(number) for number in range(0, 60, 7)}


@pytest.mark.parametrize(
    ("existing", "reason"),
    [("skip", "were as before"), ("error", "were as before"), ("duplicate", "a second contact")],
)
async def test_updates_go_singly_where_a_batch_does_not_update(existing: str, reason: str) -> None:
    rows = people(120)
    world = service(existing=120, batch_existing=existing)
    run = await upload(world, rows)
    assert run.tally == Tally(rows=120, updated=120)
    assert_all_there(run, rows, updated=True)
    assert run.requests["/v1/batch/contacts"] == 1, "one trial was enough"
    assert reason in run.traits.batch_reason
    assert len(run.held) == 121, "a second contact that the trial made is gone again"


@pytest.mark.parametrize("status", [400, 413])
async def test_a_batch_too_large_is_halved_and_the_size_remembered(status: int) -> None:
    rows = people(200)
    run = await upload(service(batch_limit=30, too_large_status=status), rows)
    assert run.tally == Tally(rows=200, created=200)
    assert_all_there(run, rows)
    assert 10 <= run.traits.batch_size <= 30 < run.traits.batch_refused
    again = await upload(service(batch_limit=30, too_large_status=status), rows, run.traits)
    assert again.total < run.total


async def test_one_bad_row_in_a_batch_is_rejected_alone() -> None:
    rows = people(60)
    bad = Contact(99, phone(60), {"first": "Bad", "email": "none"})
    run = await upload(service(), [*rows, bad], ServerTraits(batch_create="works", shows_writes="works"))
    assert run.tally == Tally(rows=61, created=60, rejected=1)
    assert_all_there(run, rows)


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_service_without_the_call_is_written_to_singly(status: int) -> None:
    rows = people(60)
    kind = "error_before" if status < 500 else "error_after"
    run = await upload(service(f"{kind}:POST /v1/batch/contacts:status={status}"), rows)
    assert run.tally == Tally(rows=60, created=60)
    assert_all_there(run, rows)


@pytest.mark.parametrize(
    "fault",
    ["drop_after", "error_after", "truncated", "wrong_json", "drop_before", "error_before", "html_502", "rate_limited"],
)
@pytest.mark.parametrize("existing", [0, 90])
async def test_a_lost_answer_to_a_batch_neither_loses_nor_doubles(fault: str, existing: int) -> None:
    rows = people(180)
    world = service(
        f"{fault}:POST /v1/batch/contacts:rate=0.5:count=6",
        existing=existing,
        create_existing="duplicate",
        update_blanks="all",
    )
    run = await upload(world, rows, ServerTraits(batch_create="works", batch_update="works", shows_writes="works"))
    assert run.tally == Tally(rows=180, created=180 - existing, updated=existing)
    assert_all_there(run, rows)
    assert sum(contact["last"] == "Kept" for contact in run.held.values()) == existing


@pytest.mark.parametrize("path", ["single", "batch"])
async def test_the_path_can_be_forced(path: WritePath) -> None:
    rows = people(15)
    run = await upload(service(), rows, path=path)
    assert run.tally == Tally(rows=15, created=15)
    assert (run.requests["/v1/batch/contacts"] > 0) is (path == "batch")
    assert (run.requests["/v1/contact"] > 0) is (path == "single")


async def test_rows_that_batch_cannot_carry_and_rows_that_it_can_are_both_written() -> None:
    rows = [*people(60, custom=False), *people(60, first=60)]
    run = await upload(service(batch_custom="drop"), rows)
    assert run.tally == Tally(rows=120, created=120)
    assert_all_there(run, rows)
    assert run.traits.batch_create == "works"


NEWEST = Policy(OnExisting.MERGE, on_conflict="newest")


@pytest.mark.parametrize("path", ["single", "batch"])
@pytest.mark.parametrize("existing", ["flag", "duplicate"])
async def test_of_several_contacts_with_a_phone_the_newest_is_updated(path: WritePath, existing: str) -> None:
    world = service(batch_existing=existing)
    held = [
        world.add_contact(phone(1), first=name, updated=f"2026-01-0{day}T00:00:00Z")
        for day, name in ((2, "New"), (1, "Old"))
    ][::-1]
    other = world.add_contact(phone(2), first="Other")
    rows = [Contact(2, phone(1), {"last": "L"}), Contact(3, phone(2), {"last": "L"})]
    with Journal.create(None) as journal:
        journal.input.add([()] * 2, rows)
        async with open_world(world) as opened:
            trust = BulkTrust(ServerTraits(), path)
            uploader = Uploader(opened.client, journal.rows, NEWEST, Learned(trust), PACE, StopSwitch())
            await uploader.upload()
        assert journal.outcomes.tally() == Tally(rows=2, updated=2)
        assert journal.outcomes.notes()["newest_of_several"] == 1
    found = {contact["id"]: contact for contact in world.contacts()}
    assert [found[each["id"]]["last"] for each in (*held, other)] == ["", "L", "L"]
    assert len(found) == 4, "nobody was doubled"


async def test_contacts_of_one_moment_are_not_told_apart() -> None:
    world = service(stamp="one")
    for name in ("A", "B"):
        world.add_contact(phone(1), first=name)
    with Journal.create(None) as journal:
        journal.input.add([()], [Contact(2, phone(1), {"last": "L"})])
        async with open_world(world) as opened:
            await Uploader(opened.client, journal.rows, NEWEST, Learned(), PACE, StopSwitch()).upload()
        assert journal.outcomes.tally() == Tally(rows=1, rejected=1)


async def test_a_continued_update_of_the_newest_leaves_the_other_contacts_alone() -> None:
    world = service()
    new = world.add_contact(phone(1), first="Ann", updated="2026-01-02T00:00:00Z")
    old = world.add_contact(
        phone(1), first="Ann", email="ann@example.com", is_opted_out=True, updated="2026-01-01T00:00:00Z"
    )
    wanted = Contact(2, phone(1), {"last": "L"})
    with Journal.create(None) as journal:
        journal.input.add([()], [wanted])
        async with open_world(world) as opened:
            # An earlier attempt: begun, and killed before it had an answer.
            found = await opened.client.search_by_phone([phone(1)])
            record = next(each for each in found if each.id == new["id"])
            planned = plan_contact(1, wanted, record, NEWEST)
            assert isinstance(planned, Change)
            journal.rows.begin([planned])
            learned = Learned(BulkTrust(ServerTraits(), "single"))
            await Uploader(opened.client, journal.rows, NEWEST, learned, PACE, StopSwitch()).upload()
        assert journal.outcomes.tally().updated == 1
    held = {contact["id"]: contact for contact in world.contacts()}
    assert held[new["id"]]["last"] == "L"
    assert held[old["id"]]["email"] == "ann@example.com"


@pytest.mark.parametrize("more", [{"email": "ann@example.com"}, {"is_opted_out": True}, {"custom": {"7": "vip"}}])
async def test_a_contact_that_holds_more_than_was_sent_is_no_twin_of_ours(more: dict[str, Any]) -> None:
    world = service()
    first = world.add_contact(phone(1), first="Ann")
    other = world.add_contact(phone(1), first="Ann", last="L", **more)
    async with open_world(world) as opened:
        found = await opened.client.search_by_phone([phone(1)])
        record = next(each for each in found if each.id == first["id"])
        planned = plan_contact(1, Contact(2, phone(1), {"last": "L"}), record, NEWEST)
        assert isinstance(planned, Change)
        with Journal.create(None) as journal:
            journal.input.add([()], [Contact(2, phone(1), {"last": "L"})])
            journal.rows.begin([planned])
            learned = Learned(BulkTrust(ServerTraits(), "single"))
            policy = Policy(OnExisting.MERGE)
            await Uploader(opened.client, journal.rows, policy, learned, PACE, StopSwitch()).upload()
    assert other["id"] in {contact["id"] for contact in world.contacts()}


@pytest.mark.parametrize("fault", ["drop_before:DELETE /v1/contact/*", "error_before:DELETE /v1/contact/*:status=400"])
async def test_a_twin_whose_deletion_is_never_answered_is_given_up_and_said(fault: str) -> None:
    world = service(fault)
    first = world.add_contact(phone(1), first="Ann")
    world.add_contact(phone(1), last="L")
    wanted = Contact(2, phone(1), {"last": "L"})
    with Journal.create(None) as journal:
        journal.input.add([()], [wanted])
        async with open_world(world) as opened:
            found = await opened.client.search_by_phone([phone(1)])
            record = next(each for each in found if each.id == first["id"])
            planned = plan_contact(1, wanted, record, Policy(OnExisting.OVERWRITE))
            assert isinstance(planned, Change)
            journal.rows.begin([planned])
            learned = Learned(BulkTrust(ServerTraits(), "single"))
            policy = Policy(OnExisting.OVERWRITE)
            await Uploader(opened.client, journal.rows, policy, learned, PACE, StopSwitch()).upload()
        assert journal.outcomes.tally().failed == 1
        [row] = journal.outcomes.rows(OutcomeKind.FAILED)
        assert row.code == "several_contacts"
    assert len(world.contacts()) == 3


async def test_what_a_batch_answered_is_on_record_before_it_is_read_back() -> None:
    world = service("error_before:POST /v2/contacts/search:after=3:status=401")
    with Journal.create(None) as journal:
        journal.input.add([()] * 5, people(5))
        async with open_world(world) as opened:
            learned = Learned(BulkTrust(ServerTraits(batch_create="works", batch_size=5), "batch"))
            with pytest.raises(CredentialsRefused):
                await Uploader(opened.client, journal.rows, MERGE, learned, PACE, StopSwitch()).upload()
        left = journal.rows.open_rows(0, 10)
        ids = {contact["phone"]: contact["id"] for contact in world.contacts() if contact["first"] != "Witness"}
        assert len(ids) == 5
        assert {each.contact.phone: each.answer.id for each in left if each.answer} == ids
