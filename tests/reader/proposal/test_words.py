"""Phones are ranked by the names of their columns."""

import pytest

from pipeline.reader.proposal._words import find_layout, phone_rank


@pytest.mark.parametrize(
    ("header", "rank"),
    [
        ("Mobile Phone", 0),
        ("MobilePhone", 0),
        ("Handy", 0),
        ("Celular", 0),
        ("phone_mobile", 0),
        ("Primary Phone", 1),
        ("Phone", 2),
        ("Téléphone", 2),
        ("URN:Tel", 2),
        ("TelephoneNumber", 2),
        ("Phone 1 - Value", 2),
        ("Work Phone", 3),
        ("Company Main Phone", 3),
        ("Home Phone", 4),
        ("Other Phone", 5),
        ("Car Phone", 6),
        ("Fax", None),
        ("Home Fax", None),
        ("Pager Number", None),
        ("Assistant's Phone", None),
        ("TTY/TDD Phone", None),
        ("Phone 1 - Type", None),
        ("Phone Extension", None),
        ("Phone Country Code", None),
        ("Name", None),
        ("Hotel", None),
    ],
)
def test_phones_are_ranked_by_their_names(header: str, rank: int | None) -> None:
    assert phone_rank(header) == rank


def test_a_layout_that_others_resemble_is_named_by_what_it_has_alone() -> None:
    shared = ["Salutation", "First Name", "Last Name", "Mobile", "Mailing Street"]
    assert find_layout(shared) == "Salesforce report"
    assert find_layout(["Record Id", "Contact Owner", *shared]) == "Zoho CRM"
