"""The input is counted once and its duplicates decided once, in full or in outline, with the same counts."""

from array import array
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.models._contacts import Contact
from pipeline.models._outcomes import BAD_KINDS, OutcomeKind, Tally
from pipeline.phone import PhoneIndex
from pipeline.reader.intake._staging import merge_contacts
from tests.tables import take_text

OUT = {"Phone": "phone", "First": "first", "Last": "last", "Out": "is_opted_out"}
ANN, BOB = "+1 415 555 0101", "+1 415 555 0102"


def csv_of(*rows: str) -> str:
    return "\n".join(["Phone,First,Last,Out", *rows]) + "\n"


class TestDuplicates:
    @pytest.mark.parametrize(("policy", "winner"), [("last", 4), ("first", 2), ("merge", 4)])
    def test_one_row_wins_and_the_others_point_to_it(self, policy: str, winner: int) -> None:
        journal, taken = take_text(csv_of(f"{ANN},A,,", f"{BOB},,,", f"{ANN},,B,"), columns=OUT, duplicates=policy)
        assert {contact.line for contact in journal.input.contacts()} == {3, winner}
        [loser] = journal.outcomes.rows(OutcomeKind.SKIPPED)
        assert loser.code == "duplicate_in_file"
        assert loser.reason.endswith(f"the row at line {winner}")
        assert taken.census.tally == Tally(rows=3, skipped=1)

    def test_merge_keeps_what_only_an_earlier_row_gives(self) -> None:
        journal, _ = take_text(csv_of(f"{ANN},A,X,", f"{ANN},,B,"), columns=OUT, duplicates="merge")
        assert [contact.fields for contact in journal.input.contacts()] == [{"first": "A", "last": "B"}]

    def test_reject_rejects_them_all_and_names_them(self) -> None:
        journal, taken = take_text(csv_of(f"{ANN},A,,", f"{ANN},,B,", f"{BOB},,,"), columns=OUT, duplicates="reject")
        assert taken.census.tally == Tally(rows=3, rejected=2)
        assert {row.reason for row in journal.outcomes.rows(OutcomeKind.REJECTED)} == {
            "2 rows share one phone: line 2, line 3"
        }

    @pytest.mark.parametrize("policy", ["last", "first", "merge"])
    @pytest.mark.parametrize("words", [("yes", "no"), ("no", "yes"), ("yes", ""), ("", "yes"), ("no", "no"), ("", "")])
    def test_an_opt_out_on_any_of_them_survives(self, policy: str, words: tuple[str, str]) -> None:
        text = csv_of(*(f"{ANN},,,{word}" for word in words))
        journal, taken = take_text(text, columns=OUT, duplicates=policy)
        [contact] = journal.input.contacts()
        assert (contact.fields.get("is_opted_out") is True) is ("yes" in words)
        said = [word for word in words if word] if policy == "merge" else list(words)
        won = (said[0] if policy == "first" else said[-1]) if said else ""
        assert ("opt_out_kept" in contact.notes) is ("yes" in words and won != "yes")
        assert taken.census.notes.get("opt_out_kept", 0) == (1 if "opt_out_kept" in contact.notes else 0)

    @pytest.mark.parametrize("duplicates", ["last", "first", "merge", "reject"])
    @pytest.mark.parametrize("order", [1, -1])
    @pytest.mark.parametrize("left_out", ["too long", "gone"])
    def test_an_opt_out_counts_also_on_a_row_that_is_rejected_or_left_out(
        self, duplicates: str, order: int, left_out: str
    ) -> None:
        rows = [f"{ANN},{left_out},,yes", f"{ANN},A,,no"][::order]
        chosen: dict[str, Any] = {"columns": OUT, "duplicates": duplicates, "max_text_length": 7}
        journal, taken = take_text(csv_of(*rows, f"{BOB},B,,no"), skip_where={"First": "gone"}, **chosen)
        ann, bob = sorted(journal.input.contacts(), key=lambda contact: contact.phone)
        assert (ann.fields["is_opted_out"], bob.fields["is_opted_out"]) == (True, False)
        assert taken.census.notes["opt_out_in_rejected"] == 1
        assert taken.census.tally.settled == 1, "a row that is no contact makes nobody a duplicate"

    def test_what_a_broken_row_says_of_consent_is_not_believed(self) -> None:
        # Its cells may stand under the wrong heading.
        journal, _ = take_text(csv_of(f"{ANN},A,,yes,more", f"{ANN},A,,no"), columns=OUT)
        assert [contact.fields["is_opted_out"] for contact in journal.input.contacts()] == [False]

    def test_rows_of_several_files_are_told_apart(self) -> None:
        journal, taken = take_text(csv_of(f"{ANN},A,,"), csv_of(f"{ANN},B,,"), columns=OUT)
        [loser] = journal.outcomes.rows(OutcomeKind.SKIPPED)
        assert (loser.source, loser.line) == (0, 2)
        assert loser.reason == "superseded by the row at line 2 of file2.csv"
        assert [file.rows for file in taken.files] == [1, 1]

    @pytest.mark.parametrize(("rows", "shared"), [(3, False), (4, True)])
    def test_a_phone_on_many_rows_is_suspected_to_be_a_placeholder(self, rows: int, shared: bool) -> None:
        text = csv_of(*[f"{ANN},,,"] * rows)
        _, taken = take_text(text, columns=OUT, shared_phone_rows=4)
        assert taken.census.notes.get("shared_phone", 0) == shared
        _, taken = take_text(text, columns=OUT, shared_phone_rows=4, reject_doubtful=["shared_phone"], outline=True)
        assert taken.census.tally.rejected == (rows if shared else 0)


ROWS = st.lists(
    st.tuples(
        st.sampled_from([ANN, BOB, "12", "", "415 555 0101", '="+14155550102"', "+14155550103 x5"]),
        st.sampled_from(["A", "", "<clear>", "too long", "gone", "Bob", "B\u00f6b", "a"]),
        st.sampled_from(["yes", "no", "", "perhaps"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(ROWS, st.sampled_from(["last", "first", "merge", "reject"]), st.sampled_from([0, 2, 3]))
def test_law_an_outline_counts_what_the_full_staging_counts(
    rows: Sequence[tuple[str, str, str]], duplicates: str, shared: int
) -> None:
    text = csv_of(*(f"{phone},{first},,{out}" for phone, first, out in rows))
    chosen: dict[str, Any] = {"columns": OUT, "duplicates": duplicates, "shared_phone_rows": shared}
    # Some rows are rejected or left out, and what they say of consent counts all the same.
    chosen |= {"max_text_length": 7, "skip_where": {"First": "gone"}}
    kept, full = take_text(text, **chosen)
    sketched, outline = take_text(text, outline=True, **chosen)
    assert outline.census.tally == full.census.tally
    assert dict(outline.census.codes) == dict(full.census.codes)
    assert dict(outline.census.notes) == dict(full.census.notes)
    # What a reject file is written from.
    assert [*sketched.outcomes.rows(*BAD_KINDS)] == [*kept.outcomes.rows(*BAD_KINDS)]
    # Every row is accepted, rejected or skipped.
    accepted = full.census.tally.rows - full.census.tally.settled
    assert accepted + full.census.tally.rejected + full.census.tally.skipped == len(rows)


@given(st.lists(st.tuples(st.sampled_from(["first", "last"]), st.text(max_size=3)), min_size=1, max_size=6))
def test_law_merging_gives_the_last_value_of_each_field(values: list[tuple[str, str]]) -> None:
    contacts = [Contact(line, "14155550101", {name: value}) for line, (name, value) in enumerate(values)]
    merged = merge_contacts(iter(contacts))
    assert merged.fields == dict(values)
    assert merged.line == len(values) - 1


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(0, 400), max_size=900),
    st.integers(1, 400),
    st.sampled_from([50, 1_000_000]),
    st.integers(1, 30),
)
def test_law_the_index_finds_every_group_also_from_disk(numbers: list[int], size: int, held: int, times: int) -> None:
    phones = [14155550000 + number if number else 0 for number in numbers * times]
    index = PhoneIndex(held=held)
    for start in range(0, len(phones), size):
        part = phones[start : start + size]
        index.add(array("Q", part), start)
    expected: dict[int, list[int]] = {}
    for place, phone in enumerate(phones):
        expected.setdefault(phone, []).append(place)
    found = {phones[group[0]]: group for group in index.groups()}
    assert found == {phone: places for phone, places in expected.items() if phone and len(places) > 1}
    index.close()
