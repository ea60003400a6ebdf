"""The steps as settings write them: values, options, and what is refused."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.transforms import Text, joined, read_steps, transform_definitions
from tests.transforms.changes import EVERY_STEP, change, problem_of

STEPS_SCHEMA = {"$ref": "#/$defs/transform", "$defs": transform_definitions()}


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
