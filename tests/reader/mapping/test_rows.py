"""Columns find their targets, cells become values, and every row has exactly one result."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import MappingError
from pipeline.models._contacts import Contact, CustomField, Reject, Skip
from pipeline.models._rows import REJECT_COLUMNS, Chunk
from pipeline.reader.mapping import (
    ColumnPlan,
    contact_json,
    map_chunk,
    plan_columns,
    resolve_custom,
    resolve_tags,
)
from pipeline.settings import ImportSettings
from tests.tables import map_cells

PHONE = "+1 415 555 0101"
DIGITS = "14155550101"


def imports(columns: dict[str, Any] | None = None, **settings: Any) -> ImportSettings:
    return ImportSettings.model_validate({"columns": {"Phone": "phone", **(columns or {})}, **settings})


def plan(columns: dict[str, Any] | None = None, **settings: Any) -> ColumnPlan:
    return plan_columns(["Phone", *(columns or {})], imports(columns, **settings))


def contact(cells: list[str], columns: ColumnPlan) -> Contact:
    [result] = map_cells([cells], columns)
    assert isinstance(result, Contact), result
    return result


def reject(cells: list[str], columns: ColumnPlan) -> Reject:
    [result] = map_cells([cells], columns)
    assert isinstance(result, Reject), result
    return result


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


def test_a_further_channel_is_kept_apart_and_may_be_missing() -> None:
    found = contact([PHONE, "+1 415 555 0102"], plan({"Work": {"channel": "phone"}}))
    assert found == Contact(2, DIGITS, channels=(("phone", "14155550102"),))
    assert contact([PHONE, ""], plan({"Work": {"channel": "phone"}})).notes == ()
    assert plan_columns(["Phone"], imports({"Work": {"channel": "phone"}})).describe() == {"Phone": "phone"}


class TestCells:
    COLUMNS = plan(
        {
            "First": "first",
            "Mail": "email",
            "Out": "is_opted_out",
            "Tags": {"tags": ";"},
            "Owner": "assignee_id",
            "Picture": "avatar",
            "Plan": {"custom": 7},
        }
    )
    BLANK = ("", "", "", "", "", "", "")

    def cells(self, **given: str) -> list[str]:
        names = ("first", "mail", "out", "tags", "owner", "picture", "plan")
        return [PHONE, *(given.get(name, "") for name in names)]

    def test_blank_cells_say_nothing(self) -> None:
        found = contact(self.cells(first="NULL", plan=" "), self.COLUMNS)
        assert (found.fields, found.custom, found.tags) == ({}, {}, None)

    def test_values_are_stripped_and_typed(self) -> None:
        given = {
            "first": " Ada ",
            "mail": "ada@example.com",
            "out": "Y",
            "tags": "1; 2;1",
            "owner": "12",
            "plan": " x ",
        }
        found = contact(self.cells(**given, picture="https://e.example/a.png"), self.COLUMNS)
        assert found.fields == {
            "first": "Ada",
            "email": "ada@example.com",
            "is_opted_out": True,
            "assignee_id": 12,
            "avatar": "https://e.example/a.png",
        }
        assert found.custom == {"7": "x"}
        assert found.tags == (1, 2)
        shape = contact_json(found)
        assert shape["_row"] == 2
        assert shape["tags"] == [{"tag_id": 1}, {"tag_id": 2}]
        assert shape["custom"] == {"7": "x"}

    def test_clear_erases(self) -> None:
        clear = dict.fromkeys(("first", "mail", "tags", "owner", "plan"), "<clear>")
        found = contact(self.cells(**clear), self.COLUMNS)
        assert found.fields == {"first": "", "email": "", "assignee_id": -1}
        assert found.custom == {"7": ""}
        assert found.tags == ()

    def test_blanks_clear_where_the_settings_say_so_but_never_consent(self) -> None:
        columns = plan({"First": "first", "Out": "is_opted_out", "Plan": {"custom": 7}}, blanks="clear")
        found = contact([PHONE, "", "", ""], columns)
        assert (found.fields, found.custom) == ({"first": ""}, {"7": ""})

    @pytest.mark.parametrize("word", ["yes", "Y", "TRUE", "t", "1"])
    def test_words_for_opted_out(self, word: str) -> None:
        assert contact(self.cells(out=word), self.COLUMNS).fields == {"is_opted_out": True}

    @pytest.mark.parametrize("word", ["no", "N", "False", "f", "0"])
    def test_words_for_not_opted_out(self, word: str) -> None:
        assert contact(self.cells(out=word), self.COLUMNS).fields == {"is_opted_out": False}

    @pytest.mark.parametrize(
        ("column", "value", "code"),
        [
            ("out", "perhaps", "bad_boolean"),
            ("out", "<clear>", "bad_boolean"),
            ("mail", "ada at example", "bad_email"),
            ("mail", "a@b.com, c@d.com", "bad_email"),
            ("owner", "Bob", "bad_number"),
            ("owner", "-2", "bad_number"),
            ("picture", "a.png", "bad_url"),
            ("tags", "1;2;3;4;5;6", "too_many_tags"),
        ],
    )
    def test_what_cannot_be_used_is_rejected_with_column_and_value(self, column: str, value: str, code: str) -> None:
        found = reject(self.cells(**{column: value}), self.COLUMNS)
        assert (found.code, found.value) == (code, value)
        assert found.column

    def test_tag_names_need_the_account(self) -> None:
        offline = contact(self.cells(tags="vip"), self.COLUMNS)
        assert offline.tags is None
        assert "tags_not_checked" in offline.notes
        online = resolve_tags(self.COLUMNS, {"VIP": 5})
        assert contact(self.cells(tags="vip;6"), online).tags == (5, 6)
        assert reject(self.cells(tags="nobody"), online).code == "unknown_tag"

    @pytest.mark.parametrize("cells", [[PHONE], [PHONE, *BLANK, "", "x"]])
    def test_ragged_rows_are_rejected(self, cells: list[str]) -> None:
        assert reject(cells, self.COLUMNS).code == "ragged_row"

    def test_empty_cells_at_the_end_do_no_harm(self) -> None:
        assert contact([PHONE, *self.BLANK, "", " "], self.COLUMNS).phone == DIGITS


def test_rows_without_anything_in_them_are_skipped_and_counted() -> None:
    [found] = map_cells([("", " ", "")], plan({"First": "first"}), 7)
    assert isinstance(found, Skip)
    assert (found.line, found.code) == (7, "blank_row")


def test_a_phone_column_of_nearly_that_name_is_pointed_out() -> None:
    with pytest.raises(MappingError, match="Did you mean 'Phon'"):
        plan_columns(["Phon"], imports())


def test_rows_that_are_not_to_be_imported_are_skipped_before_anything_else() -> None:
    columns = plan({"Deleted": "ignore"}, skip_where={"deleted": "TRUE"})
    left_out, taken = map_cells([("junk", " true "), (PHONE, "false")], columns)
    assert isinstance(left_out, Skip)
    assert isinstance(taken, Contact)


@given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=8))
def test_law_any_cells_give_one_result_each_in_order(tables: list[list[str]]) -> None:
    columns = plan({"First": "first", "Mail": "email", "Out": "is_opted_out"}, skip_where={"First": "x"})
    assert [result.line for result in map_cells(tables, columns)] == list(range(2, len(tables) + 2))


class TestOptOutsOfRowsThatAreNotImported:
    """What such rows say is noted on them; of broken ones, that they may say so."""

    COLUMNS = plan(
        {"First": "first", "Out": "is_opted_out", "Mail": "email", "State": "status"}, skip_where={"First": "gone"}
    )

    @pytest.mark.parametrize(
        ("cells", "notes"),
        [
            ((PHONE, "A", "yes", "no mail", ""), ("rejected_says_opted_out",)),
            ((PHONE, "A", "", "no mail", "unsubscribed"), ("rejected_says_opted_out",)),
            ((PHONE, "A", "no", "no mail", ""), ()),
            (("12", "A", "yes", "", ""), ()),
            ((PHONE, "gone", "yes", "", ""), ("skipped_says_opted_out",)),
            ((PHONE, "A", "yes", ""), ("opt_out_unsure",)),
            ((PHONE, "A", "no", ""), ()),
            ((PHONE, "A", "please stop", "", ""), ("opt_out_unsure",)),
            ((PHONE, "A", "please stop", "", "unsubscribed"), ("rejected_says_opted_out",)),
            (("12", "A", "please stop", "", ""), ()),
        ],
    )
    def test_notes(self, cells: Sequence[str], notes: tuple[str, ...]) -> None:
        [found] = map_cells([cells], self.COLUMNS)
        assert found.notes == notes

    @pytest.mark.parametrize(
        ("skipped_too", "sent"), [(False, {0: 14155550101}), (True, {0: 14155550101, 1: 14155550102})]
    )
    def test_those_of_skip_where_are_sent_only_where_that_is_said(
        self, skipped_too: bool, sent: dict[int, int]
    ) -> None:
        columns = plan(
            {"First": "first", "Out": "is_opted_out", "Mail": "email"},
            skip_where={"First": "gone"},
            skipped_opt_outs=skipped_too,
        )
        rows = [
            (PHONE, "A", "yes", "no mail"),
            ("+1 415 555 0102", "gone", "yes", ""),
            ("+1 415 555 0103", "A", "yes"),
            ("+1 415 555 0104", "A", "yes", ""),
        ]
        assert map_chunk(Chunk(range(2, 6), range(2, 6), rows), columns).opt_outs_to_send() == sent

    @given(st.data())
    def test_law_a_cell_lost_or_added_anywhere_hides_no_opt_out(self, data: st.DataObject) -> None:
        out = data.draw(st.sampled_from([2, 4]), "the column that says so")
        cells = [PHONE, "A", "no", "a@example.com", "active"]
        cells[out] = "yes" if out == 2 else "unsubscribed"
        many = data.draw(st.integers(1, 2), "cells")
        if data.draw(st.booleans(), "lost"):
            others = [place for place in range(5) if place != out]
            gone = data.draw(st.sets(st.sampled_from(others), min_size=many, max_size=many), "which")
            cells = [cell for place, cell in enumerate(cells) if place not in gone]
        else:
            for _ in range(many):
                cells.insert(data.draw(st.integers(0, len(cells)), "where"), "more")
        [found] = map_cells([cells], self.COLUMNS)
        assert found.notes == ("opt_out_unsure",)
        assert isinstance(found, Reject)
        assert "may say opted out" in found.reason
