"""What the rows ask of the settings: short rows, bad addresses, words that stand for nothing; each with its count."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pipeline.reader.mapping import NAME_LIKE, NULL_WORDS, bad_emails
from pipeline.reader.proposal._proposal import CONSENT, ColumnProposal, Need
from pipeline.settings import ImportSettings

_NAMES = ("first", "last", "display_name")
_TEXTS = ("email", "custom", *_NAMES)
_SAYS_NO = frozenset(("none", "nil"))
"""Words that in a column on consent may be an answer."""


def find_needs(width: int, rows: Sequence[Sequence[str]], columns: Sequence[ColumnProposal]) -> tuple[Need, ...]:
    """Return the settings that these rows ask for, under the columns that are proposed for them."""
    found = (_short_rows(width, rows), _bad_fields(rows, columns), _null_values(rows, columns))
    return tuple(filter(None, found))


def _short_rows(width: int, rows: Sequence[Sequence[str]]) -> Need | None:
    short = sum(len(row) < width and any(map(str.strip, row)) for row in rows)
    reason = (
        f"{short:,} of {len(rows):,} rows have fewer cells than the header, as where blanks at the end are not written;"
        ' "reject" refuses them'
    )
    return Need("short_rows", "pad", reason) if short else None


def _bad_fields(rows: Sequence[Sequence[str]], columns: Sequence[ColumnProposal]) -> Need | None:
    cells = [
        cell
        for column in columns
        if "email" in _kinds(column.target)
        for cell in _cells(rows, column.index)
        if cell and cell not in NULL_WORDS
    ]
    bad = len(bad_emails(cells))
    reason = (
        f"{bad:,} of {len(cells):,} e-mail addresses are none: their contacts arrive without them, listed in"
        ' warnings.csv; "reject" refuses the rows'
    )
    return Need("on_bad_field", "leave_out", reason) if bad else None


def _null_values(rows: Sequence[Sequence[str]], columns: Sequence[ColumnProposal]) -> Need | None:
    """Words that are taken for blank: none that somebody may be called, or that may answer a question on consent."""
    known = ImportSettings().null_values
    seen: Counter[str] = Counter()
    kept = {*known}
    for column in columns:
        words = Counter(cell for cell in _cells(rows, column.index) if cell in NULL_WORDS)
        kinds = _kinds(column.target)
        if column.custom or (kinds and set(kinds) <= set(_TEXTS)):
            seen.update(words)
            kept.update(NAME_LIKE & words.keys() if set(kinds) & set(_NAMES) else ())
        elif column.target is not None or column.reason.startswith(CONSENT):
            kept.update(words)
    if any(
        column.reason.startswith(CONSENT) or set(_kinds(column.target)) & {"is_opted_out", "status"}
        for column in columns
    ):
        kept.update(word for word in seen if word.casefold().strip("()<>[]") in _SAYS_NO)
    wanted = {word: count for word, count in seen.most_common() if word not in kept}
    shown = ", ".join(f"{word} {count:,} times" for word, count in list(wanted.items())[:5])
    return Need("null_values", [*known, *wanted], f"these cells count as blank; seen: {shown}") if wanted else None


def _is_consent(column: ColumnProposal) -> bool:
    return column.reason.startswith(CONSENT) or bool(set(_kinds(column.target)) & {"is_opted_out", "status"})


def _cells(rows: Sequence[Sequence[str]], index: int) -> Iterator[str]:
    return (row[index].strip() for row in rows if index < len(row))


def _kinds(target: object) -> tuple[str, ...]:
    """The names of the targets of a column, as TOML writes them."""
    if isinstance(target, Mapping):
        return (str(target["to"] if "to" in target else next(iter(target))),)
    if isinstance(target, list):
        return tuple(kind for each in target for kind in _kinds(each))
    return (str(target),) if target else ()
