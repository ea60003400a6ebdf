"""Time stamps there and back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sandbox._stamps import UNITS, read_stamp, stamp_text


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_text_reads_back_as_the_stamp_cut_to_its_precision(moment: datetime) -> None:
    stamp = read_stamp(moment.isoformat())
    for precision, unit in UNITS.items():
        text = stamp_text(stamp, precision)
        assert text.endswith("Z")
        assert read_stamp(text) == stamp - stamp % unit


def test_offsets_are_honoured_and_a_naive_text_is_utc() -> None:
    assert (
        read_stamp("2026-05-01T12:00:00+02:00")
        == read_stamp("2026-05-01T10:00:00")
        == read_stamp("2026-05-01T10:00:00Z")
    )


def test_precisions_look_like_rfc_3339() -> None:
    stamp = read_stamp("2026-05-01T10:00:00.123456Z")
    shown = [stamp_text(stamp, precision) for precision in ("seconds", "millis", "micros")]
    assert shown == ["2026-05-01T10:00:00Z", "2026-05-01T10:00:00.123Z", "2026-05-01T10:00:00.123456Z"]


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        read_stamp("yesterday")
