"""The input as it enters a journal: every row once, byte for byte, known again by its content."""

from pipeline.models._contacts import Reject, Skip
from pipeline.models._outcomes import OutcomeKind, Tally
from pipeline.runs.journal import Journal
from tests.runs.journal.staged import contact, staged


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
    assert row.value == "Caf<U+DCE9>"


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
