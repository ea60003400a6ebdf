"""What a run's rows said about being texted: kept for the account, and who came back listed for a person to decide."""

import csv
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import StorageFailed
from pipeline.jobs._ledger import RunLedger
from pipeline.planner import Policy
from pipeline.resolver import CAME_BACK, KEPT_BACK
from pipeline.runs import CAME_BACK_LIST
from pipeline.runs.journal import RowConsent
from pipeline.state import ConsentBook, Said
from pipeline.storage import private_file
from pipeline.values import Struct

CAME_BACK_COLUMNS = ("phone", "contact_id", "said_no", "said_by", "place", "seen_textable")
"""Source: docs/contract.md, section Files."""


def keep_consents(run: RunLedger, book: ConsentBook, policy: Policy) -> None:
    """Keep what the rows said that were imported, and write the list of those who came back.

    Of a run that goes on later it is done again, and what is known by then is not kept twice. Raises StorageFailed.
    """
    run_id = run.folder.run_id
    said = list(run.journal.outcomes.consents(opt_ins=policy.allow_opt_in))
    back = [each for each in said if CAME_BACK in each.notes]
    book.keep(Said(each.phone, "came_back", "service", run_id, each.line) for each in back)
    lines = [_Line.of(each, book) for each in back]
    _write_list(run.folder.path / CAME_BACK_LIST, lines)
    book.keep(_words(said, run_id, policy))


def _words(said: list[RowConsent], run_id: str, policy: Policy) -> Iterator[Said]:
    for each in said:
        if each.is_opted_out:
            yield Said(each.phone, "no", "row", run_id, each.line)
        elif each.is_opted_out is False and policy.allow_opt_in and "opt_in_refused" not in each.notes:
            yield Said(each.phone, "yes", "row", run_id, each.line)
        elif KEPT_BACK in each.notes:
            yield Said(each.phone, "yes", "person", run_id, each.line, "import.came_back is keep")


class _Line(Struct, frozen=True):
    """One who came back: when and where the no was said, and since when it is known that they may be texted again."""

    consent: RowConsent
    said_no: str
    said_by: str
    place: str
    seen: str

    @classmethod
    def of(cls, consent: RowConsent, book: ConsentBook) -> "_Line":
        standing = book.standing(consent.phone)
        no, back = standing.no, standing.came_back
        return cls(
            consent, no.at if no else "", no.source if no else "", no.place if no else "", back.at if back else ""
        )

    def cells(self) -> tuple[object, ...]:
        consent = self.consent
        return (f"+{consent.phone}", consent.contact_id or "", self.said_no, self.said_by, self.place, self.seen)


def _write_list(path: Path, lines: list[_Line]) -> None:
    if not lines:
        path.unlink(missing_ok=True)
        return
    try:
        with private_file(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(CAME_BACK_COLUMNS)
            writer.writerows(line.cells() for line in lines)
    except OSError as error:
        raise StorageFailed(f"The list {path} of people who came back cannot be written: {error.strerror}.") from error
