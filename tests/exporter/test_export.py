"""An export over the sandbox: whole or honest about it, continued after a kill, never a page lost."""

import asyncio
import gzip
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import ServiceUnavailable, StorageFailed
from pipeline.exporter._export import Export
from pipeline.exporter._result import ExportResult, publish_export
from pipeline.heymarket import ClientConfig, open_client
from pipeline.models._outcomes import Traffic
from pipeline.models._pages import Listed, Page, PageRequest
from pipeline.results import ExportSummary
from pipeline.sandbox import API_KEY, Sandbox, Traits
from pipeline.snapshots import Draft, DraftFacts, SnapshotFormat, find_unfinished, open_snapshot, verify_snapshot
from tests.exporter.sources import Source, contacts, ignore_progress


class Killed(BaseException):
    """Stands for a kill: nothing in the exporter may catch it."""


async def export_sandbox(sandbox: Sandbox, folder: Path) -> tuple[ExportSummary, ExportResult]:
    async with sandbox.serve() as url, open_client(config(url)) as client:
        draft = find_unfinished(folder, "main", "sandbox") or Draft.create(folder, DraftFacts("main", "sandbox"))
        result = await Export(client, draft, on_page=ignore_progress).read()
        return publish_export(draft, result), result


def config(url: str) -> ClientConfig:
    return ClientConfig(base_url=url, api_key=API_KEY, requests_per_minute=0)


def exported_ids(summary: ExportSummary) -> list[int]:
    with gzip.open(folder_of(summary) / "contacts.jsonl.gz") as lines:
        return [json.loads(line)["id"] for line in lines]


def folder_of(summary: ExportSummary) -> Path:
    assert summary.snapshot is not None
    return Path(summary.snapshot)


def delete_contact(url: str, contact_id: int) -> None:
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        connection.request("DELETE", f"/v1/contact/{contact_id}", headers={"Authorization": f"Bearer {API_KEY}"})
        with connection.getresponse() as response:
            assert response.status == 200


@pytest.mark.parametrize(
    "traits",
    [
        Traits(),
        Traits(cursor="inclusive", direction="oldest"),
        Traits(honours_ascending=False, honours_limit=False),
        Traits(honours_ascending=False, cursor="inclusive", page_base=1),
        Traits(count="missing", timestamp_precision="micros"),
        Traits(cursor_compares="stored", page_with_date="ignore_date"),
    ],
)
@pytest.mark.parametrize("per_stamp", [1, 130])
async def test_every_contact_is_exported_once_and_the_snapshot_verifies(
    traits: Traits, per_stamp: int, tmp_path: Path
) -> None:
    sandbox = Sandbox(traits=traits, requests_per_minute=0, fields=["Plan"])
    sandbox.seed(300, per_stamp=per_stamp)
    summary, result = await export_sandbox(sandbox, tmp_path)
    assert (summary.complete, summary.exit_code, summary.reason) == (True, 0, "")
    assert exported_ids(summary) == [contact["id"] for contact in sandbox.contacts()]
    assert verify_snapshot(folder_of(summary)).exit_code == 0
    assert result.count.state == ("count_unavailable" if traits.count == "missing" else "verified")
    assert summary.requests == len(sandbox.requests)


async def test_the_manifest_says_what_was_learned(tmp_path: Path) -> None:
    sandbox = Sandbox(requests_per_minute=0)
    sandbox.seed(250)
    summary, _ = await export_sandbox(sandbox, tmp_path)
    manifest = open_snapshot(folder_of(summary)).manifest
    newest = max(contact["updated"] for contact in sandbox.contacts())
    assert manifest.complete
    assert manifest.walk["watermark"] == manifest.walk["last_updated"] == newest.replace(".000000Z", "Z")
    assert manifest.walk["traits"]["direction"] == "ascending"
    assert manifest.walk["traits"]["honours_ascending"] is True
    assert manifest.count_check == {"state": "verified", "before": 250, "after": 250}
    assert manifest.traffic["requests"] == summary.requests


async def test_a_tie_that_nothing_opens_is_published_as_partial(tmp_path: Path) -> None:
    sandbox = Sandbox(traits=Traits(honours_page=False, page_max=50), requests_per_minute=0)
    sandbox.seed(200, per_stamp=120)
    summary, result = await export_sandbox(sandbox, tmp_path)
    assert (summary.complete, summary.exit_code) == (False, 3)
    assert result.walk.stalls[0].at_stake >= 50
    assert result.walk.stalls[0].stamp in summary.reason
    assert verify_snapshot(folder_of(summary)).exit_code == 3
    assert summary.as_json()["complete"] is False


any_traits = st.builds(
    Traits,
    direction=st.sampled_from(["newest", "oldest"]),
    cursor=st.sampled_from(["exclusive", "inclusive"]),
    cursor_compares=st.sampled_from(["shown", "stored"]),
    timestamp_precision=st.sampled_from(["seconds", "micros"]),
    honours_ascending=st.booleans(),
    honours_limit=st.booleans(),
    honours_page=st.booleans(),
    page_base=st.sampled_from([0, 1]),
    page_with_date=st.sampled_from(["combine", "ignore_page", "ignore_date"]),
    page_default=st.integers(2, 8),
    page_max=st.integers(2, 8),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_traits, st.integers(0, 30), st.sampled_from([0, 1, 3, 9]), st.data())
def test_complete_means_that_every_contact_that_stayed_is_in_it(
    traits: Traits, count: int, per_stamp: int, data: st.DataObject
) -> None:
    edits = data.draw(st.lists(st.tuples(st.integers(1, 12), st.sampled_from("cud"), st.integers(0, 40)), max_size=8))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_export_while_edited(traits, (count, per_stamp), edits, Path(folder)))


async def _export_while_edited(
    traits: Traits, seeded: tuple[int, int], edits: list[tuple[int, str, int]], folder: Path
) -> None:
    sandbox = Sandbox(traits=traits, requests_per_minute=0)
    sandbox.seed(seeded[0], per_stamp=seeded[1])
    start = [contact["id"] for contact in sandbox.contacts()]
    gone: set[int] = set()
    async with sandbox.serve() as url, open_client(config(url)) as client, open_client(config(url)) as writer:

        class Edited:
            """The client, with somebody else at work between its requests."""

            asked = 0
            traffic = Traffic()
            count_contacts = staticmethod(client.count_contacts)
            list_custom_fields = staticmethod(client.list_custom_fields)
            list_all_tags = staticmethod(client.list_all_tags)
            describe_team = staticmethod(client.describe_team)
            get_opt_out = staticmethod(client.get_opt_out)

            async def list_page(self, request: PageRequest) -> Page[Listed]:
                self.asked += 1
                # A page that is read ahead may be given up; what somebody else has begun goes on all the same.
                work = asyncio.ensure_future(edit_all(self.asked))
                begun.append(work)
                await asyncio.shield(work)
                return await client.list_page(request)

        begun: list[asyncio.Future[None]] = []
        one_at_a_time = asyncio.Lock()

        async def edit_all(asked: int) -> None:
            async with one_at_a_time:
                for when, what, whom in edits:
                    if when == asked:
                        await edit(what, whom)

        async def edit(what: str, whom: int) -> None:
            known = [contact for contact in sandbox.contacts() if contact["id"] in start]
            if what == "c":
                phone = f"1415555{100 + len(sandbox.writes):04}"
                await writer.create_contact({"phone": phone})
                return
            if known:
                chosen = known[whom % len(known)]
                if what == "d":
                    gone.add(chosen["id"])
                    await asyncio.to_thread(delete_contact, url, chosen["id"])
                    return
                await writer.update_contact(chosen["id"], {"phone": chosen["phone"], "first": "B"}, overwrite=False)

        draft = Draft.create(folder, DraftFacts("main", "sandbox"))
        result = await Export(Edited(), draft, on_page=ignore_progress).read()
        await asyncio.gather(*begun)
        if result.complete:
            assert set(start) - gone <= set(exported_ids(publish_export(draft, result, SnapshotFormat(("jsonl",)))))
        draft.close()


@pytest.mark.parametrize("pages", [1, 2, 4, 7])
async def test_an_export_that_died_goes_on_and_ends_in_the_same_snapshot(pages: int, tmp_path: Path) -> None:
    sandbox = Sandbox(requests_per_minute=0)
    sandbox.seed(650)
    whole, _ = await export_sandbox(sandbox, tmp_path / "whole")
    seen: list[int] = []

    def die(done: int, total: int | None) -> None:
        assert total == 650
        seen.append(done)
        if len(seen) == pages:
            raise Killed

    async with sandbox.serve() as url, open_client(config(url)) as client:
        draft = Draft.create(tmp_path / "killed", DraftFacts("main", "sandbox"))
        with pytest.raises(BaseExceptionGroup) as caught:
            await Export(client, draft, on_page=die).read()
        assert caught.group_contains(Killed)
        draft.close()
    summary, _ = await export_sandbox(sandbox, tmp_path / "killed")
    assert summary.complete
    assert summary.requests >= whole.requests
    assert exported_ids(summary) == exported_ids(whole)
    assert len(list((tmp_path / "killed").iterdir())) == 1


_CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from pipeline.exporter._export import Export
from pipeline.snapshots import Draft, DraftFacts
from tests.exporter.sources import Source, contacts

pages = 0
def on_page(done, total):
    global pages
    pages += 1
    if pages == 9:
        os.kill(os.getpid(), signal.SIGKILL)

draft = Draft.create(Path(sys.argv[1]), DraftFacts("main", "api.test"))
asyncio.run(Export(Source(contacts(40), [40, 40]), draft, on_page=on_page).read())
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
async def test_a_sigkill_loses_no_page_that_was_saved(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CHILD, str(tmp_path)]
    child = await asyncio.to_thread(subprocess.run, command, check=False, timeout=30)
    assert child.returncode == -signal.SIGKILL
    draft = find_unfinished(tmp_path, "main", "api.test")
    assert draft is not None
    saved = draft.contacts
    assert saved > 0
    source = Source(contacts(40), [40])
    result = await Export(source, draft, on_page=ignore_progress).read()
    assert (result.complete, result.contacts) == (True, 40)
    # Eight pages and the count were answered in the killed process, and a request was under way.
    assert result.requests == source.sent + 10
    draft.close()


async def test_a_service_that_fails_leaves_a_draft_to_continue(tmp_path: Path) -> None:
    class Failing(Source):
        async def list_page(self, request: PageRequest) -> Page[Listed]:
            if self.sent == 3:
                raise ServiceUnavailable("gone")
            return await super().list_page(request)

    draft = Draft.create(tmp_path, DraftFacts("main", "api.test"))
    with pytest.raises(ServiceUnavailable):
        await Export(Failing(contacts(9), [9, 9]), draft, on_page=ignore_progress).read()
    assert draft.contacts > 0
    result = await Export(Source(contacts(9), [9]), draft, on_page=ignore_progress).read()
    assert result.complete
    draft.close()


async def test_a_disk_that_refuses_stops_the_export_by_name(tmp_path: Path) -> None:
    draft = Draft.create(tmp_path, DraftFacts("main", "api.test"))

    def fill_the_disk(_done: int, _total: int | None) -> None:
        draft._db.execute("PRAGMA query_only = ON")

    with pytest.raises(StorageFailed, match=r"draft\.sqlite cannot be written"):
        await Export(Source(contacts(9), [9, 9]), draft, on_page=fill_the_disk).read()
    draft.close()
