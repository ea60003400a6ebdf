"""What a run did, over all its writes."""

from pipeline.models._changes import Change, ChangeKind, FieldChange, WriteAnswer
from pipeline.models._contacts import Record
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally
from pipeline.runs.journal import Journal
from pipeline.values import replace
from tests.runs.journal.staged import ANN, BOB, contact, create, staged


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
