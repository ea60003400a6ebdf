"""Words of an opt-out in a phone cell are heard, and cost nothing of the number beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reader.consent import without_opt_outs

NUMBERS = st.sampled_from(
    (
        *("(415) 555-0132", "415-555-0132", "415.555.0132", "4155550132", "+1 415 555 0132", "1-415-555-0132"),
        *("+49 171 1234567", "0171/1234567", "+33 6 12 34 56 78", "00 44 20 7946 0018", "+55 (11) 96123-4567"),
    )
)
NOES = st.sampled_from(
    (
        *("DO NOT TEXT", "do not text", "Don't text", "no texts", "No SMS", "opted out", "Opted-out", "OPT OUT", "DNC"),
        *("do not contact", "unsubscribed", "no text messages", "keine SMS", "nicht kontaktieren", "abgemeldet"),
        *("pas de SMS", "ne pas contacter", "désabonné", "no SMS por favor", "no contactar", "dado de baja"),
        *("não contatar", "descadastrado", "non contattare", "geen sms", "afgemeld", "nie wysyłać sms", "inga sms"),
    )
)
OTHERS = st.sampled_from(
    (
        *(
            "home",
            "cell",
            "(mobile)",
            "work",
            "ask for Bob",
            "wife",
            "x12",
            "ext. 7",
            "Lobby",
            "bus stop",
            "Stop & Shop",
        ),
        *("not opted out", "never opted out", "may text", "texts ok", "Block 5", "Otto Meldung", "landline", "privat"),
    )
)
JOINTS = st.sampled_from((" ", " - ", " / ", ": ", ", ", "\n", " * "))


@given(NUMBERS, NOES, JOINTS, st.booleans())
def test_law_the_words_are_heard_on_either_side_and_the_number_is_left(
    number: str, words: str, joint: str, is_behind: bool
) -> None:
    cell = f"{number}{joint}{words}" if is_behind else f"{words}{joint}{number}"
    assert list(without_opt_outs([cell])) == [cell]
    left = without_opt_outs([cell])[cell]
    assert "".join(filter(str.isdigit, left)) == "".join(filter(str.isdigit, number))
    assert not any(map(str.isalpha, left))


@given(NUMBERS, NOES, OTHERS)
def test_law_they_are_heard_in_brackets_and_behind_other_words(number: str, words: str, other: str) -> None:
    beside = other.replace("(", "").replace(")", "").replace(".", "")
    for cell in (f"{number} ({words})", f"{number} - {beside} - {words}!!!", words.upper()):
        assert cell in without_opt_outs([cell])


@given(NUMBERS, OTHERS)
def test_law_other_words_are_no_opt_out(number: str, words: str) -> None:
    assert without_opt_outs([words, f"{number} {words}", f"{words} {number}", number]) == {}


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("STOP", ""),
        ("D.N.C.", ""),
        ("415-555-0132 DO NOT TEXT 415-555-0133", "415-555-0132 DO NOT TEXT 415-555-0133"),
        ("do not call", None),
        ("refused", None),
        ("", None),
    ],
)
def test_what_is_left(cell: str, left: str | None) -> None:
    assert without_opt_outs([cell]).get(cell) == left
