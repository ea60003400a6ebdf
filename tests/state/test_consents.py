"""Who said no is not forgotten, and what was said later about the same phone stands beside it."""

import hashlib
import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import StorageFailed
from pipeline.state import ConsentBook, Said, Standing

ANN, BOB = "14155550101", "14155550102"
WORDS = st.sampled_from(["no", "listed", "came_back", "yes", "released"])


def test_what_is_kept_is_known_to_another_run_and_the_first_time_counts(tmp_path: Path) -> None:
    path = tmp_path / "accounts" / "a.optouts.sqlite"
    kept = ConsentBook(path)
    kept.keep([Said(ANN, "no", "row_not_imported", "run-1", 7)])
    kept.keep([Said(ANN, "no", "row", "run-2", 9)])
    kept.close()
    found = ConsentBook(path).standing(ANN).no
    assert found
    assert (found.place, found.line, found.source) == ("run-1", 7, "row_not_imported")
    assert found.at.endswith("+00:00")
    assert ConsentBook(path).standing(BOB) == Standing()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_made_where_nothing_is_kept(tmp_path: Path) -> None:
    kept = ConsentBook(tmp_path / "a.sqlite")
    kept.keep([])
    assert not kept.standing(ANN).is_no
    kept.close()
    assert list(tmp_path.iterdir()) == []
    nowhere = ConsentBook(None)
    nowhere.keep([Said(ANN, "no", "row")])
    nowhere.see(Said(ANN, "no", "service"))
    assert not nowhere.standing(ANN).is_no


def test_a_damaged_file_stops_the_run(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageFailed, match="remembers who said no"):
        ConsentBook(path).standing(ANN)


def test_what_is_seen_counts_at_once_and_is_on_disk_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    book = ConsentBook(path)
    book.see(Said(ANN, "no", "service"))
    assert book.standing(ANN).is_no
    assert not path.exists()
    book.close()
    assert ConsentBook(path).standing(ANN).is_no
    looking = ConsentBook(path, learns=False)
    looking.see(Said(BOB, "no", "service"))
    looking.close()
    assert not ConsentBook(path).standing(BOB).is_no


def test_what_an_older_version_kept_as_hashes_still_counts_and_can_be_released(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE opt_outs (phone TEXT PRIMARY KEY, said TEXT, run TEXT, line INTEGER)")
        digest = hashlib.sha256(ANN.encode()).hexdigest()[:32]
        db.execute("INSERT INTO opt_outs VALUES (?, '2026-11-01T00:00:00+00:00', 'run-1', 3)", (digest,))
    db.close()
    book = ConsentBook(path)
    assert book.standing(ANN).is_no
    assert not book.standing(BOB).is_no
    assert [standing.is_no for _, standing in book.entries()] == [True]
    book.keep([Said(ANN, "released", "person", why="wrong number")])
    assert not ConsentBook(path).standing(ANN).is_no
    assert list(ConsentBook(path).entries()) == []


def test_a_place_on_a_list_outlasts_everything_but_a_release(tmp_path: Path) -> None:
    book = ConsentBook(tmp_path / "a.sqlite")
    book.keep([Said(ANN, "listed", "list", "dnc.csv", 2)])
    for word in ("came_back", "yes"):
        book.keep([Said(ANN, word, "row")])
        assert book.standing(ANN).listed
    book.keep([Said(ANN, "released", "person", why="asked")])
    assert not book.standing(ANN).is_no


@given(st.lists(st.tuples(st.sampled_from([ANN, BOB]), WORDS, st.booleans()), max_size=12))
def test_the_book_says_what_a_fold_over_everything_said_would(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, str, bool]]
) -> None:
    path = tmp_path_factory.mktemp("book") / "a.sqlite"
    book = ConsentBook(path)
    expected = {ANN: (False, False), BOB: (False, False)}
    for phone, word, reopened in history:
        book.keep([Said(phone, word, "row")])  # type: ignore[arg-type]
        no, listed = expected[phone]
        no = {"no": True, "yes": False, "released": False}.get(word, no)
        listed = {"listed": True, "released": False}.get(word, listed)
        expected[phone] = (no, listed)
        if reopened:
            book.close()
            book = ConsentBook(path)
        for each, (says_no, is_listed) in expected.items():
            standing = book.standing(each)
            assert (standing.no is not None, standing.listed is not None) == (says_no, is_listed)
    named = {phone for phone, standing in book.entries() if standing.is_no}
    assert named == {phone for phone, (no, listed) in expected.items() if no or listed}


def test_what_was_said_since_the_last_export_comes_once(tmp_path: Path) -> None:
    book = ConsentBook(tmp_path / "a.sqlite")
    book.keep([Said(ANN, "no", "service")])
    first = list(book.said_since(book.last_export()))
    assert [each.phone for each in first] == [ANN]
    book.keep_export(first[-1].number)
    book.keep([Said(BOB, "no", "row", "run-2", 4)])
    again = ConsentBook(tmp_path / "a.sqlite")
    assert [each.phone for each in again.said_since(again.last_export())] == [BOB]
    assert [each.phone for each in again.said_in("run-2")] == [BOB]


def test_what_is_kept_by_hashes_counts_and_names_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    book = ConsentBook(path)
    book.keep([Said(BOB, "no", "row", "run-1", 4)])
    book.keep_hashed([Said(ANN, "no", "snapshot", "night"), Said(BOB, "no", "snapshot", "night")])
    book.close()
    assert ANN.encode() not in b"".join(each.read_bytes() for each in tmp_path.iterdir())
    again = ConsentBook(path)
    assert again.standing(ANN).is_no
    assert len(list(again.entries())) == 2
    again.keep([Said(ANN, "released", "person", why="asked")])
    assert not ConsentBook(path).standing(ANN).is_no
