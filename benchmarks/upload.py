"""Measure what an import costs, in one run on this machine: requests, speed against bare loops, memory.

`make bench` runs it. The sandbox runs in a process of its own, ours is the real command. Contacts a minute are those
that the measured requests allow at 500 requests a minute; the last measurement keeps that pace for real.
BENCH_NIGHTLY (100,000) and BENCH_MEMORY (500,000) set the sizes of the large files.
"""

import contextlib
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import anyio

from pipeline.sandbox import API_KEY

A_MINUTE = 500
ROWS = 1_000
SPEED_ROWS = 20_000
NIGHTLY_ROWS = int(os.environ.get("BENCH_NIGHTLY", "100000"))
MEMORY_ROWS = int(os.environ.get("BENCH_MEMORY", "500000"))
PACED_SECONDS = 90

HEADER = ("Phone", "First", "Last", "E-mail", "Plan")
SETTINGS = """\
[account]
base_url = "{url}"
[limits]
requests_per_minute = {pace}
[import]
write_path = "{path}"
[import.columns]
"Phone" = "phone"
"First" = "first"
"Last" = "last"
"E-mail" = "email"
"Plan" = {{ custom = "Plan" }}
"""


def main() -> None:
    """Run all measurements and print them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"requests for {ROWS:,} contacts, half of them new, half changed ({A_MINUTE} requests a minute allowed)")
        naive(folder)
        for path, what in (("batch", "(c) keeps"), ("drop", "(d) drops")):
            ours(
                folder,
                f"{what} custom fields",
                ["opt_out_readable=true", *(["batch_custom=drop"] if path == "drop" else [])],
            )
        ours(folder, "(c) keeps custom fields, opt-outs shown nowhere", [])
        nightly(folder)
        speed(folder)
        memory(folder)
        paced(folder)


# --- the pieces -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Service:
    """A sandbox in a process of its own."""

    url: str
    folder: Path

    def run(self, rows: Path, *, pace: int = 0, path: str = "auto") -> tuple[dict[str, Any], float]:
        """Import a file with the real command; return its summary and its peak memory in MB."""
        settings = self.folder / "bench.toml"
        settings.write_text(SETTINGS.format(url=self.url, pace=pace, path=path))
        command = [sys.executable, "-m", "pipeline", "import", str(rows), "-c", str(settings), "--json", "--quiet"]
        out = self.folder / "out.json"
        known = os.environ | {"HEYMARKET_API_KEY": API_KEY, "XDG_STATE_HOME": str(self.folder / "state")}
        with out.open("wb") as file, subprocess.Popen(command, stdout=file, env=known) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"the import ended with {process.returncode}")
        return json.loads(out.read_text().splitlines()[-1]), usage.ru_maxrss / 1024


@contextlib.contextmanager
def service(folder: Path, traits: Sequence[str] = (), *, limit: int = 0) -> Iterator[Service]:
    """Start a sandbox and end it."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name) / "url"
        command = [sys.executable, "-m", "pipeline", "sandbox", "--port", "0", "--field", "Plan"]
        command += ["--requests-per-minute", str(limit), "--url-file", str(place)]
        for trait in traits:
            command += ["--trait", trait]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                while not (place.exists() and place.read_text().strip()):
                    time.sleep(0.05)
                yield Service(place.read_text().strip(), Path(name))
            finally:
                process.terminate()


def write_rows(path: Path, first: int, last: int, plan: str = "gold", *, every: int = 1) -> Path:
    """Write people by number; the plan is given to one in `every`, the others have the usual one."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(first, last):
            given = plan if number % every == 0 else "gold"
            writer.writerow((f"+1415{2_000_000 + number}", f"F{number}", "Sample", f"p{number}@example.com", given))
    return path


def report(name: str, requests: int, contacts: int) -> None:
    """Print one line of the table."""
    each = requests / contacts
    print(f"  {name:<58} {each * 1000:7,.0f} per 1,000   {A_MINUTE / each:9,.0f} contacts a minute")


# --- what is measured -------------------------------------------------------------------------------------------------


def naive(folder: Path) -> None:
    """Run the two scripts that people write first."""
    with service(folder, ["opt_out_readable=true"]) as running:
        old = write_rows(running.folder / "old.csv", 0, ROWS // 2, "basic")
        running.run(old)
        rows = write_rows(running.folder / "rows.csv", 0, ROWS)
        report("(a) a script: look up and write, row by row", anyio.run(scripted, running.url, rows, 1), ROWS)
    with service(folder, ["opt_out_readable=true"]) as running:
        running.run(write_rows(running.folder / "old.csv", 0, ROWS // 2, "basic"))
        report(
            "(b) the same with one search for a hundred", anyio.run(scripted, running.url, rows_of(running), 100), ROWS
        )


def rows_of(running: Service) -> Path:
    """The file that everybody imports."""
    return write_rows(running.folder / "rows.csv", 0, ROWS)


async def scripted(url: str, rows: Path, at_once: int) -> int:
    """Import a file as a script does: no proof, no retry. Return its requests."""
    with rows.open(newline="") as file:
        people = list(csv.DictReader(file))
    requests = 0
    async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {API_KEY}"}) as session:
        for start in range(0, len(people), at_once):
            batch = {row["Phone"].lstrip("+"): row for row in people[start : start + at_once]}
            asked = {"contact_channels": [{"channel_type": "phone", "channel_ids": list(batch)}]}
            async with session.post("/v2/contacts/search", json=asked) as answer:
                known = {contact["phone"]: contact["id"] for contact in await answer.json()}
            requests += 1
            for phone, row in batch.items():
                body = {"phone": phone, "first": row["First"], "last": row["Last"], "custom": {"101": row["Plan"]}}
                target = ("PUT", f"/v1/contact/{known[phone]}") if phone in known else ("POST", "/v1/contact")
                async with session.request(*target, json=body) as answer:
                    answer.raise_for_status()
                requests += 1
    return requests


def ours(folder: Path, what: str, traits: Sequence[str]) -> None:
    """Import new and changed contacts, once learning and once with what was learned."""
    with service(folder, traits) as running:
        running.run(write_rows(running.folder / "old.csv", 0, ROWS // 2, "basic"), path="single")
        (running.folder / "state").rename(running.folder / "forgotten")
        first, _ = running.run(rows_of(running))
        report(f"{what}: learning", first["requests"], ROWS)
        running.run(write_rows(running.folder / "more.csv", ROWS, ROWS + ROWS // 2, "basic"))
        again, _ = running.run(write_rows(running.folder / "next.csv", ROWS, 2 * ROWS))
        report(f"{what}: afterwards", again["requests"], ROWS)


def nightly(folder: Path) -> None:
    """Import a large file three times: new, unchanged, and with one row in a hundred changed."""
    with service(folder, ["opt_out_readable=true"]) as running:
        rows = write_rows(running.folder / "rows.csv", 0, NIGHTLY_ROWS)
        running.run(rows)
        same, _ = running.run(rows)
        report(f"(e) {NIGHTLY_ROWS:,} rows, nothing changed", same["requests"], NIGHTLY_ROWS)
        changed = write_rows(running.folder / "changed.csv", 0, NIGHTLY_ROWS, "silver", every=100)
        few, _ = running.run(changed)
        report(f"(f) {NIGHTLY_ROWS:,} rows, 1% changed", few["requests"], NIGHTLY_ROWS)


def speed(folder: Path) -> None:
    """Compare the rate of requests without a limit with a bare loop that sends the same bodies."""
    with service(folder) as running:
        rows = write_rows(running.folder / "rows.csv", 0, SPEED_ROWS)
        done, _ = running.run(rows, path="single")
    with service(folder) as running:
        began = time.perf_counter()
        anyio.run(bare_creates, running.url)
        bare = SPEED_ROWS / (time.perf_counter() - began)
    rate = done["requests"] / done["seconds"]
    print(
        f"without a limit, one by one: {rate:,.0f} requests a second, everything proved; a bare aiohttp loop with the"
        f" same bodies: {bare:,.0f} ({rate / bare:.2f} of it)"
    )


async def bare_creates(url: str) -> None:
    """Send as many creates as fast as they go, 8 at once."""
    slots = anyio.CapacityLimiter(8)

    async def create(session: aiohttp.ClientSession, number: int) -> None:
        body = {"phone": f"1415{2_000_000 + number}", "first": f"F{number}", "last": "Sample"}
        whole = body | {"email": f"p{number}@example.com", "custom": {"101": "gold"}}
        async with slots, session.post("/v1/contact", json=whole) as answer:
            await answer.read()

    headers = {"Authorization": f"Bearer {API_KEY}"}
    async with aiohttp.ClientSession(url, headers=headers) as session, anyio.create_task_group() as group:
        for number in range(SPEED_ROWS):
            group.start_soon(create, session, number)


def memory(folder: Path) -> None:
    """Import a small and a large file and compare the peaks."""
    for rows in (10_000, MEMORY_ROWS):
        with service(folder) as running:
            began = time.perf_counter()
            done, peak = running.run(write_rows(running.folder / "rows.csv", 0, rows))
            seconds = time.perf_counter() - began
        print(f"{rows:>9,} new contacts: {peak:.0f} MB peak, {seconds:,.0f} s, {done['requests']:,} requests")


def paced(folder: Path) -> None:
    """Keep the pace for real on a service that counts every rolling minute."""
    count = A_MINUTE * PACED_SECONDS // 60
    with service(folder, limit=A_MINUTE) as running:
        rows = write_rows(running.folder / "rows.csv", 0, count)
        done, _ = running.run(rows, pace=A_MINUTE, path="single")
    used = done["requests"] / done["seconds"] * 60 / A_MINUTE
    print(
        f"one by one at {A_MINUTE} a minute for {done['seconds']:.0f} s: {used:.1%} of the allowance,"
        f" {done['rate_limited']} answers 429"
    )


if __name__ == "__main__":
    main()
