"""The journal says for every row at any moment: never sent, perhaps sent, or done."""

from pathlib import Path

from pipeline.models._changes import ChangeKind, WriteAnswer
from pipeline.models._contacts import Record
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally
from pipeline.runs.journal import Journal
from pipeline.values import replace
from tests.runs.journal.staged import ANN, contact, create, staged


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
