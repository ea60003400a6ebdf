"""Where a number ends: extensions, labels and alternatives that stand behind it are no digits of it."""

import re
from collections.abc import Callable

from pipeline.values import Struct

FULL_NUMBER_DIGITS = 7
"""A part of a cell with this many digits is a number of its own: no area code is that long."""

_DASH_LETTER = "\u30fc"
"""The Japanese long-vowel mark is a letter to Unicode, and a dash between the digits of a Japanese number."""

_EXTENSION_WORDS = (
    r"e?xt(?:ensi(?:o|\u00f3|o\u0301)n?|n)?|xtn?|xtensi(?:o|\u00f3|o\u0301)n?|xx?|extens(?:a|\u00e3)o|poste|anexo|"
    r"int(?:ern[oe]?)?|app(?:arat)?|durchwahl|dw|nebenstelle|nst|ramal|rml?|toestel|tst|doorkiesnummer|linja|linka|"
    r"anknytning|ankn|lokal(?:nr)?|klapka|kl|wew(?:n|n\u0119trzny)?|alanumero|mell\u00e9k|dahili|d\u00e2hil\u00ee|"
    r"interior|opt(?:ion)?|\u0434\u043e\u0431|\u0432\u043d(?:\u0443\u0442\u0440)?|\u5206\u6a5f|\u5206\u673a|"
    r"\u5185\u7dda|\u5185\u7ebf|\u5167\u7dda|\ub0b4\uc120"
)
_EXTENSION = re.compile(
    rf"[\s,;.~(\[-]*(?<![^\W\d_])(?:(?:{_EXTENSION_WORDS})(?![^\W\d_])|#)"
    r"[\s:.,=#-]*(\d{1,20}(?:[/-]\d{1,4})*)#?\s*[)\]]?$",
    re.IGNORECASE,
)

_LABELS = (
    r"mobile|mobil|mobiel|m[o\u00f3]vil|m[o\u00f3]vel|cell?|cell\s?phone|celular|cellulare|cellular|handy|portable|"
    r"gsm|komm?|kom\u00f3rka|home|house|casa|privat|private|privado|priv\u00e9|domicile|thuis|hem|hjem|dom|zuhause|"
    r"work|office|business|b\u00fcro|buero|arbeit|gesch\u00e4ftlich|dienstlich|trabajo|trabalho|oficina|bureau|"
    r"travail|ufficio|lavoro|werk|praca|jobb|arbejde|firma|main|direct|direkt|landline|land\s?line|festnetz|fixe|"
    r"fijo|fixo|fisso|vast|personal|day(?:time)?|evening|phone|tel|tlf|telephone|t\u00e9l\u00e9phone|telefon|"
    r"tel[e\u00e9]fono|telefone|telefoon|fon|ph|sms|text|whats\s?app|primary|preferred|"
    rf"[hwmcotp]|{_EXTENSION_WORDS}"
)
"""What people call a line that can be called. A fax is none of them."""

_LABEL_BEHIND = re.compile(rf"[\s,;:/.([-]*(?<![^\W\d_])(?:{_LABELS})\.?\s*[)\]]?$", re.IGNORECASE)
_LABEL_IN_BRACKETS = re.compile(rf"\s*[(\[]\s*(?:{_LABELS})\.?\s*[)\]]$", re.IGNORECASE)
_LABEL_BEFORE = re.compile(rf"(?:{_LABELS})(?:\s*[.:]+\s*|\s+)(?=[+(\d])", re.IGNORECASE)

_FIRST_WORD = re.compile(r"[^\w#]*(?:[^\W\d_]|#)")
"""Where the first word begins, with the signs before it: no extension and no label behind a number begins earlier."""

_LETTER = re.compile(rf"[^\W\d_{_DASH_LETTER}]")
"""A letter, or a sign for a number such as \u00b2."""

_NEVER_VANITY = 10
"""So many digits are a whole number already: a word behind them stands for no keys."""

_ASCII_DIGITS = re.compile("[0-9]+")
_CUT = re.compile(r"[/\\~\u2053\u223c*\[(]")
_ENDS_IN_BRACKETS = re.compile(r"[(\[]\D*(\d[\d\s.-]*)[)\]]?\D*$")
_LONGEST_TAIL = 3
_LONGEST_IN_BRACKETS = 4
_LONGEST_EXTENSION = 6


class Ending(Struct, frozen=True):
    """A number and what stands behind it: digits of an extension, or of a second number."""

    number: str
    digits: str
    is_alternative: bool


def digits_of(text: str) -> str:
    """Return the ASCII digits of a text."""
    return "".join(_ASCII_DIGITS.findall(text))


def has_letters(text: str) -> bool:
    """Whether a text holds a letter that is no dash."""
    found = _LETTER.search(text)
    if found is None:
        return False
    return found[0].isalpha() or any(char.isalpha() and char != _DASH_LETTER for char in text)


def _search_behind(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Search for an extension or a label where one can be; anywhere would take ten times as long."""
    word = _FIRST_WORD.search(text)
    return pattern.search(text, word.start()) if word else None


def names_extension(part: str) -> bool:
    """Whether a part of a cell says itself that it is an extension or a parameter."""
    return "=" in part or part.endswith("#") or bool(_EXTENSION.match(part))


def split_extension(text: str) -> tuple[str, str]:
    """Return the text without the extension that it names, and that one's digits."""
    found = _search_behind(_EXTENSION, text)
    if found and len(digits_of(text[: found.start()])) >= 3:
        return text[: found.start()].strip(), found[1]
    return text, ""


def drop_plain_labels(text: str) -> str:
    """Return a text without a label before it, in brackets behind it, or behind so many digits that it is whole."""
    if not has_letters(text):
        return text
    before = _LABEL_BEFORE.match(text)
    text = text[before.end() :] if before else text
    behind = _search_behind(_LABEL_IN_BRACKETS, text)
    if not behind:
        behind = _search_behind(_LABEL_BEHIND, text)
        behind = behind if behind and len(digits_of(text[: behind.start()])) >= _NEVER_VANITY else None
    return text[: behind.start()].strip() if behind and digits_of(text[: behind.start()]) else text


def drop_label(text: str) -> str:
    """Return a text without the label behind it, which a vanity number might have for its keys."""
    found = _search_behind(_LABEL_BEHIND, text)
    return text[: found.start()].strip() if found else text


def find_ending(text: str, is_number: Callable[[str], bool]) -> Ending | None:
    """Return where a number ends in a text that goes on behind a slash, a bracket or the like, or None.

    `is_number` says whether a text is a valid number. Where nothing before such a mark is one, the mark divides the
    number itself (`030/1234567`).
    """
    for mark in _CUT.finditer(text):
        number, rest = text[: mark.start()].strip(), text[mark.start() :]
        digits = digits_of(rest)
        if digits and len(digits_of(number)) >= 3 and is_number(number):
            is_alternative = mark[0] in "/\\~\u2053\u223c" or len(digits) > _LONGEST_EXTENSION
            return Ending(number, digits, is_alternative)
    return None


def has_doubtful_end(text: str) -> bool:
    """Whether the last digits may be no part of the number, though nothing before them is one: `12345/6`, `123 (4)`."""
    bracket = _ENDS_IN_BRACKETS.search(text)
    if bracket and digits_of(text[: bracket.start()]) and len(digits_of(bracket[1])) <= _LONGEST_IN_BRACKETS:
        return True
    head, slash, tail = text.rpartition("/")
    few = 1 if "/" in head else _LONGEST_TAIL
    return bool(slash) and 0 < len(digits_of(tail)) <= few and bool(digits_of(head))
