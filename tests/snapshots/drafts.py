"""Drafts and snapshots of a small account."""

from pathlib import Path

from pipeline.snapshots import (
    Draft,
    ExportFacts,
    publish,
)
from pipeline.values import replace
from pipeline.wire import read_records

WHOLE = ExportFacts(
    complete=True, reason="", walk={"ended": "proved"}, count_check={"state": "verified", "before": 3, "after": 3}
)


PAGE = (
    b'[{"id": 30, "rev": 1, "phone": "14155550130", "first": "Zo\\u00eb", "price": 1.10, "custom": {"7": "a"}},'
    b' {"id": 10, "rev": 2, "phone": "14155550110", "first": "Comma, \\"quote\\"", '
    b' "tags": [{"tag_id": 4}, {"tag_id": 5}]},'
    b' {"id": 20, "rev": 1, "phone": "14155550120", "is_opted_out": true, "custom": {"99": "new\\nline"}}]'
)


def published(draft: Draft, findings: ExportFacts = WHOLE, page: bytes = PAGE) -> Path:
    draft.save(read_records(page), replace(draft.facts, walk={}))
    return Path(publish(draft, findings))
