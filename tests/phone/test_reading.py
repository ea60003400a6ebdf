"""Cells from spreadsheets and people become E.164 digits, or a reject with the right code."""

import csv

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.models import is_region, mask_phone
from pipeline.phone import find_region, read_phone
from tests.shared_data import shared_file

REGIONS = ["US", "GB", "DE", "BR", "CN", "RU", "ES", "SG", "IT", ""]
CODES = {
    *("missing", "vanity_letters", "two_numbers", "too_short", "too_long", "invalid", "region_unknown"),
    "sci_notation_lossy",
}


@pytest.mark.parametrize(
    ("text", "region", "digits", "notes"),
    [
        ("(415) 555-0100", "US", "14155550100", ("region_assumed",)),
        ("+1 415 555 0100", "GB", "14155550100", ()),
        ("1-415-555-0100", "US", "14155550100", ()),
        ("14155550100", "US", "14155550100", ()),
        ("030/1234567", "DE", "49301234567", ("region_assumed",)),
        ("+33 (0)1 23 45 67 89", "US", "33123456789", ()),
        ("(+501) 623-6848", "US", "5016236848", ()),
        ("tel:+1-415-555-0100", "GB", "14155550100", ("unwrapped",)),
        ("1 (11) 500 555-0132", "US", "15005550132", ("repeated_country_code", "region_assumed")),
        ("++1 415 555 0100", "US", "14155550100", ()),
        ("03\u30fc1234\u30fc5678", "JP", "81312345678", ("region_assumed",)),
    ],
)
def test_a_number_is_brought_to_digits(text: str, region: str, digits: str, notes: tuple[str, ...]) -> None:
    reading = read_phone(text, region)
    assert (reading.digits, reading.notes) == (digits, notes)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("\u00a0+1\u00a0415\u2007555 0100\u200b", ()),
        ("\u202a+14155550100\u202c", ()),
        ("\ufeff\u2066+1 (415) 555-0100\u2069", ()),
        ("\uff0b\uff11 \uff14\uff11\uff15 \uff15\uff15\uff15 \uff10\uff11\uff10\uff10", ()),
        ("+\u0661 \u0664\u0661\u0665 \u0665\u0665\u0665 \u0660\u0661\u0660\u0660", ()),
        ('="+14155550100"', ("unwrapped",)),
        ('"+14155550100"', ("unwrapped",)),
        ("'+14155550100", ("unwrapped",)),
        ('="\'+14155550100"', ("unwrapped",)),
        ("4155550100.0", ("float_suffix", "region_assumed")),
        ("+14155550100.00", ("float_suffix",)),
        ("4.155550100E+9", ("sci_notation_recovered", "region_assumed")),
        ("1,4155550100e10", ("sci_notation_recovered",)),
        ("+1.4155550100E+10", ("sci_notation_recovered",)),
    ],
)
def test_what_a_spreadsheet_put_around_a_number_is_taken_off_and_noted(text: str, notes: tuple[str, ...]) -> None:
    reading = read_phone(text, "US")
    assert (reading.digits, reading.notes) == ("14155550100", notes)


@pytest.mark.parametrize(
    ("text", "region", "digits", "international"),
    [
        # Only one reading is valid.
        ("44 20 7946 0958", "US", "442079460958", True),
        ("442079460958", "US", "442079460958", True),
        ("15105553344", "", "15105553344", True),
        ("15105553344", "XX", "15105553344", True),
        ("15105553344", "GB", "15105553344", True),
        ("19144484373", "ES", "19144484373", True),
        # Rule 1: exactly as the default region writes it.
        ("81991234567", "BR", "5581991234567", False),
        ("15012345678", "CN", "8615012345678", False),
        ("84951234567", "RU", "74951234567", False),
        # Rule 2: Heymarket's own form, though a German mobile without its zero would be valid as well.
        ("15105553344", "DE", "15105553344", True),
        ("1510 5553344", "DE", "4915105553344", False),
        # Rule 3: other bare digits.
        ("31612345678", "AT", "31612345678", True),
        ("316 12345678", "AT", "4331612345678", False),
        # Rule 4: too few digits to be sure, so the region decides.
        ("6562345678", "US", "16562345678", False),
        ("6562345678", "SG", "6562345678", False),
    ],
)
def test_the_order_of_readings(text: str, region: str, digits: str, international: bool) -> None:
    reading = read_phone(text, region)
    assert reading.digits == digits
    assert ("international_digits" in reading.notes) is international


@pytest.mark.parametrize(
    ("text", "region", "code"),
    [
        ("", "US", "missing"),
        (" \u00a0\u200b ", "US", "missing"),
        ('=""', "US", "missing"),
        ("'", "US", "missing"),
        ("1-800-FLOWERS", "US", "vanity_letters"),
        ("415 555 0100 fax", "US", "invalid"),
        ("415 555 0100 ask for Bob", "US", "invalid"),
        ("phone work", "US", "invalid"),
        ("do not call", "US", "invalid"),
        ("415 555 0100 / 415 555 0101", "US", "two_numbers"),
        ("4155550100;4155550101", "US", "two_numbers"),
        ("4155550100, 4155550101", "US", "two_numbers"),
        ("4155550100 or 4155550101", "US", "two_numbers"),
        ("4155550100 AND 4155550101", "US", "two_numbers"),
        ("4155550100\n4155550101", "US", "two_numbers"),
        ("+14155550100 +14155550101", "US", "two_numbers"),
        ("+14155550100 ::: +14155550101", "US", "two_numbers"),
        ("1", "US", "too_short"),
        ("12345", "US", "too_short"),
        ("+123456", "", "too_short"),
        ("+1 415 555 0100 9999 9999", "US", "too_long"),
        ("41555501001234", "US", "too_long"),
        ("4" * 300, "US", "too_long"),
        ("4" * 100_000, "US", "too_long"),
        ("99999999", "DE", "invalid"),
        ("+1 415 155 0100", "US", "invalid"),
        ("4155550100", "", "region_unknown"),
        ("+9991234567", "US", "invalid"),
        ("---", "US", "missing"),
        ("(   )    -", "US", "missing"),
        ("(   ) 711-", "US", "too_short"),
        ("4.15556E+9", "US", "sci_notation_lossy"),
        ("4.16E+09", "US", "sci_notation_lossy"),
        ("4155550100E-2", "US", "sci_notation_lossy"),
        ("4.15555010012E+9", "US", "sci_notation_lossy"),
    ],
)
def test_a_refusal_has_its_code_and_a_reason(text: str, region: str, code: str) -> None:
    reading = read_phone(text, region)
    assert (reading.digits, reading.code) == (None, code)
    assert reading.reason
    assert reading.reason.isascii()


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("415 555 0100 x5", "5"),
        ("415-555-0100x427", "427"),
        ("415 555 0100 ext. 22", "22"),
        ("415 555 0100 extn 22", "22"),
        ("415 555 0100, extension: 22", "22"),
        ("514 555 0100 poste 1234567", "1234567"),
        ("415 555 0100 #5", "5"),
        ("tel:+1-415-555-0100;ext=1234567", "1234567"),
        ("415 555 0100,,12", "12"),
        ("+1 415 555 0100,,123456789#", "123456789"),
        ("+1 415 555 0100\uff45\uff58\uff54\uff4e456", "456"),
        ("415 555 0100 xtensi\u00f3n: 01234567890123456789", "01234567890123456789"),
    ],
)
def test_an_extension_is_set_aside_and_noted(text: str, extension: str) -> None:
    reading = read_phone(text, "US")
    assert reading.extension == extension
    assert "extension_dropped" in reading.notes
    assert reading.digits in ("14155550100", "15145550100")


def test_letters_are_keys_only_when_allowed() -> None:
    assert read_phone("1-800-FLOWERS", "US", vanity_letters=True).digits == "18003569377"
    assert read_phone("+1 800 FLOWERS x2", "GB", vanity_letters=True).extension == "2"
    assert read_phone("phone", "US", vanity_letters=True).code == "invalid"


def test_an_extension_alone_is_no_number() -> None:
    assert read_phone("ext 1234567", "US").code == "invalid"


@pytest.mark.parametrize(
    ("digits", "shown"),
    [
        ("14155550100", "1415***0100"),
        ("123456789", "1234***6789"),
        ("12345678", "1***78"),
        ("12", "1***"),
        ("", "(no phone)"),
    ],
)
def test_a_masked_number_never_shows_its_middle(digits: str, shown: str) -> None:
    assert mask_phone(digits) == shown


def test_regions_are_capital_iso_codes() -> None:
    assert is_region("US")
    assert not any(map(is_region, ["us", "ZZ", "001", "", "UK"]))


@pytest.mark.parametrize(
    ("country", "region"),
    [
        ("US", "US"),
        (" de ", "DE"),
        ("United States", "US"),
        ("united  kingdom", "GB"),
        ("Cote d'Ivoire", "CI"),
        ("Trinidad and Tobago", "TT"),
        ("", None),
        ("ZZ", None),
        ("Atlantis", None),
        ("\udce9", None),
    ],
)
def test_a_country_is_found_by_code_or_english_name(country: str, region: str | None) -> None:
    assert find_region(country) == region


PHONE_LIKE = st.text(st.sampled_from("0123456789+-(). /;,xXeE#='\"tolr\u30fc\uff15"), max_size=30)


@given(st.one_of(st.text(), PHONE_LIKE), st.sampled_from([*REGIONS, "us", "\udc80"]), st.booleans())
def test_any_text_is_read_or_refused_and_never_raises(text: str, region: str, vanity: bool) -> None:
    reading = read_phone(text, region, vanity_letters=vanity)
    if reading.digits is None:
        assert reading.code in CODES
        assert reading.reason
    else:
        assert reading.code == reading.reason == ""
        assert phonenumbers.is_valid_number(phonenumbers.parse("+" + reading.digits))


def test_a_lone_surrogate_is_refused() -> None:
    assert read_phone("415\udce9", "US").digits is None


@st.composite
def national_numbers(draw: st.DrawFn) -> tuple[str, str]:
    """A valid number of some region, with a few digits of the example number redrawn."""
    region = draw(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
    kind = draw(st.sampled_from([phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE]))
    example = phonenumbers.example_number_for_type(region, kind)
    assume(example is not None)
    assert example is not None
    digits = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[1:]
    changed = digits[:-3] + f"{draw(st.integers(0, 999)):03}"
    valid = phonenumbers.is_valid_number(phonenumbers.parse("+" + changed))
    return (changed if valid else digits), region


@given(national_numbers(), st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
def test_digits_read_again_stay_the_same(number: tuple[str, str], region: str) -> None:
    digits, _ = number
    assert read_phone("+" + digits, region).digits == digits
    assert read_phone(digits, "").digits == digits
    again = read_phone(digits, region)
    if again.digits != digits:
        # Rules 1, 3 (trunk prefix) and 4: only where these very digits are a valid number of the default region.
        assert "international_digits" not in again.notes
        assert phonenumbers.is_valid_number(phonenumbers.parse(digits, region))


@given(st.integers(0, 99), st.sampled_from(["212", "415", "510", "914"]))
@pytest.mark.parametrize("region", sorted({"US", "GB", "DE", "BR", "RU", "ES", "SG", "IT", "FR", "AT", "MX", "IN"}))
def test_the_own_form_of_the_service_is_the_same_number_under_every_region(region: str, tail: int, area: str) -> None:
    digits = f"1{area}55501{tail:02}"
    assert read_phone(digits, region).digits == digits


def test_upstream_vectors_have_the_answer_of_production_metadata() -> None:
    with shared_file("phone_vectors.csv").open(encoding="utf-8", newline="") as stream:
        vectors = list(csv.DictReader(stream))
    differing, judged = [], 0
    for vector in vectors:
        reading = read_phone(vector["raw"], vector["region"] or "ZZ")
        # Refused on purpose (letters, two numbers), or recognised on purpose (without a plus, old Mexican prefixes).
        if reading.code in ("vanity_letters", "two_numbers") or "the cell holds words" in reading.reason:
            continue
        if {"international_digits", "old_prefix_dropped"}.intersection(reading.notes):
            continue
        judged += 1
        if "+" + (reading.digits or "") != (vector["production_e164"] or "+"):
            differing.append((vector["raw"][:60], vector["region"], vector["production_e164"], reading))
    assert not differing
    assert judged >= 200
