"""Judge a column by the words of its header and by its cells: does it say who must not be texted, and how?"""

import re
from collections.abc import Iterable, Mapping

from pipeline.reader.consent._cells import (
    CellWords,
    Word,
    denies_an_opt_out,
    is_keyword,
    may_say_no,
    read_cell,
    read_cells,
    says_no_anywhere,
)
from pipeline.reader.consent._headers import HeaderWords, may_speak, read_header
from pipeline.reader.consent._tokens import plain
from pipeline.reader.consent._verdict import (
    HARMLESS,
    IGNORE,
    OPTED_OUT,
    Kind,
    Suggestion,
    Verdict,
    cells_that_say,
    dates_mean,
    filled_means,
    mapped,
)
from pipeline.showing import quoted
from pipeline.values import replace

_USUAL = frozenset(("yes", "y", "true", "t", "1", "no", "n", "false", "f", "0"))
"""Cells that the target understands without a map."""

_PAIRS = (
    *(("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("1", "0"), ("on", "off"), ("checked", "unchecked")),
    *(
        ("ja", "nein"),
        ("ja", "nee"),
        ("ja", "nej"),
        ("oui", "non"),
        ("o", "n"),
        ("si", "no"),
        ("sí", "no"),
        ("sì", "no"),
    ),
    *(("sim", "não"), ("s", "n"), ("tak", "nie"), ("wahr", "falsch"), ("vrai", "faux"), ("vero", "falso")),
    *(("verdadero", "falso"), ("verdadeiro", "falso"), ("subscribed", "unsubscribed"), ("granted", "denied")),
    *(("opted in", "opted out"), ("opted_in", "opted_out"), ("opted-in", "opted-out"), ("opt in", "opt out")),
)
"""What stands in a column beside a word that was seen there, and may come later."""

_UNCLEAR_IN_NEGATIVE = re.compile(
    r"confirm|accept|grant|approv|verif|given|agree|ok|declin|refus|reject|deni|revok|withdr|bestatigt|acept|accett|aceit"
)
"""Words that may mean both in a column of opt-outs: is an opt-out that is `confirmed` a yes?"""

_NAMES_OUT = re.compile(
    r"out|unsub|abgemeld|abbestell|desabonn|desinscri|baja|descadastr|disiscri|uitgeschreven|afgemeld|wypisan|avregistr|stop"
)
_NAMES_IN = re.compile(
    r"\bin\b|opted.?in|subscri|abonn|inscri|suscri|iscri|angemeldet|ingeschreven|aangemeld|zapisan|textable|allow|erlaubt"
)
"""Words that name an opt-out, or its opposite, by themselves."""

_NO_PERMISSION = re.compile(r"active|activo|ativo|attivo|aktiv|actief|actif|aktywn|ok|okay|verified|confirmed")
"""Statuses that say that nothing is wrong, and not that somebody agreed."""

_DENIALS = (
    r"(?is)^(no|n|false|f|0|off|nein|non|nee|nej|nie|nao|não|falsch|faux|falso|no\W.*|(inactiv|inaktiv|inactif|disabled|paused).*)$"
    r"|^.*(opt.?out|unsub|stop|revok|withdr|declin|refus|den[iy]|reject|never|\bnot\b|don.?t|widerr|abgem|d[eé]sabo|\bbaja\b|cofn|[åa]terkall).*$"
)
"""Cells that deny it, in a column that says who agreed: what comes later is not taken for a permission."""

_STATE = re.compile(
    r"inactiv|inaktiv|inactif|inattiv|inativ|nieaktyw|disabl|deactiv|deaktiv|desactiv|paus|\boff\b|suspend|gesperrt"
)
"""Statuses that may say that somebody is not to be texted."""

_MOSTLY = 0.6
_MOST_SHOWN = 4
_ENOUGH_DIGITS = 7
_MOST_WRITTEN = 30
"""Distinct cells up to which a map is written."""

_SAID: Mapping[Word, str] = {"yes": "yes", "no": "no", "out": "yes", "given": "no"}


def judge(header: str, cells: Mapping[str, int]) -> Verdict:
    """Return what a column says about consent; `cells` counts the rows that hold each of its cells, blanks as ""."""
    if not may_speak(header) and not may_say_no(cells):
        return HARMLESS
    words, found = read_header(header), read_cells(cells)
    if words.elsewhere:
        return _elsewhere(words, found)
    if words.negated:
        return _turned_round(words, found)
    only_measures = words.measures and not found.only(*_SAYINGS, "date")
    if only_measures or not words.side:
        return replace(_by_cells(words, found), permission=bool(found.rows("given")))
    if words.side == "no":
        return _negative(words, found)
    return replace(_positive(words, found), permission=True)


def ask_about_noes(seen: Iterable[str], noes: Mapping[str, int]) -> Verdict:
    """Return the question about a column in which some cells say no; `noes` counts their rows, `seen` are all cells."""
    return _asked_by_cells(read_cells({**dict.fromkeys(seen, 1), **noes}), noes)


def says_consent(header: str) -> bool:
    """Whether a header by itself speaks of consent to being texted: such a column holds no phone."""
    words = read_header(header) if may_speak(header) else None
    return words is not None and bool(words.side) and not words.weak


def _elsewhere(words: HeaderWords, found: CellWords) -> Verdict:
    said = {cell: rows for cell, rows in _said_no(found).items() if read_header(cell).texting}
    if said:
        return _asked_by_cells(found, said)
    tells = words.about and not found.only(*_SAYINGS)
    if tells or not (words.side or found.rows("out")):
        return HARMLESS
    return Verdict(Kind.OTHER_CHANNEL, f"it speaks of {words.other_channel}, not of texts, so nothing is taken from it")


def _turned_round(words: HeaderWords, found: CellWords) -> Verdict:
    """A header whose words are turned round: `Not Opted Out`, `DNC removed`, `Without consent`, `SMS No`."""
    if found.rows("out") and found.only("out", "given", "open") and not _unclear(found):
        return _statuses(found)
    if not words.side:
        return _asked_direction(found) if found.filled and found.only("yes", "no") else HARMLESS
    if (words.weak or words.about) and not (found.filled and found.only(*_SAYINGS)):
        return HARMLESS
    return replace(_asked_direction(found, out_first=words.side == "yes"), permission=words.side == "yes")


# --- columns of opt-outs ----------------------------------------------------------------------------------------------


def _negative(words: HeaderWords, found: CellWords) -> Verdict:
    found = found.moved("given", denies_an_opt_out)
    if not found.filled:
        target = filled_means("yes", nothing=True) if words.is_date else OPTED_OUT
        blank = Verdict(Kind.MAPPED, "its name says opted out; no cell is filled yet", target, sure=False)
        return HARMLESS if words.weak or words.about else blank
    if words.about and not found.only("yes", "no"):
        return _about_an_opt_out(found)
    if found.only("yes", "no", "out", "given") and not _unclear(found) and not _is_one_sign(found):
        return _written_out(found, "its name says opted out", _SAID)
    if found.only("date"):
        return _dates_of_no(words, found)
    if found.rows("date") >= _MOSTLY * found.filled:
        return HARMLESS if words.weak else _mostly_dates(found)
    return HARMLESS if words.weak else _unusual_opt_outs(found)


def _unusual_opt_outs(found: CellWords) -> Verdict:
    if _is_one_sign(found):
        return _asked_sign(found)
    mostly = found.rows("yes", "no") >= _MOSTLY * found.filled and not found.rows("out", "open", "date")
    return _with_odd_words(found) if mostly else _asked_negative(found)


def _is_one_sign(found: CellWords) -> bool:
    """Whether a cross or the like is all that a column ever shows: it may mark those who are opted out."""
    cells = found.of("no", "other")
    return bool(found.blanks) and len(cells) == 1 and found.only("no", "other") and not any(map(str.isalnum, *cells))


def _asked_sign(found: CellWords) -> Verdict:
    sign = _filled(found)
    reason = f"its name says opted out, and all that it ever shows is {_shown(sign)}, in {_rows(found.filled)}. Does that mark an opt-out?"
    answers = [
        Suggestion(mapped(dict.fromkeys(sign, word) | _nothings(found, blank)), f"{_shown(sign)} {meaning}")
        for word, blank, meaning in (
            ("yes", "no", "is opted out, a blank may be texted"),
            ("no", "yes", "may be texted, a blank is opted out"),
            ("no", "no", "may be texted, and so may a blank"),
        )
    ]
    return Verdict(Kind.QUESTION, reason, suggestions=(*answers, IGNORE))


def _unclear(found: CellWords) -> bool:
    """Say whether cells may mean both in a column of opt-outs: `active` is an opt-out that is on, or a contact that is.

    Beside words that name the opt-out itself, it is the contact.
    """
    outs, given = [[plain(cell) for cell in found.of(word)] for word in ("out", "given")]
    if any(map(_UNCLEAR_IN_NEGATIVE.search, (*outs, *given))) or "disabled" in outs:
        return True
    return not any(map(_NAMES_OUT.search, outs)) and not all(map(_NAMES_IN.search, given))


def _dates_of_no(words: HeaderWords, found: CellWords) -> Verdict:
    target = filled_means("yes", nothing=_has_words_for_nothing(found))
    rows = f"a date in {_rows(found.filled)} (opted out), none in {found.blanks:,} (not opted out)"
    if words.weak:
        reason = f"its name may speak of an opt-out, with a date in {_rows(found.filled)}. Does a date mean opted out?"
        return Verdict(Kind.QUESTION, reason, suggestions=(Suggestion(target, "a date is an opt-out"), IGNORE))
    return Verdict(Kind.MAPPED, f"the dates of an opt-out: {rows}", target, out_cells=_folded(found.of("date")))


def _mostly_dates(found: CellWords) -> Verdict:
    """Dates of an opt-out, and cells that are none."""
    odd = {cell: rows for cell, rows in _filled(found).items() if read_cell(cell) != "date"}
    reason = (
        f"the dates of an opt-out: one in {_rows(found.rows('date'))}; but {_shown(odd)} in {_rows(sum(odd.values()))} is"
        " no date. Are those opted out?"
    )
    dates = dates_mean("yes", found.of("date"), blank="")
    answers = [Suggestion(filled_means("yes", nothing=True), "whoever has a date or anything else here is opted out")]
    answers += (
        [Suggestion(dates, "whoever has a date is opted out; rows with other words are rejected")] if dates else []
    )
    return Verdict(Kind.QUESTION, reason, suggestions=(*answers, IGNORE))


def _with_odd_words(found: CellWords) -> Verdict:
    verdict = _written_out(found, "its name says opted out", _SAID)
    odd = _shown(found.of("other", "date"))
    return Verdict(
        verdict.kind,
        f"{verdict.reason}; rows with other words ({odd}) will be rejected",
        verdict.target,
        sure=False,
        out_cells=verdict.out_cells,
    )


def _about_an_opt_out(found: CellWords) -> Verdict:
    reason = f"it tells of an opt-out, and is filled in {_rows(found.filled)} ({_shown(_filled(found))}). Are those opted out?"
    filled = filled_means("yes", nothing=_has_words_for_nothing(found))
    answers = (Suggestion(filled, "whoever has anything here is opted out"), IGNORE)
    return Verdict(Kind.QUESTION, reason, suggestions=answers, about=True)


def _asked_negative(found: CellWords) -> Verdict:
    reason = f"its name says opted out, but it is not clear what {_unread(found)} mean. What do they mean?"
    noes = "|".join(re.escape(cell) for cell in found.of("no"))
    but = f"(?i)^({noes})$" if noes else ""
    filled = filled_means("yes", nothing=_has_words_for_nothing(found), but=but)
    answers = [Suggestion(filled, "whoever has anything here is opted out" + (", apart from the noes" if noes else ""))]
    if _can_be_mapped(found):
        answers.append(
            Suggestion(mapped(_meanings(found, _SAID, "yes")), f"as the words say; {_others(found)} are opted out")
        )
    if found.only("given", "open"):
        states = (
            dict.fromkeys(found.of("given"), "yes") | dict.fromkeys(found.of("open"), "no") | _nothings(found, "no")
        )
        given, others = _shown(found.of("given")), _shown(found.of("open"))
        answers.append(Suggestion(mapped(states), f"{given} is opted out; {others or 'a blank'} may be texted"))
    return Verdict(Kind.QUESTION, reason, suggestions=(*answers, IGNORE))


# --- columns of permissions -------------------------------------------------------------------------------------------

_INVERTED: Mapping[Word, str] = {"yes": "no", "no": "yes", "out": "yes", "given": "no"}


_SAYINGS: tuple[Word, ...] = ("yes", "no", "out", "given", "open")


def _positive(words: HeaderWords, found: CellWords) -> Verdict:
    says = bool(found.filled) and found.only(*_SAYINGS)
    if words.weak and not words.texting and found.filled and found.only("yes", "no"):
        # `Authorized` may be said of anything.
        return _asked_direction(found, out_first=False)
    if (words.weak or words.about) and not says:
        return HARMLESS
    if not found.filled:
        asked = _asked_blank(found, "it is blank in every row that was looked at")
        return HARMLESS if words.is_date or words.is_status else asked
    if found.only("date"):
        return _dates_of_yes(found)
    return _permission_words(words, found) if says else _asked_positive(found)


def _permission_words(words: HeaderWords, found: CellWords) -> Verdict:
    if found.rows("open"):
        return _asked_open(found, _INVERTED)
    if not found.blanks:
        return _permission(found)
    if words.is_status and not _permissions(found):
        return _written_out(found, "its cells are statuses", _INVERTED)
    return _asked_blank(found, _said_and_blank(found))


def _permission(found: CellWords) -> Verdict:
    """A column of permissions that is never blank. Should a blank come later, it is no permission."""
    verdict = _written_out(found, "its name says who may be texted, so a no is an opt-out", _INVERTED, plain_too=False)
    meanings = _meanings(found, _INVERTED) | {"": "yes"}
    reason = f"{verdict.reason}; no cell is blank, and one that comes later is no permission"
    return Verdict(Kind.MAPPED, reason, mapped(meanings), out_cells=verdict.out_cells)


def _asked_blank(found: CellWords, said: str) -> Verdict:
    meanings = _meanings(found, _INVERTED) or {"yes": "no", "no": "yes", "true": "no", "false": "yes"}
    answers = (
        Suggestion(mapped(meanings | _nothings(found, "yes")), "a blank is no permission: not to be texted"),
        Suggestion(mapped(meanings | _nothings(found, "no")), "a blank may be texted"),
        IGNORE,
    )
    blank = "people with a blank" if found.blanks else "people with a blank, if one comes later,"
    reason = f"its name says who may be texted: {said}. May {blank} be texted?"
    return Verdict(Kind.QUESTION, reason, suggestions=answers)


def _asked_open(found: CellWords, said: Mapping[Word, str]) -> Verdict:
    meanings = _meanings(found, said)
    undecided = found.of("open")
    what = f"{_shown(undecided)} {'is' if len(undecided) == 1 else 'are'} neither yes nor no" + (
        f", and the cell is blank in {_rows(found.blanks)}" if found.blanks else ""
    )
    answers = tuple(
        Suggestion(mapped(meanings | dict.fromkeys(undecided, word) | _nothings(found, word)), meaning)
        for word, meaning in (
            ("yes", f"{_shown(undecided)} and blanks are not to be texted"),
            ("no", f"{_shown(undecided)} and blanks may be texted"),
        )
    )
    reason = f"it says who may be texted: {_counted(found, said)}; but {what}. May they be texted?"
    return Verdict(Kind.QUESTION, reason, suggestions=(*answers, IGNORE))


def _asked_direction(found: CellWords, *, out_first: bool = True) -> Verdict:
    reason = f"its name speaks of consent, and it is not clear whether a yes means that somebody may be texted ({_shown(_filled(found))})"
    answers = [
        Suggestion(mapped(_both(found, _SAID) | _nothings(found, "no")), "a yes is an opt-out"),
        Suggestion(mapped(_both(found, _INVERTED) | _nothings(found, "yes")), "a yes may be texted"),
    ]
    return Verdict(Kind.QUESTION, reason, suggestions=(*(answers if out_first else reversed(answers)), IGNORE))


def _both(found: CellWords, said: Mapping[Word, str]) -> dict[str, str]:
    return _meanings(found, said, "yes") or {"yes": said["yes"], "no": said["no"]}


def _asked_positive(found: CellWords) -> Verdict:
    reason = f"its name says who may be texted, but it is not clear what {_unread(found)} mean. What do they mean?"
    if _can_be_mapped(found):
        unread = {cell for cell in found.of("open", "other", "date") if not says_no_anywhere(cell)}
        said = _meanings(found, _INVERTED, "yes") | _nothings(found, "yes")
        answers = [
            Suggestion(mapped(said), f"as the words say; {_others(found)} and blanks are not to be texted"),
            Suggestion(
                mapped(said | dict.fromkeys(unread, "no")),
                f"as the words say; {_shown(dict.fromkeys(sorted(unread), 1))} may be texted, blanks are not to be",
            ),
        ][: 2 if unread else 1]
    else:
        filled = filled_means("no", blank="yes", nothing=_has_words_for_nothing(found), but=_DENIALS)
        meaning = "anything here is a permission, but for a blank and words of denial"
        noes = found.rows("no", "out") or any(map(says_no_anywhere, _filled(found)))
        answers = [] if noes else [Suggestion(filled, meaning)]
    return Verdict(Kind.QUESTION, reason, suggestions=(*answers, IGNORE))


def _dates_of_yes(found: CellWords) -> Verdict:
    dates = found.of("date")
    strict = dates_mean("no", dates, blank="yes")
    if strict is None:
        return replace(_asked_positive(found), dates_of_yes=True)
    rows = f"the dates of an opt-in: one in {_rows(found.filled)}"
    if not found.blanks:
        return Verdict(Kind.MAPPED, f"{rows}; a blank that comes later is no permission", strict, dates_of_yes=True)
    answers = (
        Suggestion(strict, "a blank is no permission: not to be texted"),
        Suggestion(dates_mean("no", dates, blank="no"), "a blank may be texted"),
        IGNORE,
    )
    reason = f"{rows}, none in {found.blanks:,}. May people with a blank be texted?"
    return Verdict(Kind.QUESTION, reason, suggestions=answers, dates_of_yes=True)


def _permissions(found: CellWords) -> bool:
    """Whether a cell says that somebody agreed, so that a blank may say that somebody did not."""
    return bool(found.rows("yes", "no")) or any(not _NO_PERMISSION.fullmatch(plain(cell)) for cell in found.of("given"))


# --- columns whose cells say it ---------------------------------------------------------------------------------------


def _said_no(found: CellWords) -> dict[str, int]:
    return {cell: rows for cell, rows in _filled(found).items() if says_no_anywhere(cell)}


def _by_cells(words: HeaderWords, found: CellWords) -> Verdict:
    said = _said_no(found)
    if words.is_status:
        said |= {cell: rows for cell, rows in _filled(found).items() if is_keyword(cell)}
    is_status = words.is_status and words.texting
    on_topic = words.bare or is_status
    if not said and not (on_topic and found.rows("out", "given", "yes", "no") > found.filled / 2):
        return _asked_positive(found) if is_status and _may_be_a_state(found) else HARMLESS
    if found.only("out", "given", "open") and (on_topic or not all(map(is_keyword, said))):
        return _statuses(found)
    if on_topic and found.only(*_SAYINGS):
        return _asked_blank(found, _said_and_blank(found))
    return _asked_by_cells(found, said) if said else HARMLESS


def _may_be_a_state(found: CellWords) -> bool:
    """Whether a cell of a column on texting may say that somebody is, or is not, to be texted."""
    return bool(found.rows("out", "given", "no")) or any(map(_STATE.search, map(plain, found.of("other", "open"))))


def _statuses(found: CellWords) -> Verdict:
    if found.rows("open"):
        return _asked_open(found, _SAID)
    if found.rows("out") and not (found.blanks and _permissions(found)):
        return _written_out(found, "its cells say who is opted out", _SAID)
    return _asked_status(found) if found.blanks else HARMLESS


def _asked_status(found: CellWords) -> Verdict:
    meanings = _meanings(found, _SAID)
    answers = (
        Suggestion(mapped(meanings | _nothings(found, "yes")), "a blank is no permission: not to be texted"),
        Suggestion(mapped(meanings | _nothings(found, "no")), "a blank may be texted"),
        IGNORE,
    )
    reason = f"its cells say who is opted out: {_counted(found, _SAID)}; the cell is blank in {_rows(found.blanks)}. May those be texted?"
    return Verdict(Kind.QUESTION, reason, suggestions=answers)


def _asked_by_cells(found: CellWords, said: Mapping[str, int]) -> Verdict:
    reason = f"it says {_shown(said)} in {_rows(sum(said.values()))}. Are those opted out?"
    if _can_be_mapped(found):
        meanings = {
            cell: "yes" if cell in said else _SAID.get(word, "no")
            for word, cells in found.by_word.items()
            for cell in cells
        }
        target = mapped({cell: word for cell, word in meanings.items() if cell} | {"": "no"})
    else:
        target = cells_that_say("(?i)" + "|".join(re.escape(cell) for cell in sorted(said, key=len)[:_MOST_WRITTEN]))
    answers = (Suggestion(target, "whoever it says that of is opted out, nobody else"), IGNORE)
    return Verdict(Kind.QUESTION, reason, suggestions=answers, by_header=False)


# --- parts of verdicts ------------------------------------------------------------------------------------------------


def _written_out(found: CellWords, name: str, said: Mapping[Word, str], *, plain_too: bool = True) -> Verdict:
    meanings = _meanings(found, said)
    out = frozenset(cell.casefold() for cell, word in meanings.items() if word == "yes")
    usual = plain_too and said is _SAID and not _has_words_for_nothing(found)
    usual = usual and all(cell.casefold() in _USUAL for cell in found.of("yes", "no", "out", "given"))
    target = OPTED_OUT if usual else mapped(meanings | _nothings(found, "no", empty=False))
    return Verdict(Kind.MAPPED, f"{name}: {_counted(found, said)}", target, out_cells=out)


def _meanings(found: CellWords, said: Mapping[Word, str], other: str = "") -> dict[str, str]:
    """Return what the cells mean for the opt-out, with the words that usually stand beside those that were seen."""
    seen = {cell: said[word] for word in ("yes", "no", "out", "given") for cell in found.of(word)}
    if other:
        seen |= dict.fromkeys(found.of("open", "other", "date"), other)
    for there, missing in _partners(seen):
        seen[missing] = "no" if seen[there] == "yes" else "yes"
    return seen


def _partners(seen: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return cells whose counterpart was not seen, each with that, written in the same case."""
    written = {cell.casefold(): cell for cell in seen}
    pairs = [*_PAIRS, *((second, first) for first, second in _PAIRS)]
    paired = {first for first, second in pairs if first in written and second in written}
    lone = [(first, second) for first, second in pairs if first in written and first not in paired]
    return [(written[first], _in_case_of(written[first], second)) for first, second in lone if second not in written]


def _in_case_of(seen: str, word: str) -> str:
    return word.upper() if seen.isupper() else word.title() if seen.istitle() else word


def _nothings(found: CellWords, word: str, *, empty: bool = True) -> dict[str, str]:
    """Return what cells that say nothing mean: the blank one, and words for it."""
    cells = {cell: word for cell in found.of("blank") if cell}
    return cells | ({"": word} if empty else {})


def _has_words_for_nothing(found: CellWords) -> bool:
    return any(found.of("blank"))


def _unread(found: CellWords) -> str:
    """The cells that are not understood, or, where none is, all of them."""
    cells = found.of("open", "other", "date") or _filled(found)
    return f"the cells {_shown(cells)} in {_rows(sum(cells.values()))}"


def _filled(found: CellWords) -> dict[str, int]:
    return found.of("yes", "no", "out", "given", "open", "date", "other")


def _folded(cells: Mapping[str, int]) -> frozenset[str]:
    return frozenset(map(str.casefold, cells))


def _others(found: CellWords) -> str:
    others = found.of("open", "other", "date")
    return f"the others ({_shown(others)})" if others else "others that come later"


_MEANS = {"yes": "opted out", "no": "may be texted"}


def _counted(found: CellWords, said: Mapping[Word, str]) -> str:
    """The cells with what they mean, the most frequent first."""
    counts = sorted(
        ((cell, said[word], rows) for word in ("yes", "no", "out", "given") for cell, rows in found.of(word).items()),
        key=lambda each: -each[2],
    )
    shown = ", ".join(f"{quoted(cell)} -> {_MEANS[word]} ({rows:,})" for cell, word, rows in counts[:_MOST_SHOWN])
    return shown + (", ..." if len(counts) > _MOST_SHOWN else "")


def _said_and_blank(found: CellWords) -> str:
    cells = sorted(_filled(found).items(), key=lambda each: -each[1])
    said = ", ".join(f"{quoted(cell)} in {rows:,}" for cell, rows in cells[:_MOST_SHOWN])
    return f"{said} and blank in {_rows(found.blanks)}" if found.blanks else f"{said} rows"


def _is_personal(cell: str) -> bool:
    """Whether a cell may hold a phone or an address: no message and no map repeats it."""
    return "@" in cell or (sum(map(str.isdigit, cell)) >= _ENOUGH_DIGITS and read_cell(cell) != "date")


def _can_be_mapped(found: CellWords) -> bool:
    """Whether its cells are so few, and such, that a map can be written."""
    cells = _filled(found)
    return len(cells) <= _MOST_WRITTEN and not any(map(_is_personal, cells))


def _shown(cells: Mapping[str, int]) -> str:
    found = [quoted("***" if _is_personal(cell) else " ".join(cell.split())[:30]) for cell in cells]
    return ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
