"""Measure the main job in one run on this machine: ratios against bare loops over the same work.

`make bench` runs it. Figures are of the moment and the machine; only the ratios travel.
"""

import csv
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import anyio

from pipeline.cli._progress import SilentProgress
from pipeline.exporter._export import Export
from pipeline.exporter._result import publish_export
from pipeline.heymarket import ClientConfig, open_client
from pipeline.models._changes import OnExisting
from pipeline.planner import Policy
from pipeline.reader.intake._intake import Intake
from pipeline.reader.tables import expand_sources
from pipeline.runs.journal import Journal
from pipeline.sandbox import API_KEY, Sandbox, Traits
from pipeline.settings import ImportSettings
from pipeline.signals import StopSwitch
from pipeline.snapshots import Draft, DraftFacts
from pipeline.uploader._rounds import Learned, Pace, Uploader

IMPORTED = 2_000
EXPORTED = 50_000
PAGE = 100


def main() -> None:
    """Run all measurements and print them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        anyio.run(measure_import, folder)
        anyio.run(measure_export, folder)
    print(f"peak memory of the whole benchmark: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def write_table(path: Path, rows: int) -> Path:
    """Write a file of `rows` people with numbers in the shape of North American ones."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Phone", "First", "Last", "Opt Out"])
        for number in range(rows):
            writer.writerow([f"(415) {200 + number // 10_000}-{number % 10_000:04}", f"P{number}", "Sample", "no"])
    return path


IMPORTS = ImportSettings.model_validate(
    {"columns": {"Phone": "phone", "First": "first", "Last": "last", "Opt Out": "is_opted_out"}}
)


async def stage(path: Path, journal: Journal) -> None:
    """Read, map and stage a file."""
    await Intake(expand_sources([str(path)]), IMPORTS).take(journal, SilentProgress())


async def timed_async(work: Callable[[], Awaitable[object]]) -> float:
    """Return the seconds that `work` takes."""
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def measure_import(folder: Path) -> None:
    """Import into an empty sandbox, and the same file again."""
    table = write_table(folder / "import.csv", IMPORTED)
    sandbox = Sandbox(requests_per_minute=0)
    async with sandbox.serve() as url:
        for name in ("new", "unchanged"):
            async with open_client(ClientConfig(url, api_key=API_KEY, requests_per_minute=0)) as client:
                with Journal.create(folder / f"{name}.sqlite") as journal:
                    await stage(table, journal)
                    uploader = Uploader(client, journal.rows, Policy(OnExisting.MERGE), Learned(), Pace(), StopSwitch())
                    seconds = await timed_async(uploader.upload)
                    per_thousand = client.traffic.requests * 1000 / IMPORTED
                    print(
                        f"import, {IMPORTED:,} {name}: {per_thousand:,.0f} requests per 1,000 contacts,"
                        f" {client.traffic.requests / seconds:,.0f} requests/s without a limit"
                    )
        bare = await timed_async(lambda: bare_creates(url))
        print(f"  a bare aiohttp loop, 8 in flight: {IMPORTED / bare:,.0f} requests/s")


async def bare_creates(url: str) -> None:
    """Send as many creates as fast as they go."""
    slots = anyio.CapacityLimiter(8)

    async def create(session: aiohttp.ClientSession, number: int) -> None:
        async with slots, session.post("/v1/contact", json={"phone": f"1212{number:07}", "first": "X"}) as answer:
            await answer.read()

    headers = {"Authorization": f"Bearer {API_KEY}"}
    async with aiohttp.ClientSession(url, headers=headers) as session, anyio.create_task_group() as group:
        for number in range(IMPORTED):
            group.start_soon(create, session, 2_000_000 + number)


async def measure_export(folder: Path) -> None:
    """Export a sandbox, and read the same pages in a bare loop."""
    sandbox = Sandbox(requests_per_minute=0, traits=Traits(page_max=PAGE))
    sandbox.seed(EXPORTED, per_stamp=3)
    async with sandbox.serve() as url:

        async def ours() -> None:
            draft = Draft.create(folder / "snapshots", DraftFacts("bench", "sandbox"))
            async with open_client(ClientConfig(url, api_key=API_KEY, requests_per_minute=0)) as client:
                result = await Export(client, draft, on_page=lambda *_: None).read()
            summary = publish_export(draft, result)
            draft.close()
            if not summary.complete:
                raise SystemExit("the benchmark's export is not complete")

        seconds, bare = await timed_async(ours), await timed_async(lambda: bare_pages(url))
    print(
        f"export, {EXPORTED:,} contacts, proved and written: {EXPORTED / seconds:,.0f} contacts/s;"
        f" a bare loop that only reads: {EXPORTED / bare:,.0f} contacts/s"
    )


async def bare_pages(url: str) -> None:
    """Read page after page and keep nothing."""
    async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {API_KEY}"}) as session:
        for page in range(EXPORTED // PAGE):
            async with session.post("/v1/contacts", json={"ascending": True, "limit": PAGE, "page": page}) as answer:
                await answer.json()


if __name__ == "__main__":
    main()
