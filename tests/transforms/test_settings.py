"""Steps in settings: what is taken, what is refused and how it is said."""

import json
import re
import tomllib

import pytest

from pipeline.transforms import read_steps, write_steps
from tests.transforms.changes import EVERY_STEP, change


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
