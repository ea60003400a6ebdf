"""The folder of runs: private, found again, and never blocked by a run that cannot be read."""

import json
import re
import resource
import stat
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError, StorageFailed
from pipeline.models._changes import Change, ChangeKind
from pipeline.models._contacts import Contact
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally
from pipeline.runs._entries import RunEntry
from pipeline.runs._folder import (
    JOURNAL,
    SUMMARY,
    RunFolder,
    create_run,
    find_undoings,
    find_unfinished,
    list_runs,
    list_undoings,
    open_run,
    write_summary,
)
from pipeline.runs.journal import Journal, RunFacts, RunKind

NOWHERE = Path("/nowhere")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def make_run(runs: Path, name: str, staged: bool = True, /, **facts: Any) -> Path:
    """Make a run of a name that sorts as the test wants it, as one that was killed leaves it."""
    path = runs / name
    path.mkdir(parents=True)
    journal = Journal.create(path / JOURNAL)
    journal.record(RunFacts(**{"account": "a", "state": "open", "fingerprint": "f"} | facts))
    if staged:
        journal.input.add([("x",)], [Contact(2, "14155550101")])
        journal.finish_staging()
    journal.close()
    return path


def damage(path: Path) -> None:
    path.mkdir(parents=True)
    (path / JOURNAL).write_text("this is no database, however long it may be " * 50)


def found(runs: Path, *, exclude: Path = NOWHERE) -> str | None:
    run = find_unfinished(runs, "a", "f", exclude=exclude)
    if run is None:
        return None
    run.journal.close()
    return run.run_id


def open_started(runs: Path, name: str) -> str:
    with open_run(runs, name).journal as journal:
        return journal.facts.started


def test_a_new_run_is_private_and_knows_its_facts(tmp_path: Path) -> None:
    run = create_run(tmp_path / "deep" / "runs", RunFacts(account="a", source="people.csv"))
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", run.run_id)
    assert mode(run.path) == mode(run.path.parent) == 0o700
    assert mode(run.path / JOURNAL) == 0o600
    assert (run.journal.facts.account, run.journal.facts.source) == ("a", "people.csv")
    assert run.journal.facts.started.endswith("+00:00")
    run.journal.close()


def test_two_runs_of_one_second_do_not_meet(tmp_path: Path) -> None:
    runs = [create_run(tmp_path, RunFacts()) for _ in range(3)]
    assert len({run.run_id for run in runs}) == 3
    for run in runs:
        run.journal.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file stands in the way")
    with pytest.raises(StorageFailed, match=r"cannot be made: .*Nothing was sent.*paths\.runs"):
        create_run(tmp_path / "runs", RunFacts())


def test_a_full_disk_leaves_no_folder_without_a_journal(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A real limit of the system: no file may grow beyond this many bytes, as little as a disk that is full allows.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StorageFailed, match="the disk or file refused"):
            create_run(tmp_path / "runs", RunFacts())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_discarded_run_leaves_nothing(tmp_path: Path) -> None:
    run = create_run(tmp_path, RunFacts())
    run.discard()
    assert list(tmp_path.iterdir()) == []


class TestUnfinished:
    def test_where_there_are_no_runs_there_is_none(self, tmp_path: Path) -> None:
        assert found(tmp_path / "none") is None

    def test_the_newest_of_the_same_account_and_content_is_found(self, tmp_path: Path) -> None:
        for name in ("2", "1", "3"):
            make_run(tmp_path, name)
        assert found(tmp_path) == "3"
        assert found(tmp_path, exclude=tmp_path / "3") == "2"

    @pytest.mark.parametrize(
        ("fact", "value"),
        [("account", "b"), ("state", "finished"), ("state", "refused"), ("fingerprint", "g")],
    )
    def test_other_runs_are_left_alone(self, tmp_path: Path, fact: str, value: str) -> None:
        path = make_run(tmp_path, "1", True, **{fact: value})
        assert found(tmp_path) is None
        assert (path / JOURNAL).is_file()

    def test_runs_of_the_account_that_died_before_staging_are_removed(self, tmp_path: Path) -> None:
        mine = make_run(tmp_path, "1", False)
        others = make_run(tmp_path, "2", False, account="b")
        current = make_run(tmp_path, "3", False)
        assert found(tmp_path, exclude=current) is None
        assert (mine.exists(), others.exists(), current.exists()) == (False, True, True)

    def test_a_run_that_cannot_be_read_blocks_nobody(self, tmp_path: Path) -> None:
        damage(tmp_path / "9")
        make_run(tmp_path, "1")
        assert found(tmp_path) == "1"
        assert (tmp_path / "9").exists()


class TestOpening:
    def test_a_run_opens_by_its_whole_name_or_the_beginning(self, tmp_path: Path) -> None:
        for name in ("20260101", "20260101-a", "20260202"):
            make_run(tmp_path, name)
        for asked, name in (("20260101", "20260101"), ("20260101-", "20260101-a"), ("202602", "20260202")):
            run = open_run(tmp_path, asked)
            assert run.run_id == name
            assert run.journal.facts.account == "a"
            run.journal.close()

    def test_the_newest_may_be_called_last(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="No run"):
            open_run(tmp_path, "last")
        make_run(tmp_path, "20260101T000000Z-a", started="2026-01-01T00:00:00.000+00:00")
        # Two of one second, whose names sort the other way round.
        make_run(tmp_path, "20260202T000000Z-c", started="2026-02-02T00:00:00.100+00:00")
        make_run(tmp_path, "20260202T000000Z-b", started="2026-02-02T00:00:00.200+00:00", kind="undo")
        asked: tuple[tuple[RunKind | None, str], ...] = ((None, "20260202T000000Z-b"), ("undo", "20260202T000000Z-c"))
        for but, name in asked:
            with open_run(tmp_path, "last", last_but=but).journal as journal:
                assert journal.facts.started == open_started(tmp_path, name)

    @pytest.mark.parametrize(("asked", "words"), [("3", "No run"), ("", "No run"), ("2", "2 runs")])
    def test_none_or_several_are_refused(self, tmp_path: Path, asked: str, words: str) -> None:
        for name in ("2a", "2b"):
            make_run(tmp_path, name)
        with pytest.raises(InputError, match=rf"^{words} in .* begins with '{asked}'\. 'hmpipe runs list'"):
            open_run(tmp_path, asked)


def test_the_undos_of_a_run_and_their_undos_are_found_in_the_order_of_their_writes(tmp_path: Path) -> None:
    for name, undoes in (("c", ""), ("a", "c"), ("b", "a"), ("d", "c"), ("e", "x")):
        make_run(tmp_path, name, undoes=undoes, state="finished")
    damage(tmp_path / "f")
    moments = {"b": 1, "d": 2}
    for name in ("a", "b", "d"):
        with open_run(tmp_path, name).journal as journal:
            journal.rows.begin([Change(1, ChangeKind.DELETE, "14155550101", {}, contact_id=1)])
            journal._file.db.execute("UPDATE writes SET began = ?", (moments.get(name, 0),))
    undoings = find_undoings(tmp_path, "c")
    assert [run.run_id for run in undoings] == ["a", "b", "d"]
    for run in undoings:
        run.journal.close()
    assert list_undoings(tmp_path, "c") == [("a", "finished"), ("d", "finished")]
    assert list_undoings(tmp_path, "e") == []


class TestList:
    def test_all_are_listed_newest_first_with_their_state(self, tmp_path: Path) -> None:
        make_run(tmp_path, "1", state="finished", source="a.csv", started="2026-01-01T00:00:00+00:00")
        make_run(tmp_path, "2", source="b.csv")
        make_run(tmp_path, "3", False)
        damage(tmp_path / "4")
        (tmp_path / "a folder without a journal").mkdir()
        run = open_run(tmp_path, "1")
        run.journal.rows.settle([Outcome(1, OutcomeKind.CREATED)])
        run.journal.close()
        assert list_runs(tmp_path) == [
            RunEntry("4", "unreadable"),
            RunEntry("3", "never started", account="a"),
            RunEntry("2", "unfinished", "b.csv", "", Tally(rows=1), account="a"),
            RunEntry("1", "finished", "a.csv", "2026-01-01T00:00:00+00:00", Tally(rows=1, created=1), account="a"),
        ]

    def test_a_run_that_a_brake_refused_is_listed_as_refused(self, tmp_path: Path) -> None:
        make_run(tmp_path, "1", state="refused")
        assert [entry.state for entry in list_runs(tmp_path)] == ["refused"]

    def test_where_there_is_no_folder_there_are_no_runs(self, tmp_path: Path) -> None:
        assert list_runs(tmp_path / "none") == []


class TestSummary:
    def test_it_is_private_and_written_anew_each_time(self, tmp_path: Path) -> None:
        with Journal.create(None) as journal:
            run = RunFolder(tmp_path, journal)
            write_summary(run, {"rows": 1, "a long key that goes": "away"})
            write_summary(run, {"rows": 2})
        assert json.loads((tmp_path / SUMMARY).read_text()) == {"rows": 2}
        assert mode(tmp_path / SUMMARY) == 0o600

    def test_one_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        with Journal.create(None) as journal, pytest.raises(StorageFailed, match=r"summary\.json cannot be written"):
            write_summary(RunFolder(tmp_path / "gone", journal), {})
