"""How a run went over time, from the pulses of its journal."""

import pytest

from pipeline.report._course import read_course
from pipeline.runs.journal import Pulse
from tests.report.runs import journal_of, summary, text_of


class TestCourse:
    def test_nothing_is_lost_between_pulses_and_attempts(self) -> None:
        pulses = [
            Pulse(1, 1000.0, 0, 0, 0, 0),
            Pulse(1, 1003.0, 30, 1, 1, 10, 6.0),
            Pulse(1, 1010.0, 90, 1, 2, 50, 18.0),
            Pulse(2, 2000.0, 90, 1, 2, 50, 18.0),
            Pulse(2, 2005.0, 130, 4, 2, 60, 38.0),
        ]
        course = read_course(journal_of(*pulses))
        assert [(part.number, part.done.settled) for part in course.attempts] == [(1, 50), (2, 10)]
        for name in ("requests", "rate_limited", "retries", "settled", "waited"):
            total = sum(getattr(stretch.done, name) for stretch in course.stretches)
            assert total == pytest.approx(getattr(pulses[-1], name)), name
        assert [stretch.wait for stretch in course.stretches if stretch.attempt == 2] == pytest.approx([0.5, 0.5])
        assert {stretch.attempt for stretch in course.stretches} == {1, 2}

    def test_a_clock_that_was_set_back_breaks_nothing(self) -> None:
        pulses = [Pulse(1, 1000.0, 0, 0, 0, 0), Pulse(1, 1010.0, 5, 0, 0, 5), Pulse(1, 990.0, 9, 0, 0, 9)]
        course = read_course(journal_of(*pulses))
        assert sum(stretch.done.requests for stretch in course.stretches) == pytest.approx(9)

    def test_a_short_run_has_no_course(self) -> None:
        journal = journal_of(Pulse(1, 1000.0, 0, 0, 0, 0), Pulse(1, 1001.0, 5, 0, 0, 5))
        assert read_course(journal).stretches == ()
        assert "a minute " not in text_of(summary(seconds=0.0), journal)

    def test_429s_are_charted_only_where_there_are_any(self) -> None:
        quiet = [Pulse(1, 1000.0 + 10 * number, number, 0, 0, number) for number in range(5)]
        limited = [Pulse(1, 1000.0 + 10 * number, number, number, 0, number) for number in range(5)]
        assert "429s and repeated" not in text_of(summary(), journal_of(*quiet))
        assert "429s and repeated" in text_of(summary(), journal_of(*limited))
