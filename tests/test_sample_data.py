"""The sample data does what its README says, line by line."""

import re
from pathlib import Path

from pipeline.models._outcomes import OutcomeKind
from pipeline.runs.journal import Journal
from pipeline.settings import load_settings
from tests.tables import take

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_data"

FICTITIOUS = re.compile(r"1[2-9]\d\d55501\d\d|442079460\d{3}|614915701\d\d")
"""North America 555-0100 to 0199, Ofcom's and ACMA's numbers for drama."""


def stage(name: str) -> Journal:
    journal, _ = take([SAMPLES / name], load_settings(ROOT / "configs" / "sandbox.toml", environ={}).imports)
    return journal


def test_the_clean_file_has_100_contacts_and_no_reject() -> None:
    with stage("clean.csv") as journal:
        contacts = list(journal.input.contacts())
        assert journal.outcomes.tally().rejected == 0
        assert len({contact.phone for contact in contacts}) == journal.outcomes.tally().rows == 100


def test_every_line_of_the_messy_file_does_what_the_table_says() -> None:
    table = (SAMPLES / "README.md").read_text(encoding="utf-8")
    promised = dict(re.findall(r"^\| (\d+) \| .* \| (.*) \|$", table, re.MULTILINE))
    with stage("messy.csv") as journal:
        found = {str(contact.line): f"accepted as `{contact.phone}`" for contact in journal.input.contacts()}
        for row in journal.outcomes.rows(OutcomeKind.REJECTED, OutcomeKind.SKIPPED):
            found[str(row.line)] = f"{row.outcome.value}, `{row.code}`"
    assert found == promised
    assert sum("rejected" in what for what in found.values()) == 14


def test_the_opt_out_of_a_superseded_row_is_kept() -> None:
    with stage("messy.csv") as journal:
        [kept] = [contact for contact in journal.input.contacts() if contact.line == 35]
    assert kept.fields["is_opted_out"] is True


def test_the_messy_file_has_the_marks_that_its_readme_names() -> None:
    written = (SAMPLES / "messy.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    # Nor may an editor or git have turned the line ends.
    assert written.count(b"\r\n") == written.count(b"\n") > 36
    with stage("messy.csv") as journal:
        assert journal.outcomes.tally().rows == 36


def test_nobody_real_can_be_reached_by_them() -> None:
    for name in ("clean.csv", "messy.csv"):
        with stage(name) as journal:
            for contact in journal.input.contacts():
                assert FICTITIOUS.fullmatch(contact.phone), contact.phone
                assert re.search(r"@example\.(com|org)$", str(contact.fields.get("email") or "x@example.com"))
