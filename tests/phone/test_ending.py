"""What stands behind a number is never read as digits of it."""

import random

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from pipeline.phone import read_phone, read_phones

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
ENDINGS = (
    *("/8", "/78", " / 679", "/8/9", "/-8", " (12)", "(12)", " [12]", "*12", "~8", "\\8", " (2"),
    *(" App. 12", " x55", "x55", " ext. 12", " (ext 12)", " Durchwahl 3", " DW 12", " poste 12", " int. 4"),
    *(" ramal 9", " #12", ";12", ",12", " wew. 12", " mobil", " cell", " (home)", " Handy", " h", " (w)", " Durchwahl"),
    *(" App. 12 (work)", " or 8", " oder 12", " & 8", " ask for Bob", " fax", " (do not call)", " 2nd floor"),
)


def examples() -> list[tuple[str, phonenumbers.PhoneNumber]]:
    kinds = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
    found = ((region, phonenumbers.example_number_for_type(region, kind)) for region in REGIONS for kind in kinds)
    return [(region, number) for region, number in found if number]


def spellings(number: phonenumbers.PhoneNumber) -> list[str]:
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return [
        national,
        national.replace("-", " ").replace(" ", "-"),
        "".join(filter(str.isdigit, national)),
        phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
    ]


@pytest.mark.parametrize("lax", [False, True])
def test_no_ending_of_any_country_makes_another_number(lax: bool) -> None:
    rng = random.Random(f"endings {lax}")  # noqa: S311 - drawn data, nothing secret
    wrong, read = [], 0
    for region, number in examples():
        wanted = phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]
        known = [text for text in spellings(number) if read_phone(text, region).digits == wanted]
        cells = [rng.choice(known) + ending for ending in rng.sample(ENDINGS, 12)] if known else []
        digits = read_phones(cells, region, vanity_letters=lax, first_of_two=lax).digits
        wrong += [(cell, region) for cell, found in zip(cells, digits, strict=True) if found not in ("", wanted)]
        read += len(cells)
    assert wrong == []
    assert read > 5_000


@pytest.mark.parametrize(
    ("text", "region", "digits", "extension"),
    [
        ("+43 664 7654321*22", "AT", "436647654321", "22"),
        ("01 2345678 (12)", "AT", "4312345678", "12"),
        ("030 1234567 (12)", "DE", "49301234567", "12"),
        ("030 1234567 App. 12", "DE", "49301234567", "12"),
        ("030 1234567 Durchwahl 3", "DE", "49301234567", "3"),
        ("01 23 45 67 89 poste 12", "FR", "33123456789", "12"),
        ("(11) 2345-6789 ramal 9", "BR", "551123456789", "9"),
        ("415 555 0100 (ext. 12)", "US", "14155550100", "12"),
        ("415 555 0100 x12 (work)", "US", "14155550100", "12"),
    ],
)
def test_an_extension_is_known_by_its_word_or_bracket(text: str, region: str, digits: str, extension: str) -> None:
    reading = read_phone(text, region)
    assert (reading.digits, reading.extension) == (digits, extension)
    assert "extension_dropped" in reading.notes


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("0664 1234567/8", "AT"),
        ("+43 664 7654321/22", "AT"),
        ("030 1234567/68", "DE"),
        ("0170 1234567/8", "DE"),
        ("030 1234567/8/9", "DE"),
        ("040-123456/7", "FI"),
        ("040 1234567/8", "FI"),
        ("0812-345-678 / 679", "ID"),
    ],
)
def test_an_alternative_makes_two_numbers(text: str, region: str) -> None:
    assert read_phone(text, region).code == "two_numbers"
    first = read_phone(text, region, first_of_two=True)
    assert (first.digits, first.notes[0]) == (read_phone(text.partition("/")[0], region).digits, "first_of_two")


@pytest.mark.parametrize(
    ("text", "region", "digits"),
    [
        ("030/1234567", "DE", "49301234567"),
        ("06221/123456", "DE", "496221123456"),
        ("06221/12345-0", "DE", "496221123450"),
        ("0664/1234567", "AT", "436641234567"),
        ("02/512 45 67", "BE", "3225124567"),
        ("06/12/34/56/78", "FR", "33612345678"),
        ("+49/30/1234567", "US", "49301234567"),
        ("+33 (0)1 23 45 67 89", "US", "33123456789"),
        ("0049 (0) 30 1234567", "DE", "49301234567"),
        ("415 (5550100)", "US", "14155550100"),
    ],
)
def test_a_mark_within_a_number_is_no_end(text: str, region: str, digits: str) -> None:
    assert read_phone(text, region).digits == digits


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("030 1234567 mobil", "DE"),
        ("Tel.: 030 1234567", "DE"),
        ("Mobile 030 1234567", "DE"),
        ("030 1234567 (home)", "DE"),
        ("030 1234567 / privat", "DE"),
    ],
)
@pytest.mark.parametrize("vanity", [False, True])
def test_a_label_is_taken_off_and_noted(text: str, region: str, vanity: bool) -> None:
    reading = read_phone(text, region, vanity_letters=vanity)
    assert (reading.digits, reading.notes) == ("49301234567", ("label_dropped", "region_assumed"))


class TestVanity:
    @pytest.mark.parametrize(
        ("text", "region", "digits"),
        [
            ("1-800-FLOWERS", "US", "18003569377"),
            ("(800) GO-FEDEX", "CA", "18004633339"),
            ("+44 800 FLOWERS", "US", "448003569377"),
        ],
    )
    def test_a_word_behind_digits_is_read_where_wanted_and_advised_where_not(
        self, text: str, region: str, digits: str
    ) -> None:
        assert read_phone(text, region, vanity_letters=True).digits == digits
        refused = read_phone(text, region)
        assert (refused.code, "import.vanity_letters" in refused.reason) == ("vanity_letters", True)

    @pytest.mark.parametrize(
        ("text", "region"),
        [
            ("030 1234 mobilbox", "DE"),
            ("030 FLOWERS", "DE"),
            ("+49 30 1234567 Frau Ott", "US"),
            ("do not call 1", "US"),
            ("ASK 415 555 0100", "US"),
            ("phone", "US"),
        ],
    )
    def test_other_words_are_no_keys_and_nobody_is_told_so(self, text: str, region: str) -> None:
        for wanted in (False, True):
            reading = read_phone(text, region, vanity_letters=wanted)
            assert (reading.digits, reading.code) == (None, "invalid")
            assert "vanity" not in reading.reason


class TestMexico:
    @pytest.mark.parametrize(
        "text",
        [
            *("1 55 1234 5678", "1-55-1234-5678", "+52 1 55 1234 5678", "5215512345678", "044 55 1234 5678"),
            *("01 55 1234 5678", "+52 (1) 55 1234 5678", "0052 1 55 1234 5678"),
        ],
    )
    def test_a_prefix_that_is_no_longer_dialled_is_dropped_and_noted(self, text: str) -> None:
        reading = read_phone(text, "MX")
        assert (reading.digits, "old_prefix_dropped" in reading.notes) == ("525512345678", True)
        assert read_phones([text], "MX").digits == ["525512345678"]

    def test_what_could_be_a_number_of_the_us_is_refused_unless_it_is_heymarkets_own_form(self) -> None:
        refused = read_phone("1 415 555 0132", "MX")
        assert (refused.digits, "+1 or +52" in refused.reason) == (None, True)
        assert read_phone("14155550132", "MX").digits == "14155550132"


@pytest.mark.parametrize("text", ["011 15-2345-6789", "+54 11 15 2345 6789", "11 15 2345 6789", "9 11 2345 6789"])
def test_the_15_of_argentine_mobiles_is_mended(text: str) -> None:
    assert read_phone(text, "AR").digits == "5491123456789"


@pytest.mark.parametrize("end", ["2", "12", "123"])
def test_more_behind_a_blank_makes_no_number_of_another_country(end: str) -> None:
    wrong = []
    for region, number in examples():
        code = str(number.country_code)
        national = "".join(filter(str.isdigit, phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)))
        grouped = " ".join((national[:3], national[3:6], national[6:])).strip()
        cells = [f"{national} {end}", f"{grouped} {end}", f"{code} {grouped} {end}"]
        for cell, digits in zip(cells, read_phones(cells, region).digits, strict=True):
            assert digits == (read_phone(cell, region).digits or ""), (cell, region)
            if digits and not digits.startswith(code):
                wrong.append((cell, region, digits))
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    ["800 Smith St", "800 Main Street", "305-Elmwood", "1-305-Elmwood", "800 FLOWERS", "415 Oak Hill Rd", "12-OAKWOOD"],
)
def test_an_address_is_no_vanity_number(text: str) -> None:
    for wanted in (False, True):
        reading = read_phone(text, "US", vanity_letters=wanted)
        assert (reading.digits, reading.code) == (None, "invalid")
