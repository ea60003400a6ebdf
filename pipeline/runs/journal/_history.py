"""What a run did to each contact, over all its writes: what an undo and a report need."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pipeline import jsontext
from pipeline.models import Change, ChangeKind, FieldChange, Json
from pipeline.runs.journal._file import JournalFile
from pipeline.values import Struct

_TRACES = """
WITH rows AS (
    SELECT seq, line, phone, state, outcome, contact_id FROM main.rows WHERE seq IN (SELECT seq FROM writes)
    UNION ALL
    SELECT seq, line, phone, state, outcome, contact_id FROM opt_outs WHERE seq IN (SELECT seq FROM writes)
),
touched AS (
    SELECT rows.seq AS seq, coalesce(
        rows.contact_id, (SELECT max(contact_id) FROM writes WHERE writes.seq = rows.seq), -rows.seq
    ) AS contact
    FROM rows
),
contacts AS (
    SELECT touched.contact AS contact, max(writes.id) AS last_id,
        coalesce(
            min(CASE WHEN writes.kind = 'create' AND rows.outcome = 'updated' THEN NULL ELSE writes.id END),
            min(writes.id)
        ) AS first_id,
        min(writes.kind = 'create' AND rows.outcome = 'updated') AS made_nothing,
        min(rows.state = 'settled' AND rows.outcome IN ('created', 'updated', 'deleted')) AS is_proved,
        max(writes.kind <> 'delete' AND EXISTS (
            SELECT 1 FROM json_each(writes.fields) AS field
            WHERE json_extract(field.value, '$[0]') = 'is_opted_out' AND json_extract(field.value, '$[2]') = 1
        )) AS opted_out
    FROM touched JOIN rows ON rows.seq = touched.seq JOIN writes ON writes.seq = touched.seq
    GROUP BY touched.contact
)
SELECT rows.line, rows.phone, contacts.contact, first.kind, first.before, last.seq, last.kind, last.contact_id,
    last.overwrite, last.body, last.fields, last.before, coalesce(last.rev, last.confirmed_rev), contacts.is_proved,
    contacts.opted_out, contacts.made_nothing
FROM contacts JOIN writes AS first ON first.id = contacts.first_id JOIN writes AS last ON last.id = contacts.last_id
    JOIN rows ON rows.seq = last.seq
ORDER BY contacts.first_id
"""
"""A row that made its contact learns the ID late, so rows are brought to contacts first, and writes through rows.
A create that was refused because the contact was there, and became an update, made nothing."""


class Trace(Struct, frozen=True):
    """What a run did to one contact, over all its writes.

    `kind` is what it comes to: a contact that was made and then completed was created. `before` is the contact's JSON
    from before the first write (before the last one, for a deletion), `last` the last write, `rev` the revision that it
    was answered or seen to leave, or None. `is_proved`: every row about the contact ended well, so the last write is
    known to have taken effect. `opted_out`: the run set its opt-out. `made_nothing`: a create was sent and updated a
    contact that somebody else had made; what that held before is not known.
    """

    line: int
    phone: str
    contact_id: int | None
    kind: ChangeKind
    before: bytes | None
    last: Change
    rev: int | None
    is_proved: bool
    opted_out: bool
    made_nothing: bool = False


_WRITES_TO = """
WITH rows AS (
    SELECT seq, line, phone, outcome FROM main.rows UNION ALL SELECT seq, line, phone, outcome FROM opt_outs
)
SELECT began, line, kind, coalesce(outcome, 'without an outcome'), fields
FROM writes JOIN rows ON rows.seq = writes.seq WHERE rows.phone = ? ORDER BY writes.id
"""


_CALLED = """
SELECT rows.contact_id FROM rows JOIN channel_adds ON channel_adds.seq = rows.seq
    WHERE channel_adds.state NOT IN ('held', 'known', 'needs_uuid', 'removed') AND rows.contact_id IS NOT NULL
UNION SELECT rows.contact_id FROM rows JOIN channel_drops ON channel_drops.seq = rows.seq
    WHERE channel_drops.state <> 'gone' AND rows.contact_id IS NOT NULL
UNION SELECT contact_id FROM blocks WHERE state NOT IN ('held', 'kept')
"""


class PastWrite(Struct, frozen=True):
    """One write: when it was begun (ISO 8601, UTC), the row's line, what was sent and what came of the row."""

    at: str
    line: int
    kind: str
    outcome: str
    fields: tuple[FieldChange, ...]


class History(Struct, frozen=True):
    """The writes, contact by contact or field by field."""

    _file: JournalFile

    def traces(self) -> Iterator[Trace]:
        """Yield what the run did, contact by contact, in the order of the first write to each."""
        with self._file.reading() as db:
            for found in db.execute(_TRACES):
                yield _trace(*found)

    def written_fields(self) -> Iterator[tuple[int, str, list[tuple[str, Json, Json]]]]:
        """Yield row, kind and fields (name, old, new) of the writes whose outcome is proved, in the order of rows."""
        with self._file.reading() as db:
            cursor = db.execute(
                "SELECT writes.seq, kind, fields FROM writes WHERE coalesce("
                "(SELECT outcome FROM rows WHERE rows.seq = writes.seq),"
                " (SELECT outcome FROM opt_outs WHERE opt_outs.seq = writes.seq)"
                ") IN ('created', 'updated') ORDER BY writes.seq, writes.id"
            )
            for seq, kind, fields in cursor:
                yield seq, kind, jsontext.decode(fields)

    def writes_to(self, phone: str) -> Iterator[PastWrite]:
        """Yield the writes of rows with this phone (E.164 digits), in their order."""
        with self._file.reading() as db:
            for began, line, kind, outcome, fields in db.execute(_WRITES_TO, (int(phone),)):
                at = datetime.fromtimestamp(began, UTC).isoformat(timespec="milliseconds")
                changed = tuple(FieldChange(*field) for field in jsontext.decode(fields))
                yield PastWrite(at, line, kind, outcome, changed)

    def called(self) -> set[int]:
        """Return the contacts of which something was changed, or may have been, by a call of its own."""
        with self._file.reading() as db:
            return {contact_id for (contact_id,) in db.execute(_CALLED)}

    def has_writes(self) -> bool:
        """Whether any write was begun."""
        with self._file.reading() as db:
            return db.execute("SELECT 1 FROM writes LIMIT 1").fetchone() is not None

    def first_write(self) -> float | None:
        """Return when the first write was begun, in seconds since 1970, or None when there is none."""
        with self._file.reading() as db:
            found: float | None = db.execute("SELECT min(began) FROM writes").fetchone()[0]
        return found


def _trace(
    line: int, phone: int, contact: int, first_kind: str, first_before: str | None, seq: int, kind: str, *rest: Any
) -> Trace:
    contact_id, overwrite, body, fields, last_before, rev, is_proved, opted_out, made_nothing = rest
    changed = tuple(FieldChange(*field) for field in jsontext.decode(fields))
    last = Change(
        seq, ChangeKind(kind), str(phone or ""), jsontext.decode(body), bool(overwrite), contact_id, fields=changed
    )
    is_deletion = last.kind is ChangeKind.DELETE
    before = last_before if is_deletion else first_before
    return Trace(
        line,
        str(phone or ""),
        contact if contact > 0 else None,
        ChangeKind.DELETE if is_deletion else ChangeKind(first_kind),
        before.encode() if before is not None else None,
        last,
        rev,
        bool(is_proved),
        bool(opted_out),
        bool(made_nothing),
    )
