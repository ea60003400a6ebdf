"""What the cells of a column say about consent."""

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from pipeline.reader.consent._headers import known_pieces, phrases, read_header, turns_round
from pipeline.reader.consent._languages import LANGUAGES
from pipeline.reader.consent._tokens import plain, split_header, words_of
from pipeline.values import Struct

Word = Literal["blank", "yes", "no", "out", "given", "open", "date", "other"]
"""What a cell says: `out` and `given` whatever the header is, `open` neither, `other` nothing that is known."""

_NOTHING = frozenset(
    (
        "",
        "null",
        "(null)",
        "<null>",
        "none",
        "n/a",
        "#n/a",
        "na",
        "nan",
        "nil",
        "undefined",
        "empty",
        "blank",
        "not set",
        "unset",
        "-",
        "--",
        "—",
        "–",
        "\\n",
        "?",
    )
)

_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|okt|dez|dic|ene|abr|ago|set|out|mrt|mei|maj|kwi|fev|avr|juin|juil|gen|mag|giu|lug|ott)\w*"
_DATE = re.compile(
    rf"""
    \d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?:[ t,]+\d.*)?
    | \d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d{{2}})(?:,?[ t]+\d.*)?
    | (?:19|20)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:t?\d{{4,6}}z?)?
    | 1\d{{9}} | 1\d{{12}}
    | (?:\w{{2,9}}\.?,?\ )?\d{{1,2}}\.?[ -](?:de\ )?{_MONTHS}\.?,?[ -](?:de\ )?\d{{2,4}}(?:,?\ .*)?
    | (?:\w{{2,9}}\.?,?\ )?{_MONTHS}\.?\ \d{{1,2}}(?:st|nd|rd|th)?,?\ \d{{2,4}}(?:,?\ .*)?
    """,
    re.VERBOSE,
)
_NO_DATE = re.compile(r"0{4}-00-00.*|0+/0+/0+.*|0001-01-01.*|1900-01-0[01].*")
"""How programs write that there is no date."""

_BRACKETED = re.compile(r"[(<\[](.*)[)>\]]")
_NO_VALUE = frozenset(("(no value)", "<no value>", "[no value]", "no value"))
"""How programs write a blank; without brackets `no` would begin it."""

_DIVIDED = re.compile(r"\s+[-–—]\s+|[,;:/(]")
_PARTS = re.compile(r"[;,|/\n]|:::")
_LONGEST_WORDS = 60
_LONGEST_TEXT = 240
"""Characters of a note that are read for a no in the middle of it."""

ALONE = frozenset(("stop", "stopall", "stop all", "unsubscribe", "arret", "baja", "stopp", "sluta"))
"""Keywords by which people opt out: they say no where they are all that a cell says."""

_KEYWORDS = ALONE - {"baja"}
"""Those that are no everyday words: a priority may be `baja`."""

_MESSAGES = re.compile(r"mensaj|mensag|messag|nachricht|wiadomosc|berichten|meddeland")


@functools.cache
def _words() -> Mapping[str, Word]:
    said: tuple[tuple[Word, str], ...] = tuple(
        pair for each in LANGUAGES for pair in (("yes", each.yes), ("no", each.no))
    )
    found = {plain(word): kind for kind, words in said for word in words.split()}
    return found | dict.fromkeys(_NOTHING, "blank")


@functools.cache
def _said() -> re.Pattern[str]:
    return phrases((each.said for each in LANGUAGES), whole=True)


@functools.cache
def _said_within() -> re.Pattern[str]:
    return phrases(each.said for each in LANGUAGES)


@functools.cache
def _patterns() -> tuple[tuple[Word, re.Pattern[str]], ...]:
    # What is open comes before what is given: "not opted in", and before what says no: "no consent".
    return (
        ("out", _said()),
        ("open", phrases((each.open for each in LANGUAGES), whole=True)),
        ("out", phrases((each.out for each in LANGUAGES), whole=True)),
        ("given", phrases((each.given for each in LANGUAGES), whole=True)),
    )


@functools.lru_cache(maxsize=8192)
def read_cell(cell: str) -> Word:
    """Return what a cell says."""
    text = plain(cell).strip()
    word = _words().get(text) or _words().get(_BRACKETED.sub(r"\1", text))
    if word or text in _NO_VALUE:
        return word or "blank"
    if _NO_DATE.fullmatch(text):
        return "blank"
    if _DATE.fullmatch(text):
        return "date"
    if len(text) > _LONGEST_WORDS:
        return "other"
    words = words_of(cell)
    return next(
        (kind for kind, pattern in _patterns() if pattern.match(words)),
        # A lone sign may be the tick of the column: it says nothing for sure.
        _words().get(words) or _agreed(cell) if words else "other",
    )


def _agreed(cell: str) -> Word:
    """Return what all parts of a cell say: `No - unsubscribed` says no twice, `No (declined)` too."""
    parts = [part.strip(" )") for part in _DIVIDED.split(cell) if part.strip(" )")]
    said = {read_cell(part) for part in parts} if len(parts) > 1 else set()
    return "out" if "out" in said and said <= {"out", "no"} else "other"


_TELLING = re.compile(
    "opt|unsub|text|txt|sms|contact|disturb|dnc|dnt|dnd|stop|consent|suppress|black|block|solicit|market|message|send"
    "|abgem|abmeld|ausgetr|einwill|zustimm|widerr|widersp|kontakt|anschr|werb|nachricht|desabon|desinscr|envoyer|pub|derang"
    "|baja|desuscri|mensa|enviar|molest|descadast|contat|inscri|perturb|incomod|disiscri|messag|consens|inviare|disturb"
    "|uitgeschr|afgem|benader|bericht|reclame|toestem|wypis|rezygn|zgod|sprzeciw|wysyl|pisac|avregist|avanm|avprenum"
    "|utskick|reklam|samtyck|meddel|skicka"
)
"""A part of every phrase that says no in whatever column it stands."""


def may_say_no(cells: Iterable[str]) -> bool:
    """Whether a cell may say no in whatever column it stands: quickly, for the many columns in which none does."""
    return bool(_TELLING.search(plain("\n".join(cells))))


def says_no(words: str) -> bool:
    """Whether plain words (see `words_of`) are all of a phrase that says no in whatever column it stands."""
    return bool(_said().match(words))


def says_no_anywhere(cell: str) -> bool:
    """Whether a cell, or one of the parts that it lists, says no in whatever column it stands."""
    return any(_says_no(part) for part in _PARTS.split(cell) if 2 < len(part) <= _LONGEST_TEXT)


@functools.lru_cache(maxsize=8192)
def _says_no(part: str) -> bool:
    words = words_of(part)
    if words in _KEYWORDS or _said().match(words):
        return True
    # Cells may be glued as headers are (`DoNotText`), and say it among other words (`vip SMS Opt Out`).
    words = split_header(part, *known_pieces())
    said = any(not turns_round(words[: found.start()]) for found in _said_within().finditer(words))
    return said or _names_an_opt_out(part)


def _names_an_opt_out(part: str) -> bool:
    """Whether a cell would, as a header, name an opt-out of texts: `ne veut plus de SMS`."""
    said = read_header(part)
    of_texts = said.texting or bool(_MESSAGES.search(plain(part)))
    return said.side == "no" and of_texts and not (said.weak or said.negated or said.about)


def is_keyword(cell: str) -> bool:
    """Whether a cell is nothing but a word such as STOP, which may also be said of other things."""
    return words_of(cell) in ALONE


def denies_an_opt_out(cell: str) -> bool:
    """Whether a cell says that there is no opt-out: `Not opted out`."""
    first, _, rest = words_of(cell).partition(" ")
    return turns_round(first) and says_no(rest)


class CellWords(Struct, frozen=True):
    """The cells of a column by what they say; `counts` are rows, by the cell as it is written first."""

    by_word: Mapping[Word, Mapping[str, int]]

    def of(self, *words: Word) -> dict[str, int]:
        """Return the cells that say one of these, with their rows."""
        return {cell: count for word in words for cell, count in self.by_word.get(word, {}).items()}

    def rows(self, *words: Word) -> int:
        """Return how many rows say one of these."""
        return sum(self.of(*words).values())

    def moved(self, word: Word, chosen: Callable[[str], bool]) -> "CellWords":
        """Return the same cells, of which the chosen ones say `word`."""
        found: dict[Word, dict[str, int]] = {}
        for said, cells in self.by_word.items():
            for cell, rows in cells.items():
                found.setdefault(word if chosen(cell) else said, {})[cell] = rows
        return CellWords(found)

    @property
    def filled(self) -> int:
        """How many rows say anything."""
        return sum(sum(cells.values()) for word, cells in self.by_word.items() if word != "blank")

    @property
    def blanks(self) -> int:
        """How many rows say nothing."""
        return self.rows("blank")

    def only(self, *words: Word) -> bool:
        """Whether all filled cells say one of these."""
        return self.filled == self.rows(*words)


def read_cells(counts: Mapping[str, int]) -> CellWords:
    """Return what the cells of a column say; cells that differ in capitals only are one."""
    found: dict[Word, dict[str, int]] = {}
    first: dict[str, str] = {}
    for cell, count in counts.items():
        text = cell.strip()
        written = first.setdefault(text.casefold(), text)
        cells = found.setdefault(read_cell(text), {})
        cells[written] = cells.get(written, 0) + count
    return CellWords(found)
