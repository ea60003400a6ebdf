"""Results that the tests of this folder tell."""

from pipeline.models._contacts import Reject
from pipeline.models._outcomes import OutcomeKind
from pipeline.results import Example
from pipeline.runs.journal import Journal
from pipeline.values import replace
from tests.tables import described

BAD = (OutcomeKind.REJECTED, OutcomeKind.FAILED, OutcomeKind.UNKNOWN)


def rejecting(
    *rows: tuple[str, ...], headers: tuple[str, ...] = ("Phone", "Name"), encoding: str = "utf-8", delimiter: str = ","
) -> Journal:
    """Return a journal in which every row was rejected."""
    journal = Journal.create(None)
    journal.record(replace(journal.facts, sources=described(headers, encoding=encoding, delimiter=delimiter)))
    lines = range(2, len(rows) + 2)
    journal.input.add(
        rows,
        [Reject(line, "too_short", "Phone", row[0], "too short") for line, row in zip(lines, rows, strict=True)],
    )
    return journal


EXAMPLES = (
    Example(4, "too_short", "Phone", "12", "too short"),
    Example(9, "not_kept", "", "", "it read back otherwise"),
    Example(10, "bad_email", "Mail", "x" * 61, "no @"),
)
