"""Measure how fast phones are read, and prove over a million drawn cells that the answers are libphonenumber's own.

`make bench-phones` runs it (several minutes: the oracle takes most of them). It ends with 1 at the first disagreement.

The oracle is written here from the documentation alone, with phonenumbers and nothing of ours: a cell with a plus, or
formatted, is what libphonenumber says under the region; digits without a plus also have an international reading, and
the order of the two is the one of the README. Cells that the tool refuses on purpose (letters, two numbers) or takes
apart first (extensions, wrapping) are drawn by the tests of the suite, not here.
"""

import os
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat

from pipeline.phone import read_phones
from tests.phone.numbers import draw_cell

DRAWN = int(os.environ.get("BENCH_PHONES", "1000000"))
CHUNK = 10_000
REGIONS = (
    *("US", "US", "US", "US", "CA", "GB", "DE", "FR", "BR", "AU", "IN", "IT", "ES", "MX", "NL", "IE", "NZ", "ZA"),
    *("RU", "CN", "JP", "AR", "SG", "RW", "JM", "HU", "AT", "CH"),
)
PLAIN = frozenset("0123456789+ ()-")
SPEED_CELLS = 200_000


def main() -> int:
    """Run both and print them."""
    measure_speed()
    return prove(DRAWN)


def measure_speed() -> None:
    """Read a realistic mix: 80% North American in many layouts, 20% international, few repeats; one core."""
    rng = random.Random(3)
    areas = [area for area in range(201, 990) if _valid(f"+1{area}5550132", "US")]
    layouts = ("({0}) {1}-{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "{0}{1}{2}", "+1{0}{1}{2}", "1{0}{1}{2}", "{0} {1} {2}")
    elsewhere = [
        (number.country_code, phonenumbers.national_significant_number(number)[:-6])
        for region in ("GB", "DE", "FR", "AU", "IN", "BR", "MX", "ES", "IT", "NL")
        if (number := phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE))
    ]
    cells = []
    for _ in range(SPEED_CELLS):
        if rng.random() < 0.8:
            parts = (rng.choice(areas), rng.randrange(220, 1000), f"{rng.randrange(10_000):04}")
            cells.append(rng.choice(layouts).format(*parts))
        else:
            code, prefix = rng.choice(elsewhere)
            gap = rng.choice((" ", ""))
            cells.append(f"+{code}{gap}{prefix}{gap}{rng.randrange(1_000_000):06}")
    first = _timed(lambda: read_phones(cells[:CHUNK], "US"))
    ours = _timed(lambda: [read_phones(cells[start : start + CHUNK], "US") for start in range(0, len(cells), CHUNK)])
    sample = cells[:20_000]
    naive = _timed(lambda: [_libphonenumber(cell, "US") for cell in sample])
    print(
        f"read_phones: {len(cells) / ours:,.0f} cells/s (the first {CHUNK:,} took {first:.2f} s: tables are compiled)"
    )
    print(f"  libphonenumber one by one: {len(sample) / naive:,.0f} cells/s")


def prove(count: int) -> int:
    """Compare drawn cells with the oracle; return 1 if any answer differs."""
    rng = random.Random(1)
    cells = (cell for cell in iter(lambda: draw_cell(rng, rng.choice(REGIONS)), None) if cell and set(cell) <= PLAIN)
    done = disagreements = valid = 0
    while done < count:
        region = rng.choice(REGIONS)
        # A second plus makes two numbers, and a bracket that opens behind six digits, or holds or leaves few, is no
        # part of a number (tests/phone/test_ending.py).
        drawn = islice(cells, min(CHUNK, count - done))
        chunk = [cell for cell in drawn if cell.find("+", 1) < 0 and not _has_odd_bracket(cell)]
        done += len(chunk)
        column = read_phones(chunk, region)
        for cell, digits in zip(chunk, column.digits, strict=True):
            expected = oracle(cell, region)
            valid += bool(expected)
            if digits != expected:
                disagreements += 1
                print(f"  {cell!r} under {region}: {digits or 'refused'}, the oracle says {expected or 'invalid'}")
    print(f"{done:,} drawn cells, {valid:,} of them valid: {disagreements} disagreements with libphonenumber")
    return 1 if disagreements else 0


def _has_odd_bracket(cell: str) -> bool:
    front, bracket, rest = cell.partition("(")
    count = [sum(map(str.isdigit, part)) for part in (front, rest)]
    return bool(bracket) and (count[0] >= 6 or count[1] <= 4 or "(" in rest)


def oracle(cell: str, region: str) -> str:
    """Return E.164 digits or "" from phonenumbers and the documented order of readings alone."""
    mexican = _old_mexican(cell, region)
    if mexican is not None:
        return mexican
    national = _libphonenumber(cell, region)
    digits = cell.replace(" ", "")
    bare = cell.isdigit()
    if not digits.isdigit() or len(digits) > 15 or not any(map(str.isdigit, cell)):
        return national
    if not national:
        # Another country's number without its plus: bare digits, or 11 and more with blanks only.
        is_longer = any(_libphonenumber(cell[:place], region) for place, sign in enumerate(cell) if sign == " ")
        return _libphonenumber(f"+{digits}", None) if bare or (len(digits) >= 11 and not is_longer) else ""
    if not bare or len(digits) < 11:
        return national
    international = _libphonenumber(f"+{digits}", None)
    if not international or _national_wins(cell, digits, region):
        return national
    return international


def _old_mexican(cell: str, region: str) -> str | None:
    """The documented step before libphonenumber: prefixes that Mexico no longer dials. None: it does not apply."""
    digits = "".join(filter(str.isdigit, cell))
    prefixes = ["521", "5201", "52044", "52045"] if "+" in cell else []
    if region == "MX" and "+" not in cell:
        old = ["01", "02", "044", "045", "1"]
        prefixes = [*old, *(abroad + each for abroad in ("52", "0052", "01152") for each in ("1", "01", "044", "045"))]
    found = [digits.removeprefix(each) for each in prefixes if digits.startswith(each)]
    number = next((f"+52{rest}" for rest in found if len(rest) == 10 and _libphonenumber(f"+52{rest}", None)), "")
    if not number:
        return None
    if region == "MX" and "+" not in cell and digits.startswith("1") and _libphonenumber(f"+{digits}", None):
        if cell == digits:
            return None
        return _libphonenumber(number, None) if re.fullmatch(r"1[-. ]+\(?\d\d\)?[-. ]+\d{4}[-. ]+\d{4}", cell) else ""
    return _libphonenumber(number, None)


def _national_wins(cell: str, digits: str, region: str) -> bool:
    """Which of two valid readings counts, as the documentation of `read_phone` orders them."""
    parsed = phonenumbers.parse(cell, region)
    written = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    if "".join(filter(str.isdigit, written)) == digits:
        return True
    if len(digits) == 11 and digits.startswith("1"):
        return False
    plan = PhoneMetadata.metadata_for_region(region)
    trunk = (plan.national_prefix if plan else None) or "0"
    return digits.startswith(("0", trunk))


def _libphonenumber(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")


def _valid(text: str, region: str) -> bool:
    return bool(_libphonenumber(text, region))


def _timed(work: Callable[[], Sequence[object] | object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
