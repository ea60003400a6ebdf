"""Steps one after another: blanks stay blank, and once is enough."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.transforms import columns_named, joined, read_steps
from tests.transforms.changes import EVERY_STEP, change, code_and_text

BLANKS = st.sampled_from(["", " ", "\t", "\u00a0", " \n "])


class TestConcat:
    @pytest.mark.parametrize(
        ("template", "expected"),
        [
            ("{First} {Last}", "Ada Lovelace"),
            ("{Last}, { First }", "Lovelace, Ada"),
            ("{First} {Middle} {Last}", "Ada Lovelace"),
            ("{{{}}} {First}", "{cell} Ada"),
            ("{}", "cell"),
            ("{Middle}", ""),
            ("VIP: {Middle}, {Middle}", ""),
        ],
    )
    def test_cells_are_put_together(self, template: str, expected: str) -> None:
        assert change({"concat": template}, "cell", First="Ada", Last="Lovelace", Middle="") == expected

    def test_any_header_without_braces_can_be_named(self) -> None:
        steps = read_steps(
            [{"concat": "{URN:Tel}{}{a.b[0]!r}"}, {"split": ","}, {"concat": "{ Phone 1 - Value }{URN:Tel}"}]
        )
        assert columns_named(steps) == ("URN:Tel", "a.b[0]!r", "Phone 1 - Value")
        assert columns_named(read_steps(["strip", {"concat": "{}"}])) == ()

    def test_a_blank_cell_does_not_matter(self) -> None:
        assert change({"concat": "{First}"}, "", First="Ada") == "Ada"

    @pytest.mark.parametrize("template", ["{First", "First}", "{a{b}}", "{{First}", "}{"])
    def test_braces_must_match(self, template: str) -> None:
        with pytest.raises(ValueError, match=r"^concat: the braces of .* do not match"):
            read_steps({"concat": template})

    @pytest.mark.parametrize("template", ["Hello", "{{First}}"])
    def test_a_template_names_a_column(self, template: str) -> None:
        with pytest.raises(ValueError, match=r"names no column; .* constant"):
            read_steps({"concat": template})

    @given(st.text(), st.text())
    def test_texts_of_cells_are_never_read_as_templates(self, cell: str, other: str) -> None:
        text = change({"concat": "{}|{Other}"}, cell, Other=other)
        assert text == (" ".join(f"{cell}|{other}".split()) if (cell + other).strip() else "")


class TestBlanks:
    @given(st.data(), BLANKS)
    def test_a_blank_cell_stays_blank(self, data: st.DataObject, blank: str) -> None:
        steps = [step for step in EVERY_STEP if not (isinstance(step, dict) and set(step) & {"constant", "default"})]
        chosen = data.draw(st.sampled_from([step for step in steps if step not in ({"join": ", "}, {"item": -1})]))
        assert not change(chosen, blank, **{"First Name": "", "Last Name": blank})

    @given(BLANKS)
    def test_a_default_and_a_constant_fill_it(self, blank: str) -> None:
        assert change({"default": "x"}, blank) == "x"
        assert change({"constant": "x"}, blank) == "x"

    def test_a_cell_that_says_something_keeps_it_under_default_only(self) -> None:
        assert change({"default": "x"}, "y") == "y"
        assert change({"constant": "x"}, "y") == "x"


@pytest.mark.parametrize("step", ["strip", "collapse", "lower", "upper", "title", "first_word"])
@given(
    cell=st.text() | st.text(st.sampled_from("aAbB \u00a0'-\u2019\u02bc\u00df\u0130\u01c6\u0149\u03a3\u03c3\u030129"))
)
def test_once_is_enough(step: str, cell: str) -> None:
    once = change(step, cell)
    assert change(step, joined(once)) == once


@pytest.mark.parametrize("step", ["number", "boolean", {"date": "%d.%m.%Y | %Y-%m-%d -> %Y-%m-%d"}])
@given(data=st.data())
def test_once_is_enough_for_values(step: object, data: st.DataObject) -> None:
    cells = st.sampled_from(["1,234.50", "(5)", ".5", "007", "Yes", "0", "31.12.2024", "01.01.0001"])
    code, once = code_and_text(step, data.draw(cells))
    assume(not code)
    assert change(step, once) == once
