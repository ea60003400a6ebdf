"""Columns on consent: none is left out in silence, none is called sure that is not."""

import pytest

from pipeline.reader.proposal import proposal_text, propose

PHONES = ["+14155550101", "+14155550102"]


def targets(headers: list[str], *rows: list[str]) -> dict[str, object]:
    found = propose(["Mobile", *headers], [[phone, *row] for phone, row in zip(PHONES, rows, strict=True)])
    return {column.header: column.target for column in found.columns if column.header != "Mobile"}


def test_every_column_that_speaks_of_consent_is_mapped() -> None:
    found = targets(["Unsubscribed", "SMS Opt Out", "SMS Consent"], ["no", "yes", "no"], ["", "no", "yes"])
    assert found["Unsubscribed"] == found["SMS Opt Out"] == "is_opted_out"
    assert isinstance(found["SMS Consent"], dict)
    assert found["SMS Consent"]["to"] == "is_opted_out"


@pytest.mark.parametrize("header", ["SMS Consent", "SMS Opt Out"])
def test_statuses_are_statuses_whatever_the_name(header: str) -> None:
    found = targets([header], ["Subscribed"], ["UNSUBSCRIBED"])[header]
    assert found == {"to": "is_opted_out", "map": found["map"] if isinstance(found, dict) else {}}
    assert {cell: found["map"][cell] for cell in ("Subscribed", "UNSUBSCRIBED")} == {
        "Subscribed": "no",
        "UNSUBSCRIBED": "yes",
    }


def test_cells_that_are_no_yes_and_no_no_are_left_to_a_person_aloud() -> None:
    proposal = propose(["Mobile", "SMS Opt Out"], [[PHONES[0], "2024-01-01"], [PHONES[1], "no"]])
    [warning] = proposal.warnings
    assert "few of its cells are yes or no" in warning
    assert "LOOK AT THIS FIRST: 'SMS Opt Out'" in proposal_text(proposal, "x.csv")
    assert [column.target for column in proposal.columns if column.header == "SMS Opt Out"] == [None]


def test_a_blank_column_on_consent_is_likely() -> None:
    proposal = propose(["Mobile", "Opt Out"], [[PHONES[0], ""], [PHONES[1], ""]])
    [column] = [column for column in proposal.columns if column.header == "Opt Out"]
    assert (column.target, column.confidence) == ("is_opted_out", "likely")


def test_a_few_odd_words_do_not_leave_a_column_out() -> None:
    rows = [[PHONES[0], word] for word in ("no", "no", "yes", "no", "perhaps")]
    proposal = propose(["Mobile", "Opt Out"], rows)
    [column] = [column for column in proposal.columns if column.header == "Opt Out"]
    assert (column.target, column.confidence) == ("is_opted_out", "likely")
    assert "rows with other words ('perhaps') will be rejected" in column.reason
