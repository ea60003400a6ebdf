"""What a person reads at the end, to the letter, and the reject file that can be mended and imported again."""

import pytest

from pipeline.models._contacts import CustomField
from pipeline.report import (
    doctor_text,
    fields_text,
)
from pipeline.report._text import duration, size_text
from pipeline.results import (
    DoctorReport,
    Finding,
)


def test_fields_to_the_letter() -> None:
    assert fields_text([CustomField(12_345, "Plan"), CustomField(7, "")]) == (
        "       12345  Plan\n           7  (no title)"
    )
    assert fields_text([]) == "No custom fields."


def test_a_doctors_report_to_the_letter() -> None:
    findings = (Finding("credentials", "ok", "accepted"), Finding("tags", "unknown", "not shown"))
    assert doctor_text(DoctorReport((*findings, Finding("contact list", "bad", "down")))) == (
        "[  ok   ] credentials: accepted\n[unknown] tags: not shown\n[  bad  ] contact list: down"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (119.9, "119.9 s"),
        (120, "2 min"),
        (7_100, "118 min"),
        (7_200, "2 h 0 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1 kB"), (5_000_000, "5 MB"), (7_000_000_000, "7 GB")],
)
def test_sizes(count: int, text: str) -> None:
    assert size_text(count) == text
