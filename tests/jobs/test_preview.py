"""A preview counts what would be written, and estimates what that takes."""

from pathlib import Path

from pipeline.jobs._preview import EXAMPLES, MOST_PAIRS, FieldCounter, Preview
from pipeline.models._changes import Change, ChangeKind, FieldChange, Staged
from pipeline.models._contacts import Contact, Reject
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally
from pipeline.results import Example, PlannedExample, PlanSummary
from pipeline.runs.journal import Journal
from pipeline.state._traits import ServerTraits
from pipeline.state._unverifiable import UnverifiableWrites
from pipeline.uploader._batches import BulkTrust
from pipeline.uploader._rounds import Learned
from pipeline.values import replace

Decision = tuple[Staged, Change | Outcome]


def phone(number: int) -> str:
    return f"141555501{number:02}"


def change(seq: int, kind: ChangeKind, *fields: FieldChange, notes: tuple[str, ...] = ()) -> Decision:
    staged = Staged(seq, Contact(seq + 1, phone(seq)))
    return staged, Change(seq, kind, phone(seq), {}, fields=fields, notes=notes)


def unchanged(seq: int) -> Decision:
    return Staged(seq, Contact(seq + 1, phone(seq))), Outcome(seq, OutcomeKind.UNCHANGED)


FIRST = FieldChange("first", "", "Ann")
OPT_OUT = FieldChange("is_opted_out", "", True)
OPT_IN = FieldChange("is_opted_out", True, False)


def test_an_empty_preview_plans_nothing() -> None:
    preview = Preview()
    preview.add([])
    assert (preview.changes, preview.opt_outs) == (0, 0)
    summary = preview.summary("people.csv", Journal.create(None), read_requests=0, requests_per_minute=60)
    assert summary == PlanSummary("people.csv", Tally(), requests=0, seconds=0.0)


def test_creates_and_updates_are_changes_and_settled_rows_are_not() -> None:
    preview = Preview()
    preview.add([change(1, ChangeKind.CREATE, FIRST), change(2, ChangeKind.UPDATE, FIRST), unchanged(3)])
    assert preview.changes == 2


def test_only_a_change_to_opted_out_counts_as_an_opt_out() -> None:
    preview = Preview()
    preview.add(
        [
            change(1, ChangeKind.CREATE, FIRST, OPT_OUT),
            change(2, ChangeKind.UPDATE, OPT_OUT),
            change(3, ChangeKind.UPDATE, OPT_IN),
            change(4, ChangeKind.UPDATE, FieldChange("first", "", "True")),
        ]
    )
    assert preview.opt_outs == 2


def test_the_first_few_of_each_kind_are_shown() -> None:
    preview = Preview()
    preview.add([change(seq, ChangeKind.CREATE, FIRST) for seq in range(1, EXAMPLES + 2)])
    preview.add([change(9, ChangeKind.UPDATE, FIRST, OPT_OUT)])
    summary = preview.summary("people.csv", Journal.create(None), read_requests=0, requests_per_minute=0)
    assert summary.examples == (
        *(PlannedExample(seq + 1, "create", phone(seq), (FIRST,)) for seq in range(1, EXAMPLES + 1)),
        PlannedExample(10, "update", phone(9), (FIRST, OPT_OUT)),
    )


def test_the_plan_counts_every_row_once_and_what_it_takes() -> None:
    journal = Journal.create(None)
    rows = [Contact(line, phone(line), notes=("region_assumed",)) for line in (2, 3, 4, 5)]
    reject = Reject(6, "too_short", "Phone", "12", "too short")
    journal.input.add([()] * 5, [*rows, reject])
    journal.finish_staging()
    preview = Preview()
    note = ("region_assumed",)
    preview.add(
        [change(1, ChangeKind.CREATE, FIRST, notes=note), change(2, ChangeKind.UPDATE, FIRST, OPT_OUT, notes=note)]
    )
    # A batch in which nothing is written needs no reading back.
    preview.add([unchanged(3)])
    preview.add([change(4, ChangeKind.UPDATE, OPT_OUT, notes=note)])
    journal.rows.settle([Outcome(3, OutcomeKind.UNCHANGED, notes=("opt_in_refused", "region_assumed"))])
    summary = preview.summary("people.csv", journal, read_requests=5, requests_per_minute=60)
    assert summary.tally == Tally(rows=5, created=1, updated=2, unchanged=1, rejected=1)
    assert summary.tally.adds_up
    assert (summary.requests, summary.seconds) == (5 + 3 + 2, 10.0)
    assert list(summary.fields.items()) == [("first", 2), ("is_opted_out", 2)]
    assert list(summary.notes.items()) == [("region_assumed", 4), ("opt_in_refused", 1)]
    assert summary.codes == {"too_short": 1}
    assert summary.rejects == (Example(6, "too_short", "Phone", "12", "too short"),)
    assert summary.exit_code == 3


def test_without_a_request_limit_there_is_no_time_to_tell() -> None:
    preview = Preview()
    preview.add([change(1, ChangeKind.CREATE, FIRST)])
    summary = preview.summary("people.csv", Journal.create(None), read_requests=1, requests_per_minute=0)
    assert (summary.requests, summary.seconds) == (3, 0.0)


def test_writes_by_batch_cost_as_many_requests_as_were_proved_to_do() -> None:
    proved = ServerTraits(batch_create="works", batch_update="fails", shows_writes="works", batch_drops=("custom",))
    preview = Preview(learned=Learned(BulkTrust(proved)))
    creates = [change(seq, ChangeKind.CREATE, FIRST) for seq in range(1, 51)]
    staged, plain = creates[0]
    assert isinstance(plain, Change)
    creates[0] = (staged, replace(plain, body={"custom": {"1": "x"}}))
    preview.add(creates + [change(seq, ChangeKind.UPDATE, FIRST) for seq in range(51, 61)])
    summary = preview.summary("people.csv", Journal.create(None), read_requests=1, requests_per_minute=0)
    # One look, one batch of creates, one create that a batch does not carry, ten updates, one look at them all.
    assert summary.requests == 1 + 1 + 1 + 10 + 1


def test_lists_are_counted_once_for_those_who_are_not_on_them(tmp_path: Path) -> None:
    memory = UnverifiableWrites(tmp_path / "memory")
    memory.keep_list(7, [103])
    preview = Preview(learned=Learned(BulkTrust(ServerTraits(), "single"), memory))
    rows = [Staged(seq, Contact(seq + 1, phone(seq), lists=(7, 8))) for seq in (1, 2, 3, 4)]
    preview.add(
        [
            (rows[0], Change(1, ChangeKind.CREATE, phone(1), {})),
            (rows[1], Outcome(2, OutcomeKind.UNCHANGED, contact_id=102)),
            (rows[2], Outcome(3, OutcomeKind.UNCHANGED, contact_id=103)),
            (rows[3], Outcome(4, OutcomeKind.SKIPPED, "exists", contact_id=104)),
        ]
    )
    summary = preview.summary("people.csv", Journal.create(None), read_requests=0, requests_per_minute=0)
    assert summary.list_adds == {7: 2, 8: 3}
    assert summary.unverifiable == {"list": 1}


def test_changes_of_a_field_are_counted_by_what_becomes_of_it() -> None:
    counter = FieldCounter()
    plans = [("Basic", "Gold")] * 3 + [("", "Gold"), ("Gold", ""), ("Basic", "Silver")]
    for old, new in plans:
        counter.add([FieldChange("Plan", old, new)])
    counter.add([FieldChange("tags", (5,), (5, 6)), FieldChange("is_opted_out", None, True)])
    plan, tags, out = counter.totals()
    assert (plan.name, plan.filled, plan.changed, plan.erased) == ("Plan", 1, 4, 1)
    assert [(pair.old, pair.new, count) for pair, count in plan.pairs] == [("Basic", "Gold", 3), ("Basic", "Silver", 1)]
    assert (tags.changed, tags.pairs[0][0].new) == (1, "5, 6")
    assert (out.filled, out.pairs) == (1, ())
    for number in range(MOST_PAIRS + 50):
        counter.add([FieldChange("first", "A", str(number))])
    assert counter.totals()[0].changed == MOST_PAIRS + 50
