"""The uploader against the sandbox: what the account holds afterwards, whatever goes wrong on the way."""

from typing import Any

import pytest

from pipeline.errors import CredentialsRefused, ServiceUnavailable
from pipeline.heymarket import ClientConfig, open_client
from pipeline.models._outcomes import Tally
from pipeline.runs.journal import Rows
from pipeline.sandbox import Sandbox
from pipeline.signals import StopSwitch
from pipeline.uploader._rounds import Learned, Pace, Uploader
from tests.conftest import no_sleep, open_world
from tests.uploader.uploads import MERGE, held, journal_of, people, sandbox, upload


async def test_contacts_arrive_and_the_second_time_nothing_is_written() -> None:
    world = sandbox()
    contacts = people(250)
    assert await upload(world, journal_of(contacts)) == Tally(rows=250, created=250)
    assert held(world) == {contact.phone: contact.fields["first"] for contact in contacts}
    writes = len(world.writes)
    assert await upload(world, journal_of(contacts)) == Tally(rows=250, unchanged=250)
    assert len(world.writes) == writes


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

    class Stopping(Rows, frozen=True):
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
