"""Measure how much of an allowance is used on services that count it in three ways, by one and by three processes.

`make bench` runs it, in real time: BENCH_PACE_SECONDS (90) for each number of processes, all services side by side.
The sandboxes run in processes of their own; each sender is a process with a client, as an import and an export are.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import anyio

from benchmarks.upload import service
from pipeline.heymarket import ClientConfig, HeymarketClient, open_client
from pipeline.limiter import Place
from pipeline.sandbox import API_KEY

A_MINUTE = 500
SECONDS = int(os.environ.get("BENCH_PACE_SECONDS", "90"))
WAYS = ("rolling", "fixed", "bucket")


def main() -> None:
    """Run all services side by side, first with one sender each, then with three."""
    print(f"{A_MINUTE} requests a minute allowed, {SECONDS} s each:")
    for senders in (1, 3):
        with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
            folder = Path(name)
            running = {
                way: stack.enter_context(service(folder, [f"limit_window={way}"], limit=A_MINUTE)) for way in WAYS
            }
            jobs = {way: [_start(each.url, folder / way) for _ in range(senders)] for way, each in running.items()}
            for way, processes in jobs.items():
                found = [json.loads(process.communicate()[0]) for process in processes]
                sent = sum(each["requests"] for each in found)
                lasted = max(each["ended"] for each in found) - min(each["began"] for each in found)
                refused = sum(each["rate_limited"] for each in found)
                shares = ", ".join(str(each["requests"]) for each in found)
                used = sent * 60 / lasted / A_MINUTE
                who = "1 process  " if senders == 1 else f"{senders} processes"
                print(f"  {way:<8} {who}: {used:6.1%} used, {refused} answers 429 (requests: {shares})")


def _start(url: str, folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "benchmarks.pace", url, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


async def send(url: str, folder: Path) -> dict[str, float]:
    """Send as many requests as the limit lets through; return what was counted, in requests and seconds."""
    config = ClientConfig(base_url=url, api_key=API_KEY, requests_per_minute=A_MINUTE, place=Place("benchmark", folder))
    async with open_client(config) as client:
        began = time.time()
        with anyio.move_on_after(SECONDS):
            async with anyio.create_task_group() as group:
                for _ in range(config.concurrency):
                    group.start_soon(_ask, client)
        traffic = client.traffic
        return {
            "requests": traffic.requests,
            "rate_limited": traffic.rate_limited,
            "began": began,
            "ended": time.time(),
        }


async def _ask(client: HeymarketClient) -> None:
    while True:
        await client.list_custom_fields()


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(anyio.run(send, sys.argv[1], Path(sys.argv[2]))))
    else:
        main()
