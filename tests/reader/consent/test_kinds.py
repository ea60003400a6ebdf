"""Columns on consent by kind, and headers, cells and answers that are drawn: nobody who said no is textable."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reader.consent import Kind, Verdict, judge, says_consent
from pipeline.reader.consent._headers import read_header
from tests.reader.consent import kinds, said
from tests.reader.consent.test_judge import textable

BESIDE = "cells beside the point of their header"
CLEAR = ("negative", "dated negative", "status", "positive", "names of programs")
"""Kinds that need no question."""

COLUMNS = [(kind, *column) for kind in kinds.KINDS for column in kinds.columns(kind)]


def verdict_on(kind: str, header: str, cells: list[str]) -> Verdict:
    # A no in a column on something else stands in few of its rows.
    return judge(header, Counter([*cells[:-1] * 10, cells[-1]] if kind == BESIDE else cells * 3))


def answers(verdict: Verdict) -> list[object]:
    """The targets of which a person takes the right one, or the one that is taken without a question."""
    return [each.target for each in verdict.suggestions] or [verdict.target]


@pytest.mark.parametrize(("kind", "header", "people"), COLUMNS, ids=[f"{kind}-{header}" for kind, header, _ in COLUMNS])
def test_whoever_said_no_is_opted_out_and_nobody_else(kind: str, header: str, people: list[tuple[str, bool]]) -> None:
    cells, wanted = [cell for cell, _ in people], [may for _, may in people]
    verdict = verdict_on(kind, header, cells)
    assert verdict.kind in (Kind.MAPPED, Kind.QUESTION)
    assert wanted in [textable(header, cells, target) for target in answers(verdict)]


def test_clear_columns_need_no_question() -> None:
    asked = [header for kind, header, people in COLUMNS if kind in CLEAR and _asks(kind, header, people)]
    clear = [header for kind, header, _ in COLUMNS if kind in CLEAR]
    assert len(clear) > 300
    assert len(asked) < len(clear) / 20, asked


def _asks(kind: str, header: str, people: list[tuple[str, bool]]) -> bool:
    return verdict_on(kind, header, [cell for cell, _ in people]).kind is Kind.QUESTION


def test_a_denied_opt_out_is_always_asked_about() -> None:
    denied = kinds.columns("denied")
    assert [header for header, people in denied if not _asks("denied", header, people)] == []


def test_harmless_columns_are_seldom_mapped_or_asked() -> None:
    columns = kinds.harmless()
    taken = [header for header, cells in columns if judge(header, Counter(cells)).kind in (Kind.MAPPED, Kind.QUESTION)]
    assert len(columns) >= 200
    assert len(taken) <= len(columns) / 50, taken


# --- headers that are composed ----------------------------------------------------------------------------------------

GRAMMAR: dict[str, tuple[str, str, str, str, str, str]] = {
    "en": (
        "opted out|opt out|unsubscribed|DNC|blocked|suppressed|blacklisted|stopped|do not text",
        "opted in|opt in|consent|subscribed|permission|allowed|ok to text|agreed",
        "not|never|no|has not|is not|isn't|hasn't|wasn't|no longer|not yet|not currently|formerly|previously|ex-",
        "removed|cleared|reversed|lifted|cancelled|expired|revoked|undone|withdrawn|ended|overturned|denied|declined|refused",
        "SMS|text|texting|mobile|marketing",
        "yes|no",
    ),
    "de": (
        "abgemeldet|abbestellt|Opt-out|gesperrt|widersprochen|Widerspruch",
        "eingewilligt|Einwilligung|Zustimmung|erlaubt|angemeldet|Opt-in",
        "nicht|nie|kein|noch nicht|nicht mehr",
        "aufgehoben|gelöscht|beendet|zurückgezogen|widerrufen|abgelehnt|verweigert",
        "SMS|Werbung",
        "ja|nein",
    ),
    "fr": (
        "désabonné|désinscrit|opt-out|bloqué",
        "consentement|abonné|inscrit|opt-in|autorisé",
        "non|pas|jamais|sans",
        "annulé|levé|retiré|supprimé|refusé|révoqué",
        "SMS|texto",
        "oui|non",
    ),
    "es": (
        "dado de baja|desuscrito|opt-out|bloqueado",
        "consentimiento|suscrito|opt-in|autorizado",
        "no|nunca|sin|ya no",
        "anulado|levantado|retirado|eliminado|revocado|rechazado",
        "SMS|mensajes",
        "sí|no",
    ),
    "pt": (
        "descadastrado|opt-out|bloqueado",
        "consentimento|inscrito|opt-in|autorizado",
        "não|nunca|sem",
        "anulado|cancelado|removido|revogado|recusado",
        "SMS|mensagens",
        "sim|não",
    ),
    "it": (
        "disiscritto|opt-out|bloccato",
        "consenso|iscritto|opt-in|autorizzato",
        "non|mai|senza|non più",
        "annullato|rimosso|revocato|ritirato|rifiutato|negato",
        "SMS|messaggi",
        "sì|no",
    ),
    "nl": (
        "afgemeld|uitgeschreven|opt-out|geblokkeerd",
        "toestemming|aangemeld|ingeschreven|opt-in|toegestaan",
        "niet|nooit|geen|niet meer",
        "opgeheven|verwijderd|ingetrokken|geweigerd",
        "SMS|berichten",
        "ja|nee",
    ),
    "pl": (
        "wypisany|opt-out|zablokowany",
        "zgoda|zapisany|opt-in",
        "nie|nigdy nie|bez|brak|już nie",
        "usunięty|cofnięta|wycofana|anulowany",
        "SMS|wiadomości",
        "tak|nie",
    ),
    "sv": (
        "avregistrerad|avanmäld|opt-out|spärrad",
        "samtycke|anmäld|opt-in|tillåtet",
        "inte|ej|aldrig|inget|inte längre",
        "borttagen|upphävd|återkallat|nekat",
        "SMS|utskick",
        "ja|nej",
    ),
}
"""Words for an opt-out, for a permission, before one that deny it, behind one that end it; channels; a yes and a no."""

WRITTEN = {
    "words": " ".join,
    "capitals": lambda parts: " ".join(parts).upper(),
    "snake": lambda parts: "_".join(" ".join(parts).split()).lower(),
    "camel": lambda parts: " ".join(parts).title().replace(" ", "").replace("'", ""),
    "dashes": " - ".join,
    "brackets": lambda parts: parts[0] + "".join(f" ({part})" for part in parts[1:]),
}


@st.composite
def headers(draw: st.DrawFn, *, opt_out: bool, turned: bool) -> tuple[str, list[str]]:
    """A header on an opt-out or a permission, turned round or not, and the yes and the no of its language."""
    outs, gives, before, behind, channels, cells = (
        words.split("|") for words in draw(st.sampled_from([*GRAMMAR.values()]))
    )
    parts = [draw(st.sampled_from(outs if opt_out else gives))]
    if turned:
        parts = (
            [draw(st.sampled_from(before)), *parts] if draw(st.booleans()) else [*parts, draw(st.sampled_from(behind))]
        )
    channel = draw(st.sampled_from([None, *channels]))
    if channel:
        parts = [channel, *parts] if draw(st.booleans()) else [*parts, channel]
    return draw(st.sampled_from([*WRITTEN.values()]))(parts), cells


def outcome(header: str, cells: list[str]) -> list[bool] | None:
    """Whether a yes and a no may be texted where the column is mapped without a question."""
    verdict = judge(header, Counter([*cells, cells[1]]))
    assert verdict.kind in (Kind.MAPPED, Kind.QUESTION), header
    return textable(header, cells, verdict.target) if verdict.kind is Kind.MAPPED else None


@given(headers(opt_out=True, turned=False))
def test_law_a_yes_to_an_opt_out_is_one(drawn: tuple[str, list[str]]) -> None:
    assert outcome(*drawn) in (None, [False, True]), drawn


@given(headers(opt_out=False, turned=False))
def test_law_a_yes_to_a_permission_is_one(drawn: tuple[str, list[str]]) -> None:
    assert outcome(*drawn) in (None, [True, False]), drawn


@given(headers(opt_out=True, turned=True))
def test_law_an_opt_out_that_is_denied_or_over_is_not_taken_for_one(drawn: tuple[str, list[str]]) -> None:
    assert outcome(*drawn) in (None, [True, False]), drawn


@given(headers(opt_out=False, turned=True))
def test_law_a_permission_that_is_denied_or_over_is_not_taken_for_one(drawn: tuple[str, list[str]]) -> None:
    assert outcome(*drawn) in (None, [False, True]), drawn


# --- answers ----------------------------------------------------------------------------------------------------------

NOES = (
    "no",
    "N",
    "nein",
    "non",
    "opted out",
    "STOP",
    "unsubscribed",
    "revoked",
    "declined",
    "widerrufen",
    "refusé",
    "❌",
)
NOES_OF_ALL = (
    *NOES,
    "No - unsubscribed",
    "do not text",
    "wants no SMS",
    "DNC",
    "vip, opted out",
    "ne veut plus de SMS",
)
OTHER_THINGS = [
    header for header, _ in said.harmless() if not read_header(header).side and not read_header(header).texting
]
PERMISSIONS = [header for kind in ("positive", "positive, blanks") for header, _ in kinds.columns(kind)]


@given(
    st.sampled_from(PERMISSIONS),
    st.lists(
        st.sampled_from(("yes", "Y", "maybe", "see note", "Inactive", "2", "ask Bob", "")), min_size=1, max_size=4
    ),
    st.sampled_from(NOES_OF_ALL),
    st.booleans(),
)
def test_law_no_answer_makes_a_no_a_permission(header: str, cells: list[str], no: str, many: bool) -> None:
    written = [*cells, no, *(f"remark {number}" for number in range(40 * many))]
    verdict = judge(header, Counter(written))
    assert verdict.kind is not Kind.HARMLESS or not says_consent(header)
    for target in answers(verdict):
        if target not in (None, "ignore"):
            [may, *_] = textable(header, [no], target)
            assert not may, (written, target)


@given(
    st.sampled_from(OTHER_THINGS),
    st.sampled_from(("stop", "STOP", "Baja")),
)
def test_law_a_keyword_in_a_column_on_something_else_is_never_mapped(header: str, word: str) -> None:
    assert judge(header, Counter({"start": 2, "alta": 2, word: 1})).kind is not Kind.MAPPED


@pytest.mark.parametrize("header", ["Prioridad", "Planta", "Presión"])
def test_an_everyday_word_is_no_keyword(header: str) -> None:
    assert judge(header, Counter({"alta": 2, "baja": 1})).kind is Kind.HARMLESS


def test_a_lone_sign_is_asked_about_with_every_meaning() -> None:
    verdict = judge("SMS Opt Out", Counter({"❌": 3, "": 9}))
    meanings = [textable("SMS Opt Out", ["❌", ""], target) for target in answers(verdict)]
    assert meanings == [[False, True], [True, False], [True, True], [True, True]]


MATTERS = ("recess", "the field trip", "lunch", "the excursion", "insurance", "paperless", "the yearbook", "photos")


@given(st.sampled_from(["opt out of", "opted out of", "opt-out:", "unsubscribed from"]), st.sampled_from(MATTERS))
def test_law_an_opt_out_of_another_matter_opts_nobody_out_of_texts_and_is_said(words: str, matter: str) -> None:
    verdict = judge(f"{words} {matter}".title(), Counter({"Yes": 3, "No": 9}))
    assert verdict.kind is Kind.OTHER_CHANNEL
    assert verdict.reason
    for texts in ("SMS", "texts", "all messages about"):
        verdict = judge(f"{words} {texts} {matter}".title(), Counter({"Yes": 3, "No": 9}))
        assert verdict.kind in (Kind.MAPPED, Kind.QUESTION)
