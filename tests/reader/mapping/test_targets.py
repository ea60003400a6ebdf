"""The further targets, transforms and rows that are no contacts."""

from typing import Any

import pytest

from pipeline.errors import MappingError
from pipeline.models._contacts import Contact, Member, Reject, Skip
from pipeline.reader.mapping import plan_columns, resolve_members, resolve_tags
from tests.tables import map_cells, settings_of, take_text

PHONE = "+14155550132"


def mapped(headers: list[str], cells: list[str], columns: dict[str, Any], **settings: Any) -> Contact | Reject | Skip:
    plan = plan_columns(headers, settings_of({"Phone": "phone", **columns}, **settings))
    [result] = map_cells([cells], plan)
    return result


def contact(column: Any, cell: str, **settings: Any) -> Contact:
    result = mapped(["Phone", "X"], [PHONE, cell], {"X": column}, **settings)
    assert isinstance(result, Contact), result
    return result


def reject(column: Any, cell: str, **settings: Any) -> Reject:
    result = mapped(["Phone", "X"], [PHONE, cell], {"X": column}, **settings)
    assert isinstance(result, Reject), result
    return result


class TestTargets:
    @pytest.mark.parametrize(("word", "out"), [("Unsubscribed", True), ("subscribed", False), ("ACTIVE", False)])
    def test_a_status_says_the_opt_out(self, word: str, out: bool) -> None:
        assert contact("status", word).fields == {"is_opted_out": out}

    @pytest.mark.parametrize(("word", "blocked"), [("Blocked", True), ("unblocked", False), ("active", False)])
    def test_a_status_says_who_is_blocked(self, word: str, blocked: bool) -> None:
        assert contact("status", word).is_blocked is blocked

    def test_a_status_that_is_none_is_rejected(self) -> None:
        assert reject("status", "banned").code == "bad_status"

    def test_lists_by_id_or_by_a_word(self) -> None:
        assert contact("list", "501").lists == (501,)
        assert contact({"list": 501}, "yes").lists == (501,)
        assert contact({"list": 501}, "no").lists == ()
        assert contact({"list": 501}, "").lists == ()
        assert reject("list", "Customers").code == "bad_number"
        assert reject({"list": 501}, "perhaps").code == "bad_boolean"

    def test_a_known_id(self) -> None:
        assert contact("id", "12").known_id == 12
        assert contact("id", "").known_id is None
        assert reject("id", "003xyz").code == "bad_number"

    def test_owners_by_name_or_address(self) -> None:
        plan = plan_columns(["Phone", "O"], settings_of({"Phone": "phone", "O": "assignee"}))
        [offline] = map_cells([[PHONE, "Ada"]], plan)
        assert isinstance(offline, Contact)
        assert offline.notes == ("assignee_not_checked",)
        team = [Member(1, "Ada \u00c9xample", "ada@example.com"), Member(2, "Bob"), Member(3, "bob")]
        online = resolve_members(plan, team)
        found = map_cells([[PHONE, "ada example"], [PHONE, "ADA@example.com"], [PHONE, "<clear>"]], online)
        assert [result.fields for result in found if isinstance(result, Contact)] == [
            {"assignee_id": 1},
            {"assignee_id": 1},
            {"assignee_id": -1},
        ]
        [ambiguous] = map_cells([[PHONE, "BOB"]], online)
        assert isinstance(ambiguous, Reject)
        assert ambiguous.reason == "2 team members are called 'BOB'; use assignee_id"

    def test_names_that_differ_in_punctuation_are_not_mixed_up(self) -> None:
        tags = {"C": 1, "C++": 2, "VIP": 3, "V.I.P.": 4}
        plan = plan_columns(["Phone", "T"], settings_of({"Phone": "phone", "T": {"tags": ";"}}))
        plan = resolve_tags(plan, tags)
        found = map_cells([[PHONE, name] for name in ("C", "C++", "vip", "v.i.p.", "V-I-P")], plan)
        assert [result.tags for result in found if isinstance(result, Contact)] == [(1,), (2,), (3,), (4,)]
        assert isinstance(found[4], Reject)
        assert found[4].reason == "2 tags are called 'V-I-P'; use their IDs"
        plan = plan_columns(["Phone", "O"], settings_of({"Phone": "phone", "O": "assignee"}))
        team = resolve_members(plan, [Member(1, "A", "a.b@x.com"), Member(2, "B", "AB@x.com")])
        [owner] = map_cells([[PHONE, "ab@x.com"]], team)
        assert isinstance(owner, Contact)
        assert owner.fields == {"assignee_id": 2}

    def test_of_several_columns_on_consent_one_that_says_opted_out_is_enough(self) -> None:
        columns = {"Phone": "phone", "A": "is_opted_out", "B": "status", "C": "is_opted_out"}
        plan = plan_columns(list(columns), settings_of(columns))
        rows = [
            ["yes", "active", ""],
            ["no", "unsubscribed", "no"],
            ["no", "", "yes"],
            ["no", "active", ""],
            ["", "", ""],
        ]
        found = map_cells([[PHONE, *row] for row in rows], plan)
        said = [result.fields.get("is_opted_out") for result in found if isinstance(result, Contact)]
        assert said == [True, True, True, False, None]

    def test_an_owner_by_name_and_by_id_is_one_target(self) -> None:
        columns = {"Phone": "phone", "A": "assignee", "B": "assignee_id"}
        with pytest.raises(MappingError, match="'A' and 'B' are both mapped to assignee and assignee_id"):
            plan_columns(list(columns), settings_of(columns))

    def test_tags_can_be_cut_instead_of_rejected(self) -> None:
        kept = contact({"tags": ","}, "1,2,3,4,5,6", too_many_tags="cut")
        assert (kept.tags, kept.notes) == ((1, 2, 3, 4, 5), ("tags_cut",))

    def test_texts_have_a_longest_length_and_no_zero_bytes(self) -> None:
        assert reject("first", "x" * 11, max_text_length=10).code == "text_too_long"
        assert contact("first", " " * 20 + "x", max_text_length=10).fields == {"first": "x"}
        assert contact("first", "A\0da").fields == {"first": "Ada"}
        assert contact("first", "A\0da").notes == ("nul_removed",)


class TestTransforms:
    def test_one_column_can_go_to_several_targets(self) -> None:
        column = [
            {"to": "first", "transform": ["collapse", "first_word"]},
            {"to": "last", "transform": ["collapse", "last_word"]},
        ]
        assert contact(column, " Ada  King Lovelace ").fields == {"first": "Ada", "last": "Lovelace"}

    def test_a_cell_that_a_step_cannot_read_rejects_the_row(self) -> None:
        dated = {"custom": "Since", "transform": [{"date": "%m/%d/%Y -> %Y-%m-%d"}]}
        assert contact(dated, "12/31/2025").custom == {"Since": "2025-12-31"}
        assert reject(dated, "soon").code == "bad_date"
        assert contact(dated, "<clear>").custom == {"Since": ""}
        assert contact(dated, "N/A").custom == {}

    def test_a_phone_can_be_taken_out_of_its_cell(self) -> None:
        columns = {"Phone": {"to": "phone", "transform": [{"regex": "^[a-z]+: *(.*)$"}]}}
        result = mapped(["Phone"], ["mobile: 415 555 0132"], columns)
        assert isinstance(result, Contact)
        assert result.phone == "14155550132"
        wrong = {"Phone": {"to": "phone", "transform": ["number"]}}
        refused = mapped(["Phone"], ["mobile"], wrong)
        assert isinstance(refused, Reject)
        assert (refused.code, refused.column) == ("bad_number", "Phone")

    def test_columns_can_be_joined_and_are_then_used(self) -> None:
        columns = {"A": {"to": "display_name", "transform": [{"concat": "{A} {B}"}]}}
        plan = plan_columns(["Phone", "A", "B"], settings_of({"Phone": "phone", **columns}, unmapped="reject"))
        [result] = map_cells([[PHONE, "Ada", "Lovelace"]], plan)
        assert isinstance(result, Contact)
        assert result.fields == {"display_name": "Ada Lovelace"}
        with pytest.raises(MappingError, match="no column 'B'"):
            plan_columns(["Phone", "A"], settings_of({"Phone": "phone", **columns}))

    def test_parts_of_a_cell_are_tags(self) -> None:
        split = {"tags": ";", "transform": [{"split": "|"}]}
        assert contact(split, "1 | 2|").tags == (1, 2)


class TestHeaders:
    @pytest.mark.parametrize("header", ["E-mail", "e mail", "EMAIL ", "\u00c9-mail"])
    def test_they_match_whatever_their_spelling(self, header: str) -> None:
        result = mapped(["Phone", header], [PHONE, "a@example.com"], {"Email": "email"})
        assert isinstance(result, Contact)
        assert result.fields == {"email": "a@example.com"}

    def test_a_column_is_found_by_its_place(self) -> None:
        plan = plan_columns(["Phone", "Phone", ""], settings_of({"column 2": "phone", "column 3": "first"}))
        assert [binding.index for binding in plan.bindings] == [1, 2]
        assert plan.describe() == {"Phone": None, "Phone (column 2)": "phone", "(column 3)": "first"}
        with pytest.raises(MappingError, match='name it by its place: "column 1"'):
            plan_columns(["Phone", "Phone"], settings_of({"Phone": "phone"}))

    def test_columns_without_a_mapping_can_become_custom_fields(self) -> None:
        plan = plan_columns(["Phone", "City", "", "X", "X"], settings_of(unmapped="create"))
        assert plan.to_create == ("City",)
        assert plan.unmapped == ("", "X", "X")
        assert plan.describe()["City"] == "custom:City"


class TestRowsThatAreNoContacts:
    @pytest.mark.parametrize(
        ("row", "code"),
        [
            (",,", "blank_row"),
            ("Phone,First,Note", "repeated_header"),
            ("PHONE, first ,note", "repeated_header"),
            ("Total,,12", "totals_row"),
            (",Grand total:,12", "totals_row"),
        ],
    )
    def test_they_are_skipped_and_counted(self, row: str, code: str) -> None:
        columns = {"Phone": "phone", "First": "first"}
        _, taken = take_text(f"Phone,First,Note\n{PHONE},Ada,x\n{row}\n", columns=columns)
        assert taken.census.codes == {code: 1}
        assert taken.census.tally.skipped == 1

    @pytest.mark.parametrize("row", ["Total Energies,,x", ",Summer,x", ",Phone,x", "41555501,Soma,x"])
    def test_what_only_resembles_them_is_rejected(self, row: str) -> None:
        columns = {"Phone": "phone", "First": "first"}
        _, taken = take_text(f"Phone,First,Note\n{PHONE},Ada,x\n{row}\n", columns=columns)
        assert taken.census.tally.rejected == 1


class TestDoubts:
    def test_a_warning_can_be_made_a_reject(self) -> None:
        rejected = mapped(["Phone"], ["415 555 0132"], {}, reject_doubtful=["region_assumed"])
        assert isinstance(rejected, Reject)
        assert (rejected.code, rejected.column, rejected.value) == ("region_assumed", "Phone", "415 555 0132")
        assert isinstance(mapped(["Phone"], [PHONE], {}, reject_doubtful=["region_assumed"]), Contact)

    def test_the_column_that_gave_the_phone_is_named(self) -> None:
        columns = {"Home": "phone"}
        rejected = mapped(["Phone", "Home"], ["", "415 555 0132 x5"], columns, reject_doubtful=["extension_dropped"])
        assert isinstance(rejected, Reject)
        assert rejected.column == "Home"

    def test_two_numbers_in_a_cell(self) -> None:
        both = "415-555-0132 / 415-555-0133"
        assert isinstance(mapped(["Phone"], [both], {}), Reject)
        first = mapped(["Phone"], [both], {}, two_numbers="first")
        assert isinstance(first, Contact)
        assert (first.phone, first.notes) == ("14155550132", ("first_of_two", "region_assumed"))
