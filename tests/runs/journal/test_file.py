"""The file of a journal: private, of one format, and never half written."""

import stat
from pathlib import Path

import pytest

from pipeline.errors import StorageFailed
from pipeline.runs.journal import Journal, RunFacts
from pipeline.values import replace
from tests.runs.journal.staged import ANN, contact, create, staged


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
