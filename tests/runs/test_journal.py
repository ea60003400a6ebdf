"""The journal says for every row at any moment: never sent, perhaps sent, or done."""

import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import StorageFailed
from pipeline.models._changes import Change, ChangeKind, FieldChange, WriteAnswer
from pipeline.models._contacts import Contact, Record, Reject, Skip
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally
from pipeline.runs.journal import Journal, Pulse, RunFacts

ANN, BOB = "14155550101", "14155550102"


def staged(journal: Journal, *results: Contact | Reject | Skip) -> str:
    journal.input.add([("cell", str(result.line)) for result in results], results)
    return journal.finish_staging()


def contact(line: int, phone: str = ANN, *, notes: Sequence[str] = (), **fields: str | bool) -> Contact:
    return Contact(line, phone, fields, {}, None, tuple(notes))


def create(seq: int, phone: str = ANN) -> Change:
    fields = (FieldChange("first", "", "Ann"),)
    return Change(seq, ChangeKind.CREATE, phone, {"phone": phone, "first": "Ann"}, fields=fields)


@pytest.fixture
def journal() -> Journal:
    return Journal.create(None)


def test_its_file_is_private_and_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal.create(path)
    journal.record(RunFacts(account="a", state="open"))
    staged(journal, contact(2))
    journal.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = Journal.open(path)
    assert (again.facts.account, again.facts.state, again.facts.error) == ("a", "open", "")
    assert [row.contact for row in again.rows.open_rows(0, 10)] == [contact(2)]


def test_a_missing_foreign_or_newer_journal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="does not exist"):
        Journal.open(tmp_path / "no.sqlite")
    foreign = tmp_path / "foreign.sqlite"
    foreign.write_text("this is no database, however long it may be " * 50)
    with pytest.raises(StorageFailed, match="refused"):
        Journal.open(foreign)
    newer = tmp_path / "newer.sqlite"
    journal = Journal.create(newer)
    journal._file.db.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
    journal.close()
    with pytest.raises(StorageFailed, match="format 99"):
        Journal.open(newer)


def test_every_staged_row_is_counted_once(journal: Journal) -> None:
    staged(journal, contact(2), Reject(3, "too_short", "Phone", "12", "too short"), Skip(4, "skip_where", "deleted"))
    assert journal.outcomes.tally() == Tally(rows=3, rejected=1, skipped=1)
    [row] = journal.rows.open_rows(0, 10)
    assert (row.seq, row.contact.line, row.doubt) == (1, 2, None)


def test_bytes_that_do_not_decode_come_back_verbatim(journal: Journal) -> None:
    broken = b"Caf\xe9".decode("utf-8", "surrogateescape")
    journal.input.add([(broken,)], [Reject(2, "undecodable", "Name", broken, "not UTF-8")])
    [row] = journal.outcomes.rows(OutcomeKind.REJECTED)
    assert row.cells == (broken,)
    assert row.value == "Caf\\udce9"


def test_the_same_content_has_the_same_hash_whatever_its_lines() -> None:
    first, second, third = (Journal.create(None) for _ in range(3))
    journals = zip(
        (first, second, third), (contact(2, first="A"), contact(9, first="A"), contact(2, first="B")), strict=True
    )
    hashes = []
    for journal, row in journals:
        journal.input.add([("same",)], [row])
        hashes.append(journal.finish_staging())
    assert hashes[0] == hashes[1] != hashes[2]


class TestLifeOfARow:
    def test_begun_is_in_doubt_until_it_is_answered(self, journal: Journal) -> None:
        staged(journal, contact(2))
        journal.rows.begin([create(1)])
        [row] = journal.rows.open_rows(0, 10)
        assert row.doubt == create(1)
        assert row.answer is None
        journal.rows.answered(1, WriteAnswer(55, 1, "u-1", "req-1"))
        [row] = journal.rows.open_rows(0, 10)
        assert row.answer == WriteAnswer(55, 1, "u-1", "req-1")
        assert row.doubt == replace(create(1), contact_id=55)
        journal.rows.settle([Outcome(1, OutcomeKind.CREATED, contact_id=55)])
        assert journal.rows.open_rows(0, 10) == []
        assert journal.outcomes.tally() == Tally(rows=1, created=1)

    def test_released_is_as_if_it_had_never_begun(self, journal: Journal) -> None:
        staged(journal, contact(2))
        journal.rows.begin([create(1)])
        journal.rows.release([1])
        [row] = journal.rows.open_rows(0, 10)
        assert row.doubt is None

    def test_releasing_a_second_send_leaves_the_first_in_doubt(self, journal: Journal) -> None:
        staged(journal, contact(2))
        journal.rows.begin([create(1)])
        journal.rows.begin([replace(create(1), kind=ChangeKind.UPDATE, contact_id=5)])
        journal.rows.release([1])
        [row] = journal.rows.open_rows(0, 10)
        assert row.doubt == create(1)
        journal.rows.answered(1, WriteAnswer(55))
        journal.rows.begin([create(1)])
        journal.rows.release([1])
        [row] = journal.rows.open_rows(0, 10)
        assert row.answer is not None

    def test_pre_images_are_kept_as_the_service_sent_them(self, tmp_path: Path) -> None:
        journal = Journal.create(tmp_path / "j.sqlite")
        staged(journal, contact(2))
        raw = b'{"id":5,"custom":{"1":"1.10"}}'
        journal.rows.begin([replace(create(1), kind=ChangeKind.UPDATE, before=Record(5, ANN, raw=raw))])
        found = journal._file.db.execute("SELECT before FROM writes").fetchone()
        assert found == (raw.decode(),)


def test_reasons_and_notes_are_counted(journal: Journal) -> None:
    staged(
        journal,
        contact(2, notes=["region_assumed"]),
        contact(3, BOB, notes=["region_assumed", "unwrapped"]),
        Reject(4, "invalid", "Phone", "1", "no"),
    )
    assert journal.outcomes.notes() == {"region_assumed": 2, "unwrapped": 1}
    assert journal.outcomes.notes(settled=True) == {}
    journal.rows.settle([Outcome(1, OutcomeKind.FAILED, "not_kept", "why", notes=("region_assumed",))])
    assert journal.outcomes.notes(settled=True) == {"region_assumed": 1}
    assert journal.outcomes.codes(OutcomeKind.REJECTED, OutcomeKind.FAILED) == {"invalid": 1, "not_kept": 1}
    assert [row.line for row in journal.outcomes.rows(OutcomeKind.FAILED, OutcomeKind.REJECTED)] == [2, 4]
    assert [row.line for row in journal.outcomes.rows(OutcomeKind.REJECTED, code="invalid", limit=1)] == [4]
    assert list(journal.input.contacts()) == [contact(3, BOB, notes=["region_assumed", "unwrapped"])]


def test_a_disk_that_refuses_is_said_and_nothing_is_half_done(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "j.sqlite")
    staged(journal, contact(2))
    # A real limit of SQLite itself: no page more may be added.
    pages = journal._file.db.execute("PRAGMA page_count").fetchone()[0]
    journal._file.db.execute(f"PRAGMA max_page_count = {pages}")
    big = replace(create(1), body={"phone": ANN, "first": "x" * 100_000})
    with pytest.raises(StorageFailed, match="full"):
        journal.rows.begin([big])
    [row] = journal.rows.open_rows(0, 10)
    assert row.doubt is None


def test_the_course_of_a_run_is_kept_in_order(tmp_path: Path) -> None:
    pulses = [Pulse(1, 1000.5, 3, 0, 0, 0), Pulse(1, 1005.5, 40, 2, 1, 30), Pulse(2, 990.0, 41, 2, 1, 30)]
    with Journal.create(tmp_path / "journal.sqlite") as journal:
        for pulse in pulses:
            journal.pulses.record(pulse)
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        assert journal.pulses.read() == pulses


class TestTraces:
    """What a run did, contact by contact."""

    def test_the_first_pre_image_and_the_last_revision_count(self, journal: Journal) -> None:
        staged(journal, contact(2), contact(3, BOB))
        first, second = (Record(7, ANN, first=name, raw=f'{{"first": "{name}"}}'.encode()) for name in ("Old", "Half"))
        opts_out = (FieldChange("is_opted_out", None, True),)
        update = Change(1, ChangeKind.UPDATE, ANN, {"phone": ANN}, contact_id=7, before=first, fields=opts_out)
        journal.rows.begin([update])
        journal.rows.begin([replace(update, before=second, fields=())])
        journal.rows.answered(1, WriteAnswer(7, rev=5))
        [open_trace] = journal.history.traces()
        assert (open_trace.is_proved, open_trace.rev) == (False, 5)
        journal.rows.settle([Outcome(1, OutcomeKind.UPDATED, contact_id=7, rev=6)])
        [trace] = journal.history.traces()
        assert (trace.line, trace.phone, trace.contact_id, trace.kind) == (2, ANN, 7, ChangeKind.UPDATE)
        assert (trace.before, trace.opted_out, trace.is_proved) == (b'{"first": "Old"}', True, True)
        assert trace.rev == 5, "the answer's own revision: what was seen later may be somebody else's"

    def test_a_batch_tells_its_revision_only_when_it_is_read_back(self, journal: Journal) -> None:
        staged(journal, contact(2))
        journal.rows.begin([create(1)])
        journal.rows.settle([Outcome(1, OutcomeKind.CREATED, contact_id=9, rev=3)])
        [trace] = journal.history.traces()
        assert (trace.kind, trace.contact_id, trace.before, trace.rev) == (ChangeKind.CREATE, 9, None, 3)

    def test_a_create_that_was_refused_and_became_an_update_made_nothing(self, journal: Journal) -> None:
        staged(journal, contact(2))
        journal.rows.begin([create(1)])
        known = Record(7, ANN, raw=b'{"id": 7}')
        journal.rows.begin([Change(1, ChangeKind.UPDATE, ANN, {"phone": ANN}, contact_id=7, before=known)])
        journal.rows.answered(1, WriteAnswer(7, rev=2))
        journal.rows.settle([Outcome(1, OutcomeKind.UPDATED, contact_id=7)])
        [trace] = journal.history.traces()
        assert (trace.kind, trace.before) == (ChangeKind.UPDATE, b'{"id": 7}')

    def test_a_deletion_has_the_contact_as_it_was_last_seen(self, journal: Journal) -> None:
        staged(journal, replace(contact(2), to_delete=True), contact(3, BOB))
        for name in (b'{"first": "Old"}', b'{"first": "New"}'):
            before = Record(7, ANN, raw=name)
            journal.rows.begin([Change(1, ChangeKind.DELETE, ANN, {}, contact_id=7, before=before)])
        journal.rows.settle([Outcome(1, OutcomeKind.DELETED, contact_id=7)])
        [trace] = journal.history.traces()
        assert (trace.kind, trace.before, trace.is_proved) == (ChangeKind.DELETE, b'{"first": "New"}', True)
        assert journal.outcomes.tally() == Tally(rows=2, deleted=1)
