"""Measure `hmpipe check` in one run on this machine: against a naive loop, against bare pandas, and as files grow.

`make bench` runs it. Figures are of the moment and the machine; only the ratios travel.
"""

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import phonenumbers
from phonenumbers import PhoneNumberFormat

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
NAIVE_ROWS = 100_000
"""Rows of the naive loop, which is linear: more would only make the benchmark longer."""

GROWTH = (10_000, 100_000, 1_000_000)
CHUNK = 50_000
HEADER = (
    *("Record ID", "First Name", "Last Name", "Mobile Phone", "Email", "Company", "City", "Plan"),
    *("Lead Source", "Created", "Street", "Notes"),
)
SETTINGS = """\
[import.columns]
"Mobile Phone" = "phone"
"First Name" = "first"
"Last Name" = "last"
"Email" = "email"
"Company" = { custom = "Company" }
"Plan" = { custom = "Plan" }
"""

_US = (
    ("({0}) {1}-{2}", 22),
    ("{0}-{1}-{2}", 22),
    ("{0}.{1}.{2}", 7),
    ("{0}{1}{2}", 15),
    ("+1{0}{1}{2}", 12),
    ("1{0}{1}{2}", 8),
    ("+1 ({0}) {1}-{2}", 8),
    ("{0} {1} {2}", 5),
    ("({0}) {1}-{2} x17", 1),
)
_ELSEWHERE = ("GB", "DE", "FR", "AU", "IN", "BR", "MX", "ES", "IT", "NL")


def main() -> None:
    """Run all measurements and print them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = folder / "bench.toml"
        settings.write_text(SETTINGS, encoding="utf-8")
        table = write_table(folder / "people.csv", ROWS)
        print(f"{ROWS:,} rows, {table.stat().st_size / 1e6:.0f} MB, 12 columns of which 6 are mapped")
        naive = timed(lambda: naive_check(table, NAIVE_ROWS)) * ROWS / NAIVE_ROWS
        pandas = timed(lambda: bare_pandas(table))
        ours, peak = check(table, settings)
        print(f"hmpipe check, start-up included: {ours:.1f} s, {ROWS / ours:,.0f} rows/s, {peak:.0f} MB peak")
        print(f"  naive csv + phonenumbers loop: {naive:.1f} s ({naive / ours:.1f} times as long)")
        print(
            f"  pandas.read_csv in chunks and nothing else: {pandas:.1f} s (check takes {ours / pandas:.1f} times that)"
        )
        for rows in GROWTH:
            part = write_table(folder / f"{rows}.csv", rows)
            seconds, peak = check(part, settings)
            print(f"  {rows:>9,} rows: {seconds:5.1f} s, {seconds / rows * 1e6:6.1f} us a row, {peak:.0f} MB peak")


def write_table(path: Path, rows: int) -> Path:
    """Write a file of `rows` people: 80% North American phones in many layouts, 20% international, few repeats."""
    rng = random.Random(20)
    areas = [area for area in range(201, 990) if _valid(f"+1{area}5550132")]
    examples = [_example(region) for region in _ELSEWHERE]
    layouts, weights = zip(*_US, strict=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(rows):
            if rng.random() < 0.8:
                parts = (rng.choice(areas), rng.randrange(220, 1000), f"{rng.randrange(10_000):04}")
                phone = rng.choices(layouts, weights)[0].format(*parts)
            else:
                code, prefix = rng.choice(examples)
                gap = rng.choice((" ", ""))
                phone = f"+{code}{gap}{prefix}{gap}{rng.randrange(1_000):03}{gap}{rng.randrange(1_000):03}"
            company = f"Company, Inc. {number % 900}" if number % 8 == 0 else f"Company {number % 900}"
            notes = 'Said "call me"\nand left' if number % 25 == 0 else "called once, will call again"
            writer.writerow(
                (
                    *(f"003{number:015}", f"First{number % 5_000}", f"Last{number}", phone),
                    *(f"user{number}@example{number % 300}.com", company, "Springfield", ("gold", "basic")[number % 2]),
                    *("Web", f"2026-05-{number % 28 + 1:02}", f"{number % 9_999} Main Street", notes),
                )
            )
    return path


def _valid(text: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(text))


def _example(region: str) -> tuple[int, str]:
    """The calling code of a region and the beginning of a mobile number, to which six digits are wanting."""
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if number is None:
        raise SystemExit(f"libphonenumber has no example for {region}")
    return int(number.country_code or 0), phonenumbers.national_significant_number(number)[:-6]


def naive_check(path: Path, rows: int) -> None:
    """What a script does: read, strip, parse, judge, format."""
    with path.open(newline="", encoding="utf-8") as file:
        for row, _ in zip(csv.DictReader(file), range(rows), strict=False):
            try:
                number = phonenumbers.parse(row["Mobile Phone"], "US")
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_valid_number(number):
                phonenumbers.format_number(number, PhoneNumberFormat.E164)
            tuple(row[name].strip() for name in ("First Name", "Last Name", "Email", "Company", "Plan"))


def bare_pandas(path: Path) -> None:
    """Read the file in chunks of text and do nothing with them."""
    for _ in pd.read_csv(path, dtype=str, keep_default_na=False, chunksize=CHUNK):
        pass


def check(path: Path, settings: Path) -> tuple[float, float]:
    """Run the real command; return its seconds and its peak memory in MB."""
    command = [sys.executable, "-m", "pipeline", "check", str(path), "-c", str(settings), "--quiet"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise SystemExit(f"check ended with {process.returncode}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
