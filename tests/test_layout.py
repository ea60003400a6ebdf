"""The tests lie as the program does: in the same folders, with a file for each module of weight."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAM, TESTS = ROOT / "pipeline", ROOT / "tests"
WEIGHT = 120
"""Lines from which on a module has a test file of its own name."""

# Modules of weight without one, and what holds them.
HELD_ELSEWHERE = {
    "exporter/walk/_state.py": "a part of the walk, which exporter/walk/test_machine.py holds as a whole",
    "exporter/walk/_step.py": "a part of the walk, which exporter/walk/test_machine.py holds as a whole",
    "limiter/_ledger.py": "what processes share, which limiter/test_share.py holds by what a server would see of them",
    "phone/_country_names.py": "names as Babel has them, which reader/mapping/test_phones.py holds by country columns",
    "phone/_spelling.py": "a step of columns of phones, which phone/test_column.py holds as a whole",
    "reader/consent/_cells.py": "a part of the judgement, which reader/consent/test_judge.py holds as a whole",
    "reader/consent/_headers.py": "a part of the judgement, which reader/consent/test_judge.py holds as a whole",
    "reader/consent/_languages.py": "words of the judgement, which reader/consent/said.py names column by column",
    "reader/tables/_letters.py": "how usual letters are, which reader/tables/test_candidates.py holds",
    "report/_words.py": "words of the texts that the other tests of report/ hold to the letter",
}


def folders(root: Path) -> set[str]:
    return {str(path.parent.relative_to(root)) for path in root.rglob("*.py")}


def own_test(module: Path) -> Path:
    """Return where the test file of a module is."""
    return TESTS / module.relative_to(PROGRAM).parent / f"test_{module.stem.strip('_')}.py"


def without_own_test() -> set[str]:
    heavy = [path for path in PROGRAM.rglob("*.py") if len(path.read_text(encoding="utf-8").splitlines()) > WEIGHT]
    return {module.relative_to(PROGRAM).as_posix() for module in heavy if not own_test(module).exists()}


def test_each_folder_is_one_of_the_program() -> None:
    assert folders(TESTS) - folders(PROGRAM) == set()


def test_each_module_of_weight_has_a_test_file_of_its_name() -> None:
    assert without_own_test() == set(HELD_ELSEWHERE), "name its test file after it, or say here what holds it"
