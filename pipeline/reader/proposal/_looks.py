"""What the cells of a column look like, whatever its name is."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.models import mask_phone
from pipeline.phone import find_region, read_phones, region_of

SAMPLE = 200
"""Rows that are looked at."""

_REGIONS = (
    *("US", "GB", "CA", "AU", "IE", "ZA", "IN", "FR", "ES", "IT", "NL", "BE", "CH", "SE", "NO", "DK", "BR", "MX", "PT"),
    *("RW", "KE", "NG", "SG", "PH"),
)
"""Where most senders of business texts are."""

_LAX_REGIONS = ("DE", "AT", "NZ")
"""Numbering plans that accept so much that a valid number there says little."""

_FORMATTED = re.compile(r"^[+(]|[-. ()]")
_DECIMAL = re.compile(r"[-+]?\d+[.,]\d+")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?")
_ENOUGH_DIGITS = 7
_FEWEST = 5
"""Digits below which nothing in a column is a phone that is worth finding."""

_CLEARLY_MORE = 0.2
_ENOUGH_PHONES = 3
_SHARE_OF_CODES = 0.6
_SHARE_OF_VALID = 0.8
_SHARE_OF_LAX = 0.9

_NORTH_AMERICAN = re.compile(r"(?:(?:\+?1|001)[-. ]?)?\(?\d{3}\)?[-. ]?\d{3}[-. ]\d{4}(?!\d).*")
"""Three, three and four digits: nobody else groups them so."""


@dataclass(frozen=True, slots=True)
class Looks:
    """Shares (0 to 1) of the filled cells of a column that look like something; `filled` counts them."""

    filled: int
    phones: float = 0.0
    phone_like: float = 0.0
    emails: float = 0.0
    web: float = 0.0
    words: float = 0.0


def look_at(cells: Sequence[str], region: str) -> Looks:
    """Look at the cells of one column (stripped; blanks are left out)."""
    filled = [cell for cell in cells if cell][:SAMPLE]
    if not filled:
        return Looks(0)
    count = len(filled)
    dates = [bool(_DATE.fullmatch(cell)) for cell in filled]
    # Most columns hold no numbers at all, and need not be read as phones.
    numbers = [
        cell for cell, date in zip(filled, dates, strict=True) if not date and sum(map(str.isdigit, cell)) >= _FEWEST
    ]
    phones = sum(map(bool, read_phones(numbers, region).digits)) if numbers else 0
    like = sum(_is_phone_like(cell) and not date for cell, date in zip(filled, dates, strict=True))
    return Looks(
        count,
        phones / count,
        like / count,
        sum("@" in cell[1:-1] for cell in filled) / count,
        sum(cell.lower().startswith(("http://", "https://", "www.")) for cell in filled) / count,
        sum(any(map(str.isalpha, cell)) and "@" not in cell for cell in filled) / count,
    )


def _is_phone_like(cell: str) -> bool:
    digits = sum(map(str.isdigit, cell))
    letters = sum(map(str.isalpha, cell))
    written = bool(_FORMATTED.search(cell)) and not _DECIMAL.fullmatch(cell)
    return _ENOUGH_DIGITS <= digits <= 17 and letters <= 3 and (written or (digits >= 10 and cell.isdecimal()))


def best_region(columns: Sequence[Sequence[str]]) -> tuple[str, str]:
    """Return the default region that phones without a country code are most likely of, and why; US in doubt.

    A wrong region makes valid numbers of strangers, so it takes more than a few numbers that happen to be valid.
    """
    cells = [cell for column in columns for cell in column if cell and sum(map(str.isdigit, cell)) >= _ENOUGH_DIGITS]
    plain = [cell for cell in cells if not cell.startswith("+")][:SAMPLE]
    if not plain:
        return "US", "no phone without a country code was seen; set it to where your contacts are"
    if sum(bool(_NORTH_AMERICAN.fullmatch(cell)) for cell in plain) * 2 >= len(plain):
        return "US", "the phones without a country code are grouped as in North America"
    by_code = _region_of_codes([cell for cell in cells if cell.startswith("+")][:SAMPLE])
    if by_code and _share(plain, by_code) >= _SHARE_OF_CODES:
        return by_code, "most phones with a country code are of there; check it"
    return _region_by_validity(plain)


def _region_of_codes(cells: Sequence[str]) -> str:
    """The region of most of the numbers that say theirs, or ""."""
    found = Counter(filter(None, (region_of(digits) for digits in read_phones(cells, "").digits if digits)))
    region, count = found.most_common(1)[0] if found else ("", 0)
    return region if count >= _SHARE_OF_CODES * len(cells) else ""


def _region_by_validity(plain: Sequence[str]) -> tuple[str, str]:
    shares = {region: _share(plain, region) for region in (*_REGIONS, *_LAX_REGIONS)}
    best, second = sorted(_REGIONS, key=lambda region: -shares[region])[:2]
    if len(plain) >= _ENOUGH_PHONES and shares[best] >= max(_SHARE_OF_VALID, shares[second] + _CLEARLY_MORE):
        return best, f"{shares[best]:.0%} of the phones without a country code are valid only there; check it"
    lax = max(_LAX_REGIONS, key=lambda region: shares[region])
    if len(plain) >= _ENOUGH_PHONES and shares[lax] >= _SHARE_OF_LAX and shares[best] < 1 - _SHARE_OF_CODES:
        return lax, f"{shares[lax]:.0%} of the phones without a country code are valid there; check it"
    return "US", "the phones do not tell their country; set it to where your contacts are"


def _share(cells: Sequence[str], region: str) -> float:
    return sum(map(bool, read_phones(cells, region).digits)) / len(cells)


def helps_as_country(countries: Sequence[str], phones: Sequence[str], region: str) -> bool:
    """Whether more phones are valid under the countries beside them than under one region for all."""
    pairs = [(country, phone) for country, phone in zip(countries, phones, strict=True) if phone][:SAMPLE]
    named = [country for country, _ in pairs if country]
    if not named or sum(find_region(country) is not None for country in named) < 0.8 * len(named):
        return False
    alone = sum(map(bool, read_phones([phone for _, phone in pairs], region).digits))
    beside = sum(
        bool(read_phones([phone], (find_region(country) or region) if country else region).digits[0])
        for country, phone in pairs
    )
    return beside > alone


def looks_like_country(cells: Sequence[str]) -> bool:
    """Whether the filled cells of a column are countries."""
    filled = [cell for cell in cells if cell][:SAMPLE]
    return bool(filled) and sum(find_region(cell) is not None for cell in filled) >= 0.8 * len(filled)


def show(cell: str, *, phone: bool) -> str:
    """Return a cell as an example may show it: short, on one line, phones and addresses masked."""
    text = " ".join(cell.split())
    digits = "".join(filter(str.isdigit, text))
    if phone or len(digits) >= _ENOUGH_DIGITS:
        return mask_phone(digits) if digits else text[:20]
    if "@" in text:
        name, _, domain = text.partition("@")
        return f"{name[:1]}***@{domain[:24]}"
    return text if len(text) <= 24 else text[:21] + "..."
