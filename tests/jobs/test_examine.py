"""The doctor looks without writing, and says what the service was seen to do."""

import pytest

from pipeline.heymarket import ClientConfig, open_client
from pipeline.jobs._examine import _ascending, _order, examine
from pipeline.models._contacts import Record
from pipeline.models._pages import Page, PageRequest
from pipeline.results import DoctorReport, Finding
from pipeline.sandbox import Fault, Sandbox, Traits
from tests.conftest import no_sleep, open_world


async def look(world: Sandbox) -> DoctorReport:
    writes = len(world.writes)
    async with open_world(world) as opened:
        report = await examine(opened.client)
    assert len(world.writes) == writes
    return report


async def finding(world: Sandbox, name: str) -> Finding:
    [found] = [finding for finding in (await look(world)).findings if finding.name == name]
    return found


def sandbox(*faults: str, contacts: int = 40, per_stamp: int = 1, **traits: str | bool | int) -> Sandbox:
    world = Sandbox(traits=Traits.from_mapping(traits), faults=[Fault.parse(fault) for fault in faults])
    world.seed(contacts, per_stamp=per_stamp)
    return world


async def test_a_healthy_account_is_found_so() -> None:
    world = sandbox(opt_out_readable=True)
    world.add_field("Plan")
    report = await look(world)
    assert report.exit_code == 0
    assert [(finding.name, finding.state) for finding in report.findings] == [
        ("credentials", "ok"),
        ("custom fields", "ok"),
        ("contact count", "ok"),
        ("contact list", "ok"),
        ("ascending", "ok"),
        ("opt-outs", "ok"),
        ("tags", "ok"),
    ]
    texts = {finding.name: finding.text for finding in report.findings}
    assert texts["contact count"] == "40 contacts"
    assert texts["contact list"] == "30 contacts a page by default, newest first"
    assert texts["credentials"].startswith("accepted; ")


async def test_a_refused_key_ends_the_look() -> None:
    world = sandbox()
    async with world.serve() as url, open_client(ClientConfig(url, api_key="wrong"), sleep=no_sleep) as client:
        report = await examine(client)
    [found] = report.findings
    assert (found.name, found.state, report.exit_code) == ("credentials", "bad", 1)
    assert "wrong" not in found.text


async def test_fields_that_share_a_title_are_said() -> None:
    world = Sandbox(fields=["Plan", " plan ", "Tier"])
    assert await finding(world, "custom fields") == Finding(
        "custom fields", "ok", "3 fields; 2 share their title with another and must be mapped by ID"
    )
    assert (await finding(Sandbox(fields=["Plan"]), "custom fields")).text == "1 fields"


async def test_fields_that_cannot_be_read_are_bad_and_the_look_goes_on() -> None:
    report = await look(sandbox("error_before:POST /v1/contact-fields"))
    states = {finding.name: finding.state for finding in report.findings}
    assert states["custom fields"] == "bad"
    assert states["contact list"] == "ok"
    assert report.exit_code == 1


async def test_a_service_without_a_count_is_no_fault() -> None:
    missing = await finding(sandbox(count="missing"), "contact count")
    assert missing == Finding(
        "contact count", "unknown", "the service gives no usable count; an export is proved by its walk alone"
    )
    failing = await finding(sandbox("error_before:POST /v1/contacts/count"), "contact count")
    assert failing.state == "unknown"
    assert "500" in failing.text


async def test_an_account_without_contacts_tells_nothing_about_them() -> None:
    report = await look(sandbox(contacts=0))
    assert report.findings[-1] == Finding("contact list", "unknown", "the account has no contacts to look at")
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("fault", "state"),
    [("error_before:POST /v1/contacts:status=422", "unknown"), ("error_before:POST /v1/contacts:status=500", "bad")],
)
async def test_a_list_that_refuses_is_unknown_and_one_that_fails_is_bad(fault: str, state: str) -> None:
    report = await look(sandbox(fault))
    assert (report.findings[-1].name, report.findings[-1].state) == ("contact list", state)


@pytest.mark.parametrize(
    ("direction", "honours", "order", "ascending"),
    [
        ("newest", True, "newest first", ("ok", "oldest first is honoured when asked for")),
        ("oldest", True, "oldest first", ("ok", "oldest first is honoured when asked for")),
        (
            "newest",
            False,
            "newest first",
            ("unknown", "not honoured; an export walks newest first and repeats its beginning"),
        ),
    ],
)
async def test_the_order_is_told_as_it_was_seen(
    direction: str, honours: bool, order: str, ascending: tuple[str, str]
) -> None:
    report = await look(sandbox(direction=direction, honours_ascending=honours))
    found = {finding.name: finding for finding in report.findings}
    assert found["contact list"].text == f"30 contacts a page by default, {order}"
    assert (found["ascending"].state, found["ascending"].text) == ascending


async def test_one_timestamp_for_all_tells_no_order() -> None:
    report = await look(sandbox(contacts=5, per_stamp=5))
    found = {finding.name: finding for finding in report.findings}
    assert found["contact list"].text == "5 contacts a page by default, order unknown (all have one timestamp)"
    assert found["ascending"] == Finding("ascending", "unknown", "order unknown (all have one timestamp)")


async def test_what_records_do_not_show_is_said_with_its_consequence() -> None:
    report = await look(sandbox(opt_out_readable=False, tags_read_shape="missing"))
    found = {finding.name: finding for finding in report.findings}
    assert found["opt-outs"].state == found["tags"].state == "unknown"
    assert "an import asks for each contact that it updates" in found["opt-outs"].text
    assert "an import leaves the tags of existing contacts alone" in found["tags"].text
    assert report.exit_code == 0


def test_a_list_in_no_order_is_told_so() -> None:
    def page(*stamps: str) -> Page[Record]:
        return Page(PageRequest(), tuple(Record(place, "", updated=stamp) for place, stamp in enumerate(stamps)))

    assert _order(page("2", "3", "1")) == "not sorted by their timestamp"
    found = _ascending(Page(PageRequest(), ()), page("2", "3", "1"))
    assert found.state == "unknown"
    assert found.text.startswith("asked for oldest first, got not sorted by their timestamp; ")
