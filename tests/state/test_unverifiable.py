"""What was written and cannot be read back is remembered exactly as long as it may be believed."""

import stat
from pathlib import Path

import pytest

from pipeline.errors import StorageFailed
from pipeline.models._changes import Change, ChangeKind, FieldChange
from pipeline.models._contacts import Contact, Record
from pipeline.models._outcomes import Outcome, OutcomeKind, Unseen
from pipeline.state._unverifiable import UnverifiableWrites, find_unseen, take_picture_as_written, was_opted_out
from pipeline.values import replace

PHONE = "14155550100"
GIVEN, COPY = "https://example.com/a.png", "https://pictures.example/1.png"
RECORD = Record(7, PHONE, avatar=COPY, rev=3)
WRITE = Change(
    1,
    ChangeKind.UPDATE,
    PHONE,
    {"phone": PHONE, "avatar": GIVEN, "is_opted_out": True},
    contact_id=7,
    fields=(FieldChange("avatar", "", GIVEN), FieldChange("is_opted_out", None, True)),
)
WANTED = Contact(2, PHONE, {"avatar": GIVEN, "first": "Ann"})


def learned(path: Path, *, record: Record = RECORD) -> UnverifiableWrites:
    unverifiable = UnverifiableWrites(path)
    unverifiable.keep([Outcome(1, OutcomeKind.UPDATED, contact_id=7, unseen=find_unseen(WRITE, record))])
    return unverifiable


def test_what_the_service_shows_is_not_remembered(tmp_path: Path) -> None:
    assert find_unseen(WRITE, RECORD._replace(avatar=GIVEN, is_opted_out=True)) == ()
    path = tmp_path / "memory.sqlite"
    UnverifiableWrites(path).keep([Outcome(1, OutcomeKind.UNCHANGED, contact_id=7)])
    assert UnverifiableWrites(path).recall(7) == {}
    assert not path.exists(), "an account that shows everything needs no memory"


def test_it_outlives_the_process_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "accounts" / "memory.sqlite"
    learned(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(UnverifiableWrites(path).recall(7)) == {"avatar", "is_opted_out"}
    assert UnverifiableWrites(path).recall(8) == {}
    assert GIVEN.encode() not in path.read_bytes(), "no value is kept"


def test_a_picture_counts_as_written_while_the_service_shows_the_same_copy(tmp_path: Path) -> None:
    known = learned(tmp_path / "m").recall(7)
    taken = take_picture_as_written(WANTED, RECORD, known)
    assert (dict(taken.fields), taken.notes) == ({"first": "Ann"}, ("avatar_unverifiable",))
    assert take_picture_as_written(WANTED, RECORD._replace(avatar="https://else.example"), known) == WANTED
    other = replace(WANTED, fields={"avatar": "https://example.com/b.png"})
    assert take_picture_as_written(other, RECORD, known) == other
    assert take_picture_as_written(WANTED, RECORD, {}) == WANTED


def test_an_opt_out_is_believed_only_while_nobody_edited_the_contact(tmp_path: Path) -> None:
    known = learned(tmp_path / "m").recall(7)
    assert was_opted_out(RECORD, known)
    assert not was_opted_out(RECORD._replace(rev=4), known)
    assert not was_opted_out(RECORD, {})
    undated = RECORD._replace(rev=None, updated="")
    assert "is_opted_out" not in {unseen.field for unseen in find_unseen(WRITE, undated)}


def test_lists_are_remembered_until_they_refuse(tmp_path: Path) -> None:
    unverifiable = UnverifiableWrites(tmp_path / "m")
    assert not unverifiable.is_on_list(5, 7)
    unverifiable.drop_list(5, [7])
    unverifiable.keep_list(5, [7, 8])
    unverifiable.drop_list(5, [8])
    assert [unverifiable.is_on_list(5, contact) for contact in (7, 8)] == [True, False]
    assert not unverifiable.is_on_list(6, 7)
    unverifiable.forget()
    assert not unverifiable.is_on_list(5, 7)


def test_none_keeps_nothing() -> None:
    unverifiable = UnverifiableWrites(None)
    unverifiable.keep_list(5, [7])
    unverifiable.keep([Outcome(1, OutcomeKind.UPDATED, contact_id=7, unseen=(Unseen("avatar", "a", "b"),))])
    unverifiable.forget()
    assert not unverifiable.is_on_list(5, 7)


def test_a_damaged_one_stops_the_run_until_it_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 40)
    with pytest.raises(StorageFailed, match="--forget-unverifiable"):
        UnverifiableWrites(path).is_on_list(5, 7)
    UnverifiableWrites(path).forget()
    assert not UnverifiableWrites(path).is_on_list(5, 7)
