"""Headers find their targets, and what is missing, doubled or unknown is said."""

import pytest

from pipeline.errors import MappingError
from pipeline.models._contacts import CustomField
from pipeline.models._rows import REJECT_COLUMNS
from pipeline.reader.mapping import plan_columns, resolve_custom
from pipeline.settings import ImportSettings
from tests.reader.mapping.plans import imports, plan


class TestColumns:
    def test_headers_match_whatever_their_case_and_spaces(self) -> None:
        found = plan_columns(["  FIRST   name", "phone"], imports({"First Name": "first"}))
        assert found.describe() == {"  FIRST   name": "first", "phone": "phone"}

    def test_columns_without_a_mapping_are_said_and_left_out(self) -> None:
        found = plan_columns(["Phone", "Shoe size", ""], imports())
        assert found.unmapped == ("Shoe size", "")
        assert found.describe() == {"Phone": "phone", "Shoe size": None, "(column 3)": None}

    def test_or_refused_where_the_settings_say_so(self) -> None:
        with pytest.raises(MappingError, match="Shoe size"):
            plan_columns(["Phone", "Shoe size"], imports(unmapped="reject"))

    def test_the_columns_of_a_reject_file_are_ignored(self) -> None:
        found = plan_columns(["Phone", *REJECT_COLUMNS], imports(unmapped="reject"))
        assert found.unmapped == ()
        assert found.describe() == {"Phone": "phone"}

    def test_a_missing_column_names_what_is_there_and_what_comes_close(self) -> None:
        with pytest.raises(MappingError) as caught:
            plan_columns(["Phone", "Frist Name"], imports({"First Name": "first"}))
        assert "no column 'First Name'" in str(caught.value)
        assert "Did you mean 'Frist Name'?" in str(caught.value)
        assert caught.value.exit_code == 2

    def test_a_further_phone_column_may_be_missing(self) -> None:
        assert len(plan_columns(["Phone"], imports({"Home": "phone"})).phones) == 1

    def test_but_one_must_be_there(self) -> None:
        with pytest.raises(MappingError, match="none of the phone columns 'Phone'"):
            plan_columns(["Name"], imports())
        with pytest.raises(MappingError, match="no column that is mapped to phone"):
            plan_columns(["Name"], ImportSettings())

    def test_a_header_that_stands_twice_is_refused_only_if_it_is_mapped(self) -> None:
        plan_columns(["Phone", "X", "X"], imports())
        with pytest.raises(MappingError, match="over columns 1 and 2"):
            plan_columns(["Phone", "Phone "], imports())

    def test_two_columns_for_one_target_are_refused(self) -> None:
        with pytest.raises(MappingError, match="'A' and 'B' are both mapped to first"):
            plan({"A": "first", "B": "first"})

    def test_columns_that_settings_name_must_exist(self) -> None:
        with pytest.raises(MappingError, match=r"import\.country_column names it"):
            plan(country_column="Land")
        with pytest.raises(MappingError, match=r"import\.skip_where names it"):
            plan(skip_where={"IsDeleted": "true"})

    def test_many_headers_are_cut_in_messages(self) -> None:
        with pytest.raises(MappingError, match="and 70 more"):
            plan_columns([f"c{number}" for number in range(100)], imports())


class TestCustomFields:
    FIELDS = (CustomField(7, "Plan"), CustomField(8, "City"), CustomField(9, "city"), CustomField(10, ""))

    def ids(self, custom: object) -> set[object]:
        resolved = resolve_custom(plan({"X": {"custom": custom}}), self.FIELDS)
        return {binding.target.custom for binding in resolved.bindings if binding.target.kind == "custom"}

    @pytest.mark.parametrize(("custom", "expected"), [("Plan", 7), (" plan", 7), (8, 8), ("City", 8), ("city", 9)])
    def test_titles_and_ids_are_found(self, custom: object, expected: int) -> None:
        assert self.ids(custom) == {expected}

    @pytest.mark.parametrize("custom", ["Colour", 99])
    def test_an_unknown_field_names_the_candidates(self, custom: object) -> None:
        with pytest.raises(MappingError, match=r"'Plan' \(ID 7\)"):
            self.ids(custom)

    def test_a_shared_title_asks_for_the_id(self) -> None:
        with pytest.raises(MappingError, match="2 custom fields have the title 'CITY'"):
            self.ids("CITY")

    def test_two_columns_that_turn_out_to_be_one_field_are_refused(self) -> None:
        with pytest.raises(MappingError, match="both mapped to custom:7"):
            resolve_custom(plan({"X": {"custom": "Plan"}, "Y": {"custom": 7}}), self.FIELDS)


def test_a_phone_column_of_nearly_that_name_is_pointed_out() -> None:
    with pytest.raises(MappingError, match="Did you mean 'Phon'"):
        plan_columns(["Phon"], imports())
