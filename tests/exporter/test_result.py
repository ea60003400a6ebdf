"""The result of an export: its count is compared with what happened meanwhile, its summary is a contract."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import RequestRefused, StorageFailed
from pipeline.exporter._export import Export
from pipeline.exporter._result import ExportResult, failed_export, publish_export
from pipeline.models._pages import Listed, Page, PageRequest
from pipeline.snapshots import Draft, DraftFacts, SnapshotFormat
from tests.exporter.sources import Source, contacts, ignore_progress


async def export_source(source: Source, folder: Path) -> tuple[ExportResult, Draft]:
    draft = Draft.create(folder, DraftFacts("main", "api.test"))
    return await Export(source, draft, on_page=ignore_progress).read(), draft


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        (5, 5, "verified"),
        (4, 6, "verified"),
        (6, 4, "verified"),
        (None, 5, "verified"),
        (5, None, "verified"),
        (None, None, "count_unavailable"),
        (6, 6, "count_differs"),
        (6, 7, "count_differs"),
        # More than was counted: the source answers oldest first, so all may have been created since the start.
        (4, 4, "verified"),
    ],
)
async def test_the_count_is_compared_with_what_happened_meanwhile(
    before: int | None, after: int | None, state: str, tmp_path: Path
) -> None:
    result, draft = await export_source(Source(contacts(5), [before, after]), tmp_path)
    draft.close()
    assert result.walk.ended == "proved"
    assert result.count.state == state
    assert result.complete is (state != "count_differs")
    assert bool(result.reason) is not result.complete


async def test_a_refused_count_is_no_count(tmp_path: Path) -> None:
    refused = RequestRefused("no counting", status=400)
    result, draft = await export_source(Source(contacts(5), [refused, refused]), tmp_path)
    draft.close()
    assert (result.count.state, result.complete) == ("count_unavailable", True)


async def test_a_summary_is_the_contract_of_scripts(tmp_path: Path) -> None:
    result, draft = await export_source(Source(contacts(5), [5, 5]), tmp_path)
    told: dict[str, Any] = publish_export(draft, result, SnapshotFormat(("jsonl",))).as_json()
    contract = {"snapshot", "contacts", "complete", "pages", "requests", "duplicates_dropped", "seconds", "exit_code"}
    assert contract <= set(told)
    assert (told["contacts"], told["complete"], told["exit_code"]) == (5, True, 0)


async def test_more_contacts_than_were_counted_or_created_since_is_a_difference(tmp_path: Path) -> None:
    class NewestKnown(Source):
        async def list_page(self, request: PageRequest) -> Page[Listed]:
            page = await super().list_page(request)
            if request.ascending:
                return page
            return Page(request, tuple(sorted(self.contacts, key=lambda each: each.id, reverse=True)[:2]))

    result, draft = await export_source(NewestKnown(contacts(5), [3, 3]), tmp_path)
    draft.close()
    assert (result.walk.watermark, result.count.state) == ("2026-01-01T00:00:05Z", "count_differs")
    assert "3 before and 3 after" in result.reason


def test_an_export_that_stopped_says_why() -> None:
    told = failed_export(StorageFailed("The disk is full.")).as_json()
    assert (told["snapshot"], told["exit_code"], told["error"]) == (None, 1, "The disk is full.")
