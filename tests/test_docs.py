"""What the documents say is what the program does."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.models import MAX_TAGS, REJECT_COLUMNS, Tally, Traffic
from pipeline.results import CheckSummary, ExportSummary, PlanSummary, RunSummary
from pipeline.settings import Settings
from tests.cli.commands import hmpipe

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pipeline"
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

OF_RUNS_AND_SNAPSHOTS = {
    "journal.sqlite", "summary.json", "rejects.csv", "rejects.xlsx", "results.csv", "came_back.csv", "warnings.csv",
    "kept.csv",
    "report.html", "contacts.jsonl.gz", "contacts.csv", "contacts.parquet", "fields.json", "tags.json", "team.json",
    "consent.jsonl.gz", "details.jsonl.gz", "deleted.jsonl.gz",
    "manifest.json", "hmpipe.toml",
}  # fmt: skip


def by_name(path: Path) -> str:
    return path.name


def code_of(page: Path) -> list[str]:
    """What a page says between backquotes, outside of blocks."""
    return re.findall(
        r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    )


def sources(room: str = ".") -> Iterator[ast.Module]:
    for path in sorted((PACKAGE / room).rglob("*.py")):
        yield ast.parse(path.read_text("utf-8"))


def definitions() -> set[str]:
    """Every class, function, method and attribute of the package, as `name` and as `Class.name`."""
    names: set[str] = set()
    for tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            if isinstance(node, ast.ClassDef):
                inner = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
                names |= {f"{node.name}.{each.name}" for each in inner}
    return names


def constant(room: str, name: str) -> Any:
    """The value of a constant, whichever file of the room has it."""
    found = [
        node.value
        for tree in sources(room)
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id == name for each in node.targets)
    ]
    [value] = map(ast.literal_eval, found)
    return value


def settings_keys() -> set[str]:
    return {
        f"{entry.alias or name}.{key}"
        for name, entry in Settings.model_fields.items()
        for key in entry.annotation.model_fields  # type: ignore[union-attr] # every section is a model
    }


def test_the_readme_shows_the_live_help(tmp_path: Path) -> None:
    shown = re.search(r"<!-- commands -->\n```\n(.*?)\n```", README, re.DOTALL)
    assert shown
    assert hmpipe(tmp_path, "--help", COLUMNS="80").out.strip() == shown[1].strip()


def test_the_readme_shows_a_real_command_early() -> None:
    first = next(number for number, line in enumerate(README.splitlines(), start=1) if line.startswith("$ hmpipe "))
    assert first < 40


def test_the_readme_says_in_its_first_lines_what_was_never_tried_and_what_to_try_first() -> None:
    opening = "\n".join(README.splitlines()[:10])
    assert "never met the real service" in opening
    assert opening.index("hmpipe doctor") < opening.index("hmpipe plan")


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^hmpipe (\w+)", README, re.MULTILINE))))
def test_every_command_of_the_readme_exists_and_teaches_by_example(tmp_path: Path, command: str) -> None:
    text = hmpipe(tmp_path, command, "--help").out
    assert "Example" in text or "Commands:" in text


def test_settings_that_the_readme_names_exist() -> None:
    known = {key.split(".")[1] for key in settings_keys()}
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


@pytest.mark.parametrize("page", PAGES, ids=by_name)
class TestEachPage:
    def test_links_lead_somewhere(self, page: Path) -> None:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), link

    def test_files_and_folders_that_are_named_exist(self, page: Path) -> None:
        """A path of the repository, or one of `pipeline/`."""
        named = [text for text in code_of(page) if re.fullmatch(r"[\w.]+/(?:[\w.]+/)*[\w.]*", text)]
        # What the program or the installation makes, and a date.
        others = re.compile(r"(?:runs|snapshots|\.venv)/.+|[\d/]+")
        assert [
            path
            for path in named
            if not others.fullmatch(path) and not any((place / path).exists() for place in (ROOT, PACKAGE))
        ] == []

    def test_dotted_names_are_settings_files_or_what_the_code_defines(self, page: Path) -> None:
        known = definitions() | settings_keys() | OF_RUNS_AND_SNAPSHOTS
        known |= {path.name for path in [*ROOT.iterdir(), *PACKAGE.rglob("*.py"), *(ROOT / "docs").iterdir()]}
        said = {text.split("(")[0].split(" = ")[0] for text in code_of(page)}
        dotted = {text for text in said if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", text)}
        manifest = {"walk.caught_up"}
        assert dotted - known - manifest == set()


def test_code_cites_documents_and_sections_that_exist() -> None:
    cited = re.compile(
        r"((?:docs|pipeline|tests|benchmarks)/[\w/.]+\.(?:py|md))(?:, sections? ([A-Z][a-z]+(?: [a-z]+)*))?"
    )
    for folder in (PACKAGE, ROOT / "tests", ROOT / "benchmarks"):
        for path in folder.rglob("*.py"):
            for document, section in cited.findall(re.sub(r"\s+", " ", path.read_text("utf-8"))):
                assert (ROOT / document).exists(), (path, document)
                headings = re.findall(r"^## (.*)$", (ROOT / document).read_text("utf-8"), re.MULTILINE)
                known = any(section.startswith(heading.split(" ")[0]) for heading in headings)
                assert not section or known, (path, document, section)


def test_every_room_of_the_house_is_on_the_map() -> None:
    rooms = {path.stem for path in PACKAGE.iterdir() if not path.name.startswith(("_", "py.typed"))}
    table = ARCHITECTURE.split("## Rooms")[1].split("###")[0]
    assert set(re.findall(r"^\| `(\w+)[/.]", table, re.MULTILINE)) == rooms


def test_the_floors_are_those_that_the_gate_holds() -> None:
    shown = re.search(r"^```floors\n(.*?)\n```", ARCHITECTURE, re.DOTALL | re.MULTILINE)
    assert shown
    [layers] = [each["layers"] for each in PROJECT["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    assert shown[1].splitlines() == layers


def test_libraries_are_imported_where_the_page_says() -> None:
    modules = {
        "PyJWT": "jwt",
        "charset-normalizer": "charset_normalizer",
        "email-validator": "email_validator",
    }
    table = ARCHITECTURE.split("## Why these libraries")[1]
    for library, where in re.findall(r"^\| ([\w-]+)(?: \(extra `\w+`\))? \| (`.*?) \|", table, re.MULTILINE):
        name = modules.get(library, library.lower())
        used = rf'^(?:import|from) {name}\b|^from pipeline.libraries import .*\b{name}\b|load_optional\("{name}\b'
        sites = [
            path.relative_to(PACKAGE).as_posix()
            for path in PACKAGE.rglob("*.py")
            if path.name != "libraries.py" and re.search(used, path.read_text("utf-8"), re.MULTILINE)
        ]
        assert sites, library
        assert [site for site in sites if not site.startswith(tuple(re.findall(r"`(.*?)`", where)))] == [], library


@pytest.mark.parametrize(
    ("page", "sentence", "number"),
    [
        ("runs.md", r"One row is sent at most (\d+) times in a run", constant("uploader", "MAX_SENDS")),
        ("policies.md", r"A contact never gets more than (\d+) tags", MAX_TAGS),
        ("mapping.md", r"more than (\d+) are a reject, or cut", MAX_TAGS),
        ("api.md", r"`\{\"tag_id\": int\}`, at most (\d+)\.", MAX_TAGS),
        ("api.md", r"(\d+) a page by default", constant("exporter/walk", "SMALLEST_LIMIT")),
    ],
)
def test_a_number_stands_for_one_fact(page: str, sentence: str, number: int) -> None:
    text = re.sub(r"\s+", " ", (ROOT / "docs" / page).read_text("utf-8"))
    assert [int(found) for found in re.findall(sentence, text)] == [number]


class TestTheContract:
    TEXT = (ROOT / "docs" / "contract.md").read_text("utf-8")

    def test_it_names_the_columns_of_a_reject_file(self) -> None:
        assert f"`{' '.join(REJECT_COLUMNS)}`" in self.TEXT

    def test_its_exit_codes_are_those_of_the_readme(self) -> None:
        rows = re.compile(r"^\| [\d, ]+ \| .*$", re.MULTILINE)
        assert rows.findall(self.TEXT) == rows.findall(README)
        assert len(rows.findall(README)) == 6

    @pytest.mark.parametrize(
        ("commands", "before", "summary"),
        [
            ("`check`", "", CheckSummary("", 0, 0, 0, 0, {}, {}, "", "")),
            ("`plan`", "", PlanSummary("", Tally(), 0, 0)),
            ("`import`", "", RunSummary("", Tally(), Traffic(), 0, 0)),
            ("`delete`, `restore`", "`import`", RunSummary("", Tally(), Traffic(), 0, 0, kind="delete")),
            ("`delete`, `restore`", "`import`", RunSummary("", Tally(), Traffic(), 0, 0, kind="restore")),
            ("`undo`", "`import` `delete`, `restore`", RunSummary("", Tally(), Traffic(), 0, 0, kind="undo")),
            ("`export`", "", ExportSummary(None, 0, False, 0, 0, 0, 0, 0, "verified", "")),
        ],
        ids=["check", "plan", "import", "delete", "restore", "undo", "export"],
    )
    def test_its_keys_are_those_that_a_command_ends_with(
        self, commands: str, before: str, summary: CheckSummary | PlanSummary | RunSummary | ExportSummary
    ) -> None:
        table = dict(re.findall(r"^\| (`[a-z`, ]+`) \| .*?`([a-z_ ]+)` \|$", self.TEXT, re.MULTILINE))
        said = [table[commands], *(keys for name, keys in table.items() if name in before)]
        assert set(" ".join(said).split()) == set(summary.as_json())
