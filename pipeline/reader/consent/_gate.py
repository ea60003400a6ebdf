"""Hold an import back until it is known what the columns on consent mean."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from pipeline.errors import ConsentUnanswered, NewConsentColumn
from pipeline.models import ConsentNotice, ConsentState
from pipeline.reader._folding import NameIndex, fold
from pipeline.reader._toml import toml
from pipeline.reader.consent._columns import judge_columns
from pipeline.reader.consent._verdict import IGNORE, Kind, Verdict
from pipeline.settings import ImportSettings
from pipeline.showing import quoted

SAMPLE = 1_000
"""Rows of a file by which its columns are judged at once, before anything else is done with it."""


def unanswered(imports: ImportSettings) -> tuple[str, ...]:
    """Return the headers that the settings ask about and say nothing of."""
    said = set(map(fold, imports.columns))
    return tuple(header for header in imports.consent_question or () if fold(header) not in said)


def refuse_unanswered(imports: ImportSettings) -> None:
    """Raise ConsentUnanswered if the settings ask what a column means and nobody has said it."""
    left = unanswered(imports)
    if left:
        named, many = ", ".join(map(quoted, left)), len(left) > 1
        raise ConsentUnanswered(
            f"It is not settled whom you may text: the column{'s' if many else ''} {named}"
            f" {'wait' if many else 'waits'} for an answer (import.consent_question). Nothing was sent.",
            advice="'hmpipe check' with the same file shows the lines to choose from; put one for each column into"
            ' [import.columns], or say "ignore" there.',
        )


def refuse_new(notices: Sequence[ConsentNotice], source: str) -> None:
    """Raise NewConsentColumn if a file has a column on consent that its settings do not know."""
    found = [notice for notice in notices if notice.state == "new"]
    if found:
        said = " ".join(f"{quoted(notice.column)}: {notice.reason}." for notice in found)
        lines = "\n".join(f"    {line}" for notice in found for line in notice.lines)
        raise NewConsentColumn(
            f"{source} has a column that may say who must not be texted, and the settings do not know it. {said}"
            " Nothing was sent.",
            advice=f"Put one line for it into [import.columns]:\n{lines}",
        )


def judge_unmapped(
    headers: Sequence[str], mapped: Collection[int], rows: Sequence[Sequence[str]], imports: ImportSettings
) -> tuple[ConsentNotice, ...]:
    """Return what is to be said of the columns of a file that the settings do not map; questions first."""
    places = {place: header for place, header in enumerate(headers) if place not in mapped}
    found = judge_columns(places, rows[:SAMPLE]) if places else {}
    waiting = {fold(header): header for header in unanswered(imports)}
    known = NameIndex(headers)
    notices = list(_questions(headers, found, waiting, known))
    for place, verdict in found.items():
        name = column_key(headers, place, known)
        if verdict.kind is Kind.OTHER_CHANNEL:
            notices.append(ConsentNotice(name, "other_channel", verdict.reason))
        elif verdict.kind in (Kind.MAPPED, Kind.QUESTION) and not {fold(name), fold(headers[place])} & waiting.keys():
            notices.append(_notice(name, verdict, imports))
    return tuple(notices)


def judge_later(
    headers: Sequence[str], verdicts: Mapping[int, Verdict], known: Sequence[ConsentNotice], imports: ImportSettings
) -> tuple[ConsentNotice, ...]:
    """Return what is to be said of columns that say something only in later rows, beside what is `known`."""
    names, said = NameIndex(headers), {fold(notice.column) for notice in known}
    found = {column_key(headers, place, names): verdict for place, verdict in verdicts.items()}
    return tuple(
        _notice(name, verdict, imports)
        for name, verdict in found.items()
        if verdict.kind in (Kind.MAPPED, Kind.QUESTION) and fold(name) not in said
    )


def _notice(name: str, verdict: Verdict, imports: ImportSettings) -> ConsentNotice:
    state: ConsentState = "unread" if imports.consent_question is None else "new"
    return ConsentNotice(name, state, verdict.reason, suggested_lines(name, verdict))


def _questions(
    headers: Sequence[str], found: Mapping[int, Verdict], waiting: Mapping[str, str], known: NameIndex
) -> Iterator[ConsentNotice]:
    for asked in waiting.values():
        place = next((place for place in found if asked in (headers[place], column_key(headers, place, known))), None)
        place = (
            next((place for place in found if fold(headers[place]) == fold(asked)), None) if place is None else place
        )
        verdict = found.get(place) if place is not None else None
        if verdict is None or verdict.kind not in (Kind.MAPPED, Kind.QUESTION):
            reason = "the settings ask what it means" + ("" if verdict else "; this file does not have it")
            yield ConsentNotice(asked, "question", reason, (f'{toml(asked)} = "ignore"',))
        else:
            yield ConsentNotice(asked, "question", verdict.reason, suggested_lines(asked, verdict))


def column_key(headers: Sequence[str], index: int, known: NameIndex) -> str:
    """Return how settings name a column: by its header, or by its place where that is not enough."""
    header = headers[index]
    plain = header.strip() and header.isprintable() and not any("\ud800" <= char <= "\udfff" for char in header)
    return header if plain and known.find(header) == [index] else f"column {index + 1}"


def suggested_lines(name: str, verdict: Verdict) -> tuple[str, ...]:
    """Return lines for [import.columns], of which one is to be chosen."""
    answers = [(each.target, each.meaning) for each in verdict.suggestions]
    if not answers:
        answers = [(verdict.target, verdict.reason), (IGNORE.target, IGNORE.meaning)]
    return tuple(f"{toml(name)} = {toml(target)}   # {' '.join(meaning.split())}" for target, meaning in answers)
