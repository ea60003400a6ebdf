"""The commented settings files are true: they load, they fit the schema, and they show every setting."""

import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from pipeline.settings import Settings, load_settings, settings_schema

CONFIGS = sorted((Path(__file__).parent.parent / "configs").glob("*.toml"))


def test_they_are_all_here() -> None:
    assert [path.name for path in CONFIGS] == [
        "crm_migration.toml", "full_backup.toml", "nightly_import.toml", "sandbox.toml",
    ]  # fmt: skip


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
class TestEach:
    def test_it_loads_and_fits_the_schema(self, path: Path) -> None:
        load_settings(path, environ={})
        jsonschema.validate(tomllib.loads(path.read_text()), settings_schema())

    def test_editors_find_the_schema(self, path: Path) -> None:
        line = path.read_text().splitlines()[0]
        assert line == "#:schema ../docs/settings.schema.json"
        assert (path.parent / line.split()[1]).is_file()

    def test_the_commands_in_its_head_name_it(self, path: Path) -> None:
        commands = [line for line in path.read_text().splitlines() if line.startswith("#") and "hmpipe " in line]
        assert commands
        assert all(path.name in line for line in commands if "-c " in line)


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


def test_relative_paths_are_relative_to_the_file() -> None:
    sandbox = next(path for path in CONFIGS if path.stem == "sandbox")
    settings = load_settings(sandbox, environ={})
    assert settings.paths.runs.resolve() == sandbox.parent.parent / "runs"


def test_no_secret_stands_in_any_of_them() -> None:
    for path in CONFIGS:
        assert not re.search(r"^\s*(secret|api_?key|token)", path.read_text(), re.IGNORECASE | re.MULTILINE)
