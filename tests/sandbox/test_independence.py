"""The sandbox is an independent witness: it imports nothing else of this project."""

import ast
from pathlib import Path

import pipeline.sandbox

FOLDER = Path(pipeline.sandbox.__file__).parent


def imported(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports would hide where they lead"
            names.add(node.module or "")
    return names


def test_no_module_of_the_sandbox_imports_ours() -> None:
    modules = sorted(FOLDER.rglob("*.py"))
    assert len(modules) > 10
    for module in modules:
        ours = {name for name in imported(module.read_text(encoding="utf-8")) if name.split(".")[0] == "pipeline"}
        assert all(name == "pipeline.sandbox" or name.startswith("pipeline.sandbox.") for name in ours), module


def test_nothing_in_the_sandbox_prints() -> None:
    for module in FOLDER.rglob("*.py"):
        calls = (node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
        assert not any(isinstance(call.func, ast.Name) and call.func.id == "print" for call in calls), module
