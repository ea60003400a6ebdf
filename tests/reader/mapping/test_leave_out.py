"""People are not lost for a secondary cell: a bad one, a missing one, or one that stands for nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import Chunk, Contact, Reject
from pipeline.reader.mapping import Mapped, map_chunk, plan_columns
from pipeline.settings import ImportSettings
from tests.tables import take_text

PHONE = "+1 415 555 0101"
COLUMNS: dict[str, Any] = {
    "Phone": "phone",
    "First": "first",
    "Mail": "email",
    "Since": {"to": {"custom": "Since"}, "transform": [{"date": "%m/%d/%Y -> %Y-%m-%d"}]},
    "Fee": {"to": {"custom": "Fee"}, "transform": ["number"]},
    "Photo": "avatar",
    "Out": "is_opted_out",
}
GOOD = ("Ann", "ann@example.com", "4/1/2023", "12.50", "https://example.com/a.png", "yes")
BAD = ("x" * 6000, "ann@@example", "45017", "a lot", "none of yours", "perhaps")


def mapped(rows: list[list[str]], columns: dict[str, Any] = COLUMNS, **settings: Any) -> Mapped:
    imports = ImportSettings.model_validate({"columns": columns, **settings})
    lines = range(2, 2 + len(rows))
    return map_chunk(Chunk(lines, lines, rows), plan_columns(list(columns), imports))


def contact(cells: list[str], **settings: Any) -> Contact:
    [result] = mapped([cells], **settings).results()
    assert isinstance(result, Contact), result
    return result


def said(result: Contact) -> dict[str, Any]:
    return {**result.fields, **result.custom, "phone": result.phone}


@given(bad=st.lists(st.booleans(), min_size=5, max_size=5), out=st.sampled_from(["yes", "no", ""]))
def test_a_cell_is_left_out_and_everything_else_of_the_row_stays(bad: list[bool], out: str) -> None:
    cells = [BAD[place] if is_bad else GOOD[place] for place, is_bad in enumerate(bad)]
    blanked = ["" if is_bad else GOOD[place] for place, is_bad in enumerate(bad)]
    for blanks in ("keep", "clear"):
        left = mapped([[PHONE, *cells, out]], on_bad_field="leave_out", blanks=blanks)
        [found] = left.results()
        assert isinstance(found, Contact)
        assert left.notes()["field_left_out"] == found.notes.count("field_left_out") == sum(bad)
        assert [len(each) for each in left.left_out().values()] == [sum(bad)] * any(bad)
        expected = contact([PHONE, *blanked, out], blanks="keep")
        # A cell that is left out erases nothing, whatever a blank does.
        assert {key: value for key, value in said(found).items() if value != ""} == said(expected)
        assert not any(is_bad and value == "" for is_bad, value in zip(bad, said(found).values(), strict=False))


@pytest.mark.parametrize(
    ("cells", "code"),
    [(["no phone", *GOOD], "invalid"), ([PHONE, *GOOD[:-1], "perhaps"], "bad_boolean")],
)
def test_phones_and_consent_are_never_left_out(cells: list[str], code: str) -> None:
    [result] = mapped([cells], on_bad_field="leave_out").results()
    assert isinstance(result, Reject)
    assert (result.code, mapped([cells], on_bad_field="leave_out").notes()["field_left_out"]) == (code, 0)


def test_an_address_that_finds_the_contact_is_never_left_out() -> None:
    cells = [PHONE, "Ann", "ann@@example", *GOOD[2:]]
    [result] = mapped([cells], on_bad_field="leave_out", match_on=["phone", "email"]).results()
    assert isinstance(result, Reject)


def test_what_is_left_out_is_kept_with_its_row_and_reason() -> None:
    text = f"Phone,Mail\n{PHONE},ann@example.com\n+1 415 555 0102,nobody\n"
    for outline in (False, True):
        journal, taken = take_text(
            text, outline=outline, columns={"Phone": "phone", "Mail": "email"}, on_bad_field="leave_out"
        )
        assert (taken.census.tally.rejected, taken.census.notes["field_left_out"]) == (0, 1)
        kept = [(seq, cell.line, cell.column, cell.value, cell.code) for seq, cell in journal.left_out.read()]
        assert kept == ([] if outline else [(2, 3, "Mail", "nobody", "bad_email")])


class TestShortRows:
    @given(st.integers(min_value=1, max_value=6), st.sampled_from(["yes", "no", ""]))
    def test_a_padded_row_is_the_row_with_blanks_in_their_places(self, length: int, last: str) -> None:
        whole = [PHONE, "Ann", "ann@example.com", "4/1/2023", "12.50", "", last]
        cells = whole[:length]
        short = mapped([cells], short_rows="pad")
        [padded] = short.results()
        [full] = mapped([[*cells, *[""] * (7 - length)]]).results()
        assert isinstance(padded, Contact)
        assert isinstance(full, Contact)
        assert said(padded) == said(full)
        assert (padded.notes, short.notes()["row_padded"]) == (("row_padded", *full.notes), 1)

    def test_unless_asked_for_it_is_a_reject_as_before(self) -> None:
        [result] = mapped([[PHONE, "Ann"]]).results()
        assert isinstance(result, Reject)
        assert result.code == "ragged_row"

    @pytest.mark.parametrize("cells", [["Ann", "yes"], ["yes"], ["Ann", "ann@example.com", "4/1/2023", "12.50", "1"]])
    def test_a_no_that_may_stand_under_another_heading_is_never_padded_away(self, cells: list[str]) -> None:
        [result] = mapped([[PHONE, *cells]], short_rows="pad").results()
        assert isinstance(result, Reject)
        assert (result.code, result.column) == ("ragged_row", "Out")

    def test_too_many_cells_are_a_reject(self) -> None:
        [result] = mapped([[PHONE, *GOOD, "more"]], short_rows="pad").results()
        assert isinstance(result, Reject)

    def test_a_padded_row_that_was_rejected_for_something_else_comes_back(self) -> None:
        columns = {"Phone": "phone", "Mail": "email", "_extra": "ignore"}
        cells = [PHONE, "", "(1 cell missing)"]
        assert isinstance(next(mapped([cells], columns, short_rows="pad").results()), Contact)
        assert isinstance(next(mapped([cells], columns).results()), Reject)
        cells[-1] = "left over"
        assert isinstance(next(mapped([cells], columns, short_rows="pad").results()), Reject)


TEXTS: dict[str, Any] = {"Phone": "phone", "First": "first", "Plan": {"custom": "Plan"}, "Mail": "email"}
ADDRESSES: dict[str, Any] = {"Phone": "phone", "Mail": "email", "Mail 2": "email", "Mail 3": "email"}
ERRORS = (
    "#NAME? #REF! #VALUE! #DIV/0! #NUM! #NULL! #SPILL! ######## #BEZUG! #NOM? #¡VALOR! #VALORE! #WAARDE! #ARG! #NAMN?"
    " #ref! Err:508 #NV"
)


class TestNothing:
    @pytest.mark.parametrize("word", ERRORS.split())
    def test_the_errors_of_formulas_say_nothing_and_are_counted(self, word: str) -> None:
        for blanks in ("keep", "clear"):
            found = mapped([[PHONE, word, f" {word} ", word]], TEXTS, blanks=blanks)
            [result] = found.results()
            assert isinstance(result, Contact)
            assert (result.fields, result.custom, found.notes()["error_value"]) == ({}, {}, 3)

    def test_with_transforms_as_well(self) -> None:
        columns = {"Phone": "phone", "First": {"to": "first", "transform": ["title"]}}
        found = mapped([[PHONE, "#NAME?"]], columns, blanks="clear")
        [result] = found.results()
        assert isinstance(result, Contact)
        assert (result.fields, found.notes()["error_value"]) == ({}, 1)

    @pytest.mark.parametrize("kind", ["is_opted_out", "status", "avatar"])
    def test_elsewhere_they_are_rejects(self, kind: str) -> None:
        [result] = mapped([[PHONE, "#NAME?"]], {"Phone": "phone", "Cell": kind}).results()
        assert isinstance(result, Reject)
        [without] = mapped([["#DIV/0!"]], {"Phone": "phone"}).results()
        assert isinstance(without, Reject)

    @pytest.mark.parametrize("word", ["null", "None", "NaN", "undefined", "(null)", "<null>", "\\N", "-", "NA"])
    def test_words_for_nothing_stay_with_a_warning_until_the_settings_name_them(self, word: str) -> None:
        found = mapped([[PHONE, word, word, ""]], TEXTS)
        [result] = found.results()
        assert isinstance(result, Contact)
        assert (said(result)["first"], found.notes()["null_word"]) == (word, 2)
        named = mapped([[PHONE, word, word, ""]], TEXTS, null_values=["", word])
        [blank] = named.results()
        assert isinstance(blank, Contact)
        assert (blank.fields, blank.custom, named.notes()["null_word"]) == ({}, {}, 0)


class TestAddresses:
    @given(st.lists(st.sampled_from(["", "a@example.com", "b@example.com", "wrong"]), min_size=3, max_size=3))
    def test_the_first_good_address_wins(self, cells: list[str]) -> None:
        good = [cell for cell in cells if "@" in cell]
        for blanks in ("keep", "clear"):
            [result] = mapped([[PHONE, *cells]], ADDRESSES, blanks=blanks).results()
            if not good and "wrong" in cells:
                assert isinstance(result, Reject)
                assert result.value == "wrong"
                continue
            assert isinstance(result, Contact)
            assert result.fields.get("email", "") == (good[0] if good else "")
            place = cells.index(good[0]) if good else 0
            assert [note for note in result.notes if note.startswith("email_from")] == (
                [f"email_from:{list(ADDRESSES)[place + 1]}"] if place else []
            )
