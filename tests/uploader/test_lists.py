"""Contacts are added to lists at most once, only when allowed, and what is not known is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import Interrupted
from pipeline.models._contacts import Contact
from pipeline.models._outcomes import Outcome, OutcomeKind
from pipeline.runs.journal import Journal
from pipeline.sandbox import Fault, Sandbox
from pipeline.signals import StopSwitch
from pipeline.state._unverifiable import UnverifiableWrites
from pipeline.uploader._batches import LARGEST_BATCH
from pipeline.uploader._lists import fill_lists, list_notes
from tests.cli.commands import hmpipe
from tests.conftest import Server, open_world


def journal_of(count: int, list_id: int) -> Journal:
    """A journal with so many contacts that were created, and one that was rejected, all for one list."""
    journal = Journal.create(None)
    contacts = [Contact(seq + 1, f"1415{seq:07}", lists=(list_id,)) for seq in range(1, count + 2)]
    journal.input.add([()] * len(contacts), contacts)
    outcomes = [Outcome(seq, OutcomeKind.CREATED, contact_id=9_000 + seq) for seq in range(1, count + 1)]
    journal.rows.settle([*outcomes, Outcome(count + 1, OutcomeKind.REJECTED, "x", contact_id=1)])
    return journal


async def fill(world: Sandbox, journal: Journal) -> None:
    async with open_world(world) as opened:
        await fill_lists(opened.client, journal, StopSwitch(), UnverifiableWrites(None))


def world_with_list(*faults: str) -> tuple[Sandbox, int]:
    world = Sandbox(requests_per_minute=0, faults=[Fault.parse(fault) for fault in faults])
    return world, world.add_list("Customers")


def members(world: Sandbox, list_id: int) -> list[int]:
    return world.list_members(list_id)


async def test_every_imported_contact_is_added_once_in_batches() -> None:
    world, list_id = world_with_list()
    journal = journal_of(LARGEST_BATCH + 5, list_id)
    await fill(world, journal)
    assert sorted(members(world, list_id)) == [9_000 + seq for seq in range(1, LARGEST_BATCH + 6)]
    assert list_notes(journal) == {"list_added": LARGEST_BATCH + 5}
    await fill(world, journal)
    assert len(members(world, list_id)) == LARGEST_BATCH + 5


async def test_a_lost_answer_is_not_sent_twice() -> None:
    world, list_id = world_with_list("drop_after:PUT /v2/lists/*:count=1")
    journal = journal_of(3, list_id)
    await fill(world, journal)
    await fill(world, journal)
    assert list_notes(journal) == {"list_unknown": 3}
    assert len(members(world, list_id)) == 3


async def test_a_list_that_does_not_exist_is_said() -> None:
    world, _ = world_with_list()
    journal = journal_of(2, 12)
    await fill(world, journal)
    assert list_notes(journal) == {"list_refused": 2}


async def test_nothing_is_begun_once_a_stop_is_asked_for() -> None:
    world, list_id = world_with_list()
    journal = journal_of(2, list_id)
    stop = StopSwitch()
    stop.request()
    async with open_world(world) as opened:
        with pytest.raises(Interrupted):
            await fill_lists(opened.client, journal, stop, UnverifiableWrites(None))
        assert list_notes(journal) == {}
        await fill_lists(opened.client, journal, StopSwitch(), UnverifiableWrites(None))
    assert list_notes(journal) == {"list_added": 2}


@pytest.mark.parametrize("allowed", [True, False])
def test_a_mapped_list_has_to_be_allowed(tmp_path: Path, serve: Callable[..., Server], allowed: bool) -> None:
    server = serve()
    list_id = server.sandbox.add_list("Customers")
    (tmp_path / "hmpipe.toml").write_text(
        f'[account]\nbase_url = "{server.url}"\n[limits]\nrequests_per_minute = 0\n'
        f'[import.columns]\n"Phone" = "phone"\n"News" = {{ list = {list_id} }}\n'
    )
    (tmp_path / "a.csv").write_text("Phone,News\n+14155550101,yes\n+14155550102,no\n+14155550103,\n")
    result = hmpipe(tmp_path, "import", "a.csv", "--json", *(["--allow-lists"] if allowed else []))
    if allowed:
        assert result.code == 0, result.err
        assert len(members(server.sandbox, list_id)) == 1
        assert "1 contacts were added to lists" in result.err
    else:
        assert result.code == 2
        assert "--allow-lists" in result.err
        assert server.sandbox.writes == []
