"""Judge the columns of a file together: what one says, another need not be asked."""

from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.reader.consent._judge import judge
from pipeline.reader.consent._verdict import Kind, Verdict
from pipeline.values import replace

_ASKING = (Kind.MAPPED, Kind.QUESTION)


def judge_columns(headers: Mapping[int, str], rows: Sequence[Sequence[str]]) -> dict[int, Verdict]:
    """Return the verdicts on columns, by their index; `headers` are those to be judged."""
    cells = {place: [row[place].strip() if place < len(row) else "" for row in rows] for place in headers}
    found = {place: judge(header, Counter(cells[place])) for place, header in headers.items()}
    out = {
        number
        for place, verdict in found.items()
        if verdict.kind is Kind.MAPPED
        for number, cell in enumerate(cells[place])
        if cell.casefold() in verdict.out_cells
    }
    says_yes = any(
        verdict.kind in _ASKING and verdict.permission and not verdict.dates_of_yes for verdict in found.values()
    )
    for place, verdict in found.items():
        if verdict.dates_of_yes and says_yes:
            found[place] = _left(verdict, "the dates of what another column says")
        elif verdict.about and out.issuperset(number for number, cell in enumerate(cells[place]) if cell):
            found[place] = _left(verdict, "it tells of opt-outs that another column says")
    return found


def _left(verdict: Verdict, reason: str) -> Verdict:
    return replace(verdict, kind=Kind.LEFT, reason=reason, target=None, suggestions=(), out_cells=frozenset())
