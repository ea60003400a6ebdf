"""How the house is built, where no contract of import-linter can say it: faces, imports, and what they load."""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "pipeline").rglob("*.py"))
}
FACES = [name for name in MODULES if name.endswith(".__init__")]

SLOW = {"aiohttp", "numpy", "pandas", "phonenumbers", "rich"}
SELDOM = {
    "charset_normalizer", "email_validator", "filelock", "fsspec", "jinja2", "openpyxl", "pyarrow", "pygal", "pyrage",
    "redis",
}  # fmt: skip


def imports(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))


def functions(tree: ast.AST) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))


@pytest.mark.parametrize("name", FACES)
def test_a_face_is_a_sentence_and_names(name: str) -> None:
    first, *rest = MODULES[name].body
    text = ast.get_docstring(MODULES[name]) or ""
    assert re.fullmatch(r"[^.]+(\.\w[^.]*)*\.", text), "one sentence"
    assert isinstance(first, ast.Expr)
    for statement in rest:
        names = [target.id for target in getattr(statement, "targets", []) if isinstance(target, ast.Name)]
        assert isinstance(statement, ast.ImportFrom) or names in (["__all__"], ["__version__"])


def test_no_private_module_is_imported_across_rooms() -> None:
    for name, tree in MODULES.items():
        room = name.split(".")[1]
        for node in imports(tree):
            for alias in node.names:
                path = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
                parts = path.split(".")
                is_private = any(part.startswith("_") and not part.endswith("__") for part in parts)
                assert not (parts[0] == "pipeline" and is_private and parts[1] != room), (name, path)


def test_imports_stand_at_the_top() -> None:
    """Whatever takes long to load is a name of `pipeline.libraries`; commands are loaded by one table."""
    for name, tree in MODULES.items():
        assert not [ast.unparse(node) for each in functions(tree) for node in imports(each)], name
    loaders = {name for name, tree in MODULES.items() if re.search(r"import_module|resolve_name", ast.unparse(tree))}
    assert loaders == {"pipeline.libraries", "pipeline.cli._main"}


def test_no_import_leads_in_a_circle() -> None:
    graph = grimp.build_graph("pipeline", cache_dir=None)
    found = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    graphlib.TopologicalSorter(found).prepare()


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("cli", SLOW | SELDOM | {"anyio", "msgspec", "pydantic", "pipeline.settings", "pipeline.cli._session"}),
        ("cli._check", (SLOW | SELDOM | {"pipeline.jobs.import_", "pipeline.heymarket"}) - {"phonenumbers"}),
        ("cli._runs", SLOW | SELDOM),
        ("heymarket", SLOW | SELDOM),
        ("cli._snapshots", SLOW | SELDOM | {"anyio"}),
        ("exporter", SLOW | SELDOM),
        ("limiter", SLOW | SELDOM),
        ("phone", (SLOW | SELDOM) - {"phonenumbers"}),
        ("reader.intake", (SLOW | SELDOM) - {"phonenumbers"}),
        ("report", SLOW | SELDOM | {"anyio", "pydantic"}),
        ("resolver", SLOW | SELDOM),
        ("runs", SLOW | SELDOM | {"anyio", "pydantic"}),
        ("settings", SLOW | SELDOM | {"anyio"}),
        ("snapshots", SLOW | SELDOM | {"anyio", "pydantic"}),
        ("state", SLOW | SELDOM | {"pydantic"}),
        ("uploader", SLOW | SELDOM),
    ],
)
def test_a_face_loads_no_more_than_it_needs(module: str, absent: set[str]) -> None:
    program = f"import sys, pipeline.{module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert absent & set(done.stdout.split()) == set()
