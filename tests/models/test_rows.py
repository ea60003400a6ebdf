"""Records that are kept by column are the same records."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import Chunk, ColumnRecords, column_of, narrowest, widths
from pipeline.reader.mapping import map_chunk
from tests.reader.mapping.plans import PHONE, plan

BETWEEN = "\x1f"
CELLS = st.text(st.characters(exclude_characters=BETWEEN), max_size=6) | st.sampled_from(
    [PHONE, "415 555 0102 x7", "DO NOT TEXT", "yes", "no", "a@b.co", "#N/A", "gone", ""]
)


@st.composite
def tables(draw: st.DrawFn, width: int | None = None) -> list[list[str]]:
    width = width or draw(st.integers(1, 4))
    return draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6))


def by_column(rows: list[list[str]]) -> ColumnRecords:
    return ColumnRecords(len(rows), list(map(BETWEEN.join, zip(*rows, strict=True))), BETWEEN)


@given(tables())
def test_law_they_are_the_same_records(rows: list[list[str]]) -> None:
    records = by_column(rows)
    assert list(records) == rows
    assert [records[place] for place in range(len(records))] == rows
    assert records[1:3] == rows[1:3]
    assert [column_of(records, place) for place in range(records.width)] == list(map(list, zip(*rows, strict=True)))
    assert narrowest(records, 9) == narrowest(rows, 9)
    assert widths(records) == widths(rows)


@given(tables(4))
def test_law_the_same_becomes_of_them(rows: list[list[str]]) -> None:
    columns = plan({"Mail": "email", "Out": "is_opted_out", "Name": "first"}, skip_where={"Name": "gone"})
    lines = range(2, len(rows) + 2)
    whole, split = (map_chunk(Chunk(lines, lines, records), columns) for records in (rows, by_column(rows)))
    assert list(split.results()) == list(whole.results())
    assert split.notes() == whole.notes()
    assert split.opt_outs_to_send() == whole.opt_outs_to_send()
