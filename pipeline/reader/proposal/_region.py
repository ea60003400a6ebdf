"""The country of phones that do not say theirs: proved by the file, or asked for, never guessed."""

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.models import mask_phone
from pipeline.phone import Country, find_countries, find_region, names_calling_codes, read_phones
from pipeline.reader.proposal import _states as states
from pipeline.reader.proposal import _words as words
from pipeline.reader.proposal._looks import SAMPLE, is_phone_like
from pipeline.showing import quoted
from pipeline.values import Struct

_NORTH_AMERICAN = re.compile(
    r"(?:\+?1[-. ]?)?(?:\(\d{3}\)[-. ]?\d{3}[-. ]\d{4}|\d{3}([-.])\d{3}\1\d{4}|\d{3}[-/]\d{3}-\d{4})(?!\d).*"
)
"""Three, three and four digits, in brackets or with dashes or dots. With blanks alone others group them so, too."""

_PROOF = 0.9
_FITS = 0.8
_FEW = 12
_EXAMPLES = 3
_OFTEN = (
    *("US", "GB", "AU", "IE", "ZA", "IN", "FR", "ES", "IT", "NL", "BE", "CH", "SE", "NO", "DK", "BR", "MX", "PT"),
    *("RW", "KE", "NG", "SG", "PH", "DE", "AT", "NZ", "CN", "KR", "TR", "RU"),
)
"""Where most senders of business texts are: they show what the numbers might be, and prove nothing."""

ASK = "which country are they of? Nothing in the file says it"


class Region(Struct, frozen=True):
    """What a file says of its phones' country. `code` is "" where it says nothing, or each row says its own.

    `readings` show three numbers as they would be read, where somebody has to be asked. `looks` is the region under
    which most numbers exist: good enough to tell a column of phones from others, not to text anybody.
    """

    code: str
    reason: str
    country: int | None = None
    readings: tuple[str, ...] = ()
    looks: str = ""


def find_default(headers: Sequence[str], columns: Sequence[Sequence[str]], phones: Sequence[int]) -> Region:
    """Return what proves the country of the phones in some columns, or what to ask."""
    numbers = [(row, cell) for place in phones for row, cell in enumerate(columns[place]) if is_phone_like(cell)]
    plain = [(row, cell) for row, cell in numbers if "+" not in cell][:SAMPLE]
    if not plain:
        why = "every phone in it says its country" if numbers else "no phone was seen in the first rows"
        return Region("", why, looks="US")
    country = _country_column(headers, columns, plain)
    left = [cell for row, cell in plain if country is None or not columns[country][row]]
    if country is not None:
        main = _main_country(headers[country], columns[country])
        if main or not left:
            why = f"the column {quoted(headers[country])} says it" if main else "each row says its country"
            return Region(main, why, country, looks=main or "US")
    code, why = _proved(headers, columns, left, [cell for _, cell in numbers if "+" in cell])
    if code:
        return Region(code, why, country, looks=code)
    cells = list(dict.fromkeys(left))[:_FEW]
    likely = sorted(_OFTEN, key=lambda region: -_share(cells, region))
    # Those that are numbers somewhere show more than slips and words do.
    shown = sorted(cells, key=lambda cell: not read_phones([cell], likely[0]).numbers[0])
    return Region("", ASK, country, _readings(shown, likely), looks=likely[0])


def _country_column(
    headers: Sequence[str], columns: Sequence[Sequence[str]], plain: Sequence[tuple[int, str]]
) -> int | None:
    """The column that says each row's country: by its name, its cells, and the numbers that exist there."""
    places = [place for place, header in enumerate(headers) if words.says_country(header)]
    places.sort(key=lambda place: not names_calling_codes(headers[place]))
    return next((place for place in places if _tells(headers[place], columns[place], plain)), None)


def _tells(header: str, cells: Sequence[str], plain: Sequence[tuple[int, str]]) -> bool:
    if not _looks_like_countries(header, cells):
        return False
    of_calling_codes = names_calling_codes(header)
    pairs = [(cells[row], cell) for row, cell in plain if cells[row]]
    beside = sum(
        any(read_phones([cell], country.region).numbers[0] for country in _meant(said, of_calling_codes))
        for said, cell in pairs
    )
    alone = sum(map(bool, read_phones([cell for _, cell in pairs], "US").digits)) if pairs else 0
    return beside >= _FITS * len(pairs) or beside >= alone


def _meant(cell: str, of_calling_codes: bool) -> tuple[Country, ...]:
    return find_countries(cell, calling_codes=of_calling_codes)


def _looks_like_countries(header: str, cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell][:SAMPLE]
    of_calling_codes = names_calling_codes(header)
    return bool(filled) and sum(bool(_meant(cell, of_calling_codes)) for cell in filled) >= _FITS * len(filled)


def _main_country(header: str, cells: Sequence[str]) -> str:
    """The country of nearly all rows, for those that leave it out."""
    filled = [cell for cell in cells if cell]
    found = Counter(
        countries[0].region for cell in filled if len(countries := _meant(cell, names_calling_codes(header))) == 1
    )
    region, count = found.most_common(1)[0] if found else ("", 0)
    return region if count >= _PROOF * len(filled) else ""


def _proved(
    headers: Sequence[str], columns: Sequence[Sequence[str]], plain: Sequence[str], international: Sequence[str]
) -> tuple[str, str]:
    for header, cells in zip(headers, columns, strict=True):
        region = states.region_of_states(header, cells)
        if region and _share(plain, region) >= _FITS:
            return region, f"the column {quoted(header)} holds its states or provinces"
    american = [cell for cell in plain if _NORTH_AMERICAN.fullmatch(cell)]
    if len(american) < _PROOF * len(plain) or _share(american, "US") * len(american) < _PROOF * len(plain):
        return "", ""
    for region in _named_elsewhere([*international, *(cell for cell in plain if cell not in set(american))]):
        if _share(american, region) >= 1 - _FITS:
            return "", ""
    return "US", "the phones without a country code are written as in North America, with area codes of there"


def _named_elsewhere(cells: Sequence[str]) -> set[str]:
    """The countries beyond North America that numbers name."""
    read = read_phones(list(cells[:SAMPLE]), "") if cells else None
    found = [find_region(f"+{_calling_code(digits)}") for digits in (read.digits if read else []) if digits]
    return {region for region in found if region and region != "US"}


def _calling_code(digits: str) -> str:
    return next((digits[:length] for length in (1, 2, 3) if find_region(f"+{digits[:length]}")), "")


def _share(cells: Sequence[str], region: str) -> float:
    return sum(map(bool, read_phones(list(cells), region).digits)) / len(cells) if cells else 0.0


def _readings(cells: Sequence[str], likely: Sequence[str]) -> tuple[str, ...]:
    shown = list(dict.fromkeys(("US", *likely[:2])))
    return tuple(f"{_masked(cell)} would be {', '.join(_as_read(cell, shown))}" for cell in cells[:_EXAMPLES])


def _as_read(cell: str, regions: Sequence[str]) -> list[str]:
    read = [(region, read_phones([cell], region).digits[0]) for region in regions]
    return [f"+{mask_phone(digits)} in {region}" if digits else f"no number in {region}" for region, digits in read]


def _masked(cell: str) -> str:
    return mask_phone("".join(filter(str.isdecimal, cell)))
