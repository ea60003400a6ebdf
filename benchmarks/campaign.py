"""The large fault campaign: imports killed with SIGKILL at drawn moments, on drawn services, until enough were killed.

`make bench` runs it; BENCH_KILLS (200) says how many kills are enough, BENCH_SEED (1000) where the draw begins. It
ends with 1 when anything was lost, doubled, wrong, opted back in or touched without cause.
"""

import itertools
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator

from tests.campaign import Verdict, draw_case, run_cases

KILLS = int(os.environ.get("BENCH_KILLS", "200"))
FIRST_SEED = int(os.environ.get("BENCH_SEED", "1000"))
AT_ONCE = 8


def main() -> None:
    """Run cases until enough processes were killed, and print what came of them."""
    count: Counter[str] = Counter()
    began = time.perf_counter()
    for verdict in _verdicts():
        count.update(cases=1, kills=verdict.kills, attempts=verdict.attempts, requests=verdict.requests)
        if verdict.wrong:
            count["wrong"] += 1
            print(f"WRONG {verdict.case}")
            for line in verdict.wrong:
                print(f"  {line}")
        if count["kills"] >= KILLS:
            break
    minutes = (time.perf_counter() - began) / 60
    print(
        f"{count['cases']} imports of 98 rows, {count['kills']} processes killed, {count['attempts']} attempts,"
        f" {count['requests']:,} requests, {minutes:.0f} minutes: {count['wrong']} ended wrong"
    )
    sys.exit(1 if count["wrong"] else 0)


def _verdicts() -> Iterator[Verdict]:
    for first in itertools.count(FIRST_SEED, AT_ONCE):
        yield from run_cases((draw_case(seed, kills=5) for seed in range(first, first + AT_ONCE)), AT_ONCE)


if __name__ == "__main__":
    main()
