"""Columns that were written down without a look at the known words are understood or asked about."""

from collections import Counter

import pytest

from pipeline.reader.consent import Kind, judge
from tests.reader.consent.kinds import HARMLESS, KINDS
from tests.reader.consent.said import _cell, _column
from tests.reader.consent.test_judge import answered, textable

COLUMNS = [(kind, *_column(line.strip())) for kind, text in KINDS.items() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("header", "people"), [column[1:] for column in COLUMNS], ids=[f"{kind}-{header}" for kind, header, _ in COLUMNS]
)
def test_nobody_who_said_no_is_textable(header: str, people: list[tuple[str, bool]]) -> None:
    cells = [cell for cell, _ in people]
    verdict = judge(header, Counter(cells))
    assert verdict.kind in (Kind.MAPPED, Kind.QUESTION), verdict
    found = textable(header, cells, answered(verdict))
    if verdict.kind is Kind.MAPPED:
        assert found == [may for _, may in people]
    else:
        # The careful answer may silence somebody; it never makes somebody textable who said no.
        assert all(may or not text for text, (_, may) in zip(found, people, strict=True))


def test_harmless_columns_are_neither_mapped_nor_asked_about() -> None:
    lines = [line.strip().rsplit(": ", 1) for line in HARMLESS.splitlines() if line.strip()]
    asked = [
        header
        for header, cells in lines
        if judge(header, Counter(map(_cell, cells.split()))).kind in (Kind.MAPPED, Kind.QUESTION)
    ]
    assert len(lines) >= 100
    assert len(asked) <= len(lines) // 25, asked
