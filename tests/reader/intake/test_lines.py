"""Lines that are kept by row come back as they were put, in the order of their rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reader.intake._lines import StagedLines

LINES = st.lists(st.text(max_size=4), max_size=6)


@given(st.lists(LINES, max_size=4), st.lists(st.tuples(st.integers(0, 30), st.text(max_size=5)), max_size=8))
def test_law_lines_are_found_replaced_and_read_in_order(parts: list[list[str]], changes: list[tuple[int, str]]) -> None:
    kept, model = StagedLines(), dict[int, str]()
    for part in parts:
        numbers = range(len(model) * 3, (len(model) + len(part)) * 3, 3)
        kept.add(numbers, part)
        model |= dict(zip(numbers, part, strict=True))
    for number, line in changes:
        if number in model:
            kept.replace(number, line)
            model[number] = line
        else:
            with pytest.raises(KeyError):
                kept.find(number)
    assert {number: kept.find(number) for number in model} == model
    assert b"".join(kept.blocks()).decode(errors="surrogatepass") == "".join(model.values())
    kept.close()


def test_what_is_no_character_comes_back() -> None:
    kept = StagedLines()
    kept.add([1], ["\udc80"])
    assert kept.find(1) == "\udc80"
    kept.close()
