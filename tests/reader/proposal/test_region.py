"""The country of phones is proved by the file or asked for: no list becomes numbers of strangers unasked."""

import random
from pathlib import Path

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from pipeline.phone import read_phones
from pipeline.reader.proposal import Proposal, propose, settings_text
from pipeline.settings import load_settings

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def of_phones(*cells: str) -> Proposal:
    return propose(["Name", "Phone"], [["x", cell] for cell in cells])


def with_country(header: str, *rows: tuple[str, str]) -> Proposal:
    return propose(["Phone", header], [list(row) for row in rows])


def national_numbers(rng: random.Random, region: str) -> list[phonenumbers.PhoneNumber]:
    """Ten numbers of a region: its examples with their last digits drawn."""
    found = []
    for _ in range(10):
        kind = rng.choice((PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE))
        example = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
        assert example is not None
        drawn = phonenumbers.PhoneNumber()
        drawn.merge_from(example)
        drawn.national_number = (example.national_number or 0) // 1000 * 1000 + rng.randrange(1000)
        found.append(drawn if phonenumbers.is_valid_number(drawn) else example)
    return found


def strangers(rng: random.Random, region: str) -> list[tuple[str, str]]:
    """The cells of two lists of national numbers (as the country writes them, and bare) that become other numbers."""
    numbers = national_numbers(rng, region)
    wanted = [phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:] for number in numbers]
    formatted = [phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL) for number in numbers]
    wrong = []
    for cells in (formatted, ["".join(filter(str.isdecimal, cell)) for cell in formatted]):
        proposal = of_phones(*cells)
        read = read_phones(cells, proposal.region).digits if proposal.region else []
        wrong += [(region, cell) for cell, digits, own in zip(cells, read, wanted, strict=False) if digits != own]
    return wrong


def test_no_list_of_any_country_becomes_strangers_unasked() -> None:
    rng = random.Random("regions")  # noqa: S311 - drawn data, nothing secret
    drawn = rng.sample(REGIONS, 12)
    assert [wrong for region in drawn for wrong in strangers(rng, region)] == []


@pytest.mark.parametrize(
    "cells",
    [
        ("(415) 555-0132", "(212) 555-0177", "(510) 555-0101"),
        ("415-555-0132", "212-555-0177", "1-510-555-0101", "415.555.0133"),
        ("415-555-0132", "212-555-0177", "+44 20 7946 0018"),
    ],
)
def test_the_north_american_way_of_writing_proves_the_us(cells: tuple[str, ...]) -> None:
    proposal = of_phones(*cells)
    assert (proposal.region, proposal.region_question) == ("US", "")


@pytest.mark.parametrize(
    "cells",
    [
        ("4155550132", "2125550133", "3125550134", "5551234567"),
        ("010-2345-6789", "010-3456-7890", "010-4567-8901"),
        ("0501 234 51 96", "0532 234 51 97"),
        ("8 (912) 345-67-89", "8 (912) 123-45-67"),
        ("138 0013 8000", "139 1234 5678"),
        ("+250 788 383 383", "0788 383 384"),
        ("+52 614 423 4567", "(614) 423-4568", "(656) 423-4569"),
        ("222-423-4567", "999-423-4568", "415-555-0132"),
    ],
)
def test_what_proves_nothing_is_asked_with_three_readings(cells: tuple[str, ...]) -> None:
    proposal = of_phones(*cells)
    assert proposal.region == ""
    assert "would be" in proposal.region_question
    assert not any(cell in proposal.region_question for cell in cells)


def test_international_numbers_prove_only_themselves() -> None:
    proposal = of_phones("+250 788 383 383", "+44 20 7946 0018")
    assert (proposal.region, proposal.region_question) == ("", "")


@pytest.mark.parametrize(
    "country", ["BR", "BRA", "076", "Brazil", "Brasil", "Brésil", "+55", "55", "0055", "Brazil (BR)"]
)
@pytest.mark.parametrize("header", ["Country", "Mailing Country", "País", "Country Code"])
def test_a_country_column_says_it_however_it_is_spelt(header: str, country: str) -> None:
    proposal = with_country(header, ("(21) 2345-6789", country), ("(21) 2345-6780", country))
    assert (proposal.country_column, proposal.region) == (header, "BR")


@pytest.mark.parametrize("header", ["Country Code", "Phone Country Code", "Dial Code", "Vorwahl", "Indicatif", "ISD"])
def test_a_column_of_calling_codes_is_one_of_countries(header: str) -> None:
    proposal = with_country(header, ("5512345000", "52"), ("5512345001", "52"))
    assert (proposal.country_column, proposal.region) == (header, "MX")


def test_mixed_countries_leave_no_default_and_need_no_question_where_each_row_says_its_own() -> None:
    rows = [("415-555-0132", "US"), ("212-555-0133", "US"), ("55 1234 5678", "MX"), ("020 7946 0018", "GB")]
    proposal = with_country("Country", *rows)
    assert (proposal.country_column, proposal.region, proposal.region_question) == ("Country", "", "")
    assert with_country("Country", *rows, ("2125550133", "")).region_question


def test_a_country_that_does_not_fit_the_phones_is_not_theirs() -> None:
    proposal = with_country("Country", *[("(415) 555-0132", name) for name in ("Ghana", "Tokelau", "Peru", "Norway")])
    assert (proposal.country_column, proposal.region) == ("", "US")


@pytest.mark.parametrize(
    ("header", "said", "region"),
    [
        ("State", ("CA", "NY", "TX"), "US"),
        ("Mailing State/Province", ("California", "Texas", "Georgia"), "US"),
        ("Province", ("ON", "QC", "BC"), "CA"),
        ("State", ("SC", "SC", "PA"), ""),
        ("State", ("SP", "RJ", "MG"), ""),
        ("City", ("Texas", "Texas", "Texas"), ""),
    ],
)
def test_states_prove_their_country_where_no_other_has_them(header: str, said: tuple[str, ...], region: str) -> None:
    numbers = ("4155550132", "2125550133", "4165550134")
    assert with_country(header, *zip(numbers, said, strict=True)).region == region


def test_the_settings_always_hold_the_region_and_the_question(tmp_path: Path) -> None:
    for proposal, region in ((of_phones("4155550132"), ""), (of_phones("(415) 555-0132"), "US")):
        text = settings_text(proposal, source_name="x.csv", read={})
        assert f'default_region = "{region}"' in text
        assert ("region_unknown" in text) is (region == "")
        path = tmp_path / "x.toml"
        path.write_text(text)
        assert load_settings(path, environ={}).imports.default_region == region
