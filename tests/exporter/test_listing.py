"""A long list is read in several ranges at once, and ends in the same snapshot, killed or not."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.exporter._export import Export
from pipeline.exporter._result import publish_export
from pipeline.exporter.walk import Budget
from pipeline.heymarket import open_client
from pipeline.results import ExportSummary
from pipeline.sandbox import Fault, Sandbox, Traits
from pipeline.snapshots import Draft, DraftFacts, find_unfinished, verify_snapshot
from tests.cli.commands import hmpipe, write_settings
from tests.conftest import Server
from tests.exporter.test_export import Killed, config, exported_ids, folder_of

CONTACTS = 1000
ANY_RATE = Budget(0, 8)


def account(**traits: object) -> Sandbox:
    sandbox = Sandbox(requests_per_minute=0, traits=Traits(page_max=10, **traits))  # type: ignore[arg-type]
    sandbox.seed(CONTACTS, per_stamp=3)
    return sandbox


async def export(
    sandbox: Sandbox, folder: Path, budget: Budget | None, *, killed_after: int = 0
) -> tuple[ExportSummary, list[int]]:
    """Export; return the summary, and after each page how many ranges the draft says there are."""
    draft = find_unfinished(folder, "main", "sandbox") or Draft.create(folder, DraftFacts("main", "sandbox"))
    ranges: list[int] = []

    def on_page(_done: int, _total: int | None) -> None:
        ranges.append(len(draft.facts.ranges))
        if len(ranges) == killed_after:
            raise Killed

    try:
        async with sandbox.serve() as url, open_client(config(url)) as client:
            result = await Export(client, draft, on_page=on_page, budget=budget).read()
            return publish_export(draft, result), ranges
    finally:
        draft.close()


@pytest.mark.parametrize("cursor", ["exclusive", "inclusive"])
async def test_a_list_read_in_ranges_is_the_list_read_alone(cursor: str, tmp_path: Path) -> None:
    sandbox = account(cursor=cursor)
    alone, ranges = await export(sandbox, tmp_path / "alone", None)
    assert set(ranges) == {0}
    summary, ranges = await export(sandbox, tmp_path / "ranges", ANY_RATE)
    assert set(ranges) == {0, 4}
    assert summary.complete
    assert summary.contacts == CONTACTS
    assert verify_snapshot(folder_of(summary)).exit_code == 0
    for name in ("contacts.jsonl.gz", "contacts.csv"):
        assert (folder_of(summary) / name).read_bytes() == (folder_of(alone) / name).read_bytes()
    # Two requests for each of three beginnings, and an overlap at each.
    assert summary.requests <= alone.requests + 12


@pytest.mark.parametrize("pages", [7, 30, 60, 100])
async def test_ranges_that_were_killed_go_on(pages: int, tmp_path: Path) -> None:
    sandbox = account()
    whole, _ = await export(sandbox, tmp_path / "whole", None)
    with pytest.raises(BaseExceptionGroup) as caught:
        await export(sandbox, tmp_path / "killed", ANY_RATE, killed_after=pages)
    assert caught.group_contains(Killed)
    # What goes on need not be allowed to cut: it goes on with what was cut.
    summary, ranges = await export(sandbox, tmp_path / "killed", None)
    assert ranges[0] == 4
    assert summary.complete
    assert exported_ids(summary) == exported_ids(whole)
    assert whole.requests <= summary.requests <= whole.requests + 25


@pytest.mark.parametrize("traits", [{"honours_page": False}, {"honours_ascending": False}, {"count": "missing"}])
async def test_where_a_list_cannot_be_cut_it_is_read_alone(traits: dict[str, object], tmp_path: Path) -> None:
    summary, ranges = await export(account(**traits), tmp_path, ANY_RATE)
    assert set(ranges) == {0}
    assert (summary.complete, summary.contacts) == (True, CONTACTS)


async def test_contacts_that_are_edited_meanwhile_are_in_the_snapshot(tmp_path: Path) -> None:
    sandbox = account()
    last = sandbox.contacts()[-200:]
    draft = Draft.create(tmp_path, DraftFacts("main", "sandbox"))
    edits: list[asyncio.Task[object]] = []
    async with sandbox.serve() as url, open_client(config(url)) as writer, open_client(config(url)) as client:

        def on_page(_done: int, _total: int | None) -> None:
            if draft.facts.ranges and len(edits) < len(last):
                chosen = last[len(edits)]
                body = {"phone": chosen["phone"], "first": "Edited"}
                edits.append(asyncio.ensure_future(writer.update_contact(chosen["id"], body, overwrite=False)))

        result = await Export(client, draft, on_page=on_page, budget=ANY_RATE).read()
        await asyncio.gather(*edits)
        summary = publish_export(draft, result)
    assert summary.complete
    assert len(edits) > 50
    assert len(exported_ids(summary)) == CONTACTS


@pytest.mark.parametrize("after", [3, 40])
def test_a_key_that_is_revoked_in_the_middle_stops_the_export_until_there_is_another(
    after: int, tmp_path: Path, serve: Callable[..., Server]
) -> None:
    running = serve(page_max=10)
    running.sandbox.seed(300)
    write_settings(tmp_path, running.url)
    before = hmpipe(tmp_path, "export", "--json").json["snapshot"]
    running.sandbox.seed(500)
    running.sandbox.faults = (Fault("error_before", "POST /v1/contacts", status=401, after=after),)
    stopped = hmpipe(tmp_path, "export", "--json")
    assert (stopped.code, stopped.json["exit_code"], stopped.json["snapshot"]) == (1, 1, None)
    assert "401" in stopped.err
    assert (stopped.json["pages"] > 0, stopped.json["requests"] > after, stopped.json["begun"] != "") == (True,) * 3
    assert "Traceback" not in stopped.err
    assert hmpipe(tmp_path, "snapshots", "verify", before).code == 0
    running.sandbox.faults = ()
    done = hmpipe(tmp_path, "export", "--json")
    assert (done.code, done.json["contacts"]) == (0, 800)
    assert "Continuing the unfinished export" in done.err
