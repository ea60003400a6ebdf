"""The list of results: one line a row, whatever became of it."""

import csv
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.reader.outputs import write_results
from pipeline.runs.journal import Journal
from tests.tables import settings_of, take, take_text


def written(journal: Journal, folder: Path) -> list[dict[str, str]]:
    path = write_results(folder / "results.csv", journal)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_superseded_row_names_the_row_that_counts(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("Phone,Name\n+14155550132,Ann\n12,Bo\n")
    second.write_text("Phone,Name\n,\n+14155550132,Cy\n")
    journal, taken = take([first, second], settings_of({"Phone": "phone", "Name": "first"}))
    lines = written(journal, tmp_path)
    assert [tuple(line.values()) for line in lines] == [
        ("1", "a.csv", "2", "+14155550132", "", "skipped", "duplicate_in_file", "4", ""),
        ("2", "a.csv", "3", "", "", "rejected", "too_short", "", ""),
        ("3", "b.csv", "2", "", "", "skipped", "blank_row", "", ""),
        ("4", "b.csv", "3", "+14155550132", "", "", "", "", "duplicate_names_differ"),
    ]
    assert taken.census.notes == {"duplicate_names_differ": 1}
    assert (tmp_path / "results.csv").stat().st_mode & 0o777 == 0o600


@settings(deadline=None, max_examples=40)
@given(
    names=st.lists(st.sampled_from(["", "Ann", "ANN", "Ann Lee", "Bo"]), min_size=1, max_size=5),
    winner=st.sampled_from(["last", "first", "merge"]),
)
def test_law_rows_with_one_phone_are_said_where_they_name_different_people(names: list[str], winner: str) -> None:
    rows = "".join(f"+14155550132,{name}\n" for name in names)
    journal, taken = take_text(
        f"Phone,Name\n{rows}", columns={"Phone": "phone", "Name": "first"}, duplicates=winner, encoding="utf-8"
    )
    differ = "Bo" in names and any(name.startswith(("Ann", "ANN")) for name in names)
    assert taken.census.notes.get("duplicate_names_differ", 0) == differ
    counting = [result for result in journal.outcomes.results() if not result.outcome]
    others = [result for result in journal.outcomes.results() if result.outcome]
    assert len(counting) == 1
    assert {result.superseded_by for result in others} <= {counting[0].row}
