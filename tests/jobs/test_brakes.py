"""The brakes hold before anything is sent."""

from pathlib import Path

import pytest

from pipeline.models import REJECT_COLUMNS
from pipeline.models._contacts import Contact
from pipeline.models._outcomes import Tally
from pipeline.sandbox import Sandbox
from tests.conftest import open_world
from tests.jobs.attempts import (
    REJECT,
    Recorder,
    Result,
    account,
    begin,
    complete,
    people,
    states,
    stopped_with_one_created,
)


class TestBrakes:
    @pytest.mark.parametrize(
        ("brake", "results", "words"),
        [
            ("max_reject_rate = 0.33", [*people(1), REJECT], "1 of 2 rows are rejected (50.0%); max_reject_rate is 33"),
            ("max_reject_rate = 0.0", [REJECT], "1 of 1 rows are rejected (100.0%); max_reject_rate is 0.0%"),
            ("max_changes = 2", people(3), "would write 3 contacts; max_changes is 2."),
            ("max_changes = 0", people(1), "would write 1 contacts; max_changes is 0."),
            ("max_opt_outs = 1", people(3, opted_out=2), "would opt out 2 contacts; max_opt_outs is 1."),
        ],
    )
    async def test_above_its_limit_everything_is_refused_before_anything_is_written(
        self, tmp_path: Path, brake: str, results: list[Result], words: str
    ) -> None:
        chosen, world = account(tmp_path, brake), Sandbox()
        summary = await complete(begin(chosen, results), world)
        assert summary.exit_code == 4
        assert words in summary.error
        assert "Nothing was sent." in summary.error
        assert world.writes == []
        assert summary.pending == sum(isinstance(result, Contact) for result in results)
        assert states(chosen) == ["refused"]

    @pytest.mark.parametrize(
        ("brake", "results"),
        [
            ("max_reject_rate = 0.5", [*people(1), REJECT]),
            ("max_reject_rate = 0.0", []),
            ("max_changes = 3", people(3)),
            ("max_opt_outs = 2", people(3, opted_out=2)),
        ],
    )
    async def test_at_its_limit_nothing_is_refused(self, tmp_path: Path, brake: str, results: list[Result]) -> None:
        summary = await complete(begin(account(tmp_path, brake), results), Sandbox())
        assert summary.error == ""
        assert summary.tally.adds_up
        assert summary.tally.created == sum(isinstance(result, Contact) for result in results)

    async def test_what_needs_no_write_is_no_change(self, tmp_path: Path) -> None:
        world, recorder = Sandbox(), Recorder()
        for contact in people(3):
            world.add_contact(contact.phone, **contact.fields)
        summary = await complete(begin(account(tmp_path, "max_changes = 0"), people(3), recorder), world)
        assert (summary.exit_code, summary.tally) == (0, Tally(rows=3, unchanged=3))
        assert recorder.stages == [("planning", 3), ("importing", 3)]
        assert recorder.steps == 6

    async def test_without_a_brake_nothing_is_planned_ahead(self, tmp_path: Path) -> None:
        world = Sandbox()
        begun = begin(account(tmp_path), people(3))
        async with open_world(world) as opened:
            await begun.attempt(opened.client).check_brakes()
        assert world.requests == []

    async def test_a_refused_run_is_not_gone_on_with(self, tmp_path: Path) -> None:
        refused = await complete(begin(account(tmp_path, "max_changes = 2"), people(3)), Sandbox())
        chosen = account(tmp_path, "max_changes = 3")
        summary = await complete(begin(chosen, people(3)), Sandbox())
        assert summary.run_id != refused.run_id
        assert (summary.attempts, summary.exit_code) == (1, 0)

    async def test_a_run_that_has_sent_something_passed_its_brakes_when_it_began(self, tmp_path: Path) -> None:
        world = await stopped_with_one_created(account(tmp_path), people(3))
        summary = await complete(begin(account(tmp_path, "max_changes = 2"), people(3)), world)
        assert (summary.exit_code, summary.tally.created) == (0, 3)

    @pytest.mark.parametrize("headers", [("Phone", *REJECT_COLUMNS), ("Phone", *REJECT_COLUMNS, "_seal")])
    async def test_rejects_that_come_again_may_be_rejected_again(
        self, tmp_path: Path, headers: tuple[str, ...]
    ) -> None:
        begun = begin(account(tmp_path, "max_reject_rate = 0.05"), [*people(1), REJECT, REJECT], headers=headers)
        summary = await complete(begun, Sandbox())
        assert (summary.exit_code, summary.tally) == (3, Tally(rows=3, created=1, rejected=2))
