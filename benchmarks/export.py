"""Measure what a backup costs, in one run on this machine: speed against bare loops and dlt, memory, size, increments.

`make bench` runs it. Figures are of the moment and the machine; only the ratios travel. Seconds are those of the
summary: from the first request until the snapshot is published, without the start of Python. dlt is measured where it
is installed; BENCH_DLT names the Python that has it, if it is another one. BENCH_CONTACTS and BENCH_MILLION change the
sizes; BENCH_MILLION=0 leaves that part out.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import anyio

from pipeline.sandbox import API_KEY

CONTACTS = int(os.environ.get("BENCH_CONTACTS", "100000"))
MILLION = int(os.environ.get("BENCH_MILLION", "1000000"))
DLT_PYTHON = os.environ.get("BENCH_DLT", sys.executable)
SLOW_CONTACTS = 20_000
SLOW_SECONDS = 0.05
PAGE = 100
PER_STAMP = 3
CHANGED = 0.01

SETTINGS = """\
[account]
base_url = "{url}"
[limits]
requests_per_minute = 0
"""

_DLT = """\
import json, sys, time
import dlt
from dlt.sources.rest_api import rest_api_resources
from dlt.sources.helpers.rest_client.paginators import BasePaginator

class ByPage(BasePaginator):
    def __init__(self):
        super().__init__()
        self.page = 0
    def init_request(self, request):
        request.json["page"] = 0
    def update_state(self, response, data=None):
        self.page += 1
        self._has_next_page = bool(data)
    def update_request(self, request):
        request.json["page"] = self.page

url, key, folder, limit = sys.argv[1:]
config = {
    "client": {"base_url": url, "auth": {"type": "bearer", "token": key}, "paginator": ByPage()},
    "resources": [{
        "name": "contacts",
        "endpoint": {
            "path": "v1/contacts", "method": "POST", "json": {"ascending": True, "limit": int(limit)},
            "data_selector": "$",
        },
    }],
}
pipeline = dlt.pipeline("bench", destination=dlt.destinations.filesystem(folder), pipelines_dir=folder + "/state")
began = time.perf_counter()
pipeline.jobs.import_(rest_api_resources(config), loader_file_format="jsonl")
rows = pipeline.last_trace.last_normalize_info.row_counts["contacts"]
print(json.dumps({"seconds": time.perf_counter() - began, "rows": rows}))
"""


def main() -> None:
    """Run all measurements and print them."""
    with tempfile.TemporaryDirectory() as name, service(Path(name), CONTACTS) as running:
        full = compare_with_bare(running)
        sizes = {path.name: path.stat().st_size for path in Path(full["snapshot"]).iterdir()}
        whole = sum(sizes.values())
        print(
            f"size: {whole / CONTACTS:.0f} bytes a contact, of which contacts.jsonl.gz is"
            f" {sizes['contacts.jsonl.gz'] / CONTACTS:.0f} and contacts.csv {sizes['contacts.csv'] / CONTACTS:.0f}"
        )
        anyio.run(edit, running.url, int(CONTACTS * CHANGED))
        delta = running.export("--since", "last")
        print(
            f"incremental, {CHANGED:.0%} changed: {delta['requests']:,} requests and {delta['seconds']:.1f} s, against"
            f" {full['requests']:,} and {full['seconds']:.1f} s of the full one; {delta['contacts']:,} contacts in it"
        )
        compare_with_dlt(running)
    compare_slow()
    if MILLION:
        million(MILLION)


@dataclass(frozen=True)
class Service:
    """A sandbox in a process of its own."""

    url: str
    folder: Path

    def export(self, *arguments: str) -> dict[str, Any]:
        """Export with the real command; return its summary with the peak memory in MB."""
        (self.folder / "hmpipe.toml").write_text(SETTINGS.format(url=self.url))
        return measured(["export", "--json", "--quiet", *arguments], self.folder)


def measured(arguments: list[str], folder: Path) -> dict[str, Any]:
    """Run the command; return the object that it ends with, and its `peak` in MB. Anything but 0 ends the benchmark."""
    known = os.environ | {"HEYMARKET_API_KEY": API_KEY, "XDG_STATE_HOME": str(folder / "state")}
    out = folder / "out.json"
    command = [sys.executable, "-m", "pipeline", *arguments]
    known["PYTHONPATH"] = str(Path(__file__).parent.parent)
    with out.open("wb") as file, subprocess.Popen(command, stdout=file, env=known, cwd=folder) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}: {out.read_text()}")
    found: dict[str, Any] = json.loads(out.read_text().splitlines()[-1])
    return found | {"peak": usage.ru_maxrss / 1024}


@contextlib.contextmanager
def service(folder: Path, contacts: int, *, seconds: float = 0.0) -> Iterator[Service]:
    """Start a sandbox whose contacts share their stamps in threes, and end it. Each page takes `seconds` longer."""
    place = folder / "url"
    code = (
        "from pipeline.sandbox import Fault, Sandbox, Traits;"
        f"faults = [Fault('slow', 'POST /v1/contacts', seconds={seconds})] if {seconds} else [];"
        f"sandbox = Sandbox(requests_per_minute=0, fields=['Plan'], traits=Traits(page_max={PAGE}), faults=faults);"
        f"sandbox.seed({contacts}, per_stamp={PER_STAMP});"
        f"sandbox.run_forever('127.0.0.1', 0, on_ready=lambda url: open({str(place)!r}, 'w').write(url))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL) as process:
        try:
            while not (place.exists() and place.read_text().strip()):
                time.sleep(0.05)
            yield Service(place.read_text().strip(), folder)
        finally:
            process.terminate()


async def bare_pages(url: str) -> None:
    """Read page after page by the cursor and keep nothing."""
    seen: set[int] = set()
    date = None
    async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {API_KEY}"}) as session:
        while True:
            body: dict[str, object] = {"ascending": True, "limit": PAGE} | ({"date": date} if date else {})
            async with session.post("/v1/contacts", json=body) as answer:
                page = await answer.json()
            fresh = {contact["id"] for contact in page} - seen
            if not fresh:
                return
            seen |= fresh
            # The last stamp but one: its group may go on behind the page.
            stamps = sorted({contact["updated"] for contact in page})
            date = stamps[-2] if len(stamps) > 1 else stamps[-1]


async def edit(url: str, count: int) -> None:
    """Change `count` contacts."""
    async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {API_KEY}"}) as session:
        async with session.post("/v1/contacts", json={"ascending": True, "limit": PAGE}) as answer:
            first = (await answer.json())[0]["id"]
        slots = anyio.CapacityLimiter(8)

        async def change(contact_id: int) -> None:
            async with slots:
                async with session.get(f"/v1/contact/{contact_id}") as answer:
                    held = await answer.json()
                body = {"phone": held["phone"], "first": "Changed", "last": held["last"]}
                async with session.put(f"/v1/contact/{contact_id}", json=body) as answer:
                    await answer.read()

        async with anyio.create_task_group() as group:
            for number in range(count):
                group.start_soon(change, first + number * (CONTACTS // count))


def compare_with_bare(running: Service) -> dict[str, Any]:
    """Export with the command and read the same pages with a bare loop, thrice by turns. Return the middle export."""
    exports, loops = [], []
    for _ in range(3):
        exports.append(running.export())
        loops.append(timed(lambda: anyio.run(bare_pages, running.url)))
    full = sorted(exports, key=lambda each: each["seconds"])[1]
    ours, bare = CONTACTS / full["seconds"], CONTACTS / sorted(loops)[1]
    print(
        f"full export, {CONTACTS:,} contacts, proved, on disk, published: {ours:,.0f} contacts/s;"
        f" a bare aiohttp loop over the same pages that keeps nothing: {bare:,.0f} ({ours / bare:.2f} of it);"
        f" {full['peak']:.0f} MB peak"
    )
    return full


def compare_slow() -> None:
    """The same against a service that takes its time: several ranges of the timeline are read at once."""
    with tempfile.TemporaryDirectory() as name, service(Path(name), SLOW_CONTACTS, seconds=SLOW_SECONDS) as running:
        full = running.export()
        bare = timed(lambda: anyio.run(bare_pages, running.url))
    print(
        f"a service that takes {SLOW_SECONDS * 1000:.0f} ms a page, {SLOW_CONTACTS:,} contacts: {full['seconds']:.1f} s"
        f" against {bare:.1f} s of the bare loop ({bare / full['seconds']:.1f} times as quick)"
    )


def compare_with_dlt(running: Service) -> None:
    """Load the same list with dlt's REST source into JSON files."""
    if subprocess.run([DLT_PYTHON, "-c", "import dlt"], capture_output=True, check=False).returncode:
        print("dlt is not installed: not compared with (pip install dlt, BENCH_DLT)")
        return
    script = running.folder / "with_dlt.py"
    script.write_text(_DLT)
    target = running.folder / "dlt"
    quiet = os.environ | {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [DLT_PYTHON, str(script), running.url, API_KEY, str(target), str(PAGE)],
        capture_output=True,
        text=True,
        env=quiet,
        cwd=running.folder,
        check=False,
    )
    if done.returncode:
        print(f"dlt failed: {done.stderr.strip().splitlines()[-1:]}")
        return
    told = json.loads(done.stdout.splitlines()[-1])
    full = running.export()
    print(
        f"dlt's REST source, by page numbers, into JSON lines: {told['rows'] / told['seconds']:,.0f} contacts/s;"
        f" ours on the same server: {CONTACTS / full['seconds']:,.0f}"
        f" ({CONTACTS / full['seconds'] * told['seconds'] / told['rows']:.1f} times)"
    )


def million(count: int) -> None:
    """Write and verify a snapshot of very many contacts."""
    with tempfile.TemporaryDirectory() as name, service(Path(name), count) as running:
        done = running.export()
        checked = measured(["snapshots", "verify", done["snapshot"], "--json", "--quiet"], running.folder)
    print(
        f"{count:,} contacts: exported in {done['seconds']:,.0f} s with {done['peak']:.0f} MB peak, verified with"
        f" {checked['peak']:.0f} MB peak"
    )


def timed(work: Any) -> float:
    """Return the seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
