"""What countries are called: ISO codes and CLDR names out of Babel's data, and what people write besides."""

import functools
import re
import unicodedata
from collections.abc import Iterator

from pipeline.libraries import babel
from pipeline.models import is_region

_USUAL = (
    *("fr", "de", "es", "pt", "it", "nl", "da", "sv", "nb", "fi", "pl", "cs", "hu", "ro", "tr", "ru", "uk", "zh"),
    *("ja", "ko"),
)
_OTHERS = (
    *("be", "bg", "sr", "hr", "sl", "sk", "mk", "sq", "el", "et", "lv", "lt", "is", "ga", "cy", "mt", "eu", "ca", "gl"),
    *("ar", "he", "fa", "ur", "hi", "bn", "pa", "ta", "te", "mr", "gu", "kn", "ml", "si", "th", "lo", "km", "my", "vi"),
    *("id", "ms", "fil", "zh_Hant", "ka", "hy", "az", "kk", "uz", "mn", "sw", "am", "af", "bs", "nn", "lb", "pt_PT"),
)
"""Languages whose names of countries are looked through, in this order; a country's own is nearly always among them."""


def _fold(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).casefold().replace("&", "and").replace("st.", "saint ")
    letters = re.sub(r"\bst\b", "saint", letters)
    kept = [char for char in letters if char.isalnum() or unicodedata.category(char) in ("Mc", "Lm")]
    return "".join(kept).replace("\u0131", "i").replace("\u00f8", "o").replace("\u0142", "l")


_ALIASES = {
    name: region
    for region, names in {
        "AE": "uae emirates \u0627\u0644\u0627\u0645\u0627\u0631\u0627\u062a",
        "AT": "a",
        "BA": "bosnia bosniaherzegovina bih",
        "BE": "b",
        "BO": "plurinationalstateofbolivia",
        "BN": "bruneidarussalam",
        "CD": "democraticrepublicofthecongo democraticrepublicofcongo drc drcongo congodr congokinshasa zaire "
        "congothedemocraticrepublicofthe",
        "CG": "republicofthecongo republicofcongo congobrazzaville",
        "CH": "schweiz suisse svizzera switzerland sui",
        "CI": "ivorycoast",
        "CN": "prc prchina mainlandchina peoplesrepublicofchina zhongguo",
        "CV": "capeverde",
        "CZ": "czechrepublic czech ceskarepublika",
        "DE": "deutschland d brd ger westgermany federalrepublicofgermany",
        "DK": "den",
        "ES": "e",
        "FM": "federatedstatesofmicronesia",
        "FR": "f",
        "GB": "uk eng sco wal greatbritain england scotland wales northernireland britain unitedkingdomofgreatbritain "
        "unitedkingdomofgreatbritainandnorthernireland",
        "GR": "hellas gre",
        "HK": "hongkong hongkongsar hongkongchina chinahongkong chinahongkongsar",
        "HR": "cro",
        "HU": "h",
        "ID": "republikindonesia",
        "IE": "eire republicofireland",
        "IN": "bharat",
        "IT": "i",
        "JP": "nippon",
        "KP": "democraticpeoplesrepublicofkorea dprk dprkorea northkorea",
        "KR": "korea \ud55c\uad6d republicofkorea rok southkorea korearep",
        "LA": "laopeoplesdemocraticrepublic laopdr",
        "LU": "l",
        "MK": "macedonia fyrom formeryugoslavrepublicofmacedonia",
        "MM": "burma myanmar",
        "MO": "macau macausar macaochina chinamacao",
        "MX": "mejico estadosunidosmexicanos unitedmexicanstates",
        "NL": "holland thenetherlands ned",
        "NO": "n",
        "NZ": "aotearoa",
        "PS": "palestine stateofpalestine occupiedpalestinianterritory palestinianterritory",
        "PH": "phl pilipinas",
        "PT": "p por",
        "RU": "russianfederation",
        "SA": "ksa",
        "SE": "s",
        "SK": "slovakrepublic slovenskarepublika",
        "SY": "syrianarabrepublic",
        "SZ": "swaziland",
        "TL": "easttimor",
        "TR": "turkey turkiye",
        "TT": "trinidad",
        "TW": "republicofchina taiwanprovinceofchina taiwanroc",
        "TZ": "unitedrepublicoftanzania",
        "US": "usa unitedstatesofamerica america us unitedstates eeuu euausa eua vs estadosunidos etatsunis",
        "VA": "holysee vatican",
        "VE": "bolivarianrepublicofvenezuela",
        "VG": "britishvirginislands virginislandsbritish bvi",
        "VI": "usvirginislands virginislandsus usvi",
        "VN": "socialistrepublicofvietnam",
        "ZA": "rsa suidafrika southafrica",
    }.items()
    for name in map(_fold, names.split())
}
"""What people write that no list of names has: folded. The single letters are those on cars."""

_SEVERAL = frozenset(("congo",))
"""Names that are two countries to those who write them."""

_OFFICIAL = re.compile(
    r"^(?:the\s+)?(?:(?:united|federal|islamic|plurinational|bolivarian|socialist|democratic|co-?operative|arab)\s+)*"
    r"(?:republic|kingdom|states?|commonwealth|federation|principality|sultanate|union|grand duchy)\s+of\s+(?:the\s+)?"
    r"|^the\s+",
    re.IGNORECASE,
)
_NOT_BY_ITS_NAME = ("korea", "china", "congo", "ireland", "guinea")
"""Names that are one country with "Republic of" before them and another without."""


def region_named(text: str) -> str:
    """Return the region that a name or an ISO 3166 code of letters or digits means, or ""."""
    folded = _fold(text)
    if not folded or folded in _SEVERAL:
        return ""
    inverted = " ".join(reversed(text.split(","))) if text.count(",") == 1 else ""
    for candidate in filter(None, (folded, _fold(inverted), *_without_office(text), *_without_office(inverted))):
        for known in _tables():
            if candidate in known:
                return known[candidate]
    return ""


def region_numbered(digits: str) -> str:
    """Return the region of a number of ISO 3166 (three digits), or ""."""
    return _iso_codes().get(digits, "")


def _without_office(text: str) -> Iterator[str]:
    short = _fold(_OFFICIAL.sub("", text.strip()))
    if short and short != _fold(text) and not any(name in short for name in _NOT_BY_ITS_NAME):
        yield short


def _tables() -> Iterator[dict[str, str]]:
    """The names to look into, those that are at hand first."""
    yield _ALIASES
    yield _iso_codes()
    yield _names("en")
    yield _names(*_USUAL)
    yield _names(*_OTHERS)


@functools.cache
def _iso_codes() -> dict[str, str]:
    aliases = babel.core.get_global("territory_aliases")
    return {
        code.casefold(): regions[0]
        for code, regions in aliases.items()
        if len(code) == 3 and len(regions) == 1 and is_region(regions[0])
    }


@functools.cache
def _names(*languages: str) -> dict[str, str]:
    meant: dict[str, set[str]] = {}
    for language in languages:
        # The names of a language's own country are in its data; what it inherits is in another language's.
        territories = babel.localedata.load(language, merge_inherited=False).get("territories", {})
        for region, name in territories.items():
            folded = _fold(name)
            if folded and is_region(region):
                meant.setdefault(folded, set()).add(region)
    # A word that is one country here and another there means neither.
    return {name: regions.copy().pop() for name, regions in meant.items() if len(regions) == 1}
