"""The first valid phone of a row wins, in the order of the settings."""

import pytest

from pipeline.models._contacts import Reject
from pipeline.reader.mapping import plan_columns
from tests.reader.mapping.plans import DIGITS, PHONE, contact, imports, plan, reject


class TestPhones:
    def test_the_first_valid_one_wins_in_the_order_of_the_settings(self) -> None:
        columns = plan_columns(["Home", "Phone"], imports({"Home": "phone"}))
        assert contact(["+1 415 555 0102", PHONE], columns).phone == DIGITS
        found = contact(["+1 415 555 0102", "12"], columns)
        assert found.phone == "14155550102"
        assert "phone_from:Home" in found.notes

    def test_without_any_the_row_is_rejected(self) -> None:
        assert reject([" N/A "], plan()) == Reject(2, "missing", "Phone", "", "the row has no phone number")

    def test_a_bad_one_is_rejected_with_its_column_and_value(self) -> None:
        found = reject(["12"], plan())
        assert (found.code, found.column, found.value) == ("too_short", "Phone", "12")

    @pytest.mark.parametrize("country", ["GB", "gb", "United Kingdom", "GBR", "826", "+44", "0044", "Royaume-Uni"])
    def test_a_country_column_wins_over_the_default_and_nothing_is_assumed_then(self, country: str) -> None:
        columns = plan({"Land": "ignore"}, country_column="land")
        found = contact(["020 7946 0000", country], columns)
        assert (found.phone, found.notes) == ("442079460000", ())

    def test_a_country_nobody_knows_refuses_a_number_without_a_country_code(self) -> None:
        columns = plan({"Land": "ignore"}, country_column="Land")
        for number in ("415 555 0101", "14155550101"):
            refused = reject([number, "Atlantis"], columns)
            assert (refused.code, refused.column) == ("country_unknown", "Phone")
            assert "Atlantis" in refused.reason
        assert contact(["+1 415 555 0101", "Atlantis"], columns).notes == ("country_unknown",)
        assert contact(["415 555 0101", ""], columns).notes == ("region_assumed",)
        assert plan(country_column="Phone").describe() == {"Phone": "phone"}

    @pytest.mark.parametrize(
        ("header", "code", "number", "digits"),
        [
            ("Country Code", "52", "5512345000", "525512345000"),
            ("Phone Country Code", "+55", "2123450000", "552123450000"),
            ("Country Code", "+91", "9876543210", "919876543210"),
            ("Country Code", "91.0", "9876543210", "919876543210"),
            ("Dial Code", "0044", "2079460018", "442079460018"),
            ("Phone Prefix", "356", "21234567", "35621234567"),
            ("Country Code", "52", "15512345678", "525512345678"),
            ("Country Code", "1", "4155550132", "14155550132"),
            ("Country Code", "1-242", "3591234", "12423591234"),
        ],
    )
    def test_a_calling_code_stands_before_its_number(self, header: str, code: str, number: str, digits: str) -> None:
        columns = plan_columns(["Phone", header], imports(country_column=header))
        assert contact([number, code], columns).phone == digits

    def test_three_digits_that_are_two_countries_are_read_only_where_one_has_the_number(self) -> None:
        columns = plan_columns(["Phone", "Country"], imports(country_column="Country"))
        assert contact(["9876543210", "356"], columns).phone == "919876543210"
        assert contact(["2123 4567", "356"], columns).phone == "35621234567"

    @pytest.mark.parametrize("number", ["415 555 0101", "14155550101", "15012345678", "0044 20 7946 0018", "12345"])
    def test_without_any_region_only_numbers_that_carry_their_country_are_read(self, number: str) -> None:
        columns = plan(default_region="")
        assert reject([number], columns).code == "region_unknown"
        assert contact(["+1 415 555 0101"], columns).phone == "14155550101"


def test_a_further_channel_is_read_as_the_phone_is() -> None:
    def channels(number: str, country: str, **given: object) -> tuple[tuple[str, str], ...]:
        columns = plan_columns(
            ["Phone", "Work", "Land"], imports({"Work": {"channel": "phone"}}, country_column="Land", **given)
        )
        return contact([PHONE, number, country], columns).channels

    assert channels("(21) 2345-6789", "BR") == (("phone", "552123456789"),)
    assert channels("55 8765 4321", "MEX") == (("phone", "525587654321"),)
    assert channels("(21) 2345-6789", "Atlantis") == ()
    assert channels("415-555-0133 / 415-555-0134", "US", two_numbers="first") == (("phone", "14155550133"),)
    assert channels("1-800-FLOWERS", "US", vanity_letters=True) == (("phone", "18003569377"),)
    assert channels("415-555-0133 / 415-555-0134", "US") == ()
