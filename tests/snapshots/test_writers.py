"""The files of a snapshot: contacts byte for byte, and a table with titles for headers."""

import gzip
import json
from pathlib import Path

import pyarrow.parquet as pq

from pipeline.models._contacts import CustomField
from pipeline.snapshots import (
    Draft,
    DraftFacts,
    SnapshotFormat,
    publish,
    verify_snapshot,
)
from pipeline.snapshots._writers import custom_headers
from pipeline.values import replace
from pipeline.wire import read_records
from tests.snapshots.drafts import PAGE, WHOLE, published


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


def test_custom_headers_never_collide() -> None:
    titles = ["Plan", "plan", "", "Email", "Field 3", "Plan (1)", " City "]
    headers = custom_headers([CustomField(number, title) for number, title in enumerate(titles, 1)])
    assert headers[:4] == ["Plan (1)", "plan (2)", "Field 3", "Email (4)"]
    assert headers[6] == "City"
    assert len({header.casefold() for header in headers}) == len(titles)


def test_only_the_asked_formats_are_written_but_json_always(draft: Draft) -> None:
    draft.save(read_records(PAGE))
    folder = Path(publish(draft, WHOLE, SnapshotFormat(("jsonl",))))
    assert {path.name for path in folder.iterdir()} == {"contacts.jsonl.gz", "fields.json", "manifest.json"}


def test_a_cell_may_be_as_long_as_it_likes(draft: Draft) -> None:
    page = json.dumps([{"id": 1, "phone": "14155550101", "first": "x" * 200_000}]).encode()
    found = verify_snapshot(published(draft, page=page))
    assert (found.exit_code, found.problems) == (0, ())


def test_a_custom_field_may_be_called_raw(draft: Draft) -> None:
    draft.note(replace(draft.facts, fields=(CustomField(7, "raw"),)))
    draft.save(read_records(PAGE))
    folder = Path(publish(draft, WHOLE, SnapshotFormat(("jsonl", "csv", "parquet"))))
    assert pq.read_table(folder / "contacts.parquet").column_names[-3:] == ["raw (7)", "Field 99", "raw"]
    assert verify_snapshot(folder).exit_code == 0
