"""Opt-outs of rows that are not imported: beside the rows, by the same way, each person once."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models._changes import Change, ChangeKind, FieldChange, WriteAnswer
from pipeline.models._contacts import Contact, Record, Reject
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally
from pipeline.runs.journal import Journal
from pipeline.runs.journal._file import JournalFile
from pipeline.runs.journal._opt_outs import APART, SaidOptOut
from tests.runs.journal.staged import ANN, BOB, contact, staged

REJECT = Reject(2, "bad_email", "Mail", "x", "no address")


def says_no(journal: Journal, *phones: str) -> None:
    """Stage rejected rows that say opted out."""
    journal.input.add([("cell",)] * len(phones), [REJECT] * len(phones), opt_outs=dict(enumerate(map(int, phones))))
    journal.finish_staging()


def opened_seqs(journal: Journal) -> list[int]:
    return [each.seq - APART for each in journal.opt_outs.open_rows(0, 100)]


def write(seq: int, phone: str) -> Change:
    before = Record(7, phone, "Ann", raw=b'{"id": 7}')
    field = FieldChange("is_opted_out", False, True)
    body = {"phone": phone, "is_opted_out": True}
    return Change(seq, ChangeKind.UPDATE, phone, body, contact_id=7, before=before, fields=(field,))


def test_they_are_open_and_the_rows_keep_their_outcome(journal: Journal) -> None:
    says_no(journal, ANN)
    [open_row] = journal.opt_outs.open_rows(0, 9)
    assert (open_row.contact.phone, open_row.contact.fields, open_row.contact.line) == (ANN, {"is_opted_out": True}, 2)
    assert journal.outcomes.tally() == Tally(rows=1, rejected=1)
    assert journal.rows.open_rows(0, 9) == []


def test_of_several_with_one_phone_the_first_is_written(journal: Journal) -> None:
    says_no(journal, ANN, BOB, ANN)
    assert opened_seqs(journal) == [1, 2]


def test_they_go_the_way_of_a_row_and_are_traced(journal: Journal) -> None:
    says_no(journal, ANN)
    [open_row] = journal.opt_outs.open_rows(0, 9)
    rows = journal.opt_outs.rows
    rows.begin([write(open_row.seq, ANN)])
    [begun] = journal.opt_outs.open_rows(0, 9)
    assert begun.doubt
    assert begun.answer is None
    rows.answered(open_row.seq, WriteAnswer(7, 5))
    rows.settle([Outcome(open_row.seq, OutcomeKind.UPDATED, contact_id=7, rev=5)])
    assert (journal.opt_outs.counts(), opened_seqs(journal)) == ({"updated": 1}, [])
    [trace] = journal.history.traces()
    assert (trace.contact_id, trace.kind, trace.rev, trace.is_proved, trace.opted_out) == (
        7, ChangeKind.UPDATE, 5, True, True,
    )  # fmt: skip
    [(seq, kind, [field])] = journal.history.written_fields()
    assert (seq, kind, tuple(field)) == (open_row.seq, "update", ("is_opted_out", False, True))
    assert [row.opt_out for row in journal.outcomes.rows(OutcomeKind.REJECTED)] == ["updated"]


def test_what_was_proved_unsent_is_open_again(journal: Journal) -> None:
    says_no(journal, ANN)
    [open_row] = journal.opt_outs.open_rows(0, 9)
    journal.opt_outs.rows.begin([write(open_row.seq, ANN)])
    journal.opt_outs.rows.release([open_row.seq])
    assert journal.opt_outs.open_rows(0, 9) == [open_row]
    assert not journal.history.has_writes()


def test_a_row_that_is_imported_speaks_for_the_others_of_its_phone(journal: Journal) -> None:
    journal.input.add([("a",), ("b",)], [REJECT, contact(3, ANN, is_opted_out=True)], opt_outs={0: int(ANN)})
    journal.finish_staging()
    assert not journal.opt_outs.are_left(), "while it is open"
    journal.rows.settle([Outcome(2, OutcomeKind.CREATED, contact_id=7)])
    assert not journal.opt_outs.are_left()
    assert [row.opt_out for row in journal.outcomes.rows(OutcomeKind.REJECTED)] == ["carried"]


def test_one_that_is_refused_late_is_gathered_each_time_alike(journal: Journal) -> None:
    staged(journal, contact(2, ANN, is_opted_out=True), contact(3, BOB, is_opted_out=True), contact(4, "14155550103"))
    journal.rows.settle(
        [
            Outcome(1, OutcomeKind.REJECTED, "too_many_tags"),
            Outcome(2, OutcomeKind.SKIPPED, "stale"),
            Outcome(3, OutcomeKind.FAILED, "not_applied"),
        ]
    )
    for _ in range(2):
        assert journal.opt_outs.are_left()
        assert opened_seqs(journal) == [1]


def test_contacts_that_share_a_phone_are_taken_apart(journal: Journal) -> None:
    says_no(journal, ANN)
    journal.opt_outs.take_apart({APART + 1: (7, 8)})
    found = [each.contact for each in journal.opt_outs.open_rows(0, 9)]
    assert [(each.known_id, each.by_id, each.phone) for each in found] == [(7, True, ANN), (8, True, ANN)]
    assert list(journal.opt_outs.read()) == [SaidOptOut(1, 0, 2, int(ANN))]


def test_the_content_is_another_where_the_opt_outs_are() -> None:
    known = []
    for phones in ((), (ANN,), (BOB,)):
        with Journal.create(None) as journal:
            journal.input.add([("cell",)], [REJECT], opt_outs=dict(enumerate(map(int, phones))))
            known.append(journal.finish_staging())
    assert len(set(known)) == 3


def test_a_journal_of_before_that_cannot_be_written_has_none(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    file = JournalFile.create(path)
    with file.transaction() as db:
        db.execute("DROP TABLE opt_outs")
    # Another connection that writes keeps the table from being made.
    file.db.execute("BEGIN IMMEDIATE")
    with Journal.open(path) as journal:
        assert not journal.opt_outs.have_any()
        assert journal.outcomes.tally() == Tally()
    file.db.execute("ROLLBACK")
    with Journal.open(path) as journal:
        says_no(journal, ANN)
    with Journal.open(path) as journal:
        assert opened_seqs(journal) == [1]
    file.db.close()


PHONES = st.sampled_from([ANN, BOB, "14155550103"])
FATES = st.sampled_from(["mapping", "rejected", "exists", "failed", "imported", "silent"])


@given(st.lists(st.tuples(PHONES, FATES), max_size=8))
def test_each_phone_is_written_once_unless_another_row_speaks_for_it(rows: list[tuple[str, str]]) -> None:
    with Journal.create(None) as journal:
        results = [
            REJECT if fate == "mapping" else Contact(2, phone, {} if fate == "silent" else {"is_opted_out": True})
            for phone, fate in rows
        ]
        said = {place: int(phone) for place, (phone, fate) in enumerate(rows) if fate == "mapping"}
        journal.input.add([("cell",)] * len(rows), results, opt_outs=said)
        journal.finish_staging()
        ends = {
            "rejected": (OutcomeKind.REJECTED, "too_many_tags"),
            "exists": (OutcomeKind.SKIPPED, "exists"),
            "failed": (OutcomeKind.FAILED, "not_applied"),
            "imported": (OutcomeKind.UPDATED, ""),
            "silent": (OutcomeKind.UPDATED, ""),
        }
        journal.rows.settle([Outcome(seq, *ends[fate]) for seq, (_, fate) in enumerate(rows, 1) if fate in ends])
        spoken = {phone for phone, fate in rows if fate == "imported"}
        wanted = {phone for phone, fate in rows if fate not in ("imported", "silent")} - spoken
        assert journal.opt_outs.are_left() is bool(wanted)
        assert sorted(each.contact.phone for each in journal.opt_outs.open_rows(0, 99)) == sorted(wanted)
        assert journal.outcomes.tally().adds_up
