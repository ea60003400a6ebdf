"""Countries: what a cell of a country column means."""

import functools
import unicodedata

import phonenumbers


def is_region(code: str) -> bool:
    """Whether libphonenumber knows this ISO 3166 code (capitals) as a region with numbers of its own."""
    return code in phonenumbers.SUPPORTED_REGIONS


def find_region(country: str) -> str | None:
    """Return the region that an ISO 3166 code or an English country name means, or None."""
    code = country.strip().upper()
    return code if is_region(code) else _regions_by_name().get(_fold_country(country))


@functools.cache
def _regions_by_name() -> dict[str, str]:
    # Half a second to import, and only needed where a country is written out.
    from phonenumbers.geodata.locale import LOCALE_DATA  # noqa: PLC0415

    # The names that libphonenumber ships to show regions with; "*aa" points to the entry of another language.
    names = {}
    for region, entry in LOCALE_DATA.items():
        name = entry.get("en", "")
        names[_fold_country(entry.get(name[1:], "") if name.startswith("*") else name)] = region
    return {name: region for name, region in names.items() if name and is_region(region)}


def _fold_country(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).casefold().replace("&", "and")
    return "".join(char for char in letters if char.isalpha())
