"""Countries: what a cell of a country column means."""

import functools
import re

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from pipeline.models import is_region
from pipeline.phone._country_names import region_named, region_numbered
from pipeline.values import Struct

_CALLING_CODE = re.compile(r"(\+|00|011)?\s*0*(\d{1,3})(?:[- ]?(\d{3}))?(?:\.0)?")
_OF_CALLING_CODES = re.compile(
    r"phone|dial|calling|\btel|mobile|prefix|pr\u00e9fixe|prefijo|vorwahl|indicati[fv]|landnummer|\bddi\b|\bisd\b|\bidd\b"
    r"|\blada\b|\bcc\b"
)
_LOCALE = re.compile(r"[a-z]{2}[-_]([A-Z]{2})")
_SUBDIVISION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")
_PARTS = re.compile(r"[,;:/|()\[\]]+|\s[-\u2013]\s|\s(?=\+)|(?<=\d)\s+(?=[^\W\d])")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_FIRST_FLAG_LETTER = 0x1F1E6
_ISO_DIGITS = 3


class Country(Struct, frozen=True):
    """A country that a cell may mean: its region, and the calling code where that is how the cell says it."""

    region: str
    calling_code: str = ""


def names_calling_codes(header: str) -> bool:
    """Whether a header says that its column holds calling codes, so that three digits are no number of ISO 3166."""
    return bool(_OF_CALLING_CODES.search(header.casefold()))


def find_region(country: str) -> str | None:
    """Return the region that a cell means, or None where it means none or may mean several."""
    regions = {found.region for found in find_countries(country)}
    return regions.pop() if len(regions) == 1 else None


@functools.lru_cache(maxsize=4096)
def find_countries(text: str, *, calling_codes: bool = False) -> tuple[Country, ...]:
    """Return the countries that a cell may mean: none, one, or two where three digits are two kinds of code.

    Understood are ISO 3166 codes (two letters, three letters, three digits), names in many languages and their usual
    variants, flags, and calling codes with or without plus or zeros. With `calling_codes` digits are nothing else.
    """
    cell = _unwrapped(text)
    code = cell.upper()
    if is_region(code):
        return (Country(code),)
    if any(map(str.isdecimal, cell)) and (coded := _CALLING_CODE.fullmatch(cell)):
        return _by_digits(cell, coded, calling_codes=calling_codes)
    # A name has no digits: without its signs "+41 (0)" would be the number of another country.
    region = "" if any(map(str.isdecimal, cell)) else region_named(cell)
    return (Country(region),) if region else _by_parts(cell, calling_codes=calling_codes)


def _unwrapped(text: str) -> str:
    cell = text.strip().strip("='\"\u200e\u200f\u202a\u202c\ufeff").strip()
    if cell.startswith("(") and cell.endswith(")"):
        cell = cell[1:-1].strip()
    return cell


def _by_digits(cell: str, coded: re.Match[str], *, calling_codes: bool) -> tuple[Country, ...]:
    found = _by_calling_code(coded)
    digits = cell.removesuffix(".0")
    if not calling_codes and not coded[1] and len(digits) == _ISO_DIGITS:
        numbered = region_numbered(digits)
        found = (*(Country(numbered) for _ in numbered[:1]), *(one for one in found if one.region != numbered))
    return found


def _by_calling_code(coded: re.Match[str]) -> tuple[Country, ...]:
    code, area = coded[2], coded[3] or ""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    if area:
        regions = tuple(region for region in regions if _begins_with(region, area))
    found = next(filter(is_region, regions), None)
    return (Country(found, code),) if found else ()


def _begins_with(region: str, area: str) -> bool:
    plan = PhoneMetadata.metadata_for_region(region)
    return bool(plan and plan.leading_digits and re.match(plan.leading_digits, area))


def _by_parts(cell: str, *, calling_codes: bool) -> tuple[Country, ...]:
    """What the parts of a cell like `Mexico (+52)` or `pt-BR` agree on."""
    flag = _FLAG.search(cell)
    if flag:
        letters = "".join(chr(ord(char) - _FIRST_FLAG_LETTER + ord("A")) for char in flag[0])
        cell = f"{letters},{cell[: flag.start()]},{cell[flag.end() :]}"
    coded = _LOCALE.fullmatch(cell) or _SUBDIVISION.fullmatch(cell)
    parts = [coded[1]] if coded else [part for part in map(str.strip, _PARTS.split(cell)) if part]
    if parts == [cell]:
        return ()
    said = [found for part in parts if (found := find_countries(part, calling_codes=calling_codes))]
    regions = {one.region for found in said for one in found}
    return said[0] if said and len(regions) == 1 else ()


def region_of(digits: str) -> str | None:
    """Return the region of a number (E.164 digits), or None where its country code has several and it is of none."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(f"+{digits}"))
