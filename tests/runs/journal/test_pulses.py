"""The course of a run, as its journal keeps it."""

from pathlib import Path

from pipeline.runs.journal import Journal, Pulse


def test_the_course_of_a_run_is_kept_in_order(tmp_path: Path) -> None:
    pulses = [Pulse(1, 1000.5, 3, 0, 0, 0), Pulse(1, 1005.5, 40, 2, 1, 30), Pulse(2, 990.0, 41, 2, 1, 30)]
    with Journal.create(tmp_path / "journal.sqlite") as journal:
        for pulse in pulses:
            journal.pulses.record(pulse)
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        assert journal.pulses.read() == pulses
