"""A snapshot holds what the server sent, says what it is worth, and survives a kill at any moment."""

import gzip
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.errors import InputError, StorageFailed
from pipeline.models._contacts import CustomField, Record
from pipeline.report import verification_text
from pipeline.snapshots import (
    Draft,
    DraftFacts,
    ExportFacts,
    SnapshotFormat,
    composed,
    differences_between,
    find_unfinished,
    identified,
    list_snapshots,
    open_snapshot,
    open_store,
    publish,
    verify_snapshot,
)
from pipeline.snapshots._draft import CONTENTS, HIDDEN
from pipeline.snapshots._draftfile import WORK_FILE
from pipeline.snapshots._manifest import ManifestUnreadable, parse_manifest, with_checksum
from pipeline.snapshots._writers import custom_headers
from pipeline.wire import read_listed, read_records
from tests.accounts import edit_manifest

WHOLE = ExportFacts(
    complete=True, reason="", walk={"ended": "proved"}, count_check={"state": "verified", "before": 3, "after": 3}
)
PARTIAL = ExportFacts(complete=False, reason="a tie", walk={"ended": "stalled"}, count_check={})
PAGE = (
    b'[{"id": 30, "rev": 1, "phone": "14155550130", "first": "Zo\\u00eb", "price": 1.10, "custom": {"7": "a"}},'
    b' {"id": 10, "rev": 2, "phone": "14155550110", "first": "Comma, \\"quote\\"", '
    b' "tags": [{"tag_id": 4}, {"tag_id": 5}]},'
    b' {"id": 20, "rev": 1, "phone": "14155550120", "is_opted_out": true, "custom": {"99": "new\\nline"}}]'
)


@pytest.fixture
def snapshots(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


@pytest.fixture
def draft(snapshots: Path) -> Iterator[Draft]:
    made = Draft.create(snapshots, DraftFacts("main", "api.test"))
    made.note(replace(made.facts, fields=(CustomField(7, "Plan"),)))
    yield made
    made.close()


def published(draft: Draft, findings: ExportFacts = WHOLE, page: bytes = PAGE) -> Path:
    draft.save(read_records(page), replace(draft.facts, walk={}))
    return Path(publish(draft, findings))


def forge(folder: Path, name: str, contents: bytes, rows: int) -> None:
    """Replace a file and make its manifest entry agree, so that only its contents can betray it."""
    (folder / name).write_bytes(contents)
    files = json.loads((folder / "manifest.json").read_text())["files"]
    files[name] = {"sha256": hashlib.sha256(contents).hexdigest(), "bytes": len(contents), "rows": rows}
    edit_manifest(folder, files=files)


# Writing


def test_contacts_are_kept_byte_for_byte_and_sorted_by_id(draft: Draft) -> None:
    lines = gzip.decompress((published(draft) / "contacts.jsonl.gz").read_bytes()).splitlines()
    assert [json.loads(line)["id"] for line in lines] == [10, 20, 30]
    assert b'"price":1.10' in lines[2]
    assert b"Zo\\u00eb" in lines[2]


def test_the_table_has_titles_for_headers_and_no_column_for_what_nobody_shows(draft: Draft, snapshots: Path) -> None:
    text = (published(draft) / "contacts.csv").read_bytes().decode()
    assert text.splitlines()[0] == (
        "id,phone,first,last,display_name,email,assignee_id,is_opted_out,tags,created,updated,Plan,Field 99"
    )
    assert '10,14155550110,"Comma, ""quote""",,,,,,4;5,,,,' in text
    assert '20,14155550120,,,,,,true,,,,,"new\nline"' in text
    other = Draft.create(snapshots, DraftFacts("main", "api.test"))
    assert "is_opted_out" not in (published(other, page=b'[{"id": 1}]') / "contacts.csv").read_text()


def test_equal_contacts_give_equal_bytes(draft: Draft, snapshots: Path) -> None:
    other = Draft.create(snapshots, DraftFacts("main", "api.test"))
    first, second = published(draft), published(other)
    assert second.name == f"{first.name}-2" or second.name != first.name
    assert (first / "contacts.jsonl.gz").read_bytes() == (second / "contacts.jsonl.gz").read_bytes()


def test_custom_headers_never_collide() -> None:
    titles = ["Plan", "plan", "", "Email", "Field 3", "Plan (1)", " City "]
    headers = custom_headers([CustomField(number, title) for number, title in enumerate(titles, 1)])
    assert headers[:4] == ["Plan (1)", "plan (2)", "Field 3", "Email (4)"]
    assert headers[6] == "City"
    assert len({header.casefold() for header in headers}) == len(titles)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_everything_is_private_whatever_the_umask(snapshots: Path) -> None:
    before = os.umask(0)
    try:
        folder = published(Draft.create(snapshots, DraftFacts("main", "api.test")))
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_only_the_asked_formats_are_written_but_json_always(draft: Draft) -> None:
    draft.save(read_records(PAGE))
    folder = Path(publish(draft, WHOLE, SnapshotFormat(("jsonl",))))
    assert {path.name for path in folder.iterdir()} == {"contacts.jsonl.gz", "fields.json", "manifest.json"}


ODD = (
    rb'{"total":3,"contacts":[{"id":5.0,"phone":"14155550105","first":"cut \ud83d","score":1e3,"huge":1e400},'
    rb'{"id":"7","phone":"14155550107","score":1,"score":2},{"id":9,"first":"Ann"}]}'
)


def test_contacts_that_are_oddly_written_are_kept_as_they_are_and_can_be_used(draft: Draft) -> None:
    draft.save(read_listed(ODD))
    folder = Path(publish(draft, WHOLE, SnapshotFormat(("jsonl", "csv", "parquet"))))
    lines = gzip.decompress((folder / "contacts.jsonl.gz").read_bytes()).splitlines()
    assert b"[" + b",".join(lines) + b"]" in ODD
    assert verify_snapshot(folder).exit_code == 0
    assert [contact_id for contact_id, _ in identified(composed(open_snapshot(folder)))] == [5, 7, 9]
    assert "5,14155550105,cut \ufffd," in (folder / "contacts.csv").read_text(encoding="utf-8")
    assert list(differences_between(open_snapshot(folder), open_snapshot(folder))) == []


@pytest.mark.parametrize("line", [b'{"id":5.5}', b'{"id":"0"}', b'{"id":true}', b'{"id":-1}'])
def test_what_cannot_be_used_does_not_verify(draft: Draft, line: bytes) -> None:
    folder = published(draft)
    forge(folder, "contacts.jsonl.gz", gzip.compress(line + b"\n"), 1)
    edit_manifest(folder, contacts=1)
    assert "line 1 holds no contact" in verify_snapshot(folder).problems[0]
    with pytest.raises(InputError, match="a contact in it cannot be read"):
        list(composed(open_snapshot(folder)))


def test_a_cell_may_be_as_long_as_it_likes(draft: Draft) -> None:
    page = json.dumps([{"id": 1, "phone": "14155550101", "first": "x" * 200_000}]).encode()
    found = verify_snapshot(published(draft, page=page))
    assert (found.exit_code, found.problems) == (0, ())


def test_every_change_of_a_custom_value_shows_whatever_its_field_is_called(snapshots: Path) -> None:
    def snapshot(fields: list[CustomField], custom: dict[str, str], rev: int) -> Path:
        draft = Draft.create(snapshots, DraftFacts("main", "api.test"))
        draft.note(replace(draft.facts, fields=tuple(fields)))
        contact = {"id": 1, "phone": "14155550101", "rev": rev, "op": "u", "uuid": "a", "custom": custom}
        return published(draft, page=json.dumps([contact]).encode())

    def changes(old: Path, new: Path) -> list[tuple[str, tuple[tuple[str, str, str], ...]]]:
        return [(each.kind, each.fields) for each in differences_between(open_snapshot(old), open_snapshot(new))]

    fields = [CustomField(5, "op"), CustomField(6, "rev"), CustomField(7, "Plan"), CustomField(8, "plan")]
    first = snapshot(fields[:3], {"5": "a", "6": "a", "7": "Gold"}, 1)
    second = snapshot([*fields[:2], fields[3]], {"5": "b", "6": "b", "8": "Gold"}, 2)
    assert changes(first, second) == [
        (
            "changed",
            (("op (5)", "a", "b"), ("rev (6)", "a", "b"), ("Plan (7)", "Gold", ""), ("plan (8)", "", "Gold")),
        )
    ]
    third = snapshot([*fields[:2], fields[3]], {"5": "b", "6": "b", "8": "Gold"}, 3)
    assert changes(second, third) == [("touched", ())]


def test_a_custom_field_may_be_called_raw(draft: Draft) -> None:
    draft.note(replace(draft.facts, fields=(CustomField(7, "raw"),)))
    draft.save(read_records(PAGE))
    folder = Path(publish(draft, WHOLE, SnapshotFormat(("jsonl", "csv", "parquet"))))
    assert pq.read_table(folder / "contacts.parquet").column_names[-3:] == ["raw (7)", "Field 99", "raw"]
    assert verify_snapshot(folder).exit_code == 0


# The draft


def test_the_highest_rev_wins_then_the_later_updated_then_the_last_reading(draft: Draft) -> None:
    def save(rev: int | None, updated: str, mark: str) -> None:
        draft.save([Record(id=1, phone="1", rev=rev, updated=updated, raw=f'{{"id":1,"m":"{mark}"}}'.encode())])

    save(2, "2026-01-01T00:00:00Z", "a")
    save(1, "2026-01-02T00:00:00Z", "older rev")
    assert b'"a"' in next(draft.raw_contacts())
    save(2, "2026-01-01T00:00:00.000000001Z", "later")
    save(2, "2026-01-01T00:00:00Z", "earlier")
    assert b"later" in next(draft.raw_contacts())
    save(2, "2026-01-01T00:00:00.000000001Z", "again")
    save(None, "no time", "no rev")
    assert b"again" in next(draft.raw_contacts())
    assert draft.contacts == 1


def test_an_unfinished_draft_is_found_with_everything_that_was_saved(draft: Draft, snapshots: Path) -> None:
    draft.save(read_records(PAGE), replace(draft.facts, walk={"pages": 3}))
    draft.close()
    found = find_unfinished(snapshots, "main", "api.test")
    assert found is not None
    assert (found.name, found.ids(), found.facts.walk) == (draft.name, {10, 20, 30}, {"pages": 3})
    assert (found.custom_ids, found.facts.shows_opt_out, found.facts.fields) == (
        ["7", "99"],
        True,
        (CustomField(7, "Plan"),),
    )
    found.close()


def test_only_a_draft_of_the_same_account_and_host_is_continued(draft: Draft, snapshots: Path) -> None:
    assert find_unfinished(snapshots, "main", "api.test") is None, "one process at a time has it"
    draft.close()
    (snapshots / f"{HIDDEN}20990101T000000Z-full").mkdir()
    damaged = snapshots / f"{HIDDEN}20990102T000000Z-full"
    damaged.mkdir()
    (damaged / WORK_FILE).write_bytes(b"not a database, for certain")
    assert find_unfinished(snapshots, "other", "api.test") is None
    assert find_unfinished(snapshots, "main", "other.test") is None
    found = find_unfinished(snapshots, "main", "api.test")
    assert found is not None
    found.close()
    assert find_unfinished(snapshots / "absent", "main", "api.test") is None


def test_a_kill_while_publishing_leaves_a_draft_that_can_be_published_again(draft: Draft, snapshots: Path) -> None:
    draft.save(read_records(PAGE))
    draft.contents.mkdir()
    (draft.contents / "contacts.jsonl.gz").write_bytes(b"half a fi")
    draft.note(replace(draft.facts, target=draft.name))
    draft.close()
    found = find_unfinished(snapshots, "main", "api.test")
    assert found is not None
    assert verify_snapshot(publish(found, WHOLE)).exit_code == 0
    assert [path.name for path in snapshots.iterdir()] == [draft.name]


def test_a_kill_just_after_publishing_leaves_nothing_to_continue(draft: Draft, snapshots: Path) -> None:
    draft.note(replace(draft.facts, target=draft.name))
    (snapshots / draft.name).mkdir()
    draft.close()
    assert find_unfinished(snapshots, "main", "api.test") is None
    assert not draft.folder.exists()


def test_a_kill_just_before_the_rename_is_continued(draft: Draft, snapshots: Path) -> None:
    draft.note(replace(draft.facts, target=draft.name))
    draft.close()
    found = find_unfinished(snapshots, "main", "api.test")
    assert found is not None
    found.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageFailed, match="file"):
        Draft.create(tmp_path / "file", DraftFacts("main", "api.test"))
    with pytest.raises(StorageFailed, match=WORK_FILE):
        Draft.open(tmp_path)


def test_a_disk_that_refuses_keeps_the_draft_and_earlier_snapshots(draft: Draft, snapshots: Path) -> None:
    earlier = published(Draft.create(snapshots, DraftFacts("main", "api.test")))
    draft.save(read_records(PAGE))
    (draft.folder / CONTENTS).write_text("a file where the folder has to be")
    with pytest.raises(StorageFailed, match="Earlier snapshots are untouched"):
        publish(draft, WHOLE)
    assert draft.contacts == 3
    assert verify_snapshot(earlier).exit_code == 0


# Verifying


def test_a_whole_snapshot_is_0_and_a_partial_one_3(draft: Draft, snapshots: Path) -> None:
    whole = verify_snapshot(published(draft))
    assert (whole.exit_code, whole.problems, whole.contacts) == (0, (), 3)
    partial = verify_snapshot(
        published(Draft.create(snapshots, DraftFacts("main", "api.test")), PARTIAL) / "manifest.json"
    )
    assert (partial.exit_code, partial.problems, partial.reason) == (3, (), "a tie")


@pytest.mark.parametrize("name", ["contacts.jsonl.gz", "contacts.csv", "fields.json"])
def test_one_flipped_bit_or_a_lost_file_is_damage(draft: Draft, name: str) -> None:
    folder = published(draft)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    assert "SHA-256" in verify_snapshot(folder).problems[0]
    (folder / name).write_bytes(data[:-1])
    assert "bytes" in verify_snapshot(folder).problems[0]
    (folder / name).unlink()
    found = verify_snapshot(folder)
    assert (found.exit_code, found.problems) == (1, (f"{name} is missing.",))


@pytest.mark.parametrize(
    ("lines", "rows", "problem"),
    [
        (b'{"id":1}\n{"id":1}\n', 2, "contact 1 twice"),
        (b'{"id":2}\n{"id":1}\n', 2, "the order is broken"),
        (b'{"id":1}\n', 2, "has 1 rows"),
        (b'{"id":1}\n[]\n', 2, "line 2 holds no contact"),
        (b'{"id":1}\n{"id"', 2, "cannot be read"),
    ],
)
def test_contents_that_contradict_themselves_are_damage(draft: Draft, lines: bytes, rows: int, problem: str) -> None:
    folder = published(draft)
    forge(folder, "contacts.jsonl.gz", gzip.compress(lines), rows)
    edit_manifest(folder, contacts=rows)
    found = verify_snapshot(folder)
    assert found.exit_code == 1
    assert problem in found.problems[0]


def test_a_cut_gzip_and_a_broken_table_are_damage(draft: Draft) -> None:
    folder = published(draft)
    forge(folder, "contacts.jsonl.gz", (folder / "contacts.jsonl.gz").read_bytes()[:-12], 3)
    forge(folder, "contacts.csv", b"id\r\n1\r\n\r\n", 2)
    assert len(verify_snapshot(folder).problems) == 2


def test_a_manifest_that_cannot_be_true_is_damage(draft: Draft) -> None:
    folder = published(draft)
    text = (folder / "manifest.json").read_text()
    edit_manifest(folder, contacts=4, walk={"ended": "stalled"})
    assert len(verify_snapshot(folder).problems) == 2
    edit_manifest(folder, files={"../escape": {"sha256": "", "bytes": 0, "rows": 0}})
    assert any("no plain file name" in problem for problem in verify_snapshot(folder).problems)
    for damaged in ("{", "[]", text.replace('"format": 2', '"format": 9'), text.replace('"kind"', '"kid"')):
        (folder / "manifest.json").write_text(damaged)
        assert verify_snapshot(folder).exit_code == 1
    edit_text = json.loads(text)
    for entry in ("no object", {"sha256": "x", "bytes": True, "rows": 0}):
        (folder / "manifest.json").write_text(with_checksum(edit_text | {"files": {"contacts.csv": entry}}))
        assert verify_snapshot(folder).exit_code == 1
    (folder / "manifest.json").unlink()
    assert verify_snapshot(folder).problems == ("manifest.json is missing.",)
    (folder / "manifest.json").mkdir()
    assert "cannot be read" in verify_snapshot(folder).problems[0]


def test_no_flipped_bit_of_a_manifest_is_overlooked(snapshots: Path) -> None:
    draft = Draft.create(snapshots, DraftFacts("Zo\u00eb's", "api.test"))
    folder = published(draft)
    content = (folder / "manifest.json").read_bytes()
    assert parse_manifest(content).account == "Zo\u00eb's"
    for place in range(len(content) * 8):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(ManifestUnreadable):
            parse_manifest(bytes(flipped))
    (folder / "manifest.json").write_bytes(content.replace(b'"ended": "proved"', b'"ended": "Proved"'))
    found = verify_snapshot(folder)
    assert (found.exit_code, "its own checksum does not agree" in found.problems[0]) == (1, True)
    (folder / "manifest.json").write_bytes(content)
    assert verify_snapshot(folder).exit_code == 0


def test_a_manifest_of_an_earlier_version_is_read_and_said_to_be_without_a_checksum(draft: Draft) -> None:
    folder = published(draft)
    value = json.loads((folder / "manifest.json").read_text())
    del value["own_sha256"]
    (folder / "manifest.json").write_text(json.dumps(value | {"format": 1}))
    found = verify_snapshot(folder)
    assert (found.exit_code, found.without_checksum) == (0, (folder.name,))
    assert "carries no checksum of its own" in verification_text(found)


def test_an_unknown_file_of_a_later_version_is_checked_by_its_sum_only(draft: Draft) -> None:
    folder = published(draft)
    forge(folder, "team.json", b"{}", 1)
    assert verify_snapshot(folder).exit_code == 0


def test_what_is_no_snapshot_is_bad_input(draft: Draft, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "absent", tmp_path / "file", tmp_path):
        with pytest.raises(InputError):
            verify_snapshot(path)
    with pytest.raises(InputError, match="not finished"):
        verify_snapshot(draft.folder)


# Listing


def test_the_list_says_age_size_and_worth_and_survives_a_damaged_manifest(draft: Draft, snapshots: Path) -> None:
    folder = published(draft)
    damaged = snapshots / "20200101T000000Z-full"
    damaged.mkdir()
    (snapshots / "notes").mkdir()
    soon = datetime.now(UTC) + timedelta(hours=1)
    first, second = list_snapshots(open_store(snapshots), now=soon)
    assert (first.name, first.contacts, first.complete, first.account) == (folder.name, 3, True, "main")
    assert first.age is not None
    assert timedelta(minutes=59) < first.age < timedelta(minutes=61)
    assert first.bytes > 0
    assert (second.name, second.problem) == (damaged.name, "manifest.json is missing.")
    assert list_snapshots(open_store(snapshots / "absent")) == []
