"""A no that stands far down in a file is found, in whatever column it stands."""

import csv
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.reader.consent import ConsentWatch, Kind
from pipeline.reader.consent._watch import MOST_DISTINCT
from tests.cli.commands import hmpipe
from tests.conftest import Serve

NO = ["Unsubscribed", "DO NOT TEXT", "vip; no sms", "Désabonné", "D.N.C."]


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.sampled_from(NO), st.integers(0, 4_000), st.integers(1, 3), st.integers(1, 900))
def test_law_a_no_is_found_wherever_it_stands(no: str, place: int, times: int, chunk: int) -> None:
    rows = [[f"P{number}", ("Lead", "Customer", "")[number % 3]] for number in range(4_000)]
    for again in range(times):
        rows.insert(place + again, ["X", no])
    watch = ConsentWatch({0: "Name", 1: "Segment"})
    found = [start + each for start in range(0, len(rows), chunk) for each in watch.look(rows[start : start + chunk])]
    assert found == [place]
    [(column, verdict)] = watch.verdicts().items()
    assert (column, verdict.kind) == (1, Kind.QUESTION), verdict
    assert f"in {times} row" in verdict.reason


def test_a_column_of_texts_is_looked_at_up_to_a_bound() -> None:
    watch = ConsentWatch({0: "Name"})
    watch.look([[f"P{number}"] for number in range(MOST_DISTINCT + 1)])
    assert watch.look([["unsubscribed"]]) == []
    assert ConsentWatch({0: "Name"}).look([[]]) == []


def write(path: Path, rows: int) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Mobile", "First Name", "Stage"])
        for number in range(rows):
            writer.writerow([f"+1415555{number:04}", "Ann", "Lead" if number != rows - 2 else "SMS unsubscribed"])


def test_a_late_no_is_asked_about_by_init_and_stops_a_nightly_import(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    write(tmp_path / "people.csv", 6_000)
    proposed = hmpipe(tmp_path, "init", "people.csv", "-o", "proposed.toml", "--json")
    assert proposed.code == 0
    assert 'consent_question = ["Stage"]' in (tmp_path / "proposed.toml").read_text()
    (tmp_path / "hmpipe.toml").write_text(
        f'[account]\nbase_url = "{server.url}"\n[limits]\nrequests_per_minute = 0\n[import]\nconsent_question = []\n'
        '[import.columns]\nMobile = "phone"\n"First Name" = "first"\n'
    )
    refused = hmpipe(tmp_path, "import", "people.csv", "--json")
    assert (refused.code, refused.json["error_code"]) == (4, "new_consent_column")
    assert not server.sandbox.writes
    assert "Stage" in refused.err
    checked = hmpipe(tmp_path, "check", "people.csv", "--json")
    assert [each["column"] for each in checked.json["consent"]] == ["Stage"]
