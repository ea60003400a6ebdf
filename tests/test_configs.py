"""The commented settings files are true: they load, they fit the schema, and they show every setting."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pipeline.settings import PLAIN_TARGETS, Settings, load_settings

ROOT = Path(__file__).parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.toml"))
SCHEMA = json.loads((ROOT / "docs" / "settings.schema.json").read_text(encoding="utf-8"))

COMMENTED = re.compile(r"^(\w+) = [^#]*# (.*)$")


def comments(path: Path) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for line in path.read_text().splitlines() if (found := COMMENTED.match(line))]


def properties() -> dict[str, dict[str, Any]]:
    return {key: shape for section in SCHEMA["$defs"].values() for key, shape in section.get("properties", {}).items()}


def default_of(key: str) -> str:
    value = properties()[key]["default"]
    return str(value).lower() if isinstance(value, bool) else str(value)


def choices_of(key: str) -> set[str]:
    shape = properties()[key]
    shape = SCHEMA["$defs"][shape["$ref"].rsplit("/", 1)[1]] if "$ref" in shape else shape
    return set(shape["enum"])


def test_they_are_all_here() -> None:
    assert [path.name for path in CONFIGS] == [
        "crm_migration.toml", "full_backup.toml", "hand_kept_list.toml", "nightly_import.toml", "sandbox.toml",
    ]  # fmt: skip


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
class TestEach:
    def test_it_loads_and_fits_the_schema(self, path: Path) -> None:
        load_settings(path, environ={})
        jsonschema.validate(tomllib.loads(path.read_text()), SCHEMA)

    def test_editors_find_the_schema(self, path: Path) -> None:
        line = path.read_text().splitlines()[0]
        assert line == "#:schema ../docs/settings.schema.json"
        assert (path.parent / line.split()[1]).is_file()

    def test_the_commands_in_its_head_name_it(self, path: Path) -> None:
        commands = [line for line in path.read_text().splitlines() if line.startswith("#") and "hmpipe " in line]
        assert commands
        assert all(path.name in line for line in commands if "-c " in line)

    def test_the_defaults_that_its_comments_name_are_true(self, path: Path) -> None:
        claims = [(key, found[1]) for key, text in comments(path) if (found := re.search(r"\bdefault (\w+)$", text))]
        assert [(key, claim) for key, claim in claims if claim != default_of(key)] == []

    def test_the_choices_that_its_comments_name_are_all_there_are(self, path: Path) -> None:
        for key, text in comments(path):
            if found := re.search(r"\w+( \| \w+)+", text):
                assert set(found[0].split(" | ")) == choices_of(key), key

    def test_each_setting_outside_the_column_mapping_has_a_comment(self, path: Path) -> None:
        mapped = re.split(r"^\[import\.columns\].*$|^(?=\[paths\])", path.read_text(), flags=re.MULTILINE)
        settings = [line for part in mapped for line in part.splitlines() if re.match(r"[a-z_]+ = ", line)]
        assert settings
        assert [line for line in settings if "# " not in line] == []


def test_every_setting_is_shown_in_one_of_them() -> None:
    shown = {
        f"{section}.{key}"
        for path in CONFIGS
        for section, content in tomllib.loads(path.read_text()).items()
        for key in content
    }
    known = {
        f"{entry.alias or name}.{key}"
        for name, entry in Settings.model_fields.items()
        for key in entry.annotation.model_fields  # type: ignore[union-attr] # every section is a model
    }
    assert shown == known


def test_every_kind_of_column_target_is_shown_in_one_of_them() -> None:
    columns = [load_settings(path, environ={}).imports.columns.values() for path in CONFIGS]
    assert {target.kind for values in columns for targets in values for target in targets} == {
        *PLAIN_TARGETS,
        "custom",
        "channel",
    }


def test_relative_paths_are_relative_to_the_file() -> None:
    sandbox = next(path for path in CONFIGS if path.stem == "sandbox")
    settings = load_settings(sandbox, environ={})
    assert settings.paths.runs.resolve() == sandbox.parent.parent / "runs"


def test_no_secret_stands_in_any_of_them() -> None:
    for path in CONFIGS:
        assert not re.search(r"^\s*(secret|api_?key|token)", path.read_text(), re.IGNORECASE | re.MULTILINE)
