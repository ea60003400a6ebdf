"""States and provinces of North America: a column of them proves where its addresses are."""

from collections.abc import Sequence

from pipeline.reader._folding import fold
from pipeline.reader.proposal._words import words_of


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_US_CODES = _words(
    """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH
    OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR
    """
)
_US_CERTAIN = _words(
    """
    AK FL HI IA ID IL KS KY LA MD NE NH NJ NM NY ND OH OK SD TX WI WV WY
    """
)
"""Codes that are none of the states and provinces of Brazil, Italy, India or Australia."""

_CA_CODES = _words(
    """
    AB BC MB NB NL NS NT NU ON PE QC SK YT
    """
)
_CA_CERTAIN = _words(
    """
    AB BC MB NS NU ON QC YT
    """
)

_US_NAMES = _words(
    """
    alabama alaska arizona arkansas california colorado connecticut delaware florida hawaii idaho illinois
    indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri
    nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia washington wisconsin
    wyoming
    """
) | {
    *("newhampshire", "newjersey", "newmexico", "newyork", "northcarolina", "northdakota", "rhodeisland"),
    *("southcarolina", "southdakota", "westvirginia", "districtofcolumbia", "washingtondc"),
}
"""Georgia is a country as well, and left out."""

_CA_NAMES = frozenset(
    (
        *("alberta", "britishcolumbia", "manitoba", "newbrunswick", "newfoundlandandlabrador", "newfoundland"),
        *("novascotia", "ontario", "princeedwardisland", "quebec", "saskatchewan", "yukon", "nunavut"),
        "northwestterritories",
    )
)
_HEADERS = frozenset(("state", "province", "states", "provinces", "stateprovince"))
_NEARLY_ALL = 0.9


def region_of_states(header: str, cells: Sequence[str]) -> str:
    """Return US or CA where a column holds states of there and nothing that is as well another country's, else ""."""
    if not _HEADERS.intersection(words_of(header)):
        return ""
    filled = [cell for cell in cells if cell]
    for region, codes, certain, names in (
        ("US", _US_CODES | _CA_CODES, _US_CERTAIN, _US_NAMES | _CA_NAMES),
        ("CA", _CA_CODES, _CA_CERTAIN, _CA_NAMES),
    )[::-1]:
        fitting = sum(cell.upper() in codes or fold(cell) in names or fold(cell) == "georgia" for cell in filled)
        sure = any(cell.upper() in certain or fold(cell) in names for cell in filled)
        if sure and fitting >= _NEARLY_ALL * len(filled):
            return region
    return ""
