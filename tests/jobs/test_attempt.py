"""One attempt at an import: its brakes, how it goes on with an earlier one, and how it ends."""

from pathlib import Path

import pytest

from pipeline.errors import ServiceUnavailable
from pipeline.models._outcomes import Tally, Traffic
from pipeline.runs._folder import list_runs, open_run
from pipeline.values import replace
from tests.jobs.attempts import Idle, Recorder, account, begin, complete, people, states, stopped_with_one_created


class TestContinuing:
    async def test_it_adds_up_over_all_attempts_and_covers_the_whole_input(self, tmp_path: Path) -> None:
        chosen, recorder = account(tmp_path), Recorder()
        world = await stopped_with_one_created(chosen, people(4))
        [entry] = list_runs(chosen.settings.paths.runs)
        earlier = open_run(chosen.settings.paths.runs, entry.run_id)
        facts = earlier.journal.facts
        assert facts.traffic == Traffic(requests=1)
        earlier.journal.record(replace(facts, seconds=1000, traffic=Traffic(1, rate_limited=7, retries=5)))
        earlier.journal.close()
        summary = await complete(begin(chosen, people(4), recorder), world)
        assert summary.run_id == entry.run_id
        assert (summary.tally, summary.exit_code, summary.error) == (Tally(rows=4, created=4), 0, "")
        assert summary.attempts == 2
        assert summary.traffic == Traffic(requests=len(world.requests), rate_limited=7, retries=5)
        assert 1000 < summary.seconds < 1030
        assert recorder.said == [f"Continuing run {entry.run_id}: 1 rows are settled already."]
        assert recorder.stages == [("importing", 4)]
        assert len({contact["phone"] for contact in world.contacts()}) == len(world.contacts()) == 4
        # The folder that the second attempt began with is gone.
        assert states(chosen) == ["finished"]
        with open_run(chosen.settings.paths.runs, entry.run_id).journal as journal:
            pulses = journal.pulses.read()
        assert [pulse.attempt for pulse in pulses] == sorted(pulse.attempt for pulse in pulses)
        assert {pulse.attempt: pulse.settled for pulse in pulses} == {1: 1, 2: 4}
        first, last = pulses[0], pulses[-1]
        assert (last.requests, last.rate_limited, last.retries) == (len(world.requests), 7, 5)
        assert first.moment <= last.moment

    @pytest.mark.parametrize(
        "line",
        ["max_changes = 9", "max_opt_outs = 9", "max_reject_rate = 0.9"],
    )
    async def test_a_changed_brake_goes_on_all_the_same(self, tmp_path: Path, line: str) -> None:
        world = await stopped_with_one_created(account(tmp_path), people(3))
        assert (await complete(begin(account(tmp_path, line), people(3)), world)).attempts == 2

    async def test_other_content_settings_or_account_begin_anew(self, tmp_path: Path) -> None:
        world = await stopped_with_one_created(account(tmp_path), people(3))
        for chosen, contacts in (
            (account(tmp_path), people(4)),
            (account(tmp_path, 'blanks = "clear"'), people(3)),
            (account(tmp_path, credential="another-id"), people(3)),
        ):
            summary = await complete(begin(chosen, contacts), world)
            assert (summary.attempts, summary.exit_code) == (1, 0)
        assert (await complete(begin(account(tmp_path), people(3)), world, allow_opt_in=True)).attempts == 1
        assert (await complete(begin(account(tmp_path), people(3)), world, new_run=True)).attempts == 1
        assert "unfinished" in states(account(tmp_path))
        assert (await complete(begin(account(tmp_path), people(3)), world)).attempts == 2

    async def test_a_third_attempt_is_counted_as_one(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        world = await stopped_with_one_created(chosen, people(3))
        again = begin(chosen, people(3))
        again.attempt(Idle())
        assert again.finish(ServiceUnavailable("Again.")).attempts == 2
        assert (await complete(begin(chosen, people(3)), world)).attempts == 3
