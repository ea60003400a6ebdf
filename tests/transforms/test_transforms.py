"""Transforms: what each step does to a cell, how it is written in the settings, and what is refused at load time."""

import json
import re
import tomllib
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pipeline.transforms import (
    Text,
    TransformProblem,
    apply_steps,
    columns_named,
    joined,
    read_steps,
    transform_definitions,
    write_steps,
)

STEPS_SCHEMA = {"$ref": "#/$defs/transform", "$defs": transform_definitions()}

EVERY_STEP: list[object] = [
    "strip",
    "collapse",
    "lower",
    "upper",
    "title",
    "first_word",
    "last_word",
    "html_unescape",
    "fix_text",
    "number",
    "boolean",
    {"date": "%m/%d/%Y | %d.%m.%Y -> %Y-%m-%d"},
    {"number": ","},
    {"boolean": {"true": ["ja", "oui"], "false": ["nein"]}},
    {"split": ";"},
    {"join": ", "},
    {"split": " ::: "},
    {"item": -1},
    {"constant": "crm"},
    {"default": "unknown"},
    {"regex": "^(.*) Inc$"},
    {"regex": "^(.*) Inc$", "replace": "\\1"},
    {"concat": "{First Name} {Last Name}"},
]
"""Each step in each of its forms."""

BLANKS = st.sampled_from(["", " ", "\t", "\u00a0", " \n "])


def change(transform: object, cell: str, **others: str) -> Text:
    """Do what the settings say to a cell."""
    return apply_steps(read_steps(transform), cell, others)


def code_and_text(transform: object, cell: str) -> tuple[str, str]:
    """Return the code of the problem that a cell has, or "" and what becomes of it."""
    try:
        return "", joined(change(transform, cell))
    except TransformProblem as problem:
        return problem.code, ""


def problem_of(transform: object, cell: str) -> TransformProblem:
    """Return the problem that a cell has with a step."""
    with pytest.raises(TransformProblem) as caught:
        change(transform, cell)
    return caught.value


def without_case(text: str) -> str:
    """Return a text without its case; a dotless i has a capital that is another letter's, so both ways are taken."""
    return unicodedata.normalize("NFD", text.upper()).casefold()


class TestWords:
    @pytest.mark.parametrize(
        ("step", "cell", "expected"),
        [
            ("strip", "\u00a0 a  b \t", "a  b"),
            ("collapse", " a\u00a0\u202f b \r\n\tc ", "a b c"),
            ("lower", "STRASSE \u00c9", "strasse \u00e9"),
            ("upper", "\u00e9t\u00e9", "\u00c9T\u00c9"),
            ("first_word", "John Ronald Smith", "John"),
            ("first_word", "Cher", "Cher"),
            ("last_word", "John Ronald Smith", "Smith"),
            ("last_word", " John\u00a0Smith ", "Smith"),
            ("last_word", "Cher", ""),
            ("html_unescape", "O&#039;Brien &amp; Jos&eacute;", "O'Brien & Jos\u00e9"),
            ("fix_text", "Jos\u00c3\u00a9 \u00e2\u20ac\u0153Bo\u00e2\u20ac\u009d", "Jos\u00e9 \u201cBo\u201d"),
            ("fix_text", "Andr\u00e9 \uff21\u201cx\u201d &amp;", "Andr\u00e9 \uff21\u201cx\u201d &amp;"),
        ],
    )
    def test_each_does_what_it_is_called(self, step: str, cell: str, expected: str) -> None:
        assert change(step, cell) == expected

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("JOHN SMITH", "John Smith"),
            ("john smith", "John Smith"),
            ("McDonald", "McDonald"),
            ("john McDonald", "John McDonald"),
            ("John Smith III", "John Smith III"),
            ("a VIP", "A Vip"),
            ("MCDONALD", "Mcdonald"),
            ("mary-jane", "Mary-Jane"),
            ("o'neil", "O'Neil"),
            ("O\u2019NEIL", "O\u2019Neil"),
            ("dell'acqua d'angelo", "Dell'Acqua D'Angelo"),
            ("don't", "Don't"),
            ("I'LL SAY IT'S Y'ALL", "I'll Say It's Y'all"),
            ("rock'n'roll", "Rock'n'Roll"),
            ("j.r.r. tolkien", "J.R.R. Tolkien"),
            ("2ND FLOOR", "2nd Floor"),
            ("e\u0301ric zoe\u0308", "E\u0301ric Zoe\u0308"),
            ("\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3", "\u039f\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c2"),
            ("\u5c71\u7530 \u592a\u90ce", "\u5c71\u7530 \u592a\u90ce"),
        ],
    )
    def test_title_gives_names_their_capitals(self, cell: str, expected: str) -> None:
        assert change("title", cell) == expected

    @given(st.text())
    def test_title_changes_nothing_but_case(self, cell: str) -> None:
        assume(cell.strip())
        assert without_case(str(change("title", cell))) == without_case(cell)


class TestDates:
    @pytest.mark.parametrize(
        ("pattern", "cell", "expected"),
        [
            ("%m/%d/%Y -> %Y-%m-%d", "12/31/2024", "2024-12-31"),
            ("%m/%d/%Y -> %Y-%m-%d", " 1/2/2024 ", "2024-01-02"),
            ("%m/%d/%Y | %d.%m.%Y -> %Y-%m-%d", "31.12.2024", "2024-12-31"),
            ("%Y-%m-%dT%H:%M:%S%z -> %d %b %Y", "2024-12-31T16:45:59+01:00", "31 Dec 2024"),
            ("%d/%m/%y->%Y-%m-%d", "29/02/24", "2024-02-29"),
            ("%Y-%m-%d -> %A", "2024-12-31", "Tuesday"),
            ("%m/%Y -> %Y-%m", "2/2024", "2024-02"),
            ("%I:%M %p -> %H:%M", "4:45 PM", "16:45"),
            ("%Y-%m-%d -> 100%% %Y", "0999-01-02", "100% 0999"),
        ],
    )
    def test_it_is_written_in_another_way(self, pattern: str, cell: str, expected: str) -> None:
        assert change({"date": pattern}, cell) == expected

    @pytest.mark.parametrize("cell", ["31/12/2024", "02/29/2023", "0/0/00", "12/31/24", "12/31/2024 10:00", "soon"])
    def test_what_does_not_fit_is_never_guessed(self, cell: str) -> None:
        problem = problem_of({"date": "%m/%d/%Y -> %Y-%m-%d"}, cell)
        assert problem.code == "bad_date"
        assert problem.reason == "this is not a date of the form %m/%d/%Y (such as 12/31/2024)"

    def test_the_reason_names_every_form(self) -> None:
        reason = problem_of({"date": "%m/%d/%Y | %d.%m.%Y -> %Y"}, "soon").reason
        assert reason.endswith("%m/%d/%Y (such as 12/31/2024) or %d.%m.%Y (such as 31.12.2024)")

    @given(st.dates())
    @example(date(1, 1, 1))
    def test_every_date_comes_back(self, day: date) -> None:
        there, back = {"date": "%Y-%m-%d -> %d.%m.%Y"}, {"date": "%d.%m.%Y -> %Y-%m-%d"}
        assert change([there, back], day.isoformat()) == day.isoformat()

    @given(st.text(max_size=30))
    def test_any_cell_is_a_date_or_a_problem(self, cell: str) -> None:
        code, text = code_and_text({"date": "%Y-%m-%dT%H:%M:%S.%f%z | %d %b %Y -> %Y"}, cell)
        assert code in ("", "bad_date")
        assert bool(re.fullmatch("[0-9]{4}", text)) == (not code and bool(cell.strip()))

    @pytest.mark.parametrize(
        ("pattern", "sentence"),
        [
            ("%m/%d/%Y", "expected"),
            ("-> %Y", "expected"),
            ("%Y ->", "expected"),
            ("%Y -> %m -> %d", "expected"),
            ("%Y -> year", "writes nothing of the date"),
            ("%d -> %Y", "does not say the year"),
            ("%H:%M -> %Y-%m-%d", "does not say the day and the month and the year"),
            ("%Y-%m-%d | %m/%Y -> %d", "'%m/%Y' does not say the day"),
            ("%d %b -> %b", "without its month and year"),
            ("%d %b %Y -> %z", "does not say the zone"),
            ("%Y-%m-%d %I:%M -> %H", "go together"),
            ("%Y %Y -> %Y", "cannot be read back"),
            ("%-d/%m/%Y -> %Y", "'%-' in"),
            ("%Q -> %Y", "'%Q' in"),
            ("%Y -> %Y%", "'%' in"),
            ("%Y -> %x", "'%x' in"),
        ],
    )
    def test_a_pattern_that_cannot_work_is_refused_at_load_time(self, pattern: str, sentence: str) -> None:
        with pytest.raises(ValueError, match=f"^date: .*{re.escape(sentence)}"):
            read_steps({"date": pattern})

    @given(st.text(st.sampled_from("%YymdbHIp /->|."), max_size=14))
    def test_a_pattern_that_is_taken_moves_a_date(self, pattern: str) -> None:
        try:
            steps = read_steps({"date": pattern})
        except ValueError:
            return
        source = str(write_steps(steps)[0]["date"]).split(" -> ")[0].split(" | ")[0]  # type: ignore[index]
        written = datetime(2024, 12, 31, 16, 45, 59, tzinfo=UTC).strftime(source)
        assert apply_steps(steps, written, {}) != ""


class TestNumbers:
    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("1,234.50", "1234.50"),
            ("1.234", "1.234"),
            ("$1,234,567", "1234567"),
            ("12,34,567.8", "1234567.8"),
            ("($ 1,234.50)", "-1234.50"),
            ("1,234.50-", "-1234.50"),
            ("-$5", "-5"),
            ("\u20ac -5", "-5"),
            ("\u22125 \u20ac", "-5"),
            ("5.00- \u20ac", "-5.00"),
            ("+7", "7"),
            ("US$ 12", "12"),
            ("R$1 234.5", "1234.5"),
            ("1\u00a0234\u00a0567", "1234567"),
            ("1'234.50", "1234.50"),
            ("007", "7"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-0.00", "0.00"),
            ("(0)", "0"),
            ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ],
    )
    def test_it_becomes_plain_digits(self, cell: str, expected: str) -> None:
        assert change("number", cell) == expected

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [("1.234,50", "1234.50"), ("1.234", "1234"), ("1,234", "1.234"), ("1 234,5 \u20ac", "1234.5"), (",5", "0.5")],
    )
    def test_the_decimal_mark_can_be_the_comma(self, cell: str, expected: str) -> None:
        assert change({"number": ","}, cell) == expected

    @pytest.mark.parametrize(
        "cell",
        ["1,23", "1,2345", "12.345.678", "1,234 567", "1e5", "12%", "4-5", "1 2", "--5", "(-5)", "-5-", "(5", "5)", "-",
         "$", ".", "()", "1$50", "$5$ $", "5 pcs", "NaN", "Infinity", "\u0661\u0662", "5\u00b2", "1,234,56"],
    )  # fmt: skip
    def test_what_is_no_number_for_certain_is_refused(self, cell: str) -> None:
        problem = problem_of("number", cell)
        assert problem.code == "bad_number"
        assert problem.reason == "this is not a number such as 1234.50 or 1,234.50"

    def test_the_reason_shows_the_mark_that_is_set(self) -> None:
        assert problem_of({"number": ","}, "1,234,5").reason == "this is not a number such as 1234,50 or 1.234,50"

    @given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=4))
    def test_its_value_and_its_decimals_are_kept(self, value: Decimal) -> None:
        value += 0  # a negative zero is a zero
        for written in (f"{value:,}", f"{value:f}", f"${value:,}", f"({-value:,})" if value < 0 else f"+{value}"):
            text = str(change("number", written))
            assert Decimal(text) == value
            assert text == f"{value:f}"

    @given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**12, places=2))
    def test_both_marks_read_the_same_numbers(self, value: Decimal) -> None:
        swapped = f"{value:,}".translate(str.maketrans(",.", ".,"))
        assert change({"number": ","}, swapped) == change("number", f"{value:,}")

    @given(st.text(st.sampled_from("0123456789.,-+() '$\u20ac"), max_size=12))
    def test_any_cell_is_a_plain_number_or_a_problem(self, cell: str) -> None:
        code, text = code_and_text("number", cell)
        assert code in ("", "bad_number")
        assert bool(re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", text)) == (not code and bool(cell.strip()))
        assert not text or re.sub("[^0-9]", "", cell).lstrip("0") == re.sub("[^0-9]", "", text).lstrip("0")

    def test_a_long_cell_is_judged_at_once(self) -> None:
        # Neither blanks nor groups may make the pattern try their ways again and again.
        for cell in ("(" + " " * 200_000 + "x", "1" + ",234" * 50_000 + "x", "1" * 200_000 + "x", "$" * 200_000):
            assert problem_of("number", cell).code == "bad_number"


class TestBooleans:
    @pytest.mark.parametrize("cell", ["yes", "Y", " TRUE ", "t", "1"])
    def test_the_usual_words_for_true(self, cell: str) -> None:
        assert change("boolean", cell) == "true"

    @pytest.mark.parametrize("cell", ["no", "N", "False", "f", "0"])
    def test_the_usual_words_for_false(self, cell: str) -> None:
        assert change("boolean", cell) == "false"

    def test_words_of_one_s_own_replace_them(self) -> None:
        # A column such as Accepts SMS Marketing says the contrary of an opt-out.
        inverted = {"boolean": {"true": ["No", "Stra\u00dfe"], "false": ["Yes"]}}
        assert [change(inverted, cell) for cell in ("no", "STRASSE", "yes")] == ["true", "true", "false"]
        assert problem_of(inverted, "1").code == "bad_boolean"

    def test_another_word_is_a_problem_that_names_the_words(self) -> None:
        problem = problem_of("boolean", "maybe")
        assert problem.code == "bad_boolean"
        assert "true (yes, y, true, t, 1)" in problem.reason
        assert "false (no, n, false, f, 0)" in problem.reason


class TestParts:
    @pytest.mark.parametrize(
        ("transform", "cell", "expected"),
        [
            ({"split": ";"}, " a; b c ;; ;d", ("a", "b c", "d")),
            ({"split": " ::: "}, "* myContacts ::: friends", ("* myContacts", "friends")),
            ({"split": ";"}, ";", ()),
            ([{"split": ";"}, {"split": ","}], "a,b;c", ("a", "b", "c")),
            ([{"split": ";"}, {"join": " / "}], "a;b", "a / b"),
            ([{"split": ";"}, {"join": ""}], "a;b", "ab"),
            ([{"split": ";"}, {"item": 1}], "a;b;c", "a"),
            ([{"split": ";"}, {"item": -1}], "a;b;c", "c"),
            ([{"split": ";"}, {"item": -3}], "a;b;c", "a"),
            ([{"split": ";"}, {"item": 4}], "a;b;c", ""),
            ([{"split": ";"}, {"item": -4}], "a;b;c", ""),
            ([{"split": ";"}, "title"], "a b;C D", ("A B", "C D")),
            ([{"split": ";"}, "last_word"], "a b;c", ("b",)),
            ([{"split": ";"}, {"default": "none"}], ";", ("none",)),
            ([{"split": ";"}, {"default": "none"}], "a", ("a",)),
            ([{"split": ";"}, {"concat": "<{}>"}], "a;b", "<a, b>"),
            ([{"split": ";"}, {"constant": "x"}], "a;b", "x"),
        ],
    )
    def test_a_text_is_cut_and_put_together(self, transform: object, cell: str, expected: Text) -> None:
        assert change(transform, cell) == expected

    @given(st.lists(st.text(st.characters(exclude_characters=";"), min_size=1).map(str.strip).filter(bool)))
    def test_what_was_joined_is_split_into_the_same(self, parts: list[str]) -> None:
        assert change({"split": ";"}, " ; ".join(parts)) == tuple(parts)

    @given(st.text())
    def test_parts_are_stripped_and_never_blank(self, cell: str) -> None:
        assert all(part and part == part.strip() for part in change({"split": ","}, cell))

    def test_a_text_target_gets_them_joined_by_commas(self) -> None:
        assert joined(change({"split": ";"}, "a;b")) == "a, b"
        assert joined("a;b") == "a;b"

    @pytest.mark.parametrize("transform", [{"join": ","}, {"item": 1}, [{"split": ";"}, {"item": 1}, {"join": ","}]])
    def test_there_must_be_parts_to_take_or_join(self, transform: object) -> None:
        with pytest.raises(ValueError, match=r"^(join|item) needs parts: put .* before it$"):
            read_steps(transform)


class TestRegexes:
    @pytest.mark.parametrize(
        ("transform", "cell", "expected"),
        [
            ({"regex": "^(.*) Inc$", "replace": "\\1"}, "Widget Inc", "Widget"),
            ({"regex": "^(.*) Inc$", "replace": "\\1"}, "Widget", "Widget"),
            ({"regex": "-", "replace": ""}, "a-b-c", "abc"),
            ({"regex": "#([0-9]+)"}, "order #17, #18", "17"),
            ({"regex": "[0-9]+"}, "order 17", "17"),
            ({"regex": "[0-9]+"}, "order", ""),
            ({"regex": "a|(b)"}, "a", ""),
        ],
    )
    def test_it_replaces_or_extracts(self, transform: object, cell: str, expected: str) -> None:
        assert change(transform, cell) == expected

    @pytest.mark.parametrize(
        "table",
        [
            {"regex": "("},
            {"regex": "a{99999999999}"},
            {"regex": "(a)", "replace": "\\2"},
            {"regex": "a", "replace": "\\g<name>"},
            {"regex": "a", "replace": "\\q"},
            {"regex": " "},
            {"regex": "a", "replace": 1},
        ],
    )
    def test_one_that_cannot_be_used_is_refused_at_load_time(self, table: object) -> None:
        with pytest.raises(ValueError, match=r"^regex: "):
            read_steps(table)


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


class TestSettings:
    @pytest.mark.parametrize("written", EVERY_STEP, ids=json.dumps)
    def test_what_is_written_is_what_was_read(self, written: object) -> None:
        before: list[object] = [{"split": "|"}]
        steps = read_steps([*before, written])
        assert write_steps(steps) == [*before, written]
        assert read_steps(write_steps(steps)) == steps
        assert read_steps(json.loads(json.dumps(write_steps(steps)))) == steps
        assert hash(steps) == hash(read_steps(steps))

    def test_the_shortest_way_of_writing_is_chosen(self) -> None:
        words = {"boolean": {"true": ["YES", "y", "true", "t", "1"], "false": ["no", "n", "false", "f", "0"]}}
        assert write_steps(read_steps([{"number": "."}, words])) == ["number", "boolean"]

    def test_one_step_needs_no_list(self) -> None:
        assert read_steps("title") == read_steps(["title"])
        assert read_steps({"split": ";"}) == read_steps([{"split": ";"}])
        assert read_steps([]) == ()

    def test_toml_reads_as_it_is_documented(self) -> None:
        text = """
            "Full Name" = { to = "first", transform = ["collapse", "first_word"] }
            "Signup" = { custom = "Signed up", transform = [{ date = "%m/%d/%Y -> %Y-%m-%d" }] }
            "Company" = { custom = "Company", transform = { regex = '^(.*) Inc$', replace = '\\1' } }
        """
        columns = tomllib.loads(text)
        assert change(columns["Full Name"]["transform"], " Ada  King Lovelace ") == "Ada"
        assert change(columns["Signup"]["transform"], "12/31/2024") == "2024-12-31"
        assert change(columns["Company"]["transform"], "Widget Inc") == "Widget"

    @pytest.mark.parametrize(
        ("value", "sentence"),
        [
            ("titel", "there is no transform 'titel'. Did you mean 'title'? Known: strip, collapse, "),
            ("First Word", "there is no transform 'First Word'. Did you mean 'first_word'? Known: strip"),
            ("xyzzy", "there is no transform 'xyzzy'. Known: strip, collapse, "),
            ({"spilt": ";"}, "there is no transform 'spilt'. Did you mean 'split'?"),
            ("date", 'date needs a value: { date = "%m/%d/%Y -> %Y-%m-%d" }'),
            ("split", 'split needs a value: { split = ";" }'),
            ({"strip": True}, 'strip takes no value: write "strip"'),
            ({"split": ";", "join": ","}, "split cannot have 'join' beside it; expected"),
            ({"constant": "x", "replace": "y"}, "constant cannot have 'replace' beside it"),
            ({"split": ""}, "split: expected what stands between the parts"),
            ({"split": 1}, "split: expected a text in quotes"),
            ({"number": ";"}, 'number: expected the decimal mark, "." or ","'),
            ({"item": 0}, "item: expected 1 for the first part"),
            ({"item": True}, "item: expected 1 for the first part"),
            ({"item": "1"}, "item: expected 1 for the first part"),
            ({"constant": " "}, "constant: expected a text that is not blank"),
            ({"default": ""}, "default: expected a text that is not blank"),
            ({"boolean": ["yes"]}, "boolean: expected { true ="),
            ({"boolean": {"true": ["yes"]}}, "boolean: expected { true ="),
            ({"boolean": {"true": [], "false": ["no"]}}, "boolean: expected a list of words"),
            ({"boolean": {"true": "yes", "false": ["no"]}}, "boolean: expected a list of words"),
            ({"boolean": {"true": [1], "false": ["no"]}}, "boolean: expected a text in quotes"),
            ({"boolean": {"true": ["X"], "false": ["x "]}}, "boolean: 'x' stands for true and for false"),
            ({}, "expected a transform such as"),
            (5, "expected a transform such as"),
            (None, "expected a transform such as"),
            ([["strip"]], "expected a transform such as"),
        ],
    )
    def test_what_cannot_be_meant_is_refused_with_a_sentence(self, value: object, sentence: str) -> None:
        with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
            read_steps(value)


class TestSchema:
    def test_it_is_a_schema(self) -> None:
        jsonschema.Draft202012Validator.check_schema(STEPS_SCHEMA)
        assert json.loads(json.dumps(STEPS_SCHEMA)) == STEPS_SCHEMA

    @pytest.mark.parametrize("written", EVERY_STEP, ids=json.dumps)
    def test_editors_take_every_step_alone_and_in_a_list(self, written: object) -> None:
        jsonschema.validate(written, STEPS_SCHEMA)
        jsonschema.validate([written, written], STEPS_SCHEMA)

    @given(
        st.recursive(
            st.sampled_from(["strip", "date", "x", "", " ", ";", ",", "{}", "%Y -> %Y", 0, 1, True, None]),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(
                    st.sampled_from(
                        [
                            "split",
                            "join",
                            "item",
                            "number",
                            "regex",
                            "replace",
                            "concat",
                            "date",
                            "boolean",
                            "true",
                            "default",
                        ]
                    ),
                    inner,
                    max_size=2,
                )
            ),
            max_leaves=4,
        )
    )
    def test_what_reads_is_what_the_schema_takes(self, value: Any) -> None:
        try:
            read_steps(value)
        except ValueError:
            return
        jsonschema.validate(value, STEPS_SCHEMA)
