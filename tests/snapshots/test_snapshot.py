"""A published snapshot is read as it is, however oddly its contacts are written."""

import gzip
import json
from pathlib import Path

from pipeline.models._contacts import CustomField
from pipeline.snapshots import (
    Draft,
    DraftFacts,
    SnapshotFormat,
    composed,
    differences_between,
    identified,
    open_snapshot,
    publish,
    verify_snapshot,
)
from pipeline.values import replace
from pipeline.wire import read_listed
from tests.snapshots.drafts import WHOLE, published

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
