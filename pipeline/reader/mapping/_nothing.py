"""Cells that stand for nothing: what spreadsheets write for a failed formula, what programs write for no value."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pipeline.values import Struct, field

_ENGLISH = (
    "#NAME? #REF! #VALUE! #DIV/0! #NUM! #NULL! #N/A #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #UNKNOWN! #BUSY!"
    " #PYTHON! #EXTERNAL! #TIMEOUT! #GETTING_DATA #ERROR! #ERR! #MACRO?"
)
_OTHERS = (
    "#BEZUG! #WERT! #ZAHL! #NV #ÜBERLAUF! #FELD! #KALK! #BLOCKIERT! #UNBEKANNT!"  # German
    " #NOM? #VALEUR! #NOMBRE! #NUL! #EPARS! #PROPAGATION! #CHAMP! #CALCUL!"  # French
    " #¿NOMBRE? #¡REF! #¡VALOR! #¡DIV/0! #¡NUM! #¡NULO! #¡DESBORDAMIENTO! #N/D"  # Spanish
    " #NOME? #VALOR! #NÚM! #NULO! #DESPEJAR! #DERRAMAR! #VALORE! #RIF! #NULLO! #ESPANSIONE!"  # Portuguese, Italian
    " #NAAM? #WAARDE! #VERW! #GETAL! #DEEL/0! #N/B #LEEG! #OVERLOPEN!"  # Dutch
    " #NAZWA? #ARG! #ADR! #LICZBA! #DZIEL/0! #N/D! #ZERO! #ROZLANIE!"  # Polish
    " #NAMN? #VÄRDEFEL! #REFERENS! #REFERENS #OGILTIGT! #DIVISION/0! #SAKNAS! #SKÄRNING! #SPILL!"  # Swedish
    " #NAVN? #VERDI! #VÆRDI! #I/T #REFERENCE! #NUL!"  # Danish and Norwegian
)
_CALC = frozenset(f"Err:{number}" for number in range(501, 541))
"""The errors of LibreOffice."""

ERROR_WORDS: Final = frozenset((*_ENGLISH.split(), *_OTHERS.split())) | _CALC
"""What stands in a cell whose formula failed. No cell of them holds what a person meant."""

_TOO_NARROW = re.compile("#{3,}")
"""What a spreadsheet shows where a column is too narrow for its number."""

# The dashes are those that people type for nothing.
_SIGNS = "- -- --- \u2013 \u2014 . \\N (null) <null> [null] (none) <none> (blank) <blank> (empty) n.a. n.a #N/A"
_WORDS = "null none nil nan na n/a undefined"
NULL_WORDS: Final = frozenset(
    (*_SIGNS.split(), *(form for word in _WORDS.split() for form in (word, word.upper(), word.title())), "NaN", "N/a")
)
"""What programs write for no value, each way of writing it. Some are people's names as well."""

NAME_LIKE: Final = frozenset(("Null", "Nil", "Nan", "Na"))
"""Those of them that somebody may be called."""

_SUSPECTS = ERROR_WORDS | NULL_WORDS


def is_error(cell: str) -> bool:
    """Whether a cell (stripped) is what a spreadsheet writes for a formula that failed or a number without room."""
    return cell in ERROR_WORDS or cell.upper() in ERROR_WORDS or _TOO_NARROW.fullmatch(cell) is not None


class OddCells(Struct, frozen=True):
    """Cells of a column of texts that may stand for nothing: `errors` do, by their places; `notes` count both."""

    errors: frozenset[int] = frozenset()
    notes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


_NONE = OddCells()


def find_odd(cells: Sequence[str], whole: str, null_values: Sequence[str]) -> OddCells:
    """Look for such cells. `whole` is all the cells in one text; what the settings call blank is not mentioned."""
    if "#" not in whole and "Err:" not in whole and _SUSPECTS.isdisjoint(cells):
        return _NONE
    known = frozenset(null_values)
    notes: dict[int, tuple[str, ...]] = {}
    errors = set()
    for place, cell in enumerate(map(str.strip, cells)):
        if not cell or cell in known:
            continue
        if is_error(cell):
            errors.add(place)
            notes[place] = ("error_value",)
        elif cell in NULL_WORDS:
            notes[place] = ("null_word",)
    return OddCells(frozenset(errors), notes)
