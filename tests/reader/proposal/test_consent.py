"""Columns on consent: none is left out in silence, none is called sure that is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    assert "it is not clear what the cells '2024-01-01' in 1 row mean" in warning
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


@given(
    st.sampled_from(("Mobile", "Phone", "Telefon", "Numbers")),
    st.lists(st.sampled_from(("DNC", "opted out", "no texts", "(415) 736-0199 DO NOT TEXT")), min_size=1, max_size=9),
)
def test_law_words_in_some_cells_leave_a_column_of_phones_one(header: str, words: list[str]) -> None:
    cells = [*(f"(415) 736-01{number}" for number in range(10, 30)), *words]
    [found] = propose([header], [[cell] for cell in cells], region="US").columns
    assert (found.target, found.asks) == ("phone", False)


def test_a_column_of_statuses_is_no_phone_whatever_its_name() -> None:
    found = propose(["Mobile", "SMS"], [[phone, word] for phone, word in zip(PHONES, ("opted out", ""), strict=True)])
    assert [column.target for column in found.phones] == ["phone"]
    assert [column.header for column in found.phones] == ["Mobile"]
