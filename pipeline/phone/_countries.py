"""Countries: what a cell of a country column means."""

import functools
import unicodedata

import phonenumbers

from pipeline.libraries import locale_names
from pipeline.models import is_region


def find_region(country: str) -> str | None:
    """Return the region that an ISO 3166 code or a country's name in a European language means, or None."""
    code = country.strip().upper()
    return code if is_region(code) else _regions_by_name().get(_fold_country(country))


@functools.cache
def _regions_by_name() -> dict[str, str]:
    # The names that libphonenumber ships to show regions with; "*fr" points to the entry of another language.
    meant: dict[str, set[str]] = {}
    for region, entry in locale_names.LOCALE_DATA.items():
        for language in _LANGUAGES:
            name = entry.get(language, "")
            folded = _fold_country(entry.get(name[1:], "") if name.startswith("*") else name)
            if folded and is_region(region):
                meant.setdefault(folded, set()).add(region)
    # A word that is one country here and another there means neither.
    return {name: regions.copy().pop() for name, regions in meant.items() if len(regions) == 1} | _ALIASES


_LANGUAGES = ("en", "fr", "de", "es", "pt", "it", "nl", "da", "sv", "nb", "fi", "pl", "cs", "hu", "ro", "tr")

_ALIASES = {
    name: region
    for region, names in {
        "AE": "uae",
        "CH": "schweiz",
        "CZ": "czechrepublic",
        "DE": "deutschland",
        "GB": "uk greatbritain england scotland wales northernireland",
        "IE": "eire republicofireland",
        "KR": "korea republicofkorea",
        "NL": "holland",
        "RU": "russianfederation",
        "US": "usa unitedstatesofamerica america",
    }.items()
    for name in names.split()
}
"""What people write that no list of names has."""


def _fold_country(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).casefold().replace("&", "and")
    return "".join(char for char in letters if char.isalpha())


def region_of(digits: str) -> str | None:
    """Return the region of a number (E.164 digits), or None where its country code has several and it is of none."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(f"+{digits}"))
