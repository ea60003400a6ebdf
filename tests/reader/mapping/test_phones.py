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

    @pytest.mark.parametrize("country", ["GB", "gb", "United Kingdom"])
    def test_a_country_column_wins_over_the_default(self, country: str) -> None:
        columns = plan({"Land": "ignore"}, country_column="land")
        assert contact(["020 7946 0000", country], columns).phone == "442079460000"

    @pytest.mark.parametrize(("country", "noted"), [("Atlantis", True), ("", False)])
    def test_a_country_nobody_knows_falls_back_and_is_noted(self, country: str, noted: bool) -> None:
        columns = plan({"Land": "ignore"}, country_column="Land")
        assert ("country_unknown" in contact(["415 555 0101", country], columns).notes) is noted
        assert plan(country_column="Phone").describe() == {"Phone": "phone"}
