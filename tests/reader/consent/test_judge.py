"""Columns on consent are understood or asked, judged by who may be texted in the end; harmless ones are left alone."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import Chunk, Contact
from pipeline.reader.consent import Kind, Verdict, judge, says_consent
from pipeline.reader.consent._headers import may_speak, read_header
from pipeline.reader.mapping import map_chunk, plan_columns
from pipeline.settings import ImportSettings
from tests.reader.consent.said import harmless, said

SAID = said()


def answered(verdict: Verdict) -> object:
    """The target that a careful person takes: the one that is proposed, or the first answer."""
    return verdict.suggestions[0].target if verdict.kind is Kind.QUESTION else verdict.target


def textable(header: str, cells: list[str], target: object) -> list[bool]:
    """Whether each person may be texted; a rejected row is none of both and fails."""
    imports = ImportSettings.model_validate({"columns": {"Phone": "phone", header: target}})
    rows = [[f"+1415555{number:04}", cell] for number, cell in enumerate(cells, 1000)]
    lines = range(2, 2 + len(rows))
    results = list(map_chunk(Chunk(lines, lines, rows), plan_columns(["Phone", header], imports)).results())
    contacts = [result for result in results if isinstance(result, Contact)]
    assert len(contacts) == len(rows), results
    return [contact.fields.get("is_opted_out") is not True for contact in contacts]


@pytest.mark.parametrize(("header", "people"), SAID, ids=[header for header, _ in SAID])
def test_whoever_said_no_is_opted_out_and_nobody_else(header: str, people: list[tuple[str, bool]]) -> None:
    cells = [cell for cell, _ in people]
    verdict = judge(header, Counter(cells))
    assert verdict.kind in (Kind.MAPPED, Kind.QUESTION)
    assert textable(header, cells, answered(verdict)) == [may for _, may in people]


def test_most_columns_need_no_question() -> None:
    asked = [header for header, people in SAID if judge(header, Counter(cell for cell, _ in people)).suggestions]
    assert len(SAID) >= 200
    assert len(asked) < len(SAID) / 5


def test_harmless_columns_are_neither_mapped_nor_asked() -> None:
    columns = harmless()
    assert len(columns) >= 100
    assert [header for header, cells in columns if judge(header, Counter(cells)).kind is not Kind.HARMLESS] == []


def test_the_quick_look_passes_over_no_header_that_speaks() -> None:
    speaking = [header for header, _ in SAID if read_header(header).side or read_header(header).bare]
    assert [header for header in speaking if not may_speak(header)] == []


@given(st.sampled_from(SAID), st.sampled_from([str.upper, str.lower, str.title, "  {} ".format, "*{}*".format]))
def test_law_how_a_header_is_written_changes_nothing(column: tuple[str, list[tuple[str, bool]]], write: object) -> None:
    assert callable(write)
    header, people = column
    if "_" not in header and " " not in header:
        return
    counts = Counter(cell for cell, _ in people)
    assert judge(write(header), counts).kind is judge(header, counts).kind


@given(st.text(max_size=30), st.dictionaries(st.text(max_size=12), st.integers(1, 9), max_size=6))
def test_law_any_column_gets_a_verdict_that_settings_take(header: str, cells: dict[str, int]) -> None:
    verdict = judge(header, cells)
    for target in (verdict.target, *(each.target for each in verdict.suggestions)):
        if target is not None:
            ImportSettings.model_validate({"columns": {"x": target}})


OTHER_CHANNELS = [
    *("HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall", "Do Not Call", "Email Opt Out", "Fax Opt Out"),
    *("Do not allow Bulk Emails", "Accepts Email Marketing", "Unsubscribed from all email", "Newsletter abonniert"),
    *("E-Mail-Einwilligung", "Consentement e-mail", "No llamar", "Do Not Mail", "Email Consent", "Voice Opt Out"),
]


@pytest.mark.parametrize("header", OTHER_CHANNELS)
def test_an_opt_out_from_another_channel_is_not_taken_for_texts(header: str) -> None:
    verdict = judge(header, {"yes": 1, "no": 1})
    assert (verdict.kind, verdict.target) == (Kind.OTHER_CHANNEL, None)
    assert "not of texts" in verdict.reason


@pytest.mark.parametrize(
    "header", ["Email & SMS Opt Out", "Opted out of calls and texts", "DNC", "National Do Not Call Registry"]
)
def test_texts_among_the_channels_count(header: str) -> None:
    assert judge(header, {"yes": 1, "no": 1}).kind is Kind.MAPPED


@pytest.mark.parametrize(
    "header", ["SMS erlaubt", "SMS Opt In", "Text OK", "Keine SMS", "Consentement SMS", "Zgoda SMS"]
)
def test_a_column_whose_name_says_consent_is_no_phone(header: str) -> None:
    assert says_consent(header)


@pytest.mark.parametrize("header", ["Mobile Phone", "SMS", "Cell", "SMS Number", "WhatsApp", "Text Number"])
def test_a_phone_is_no_consent(header: str) -> None:
    assert not says_consent(header)
    assert judge(header, {"+1 415 555 0132": 1, "+1 415 555 0133": 1}).kind is Kind.HARMLESS


def test_a_blank_permission_is_asked_and_both_answers_are_there() -> None:
    verdict = judge("SMS Opt In", {"TRUE": 2, "": 2})
    assert verdict.kind is Kind.QUESTION
    answers = [textable("SMS Opt In", ["TRUE", ""], each.target) for each in verdict.suggestions]
    assert answers == [[True, False], [True, True], [True, True]]
    assert "'TRUE' in 2 and blank in 2 rows" in verdict.reason


def test_a_permission_that_is_never_blank_takes_a_later_blank_for_none() -> None:
    verdict = judge("SMS Opt In", {"yes": 2, "no": 1})
    assert verdict.kind is Kind.MAPPED
    assert textable("SMS Opt In", ["yes", "no", ""], verdict.target) == [True, False, False]


def test_values_are_written_out_with_their_counts() -> None:
    verdict = judge("SMS Status", {"Opted Out": 2, "Opted In": 5})
    assert verdict.target == {"to": "is_opted_out", "map": {"Opted Out": "yes", "Opted In": "no"}}
    assert "'Opted In' -> no (5), 'Opted Out' -> yes (2)" in verdict.reason


@pytest.mark.parametrize("nothing", ["-", "none", "N/A", "0000-00-00 00:00:00", "1900-01-00"])
def test_a_word_for_nothing_is_no_date_of_an_opt_out(nothing: str) -> None:
    verdict = judge("Unsubscribed At", {"2024-03-01": 1, nothing: 1, "": 1})
    assert verdict.kind is Kind.MAPPED
    assert textable("Unsubscribed At", ["2024-03-01", nothing, ""], verdict.target) == [False, True, True]


@pytest.mark.parametrize(
    "header", ["Without SMS consent", "No longer consents", "Consent missing", "Nicht Einwilligung"]
)
def test_a_word_that_turns_a_permission_round_is_never_read_as_one(header: str) -> None:
    assert judge(header, {"yes": 1, "no": 1}).kind is Kind.QUESTION or read_header(header).side == "no"


def test_a_no_among_other_words_is_asked_wherever_it_stands() -> None:
    verdict = judge("Tags", {"vip; do not text": 1, "vip": 3})
    assert verdict.kind is Kind.QUESTION
    assert textable("Tags", ["vip; do not text", "vip", ""], verdict.suggestions[0].target) == [False, True, True]


def test_no_message_repeats_a_phone_or_an_address() -> None:
    verdict = judge("Do Not Text", {"ann@example.com": 1, "+1 415 555 0132": 1})
    assert verdict.kind is Kind.QUESTION
    assert "ann@" not in str(verdict)
    assert "0132" not in str(verdict)


def test_a_status_on_something_else_opts_nobody_else_out() -> None:
    verdict = judge("Lead Status", {"Do Not Contact": 1, "New": 4})
    assert verdict.kind is Kind.QUESTION
    assert textable("Lead Status", ["Do Not Contact", "New", ""], verdict.suggestions[0].target) == [False, True, True]


DENIED = {
    "en": (
        ["not {}", "never {}", "{} removed", "{} cleared", "no {}", "{} lifted", "has not {}"],
        ["opted out", "DNC", "unsubscribed", "opt-out"],
    ),
    "de": (["nicht {}", "nie {}", "{} aufgehoben", "kein {}"], ["abgemeldet", "abbestellt", "Opt-out"]),
    "fr": (["non {}", "pas {}", "{} annulé"], ["désabonné", "désinscrit", "opt-out"]),
    "es": (["no {}", "nunca {}", "{} anulada"], ["dado de baja", "opt-out"]),
    "pt": (["não {}", "nunca {}", "{} cancelado"], ["descadastrado", "opt-out"]),
    "it": (["non {}", "mai {}", "{} annullata"], ["disiscritto", "opt-out"]),
    "nl": (["niet {}", "nooit {}", "{} ingetrokken"], ["afgemeld", "uitgeschreven"]),
    "pl": (["nie {}", "bez {}"], ["wypisany", "opt-out"]),
    "sv": (["inte {}", "ej {}"], ["avregistrerad", "avanmäld"]),
}
TURNED = [form.format(word) for forms, words in DENIED.values() for form in forms for word in words]
WRITTEN = [
    str,
    str.upper,
    str.title,
    lambda text: text.replace(" ", "_"),
    lambda text: f"SMS {text}",
    lambda text: f"{text}?",
]


@given(
    st.sampled_from(TURNED),
    st.sampled_from(WRITTEN),
    st.sampled_from([("yes", "no"), ("1", "0"), ("ja", "nein"), ("TRUE", "")]),
)
def test_law_words_that_turn_an_opt_out_round_are_asked_about(
    header: str, write: object, cells: tuple[str, str]
) -> None:
    assert callable(write)
    verdict = judge(write(header), Counter([cells[0], cells[1], cells[1]]))
    assert verdict.kind is Kind.QUESTION, write(header)
    assert len(verdict.suggestions) == 3


NOES = [
    *(
        "Opted Out",
        "SMS Unsubscribed",
        "DoNotText",
        "do_not_text",
        "D.N.C.",
        "DNC",
        "no SMS",
        "no-texts",
        "Désabonné SMS",
    ),
    *("Abgemeldet vom SMS", "dado de baja", "niet sms'en", "Suppressed", "keine SMS", "ne pas envoyer de sms", "DND"),
]
AMONG = [
    "{}",
    "vip {}",
    "{} (STOP)",
    "{}!!",
    "Lead - {}",
    "hot; {}",
    "{} 2024-03-01",
    "\u200b{}",
    "{} since May",
    "* {} *",
]


@given(
    st.sampled_from(NOES),
    st.sampled_from(AMONG),
    st.sampled_from([str, str.upper, str.lower]),
    st.sampled_from(["Status", "Tags", "Segment", "Notes"]),
)
def test_law_a_no_among_other_words_is_asked_about(no: str, among: str, write: object, header: str) -> None:
    assert callable(write)
    cell = among.format(write(no))
    verdict = judge(header, Counter({"Customer": 40, "Lead": 30, "": 9, cell: 1}))
    assert verdict.kind is Kind.QUESTION, cell
    cells = ["Customer", "Lead", "", cell]
    assert textable(header, cells, answered(verdict)) == [True, True, True, False]


@pytest.mark.parametrize(
    "cell", ["not opted out", "never unsubscribed", "Bus stop", "Stopover", "opts", "nonstop", "DNCE", "contact"]
)
def test_what_only_looks_like_a_no_is_left_alone(cell: str) -> None:
    assert judge("Status", Counter({"Customer": 40, "Lead": 30, cell: 1})).kind is Kind.HARMLESS


LATER = [
    "revoked 2024-03-01",
    "No",
    "no",
    "0000-00-00",
    "00/00/0000",
    "Opted out",
    "n/a",
    "STOP",
    "not yet",
    "declined",
    "-",
    "withdrawn",
    "2024-03-01 revoked",
    "never",
]
DATED = [
    ["2024-03-01", "2024-04-02"],
    ["3/1/24 10:22 AM", "12/11/23 1:05 PM"],
    ["Mar 1, 2024", "2 Sep 2023"],
    ["2024-03-01T10:00:00Z", ""],
    ["1709287200", "1709287300"],
    ["1. Mai 2024", ""],
]


@pytest.mark.parametrize(
    "header", ["SMS Opt In Date", "Consent Date", "Opt-in timestamp", "Einwilligung am", "Date de consentement"]
)
@given(st.sampled_from(DATED), st.sampled_from(LATER))
def test_law_no_later_word_in_a_column_of_opt_in_dates_is_a_permission(
    header: str, dates: list[str], later: str
) -> None:
    verdict = judge(header, Counter(dates))
    assert verdict.kind in (Kind.MAPPED, Kind.QUESTION)
    targets = [each.target for each in verdict.suggestions if each.target != "ignore"] or [verdict.target]
    imports = ImportSettings.model_validate({"columns": {"Phone": "phone", header: targets[0]}})
    rows = [[f"+1415555{number:04}", cell] for number, cell in enumerate([*dates, later], 1000)]
    results = list(map_chunk(Chunk(range(2, 9), range(2, 9), rows), plan_columns(["Phone", header], imports)).results())
    assert all(
        isinstance(each, Contact) and each.fields.get("is_opted_out") is (not cell)
        for each, cell in zip(results, dates, strict=False)
    )
    last = results[-1]
    assert not isinstance(last, Contact) or last.fields["is_opted_out"] is True
