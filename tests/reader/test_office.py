"""Reject files that a real spreadsheet opened and saved: judged as they were, but for the cells that were mended."""

import csv
import io
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.models._outcomes import BAD_KINDS
from pipeline.reader import write_reject_workbook, write_rejects
from pipeline.runs.journal import Journal
from tests.tables import settings_of, take, take_text

SOFFICE = shutil.which("soffice")

pytestmark = [
    pytest.mark.service,
    pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice on this machine"),
    pytest.mark.timeout(120),
]

COLUMNS = {"Phone": "phone", "Note": {"custom": 1}, "Out": "is_opted_out"}

LANGUAGES = ("en-US", "en-GB", "de-DE", "fr-FR")

PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{language}</value></prop></item></oor:items>
"""

DIGITS = st.integers(0, 10**13).map(str)
DATED = st.dates().flatmap(
    lambda day: st.sampled_from(
        [f"{day}", f"{day.month}/{day.day}/{day.year}", f"{day.day}.{day.month}.{day.year}", f"{day.month}/{day.day}"]
    )
)
TIMED = st.times().flatmap(
    lambda time: st.sampled_from([f"{time:%H:%M}", f"{time:%I:%M %p}", f"{time.hour}:{time.minute}"])
)
CELLS = st.one_of(
    st.text("0123456789+-.,/() ", min_size=1, max_size=12).filter(lambda text: not text.startswith("=")),
    st.tuples(st.sampled_from(["", "+", "0", "00", "-", "1.", "$"]), DIGITS).map("".join),
    st.tuples(st.integers(1, 9), st.integers(0, 99999), st.integers(0, 15)).map(lambda of: f"{of[0]}.{of[1]}E+{of[2]}"),
    st.tuples(DIGITS, st.sampled_from("eE"), st.integers(0, 9999)).map(lambda of: f"{of[0]}{of[1]}{of[2]}"),
    DATED,
    TIMED,
    st.sampled_from(
        ["TRUE", "false", "#N/A", "#NAME?", "-x", "+a", "@b", "=1+1", "1 2/3", "15%", "5 \u20ac", "Jos\u00e9"]
    ),
    st.text("\u00e9\u0142\u5c71 a'\"\n,;", max_size=6),
)
"""What a spreadsheet may take for a number, a date, a formula or a truth, and letters of all kinds."""


@pytest.fixture(scope="module")
def opened_and_saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, str], Path]:
    """Open a file as a spreadsheet that speaks a language does, every kind of number recognised, and save it."""

    def through(path: Path, language: str) -> Path:
        home = tmp_path_factory.getbasetemp() / f"office-{language}"
        (home / "user").mkdir(parents=True, exist_ok=True)
        (home / "user" / "registrymodifications.xcu").write_text(PROFILE.format(language=language))
        folder = tmp_path_factory.mktemp("saved")
        text = ["--infilter=CSV:44,34,76,1,,0,false,true"] if path.suffix == ".csv" else []
        kind = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false" if text else "xlsx"
        command = [str(SOFFICE), f"-env:UserInstallation={home.as_uri()}", "--headless", *text]
        subprocess.run(
            [*command, "--convert-to", kind, "--outdir", str(folder), str(path)],
            capture_output=True, check=True, timeout=60,
        )  # fmt: skip
        return folder / path.name

    return through


def rejected(journal: Journal) -> list[Sequence[str]]:
    return [(row.code, row.column, *row.cells[:3]) for row in journal.outcomes.rows(*BAD_KINDS)]


def as_text(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


# Each example takes the spreadsheet seconds: one that fails is not made smaller.
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=100, max_size=120), st.sampled_from(LANGUAGES))
def test_law_rows_that_nobody_mended_are_judged_as_they_were(
    opened_and_saved: Callable[[Path, str], Path],
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[tuple[str, str]],
    language: str,
) -> None:
    # The answer on consent cannot be understood: every row is rejected, whatever its phone is.
    text = as_text([tuple(COLUMNS), *((phone, note, "perhaps") for phone, note in cells)])
    journal, _ = take_text(text, columns=COLUMNS, encoding="utf-8", delimiter=",", header=1)
    before = rejected(journal)
    assert before
    folder = tmp_path_factory.mktemp("rejects")
    book = write_reject_workbook(folder / "rejects.xlsx", journal, BAD_KINDS)
    assert book is not None
    for path in (write_rejects(folder / "rejects.csv", journal, BAD_KINDS), book):
        again, _ = take([opened_and_saved(path, language)], settings_of(COLUMNS))
        assert rejected(again) == before, path.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cell_that_was_mended_is_judged_anew(
    opened_and_saved: Callable[[Path, str], Path], tmp_path: Path, language: str
) -> None:
    rows = [("1.51255E+10", "02134", "no"), ("1.51255E+10", "1/2/2020", "no"), ("+1 415 555 0134", "1-2", "perhaps")]
    journal, _ = take_text(as_text([tuple(COLUMNS), *rows]), columns=COLUMNS, encoding="utf-8")
    assert [row[0] for row in rejected(journal)] == ["sci_notation_lossy", "sci_notation_lossy", "bad_boolean"]
    saved = opened_and_saved(write_rejects(tmp_path / "rejects.csv", journal, BAD_KINDS), language)
    with saved.open(encoding="utf-8-sig", newline="") as file:
        header, *found = csv.reader(file)
    assert found[0][:2] != list(rows[0][:2]), "the spreadsheet converts nothing: this test shows nothing"
    found[0][0], found[2][2] = "+1 512 555 0132", "yes"
    with saved.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *found])
    again, taken = take([opened_and_saved(saved, language)], settings_of(COLUMNS))
    assert taken.census.codes == {"sci_notation_lossy": 1}
    assert [(each.phone, each.custom, each.fields) for each in again.input.contacts()] == [
        ("15125550132", {"1": "02134"}, {"is_opted_out": False}),
        ("14155550134", {"1": "1-2"}, {"is_opted_out": True}),
    ]
