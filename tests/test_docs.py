"""What the documents say is what the program does."""

import re
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.cli.commands import hmpipe

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_readme_shows_the_live_help(tmp_path: Path) -> None:
    shown = re.search(r"<!-- commands -->\n```\n(.*?)\n```", README, re.DOTALL)
    assert shown
    assert hmpipe(tmp_path, "--help", COLUMNS="80").out.strip() == shown[1].strip()


def test_the_readme_shows_a_real_command_early() -> None:
    first = next(number for number, line in enumerate(README.splitlines(), start=1) if line.startswith("$ hmpipe "))
    assert first < 40


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^hmpipe (\w+)", README, re.MULTILINE))))
def test_every_command_of_the_readme_exists_and_teaches_by_example(tmp_path: Path, command: str) -> None:
    text = hmpipe(tmp_path, command, "--help").out
    assert "Example" in text or "Commands:" in text


def test_settings_that_the_readme_names_exist() -> None:
    known = {key for entry in Settings.model_fields.values() for key in entry.annotation.model_fields}  # type: ignore[union-attr] # every section is a model
    for name in (
        "default_region",
        "blanks",
        "on_existing",
        "max_reject_rate",
        "max_changes",
        "max_opt_outs",
        "base_url",
    ):
        assert name in README
        assert name in known


@pytest.mark.parametrize("text", [README, ARCHITECTURE], ids=["README", "architecture"])
def test_links_and_files_that_are_named_exist(text: str) -> None:
    named = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text) + re.findall(
        r"`((?:pipeline|tests|configs|docs)/[\w/.]+)`", text
    )
    for path in named:
        assert (ROOT / path).exists() or (ROOT / "docs" / path).exists(), path


def test_every_room_of_the_house_is_on_the_map() -> None:
    rooms = {path.stem for path in (ROOT / "pipeline").iterdir() if not path.name.startswith(("_", "py.typed"))}
    picture = ARCHITECTURE.split("```")[1]
    assert {room for room in rooms if not re.search(rf"\b{room}\b", picture)} == set()
