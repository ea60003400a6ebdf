"""Uploads of small runs to a sandbox."""

from collections.abc import Sequence
from typing import Any

from pipeline.models._changes import OnExisting
from pipeline.models._contacts import Contact
from pipeline.models._outcomes import Tally
from pipeline.planner import Policy
from pipeline.runs.journal import Journal
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
