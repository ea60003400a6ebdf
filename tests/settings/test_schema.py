"""The published schema and page: every setting explains itself, and both take what the loader takes."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.write_settings import settings_page, toml
from pipeline.errors import SettingsError
from pipeline.settings import ImportSettings, load_settings, settings_schema

SCHEMA = settings_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SECTIONS = {
    name: SCHEMA["$defs"][reference["$ref"].rsplit("/", 1)[1]]["properties"]
    for name, reference in SCHEMA["properties"].items()
}
SETTINGS = [(section, key) for section, settings in SECTIONS.items() for key in settings]


def resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema with the definition that it refers to."""
    return {**SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], **schema} if "$ref" in schema else schema


def objects(schema: object, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return each part of the schema that has properties, and its place."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("properties"), Mapping):
            yield path, schema
        for key, part in schema.items():
            yield from objects(part, f"{path}/{key}")
    elif isinstance(schema, list):
        for place, part in enumerate(schema):
            yield from objects(part, f"{path}/{place}")


PROPERTIES = [
    pytest.param(schema, key, resolve(part), id=f"{path}/{key}")
    for path, schema in objects(SCHEMA)
    for key, part in schema["properties"].items()
]


def targets() -> Iterator[object]:
    """Return each form of a target and of a transform, as its example shows it."""
    names, table = map(resolve, SCHEMA["$defs"]["target"]["anyOf"])
    yield from names["enum"]
    yield from SCHEMA["$defs"]["targets"]["examples"]
    for key, part in table["properties"].items():
        beside = {"to": "first"} if key in ("transform", "map") else {}
        yield from ({**beside, key: example} for example in resolve(part)["examples"])
    words, steps = SCHEMA["$defs"]["step"]["anyOf"]
    for step in [*words["enum"], *of_steps(steps["properties"])]:
        yield {"to": "first", "transform": [{"split": ";"}, step]}


def of_steps(steps: Mapping[str, Any]) -> Iterator[Mapping[str, object]]:
    """Return each example of a step with a value."""
    for key, part in steps.items():
        beside = {"regex": steps["regex"]["examples"][0]} if key == "replace" else {}
        yield from ({**beside, key: example} for example in part["examples"])


EXAMPLES = [
    *(
        f"[{section}]\n{key} = {toml(example)}"
        for section, key in SETTINGS
        for example in SECTIONS[section][key]["examples"]
    ),
    *(f'[import.columns]\n"Any" = {toml(target)}' for target in targets()),
]


def loads(folder: Path, text: str) -> bool:
    """Say whether the loader takes a settings file."""
    path = folder / "s.toml"
    path.write_text(text, encoding="utf-8")
    try:
        load_settings(path, environ={})
    except SettingsError:
        return False
    return True


@pytest.mark.parametrize(("table", "key", "part"), PROPERTIES)
class TestEachProperty:
    def test_it_has_a_sentence_and_a_default_unless_it_must_be_given(
        self, table: Mapping[str, Any], key: str, part: Mapping[str, Any]
    ) -> None:
        assert part["description"].endswith(".")
        must_be = key in table.get("required", ()) or "minProperties" in {**table, **table.get("then", {})}
        assert "default" in part or must_be

    def test_its_default_and_its_examples_are_of_its_own_shape(
        self, table: Mapping[str, Any], key: str, part: Mapping[str, Any]
    ) -> None:
        validator = jsonschema.Draft202012Validator({**part, "$defs": SCHEMA["$defs"]})
        assert table["properties"][key]
        for value in [*part.get("examples", []), *([part["default"]] if "default" in part else [])]:
            validator.validate(value)


@pytest.mark.parametrize(("section", "key"), SETTINGS)
def test_each_setting_has_an_example_that_is_not_its_default(section: str, key: str) -> None:
    setting = SECTIONS[section][key]
    assert setting["examples"]
    assert setting["default"] not in setting["examples"]


@pytest.mark.parametrize("text", EXAMPLES)
def test_each_example_fits_the_schema_and_loads(tmp_path: Path, text: str) -> None:
    VALIDATOR.validate(tomllib.loads(text))
    assert loads(tmp_path, text)


@pytest.mark.parametrize(("section", "key"), SETTINGS)
def test_the_environment_and_a_flag_give_a_setting_as_the_file_does(tmp_path: Path, section: str, key: str) -> None:
    path = tmp_path / "s.toml"
    for example in SECTIONS[section][key]["examples"]:
        path.write_text(f"[{section}]\n{key} = {toml(example)}")
        by_file = load_settings(path, environ={})
        path.write_text("")
        text = example if isinstance(example, str) else toml(example)
        assert load_settings(path, environ={f"HMPIPE_{section}__{key}".upper(): text}) == by_file
        assert load_settings(path, {f"{section}.{key}": text}, environ={}) == by_file


def test_every_choice_has_its_sentence() -> None:
    choices = [SCHEMA["$defs"]["target_name"], SCHEMA["$defs"]["step"]["anyOf"][0]]
    for choice in choices:
        meanings = choice["x-taplo"]["docs"]["enumValues"]
        assert len(meanings) == len(choice["enum"])
        assert all(meaning.endswith(".") for meaning in meanings)


def test_the_page_is_the_one_in_docs() -> None:
    published = Path(__file__).parents[2] / "docs" / "settings.md"
    assert published.read_text(encoding="utf-8") == settings_page(SCHEMA), "write it anew: make schema"


def test_nothing_stands_twice_in_the_schema() -> None:
    assert len([path for path, _ in objects(SCHEMA)]) == len({repr(schema) for _, schema in objects(SCHEMA)})


PALETTE: list[object] = [
    "", "x", "US", ";", ";;", "none", "\n", 0, 1, 2, -1, 0.5, 10_000, True, False, [], ["x"], ["phone"], ["email"],
    ["email", "phone"], ["csv", "csv"], [1], {}, {"a": "b"}, {"a": 1}, {"a": "phone"}, {"a": ["phone"]},
]  # fmt: skip
SAID_BY_THE_LOADER_ALONE = {("account", "base_url"), ("limits", "shared")}
"""Addresses: what is wrong with one is more than its shape."""


def is_converted(setting: Mapping[str, Any], value: object) -> bool:
    """Say whether the loader takes true for 1, or 1 for true: it may, the schema need not."""
    given = setting.get("type", ())
    kinds = {given} if isinstance(given, str) else {*given}
    return "boolean" not in kinds if value is True or value is False else kinds == {"boolean"} and value in (0, 1)


@pytest.mark.parametrize(("section", "key"), SETTINGS)
def test_the_schema_takes_what_the_loader_takes(tmp_path: Path, section: str, key: str) -> None:
    setting = SECTIONS[section][key]
    for value in [*PALETTE, *setting.get("enum", []), *setting["examples"]]:
        if is_converted(setting, value):
            continue
        fits = VALIDATOR.is_valid({section: {key: value}})
        taken = loads(tmp_path, f"[{section}]\n{key} = {toml(value)}")
        assert fits == taken or (fits and (section, key) in SAID_BY_THE_LOADER_ALONE), value


SMALL = st.sampled_from(["phone", "first", "phon", "", ";", 0, 1, -1, True, [], ["strip"], ["strap"]])
TABLES = st.dictionaries(
    st.sampled_from(["to", "custom", "tags", "channel", "list", "transform", "x"]),
    SMALL | st.dictionaries(st.sampled_from(["to", "custom", "tags", "list", "transform"]), SMALL, max_size=2),
    max_size=3,
)


@given(SMALL | TABLES | st.lists(SMALL | TABLES, max_size=2))
def test_law_the_schema_takes_the_targets_that_the_loader_takes(target: object) -> None:
    try:
        ImportSettings.model_validate({"columns": {"Any": target}})
        taken = True
    except ValueError:
        taken = False
    assert VALIDATOR.is_valid({"import": {"columns": {"Any": target}}}) == taken


def test_the_schema_for_editors_is_the_one_in_docs() -> None:
    published = Path(__file__).parents[2] / "docs" / "settings.schema.json"
    assert json.loads(published.read_text()) == settings_schema(), "write it anew: make schema"


def test_the_schema_knows_targets_and_refuses_what_the_loader_refuses() -> None:
    validator = jsonschema.Draft202012Validator(settings_schema())
    good = {"import": {"columns": {"A": "phone", "B": {"custom": 3}, "C": {"tags": ";"}}}}
    assert validator.is_valid(good)
    bad: list[dict[str, Any]] = [
        {"import": {"columns": {"A": "phon"}}},
        {"limits": {"concurrency": 0}},
        {"imports": {}},
    ]
    assert not any(validator.is_valid(settings) for settings in bad)
