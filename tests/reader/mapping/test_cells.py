"""Cells become values, or rejects with column and value."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models._contacts import Contact
from pipeline.reader.mapping import contact_json, plan_columns, resolve_tags
from tests.reader.mapping.plans import DIGITS, PHONE, contact, imports, plan, reject


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

    @given(st.lists(st.text('ab,;" ', min_size=1, max_size=9).map(str.strip).filter(bool), min_size=1, max_size=5))
    def test_law_quotes_keep_names_whole_that_hold_the_separator(self, names: list[str]) -> None:
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="").writerow(names)
        known = {name: number for number, name in enumerate(dict.fromkeys(names), 1)}
        columns = resolve_tags(plan({"Tags": {"tags": ","}}), known)
        assert contact([PHONE, text.getvalue()], columns).tags == tuple(known.values())

    @pytest.mark.parametrize("cells", [[PHONE], [PHONE, *BLANK, "", "x"]])
    def test_ragged_rows_are_rejected(self, cells: list[str]) -> None:
        assert reject(cells, self.COLUMNS).code == "ragged_row"

    def test_empty_cells_at_the_end_do_no_harm(self) -> None:
        assert contact([PHONE, *self.BLANK, "", " "], self.COLUMNS).phone == DIGITS
