"""A restore is a run like any other: its rows are the contacts of a snapshot, with every field that can be written.

They come under the same policy as an undo's. The uploader writes and proves them, and an undo takes them back.
"""

from collections.abc import Iterator, Sequence

from pipeline.errors import Interrupted
from pipeline.models import Contact, Found, Record, Reject, Skip
from pipeline.resolver import Resolver
from pipeline.reversal._undo import CONTACTS, batches
from pipeline.reversal.restore._fields import ChosenFields
from pipeline.reversal.restore._matching import Matching
from pipeline.reversal.restore._named import NamedContacts
from pipeline.runs.journal import Journal
from pipeline.signals import Progress, StopSwitch
from pipeline.snapshots import complete_record, composed, details_of
from pipeline.values import Struct, replace
from pipeline.wire import read_stored


class RestoreStaging(Struct):
    """Stages a restore. `only` is the list of the contacts that are wanted, `fields` what of them; None for all."""

    matching: Matching
    only: NamedContacts | None = None
    fields: ChosenFields | None = None
    _line: int = 0

    async def stage(self, journal: Journal, resolver: Resolver, stop: StopSwitch, progress: Progress) -> None:
        """Stage the rows. Reads the account for what is there; writes nothing.

        Raises InputError for a damaged snapshot, StorageFailed, what the client raises, and Interrupted.
        """
        progress.stage("looking", None if self.only is not None else self.matching.snapshot.manifest.total)
        journal.rows.index_phones()
        for batch in batches(self._records()):
            found = await resolver.resolve([record.phone for record in batch if record.phone.isdecimal()])
            rows = await self._rows(batch, found, journal)
            journal.input.add(list(map(_cells, batch, rows)), rows)
            progress.advance(len(batch))
            if stop.requested:
                raise Interrupted("Stopped while looking; nothing was sent.")
        for missing in batches(self.only.missing() if self.only else ()):
            rows = [Reject(self._next(), "not_in_snapshot", "", entry.value, entry.reason) for entry in missing]
            journal.input.add([(entry.id, entry.phone) for entry in missing], rows)
        journal.record(replace(journal.facts, sources=(CONTACTS,)))
        journal.finish_staging()

    def _records(self) -> Iterator[Record]:
        details = details_of(self.matching.snapshot)
        known = next(details, None)
        for raw in composed(self.matching.snapshot):
            record = read_stored(raw)
            # Both are sorted by ID.
            while known and known.id < record.id:
                known = next(details, None)
            record = complete_record(record, known if known and known.id == record.id else None)
            if self.only is None or self.only.names(record):
                yield record

    async def _rows(self, batch: Sequence[Record], found: Found, journal: Journal) -> list[Contact | Reject | Skip]:
        rows: list[Contact | Reject | Skip] = []
        phones: set[str] = set()
        for record in batch:
            line = self._next()
            refusal = self.only.contradiction(line, record) if self.only else None
            row = refusal or await self.matching.row(line, record, found)
            if isinstance(row, Contact) and row.phone and (row.phone in phones or journal.rows.has_phone(row.phone)):
                # Both made anew would be two contacts with one phone, and which of them is meant is not guessed.
                reason = f"the snapshot holds another contact with the phone of this one (id {record.id})"
                row = Reject(line, "several_contacts", "Phone", row.phone, reason)
            elif isinstance(row, Contact):
                phones.add(row.phone)
            rows.append(self.fields.narrowed(row) if self.fields else row)
        return rows

    def _next(self) -> int:
        self._line += 1
        return self._line


def _cells(record: Record, row: Contact | Reject | Skip) -> tuple[str, str]:
    """Return what the lists of a run show of a contact; where a list contradicts the snapshot, what the list says."""
    if isinstance(row, Reject) and row.code == "id_mismatch":
        return str(record.id), row.value
    return str(record.id), record.phone
