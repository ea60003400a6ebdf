"""Bring the whole input into a journal before anything is sent: count it, and decide the rows that share a phone."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

from pipeline import jsontext
from pipeline.errors import StorageFailed
from pipeline.models import Contact, Json, Outcome, OutcomeKind, Tally
from pipeline.phone import PhoneIndex
from pipeline.reader._folding import fold
from pipeline.reader.intake._lines import StagedLines
from pipeline.reader.mapping import Mapped, contact_json, contact_of
from pipeline.runs.journal import Journal
from pipeline.settings import ImportSettings
from pipeline.values import Struct, field, replace

_SAYS_NOTHING, _OUT, _IN, _NO_CONTACT_OUT = 0, 1, 2, 3
"""What a row says about the opt-out. The last one is a row that becomes no contact (rejected, or left out) and says
opted out: it counts for the other rows with its phone.

The index holds both the number of a row and this word as one whole number: number * 4 + word."""

_COMPARED = 20
"""Rows of one group whose names are compared."""

_PIECE = 1_000
"""Contacts of one group that are in memory at once when they are merged."""


class Census(Struct, frozen=True):
    """The input, counted: `tally` by outcome (rows that can be imported have none yet), codes and notes.

    `skipped` are those of the codes that are of skipped rows, `opted_out` the rows that say opted out, whatever becomes
    of them; None where nothing in the input speaks of it.
    """

    tally: Tally
    codes: Mapping[str, int]
    notes: Mapping[str, int]
    skipped: Mapping[str, int] = field(default_factory=dict)
    opted_out: int | None = None


class InputStaging:
    """Takes the input in, chunk by chunk; use it as a context.

    With `outline` only the rows that become no contact are kept in the journal; the others are counted and their
    phones compared, which is all that a check needs and several times faster. With `keeps_contacts` they can be asked
    for at the end, in the shape in which they are sent. `sources` are the names of the files, for messages. Raises
    StorageFailed.
    """

    def __init__(
        self,
        journal: Journal,
        imports: ImportSettings,
        sources: Sequence[str],
        *,
        outline: bool = False,
        keeps_contacts: bool = False,
    ) -> None:
        self._journal = journal
        self._imports = imports
        self._sources = sources
        self._outline = outline and imports.duplicates != "reject" and "shared_phone" not in imports.reject_doubtful
        self._keeps_contacts = keeps_contacts
        self._lines = StagedLines() if self._outline else None
        """Of every contact of an outline: its shape, or, where that is not kept, its name."""
        self._index = PhoneIndex()
        self._rows = 0
        self._notes: Counter[str] = Counter()
        self._superseded = 0
        self._opted_out: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._index.close()
        if self._lines:
            self._lines.close()

    def add(self, mapped: Mapped, *, source: int = 0) -> None:
        """Take a chunk in."""
        first = self._rows + 1
        if self._outline:
            left = sorted(mapped.others)
            records = [mapped.chunk.records[index] for index in left]
            results = [mapped.others[index] for index in left]
            self._journal.input.add(records, results, source=source, numbers=[first + index for index in left])
            self._notes.update(mapped.notes())
            self._keep(mapped, first)
        else:
            said = mapped.opt_outs_to_send()
            self._journal.input.add(mapped.chunk.records, mapped.results(), source=source, opt_outs=said)
            self._journal.left_out.add(
                [(first + index, cell) for index, cells in mapped.left_out().items() for cell in cells]
            )
        with _disk():
            says = mapped.opt_outs()
            if says:
                self._opted_out = (self._opted_out or 0) + sum(says.values())
            marks = {index: _OUT if said else _IN for index, said in says.items()}
            phones = mapped.phones
            for index, phone in mapped.opted_out_elsewhere().items():
                phones[index], marks[index] = phone, _NO_CONTACT_OUT
            self._index.add(phones, first * 4, step=4, marks=marks)
        self._rows += len(mapped)

    def _keep(self, mapped: Mapped, first: int) -> None:
        """Keep of every contact of an outline what is looked at again."""
        if self._lines is None:
            raise AssertionError("an outline has lines")
        numbers: Sequence[int] = range(first, first + len(mapped))
        if self._keeps_contacts:
            shapes = dict(mapped.shapes())
            numbers, lines = [first + index for index in shapes], list(map(_line, shapes.values()))
        else:
            lines = mapped.names()
        with _disk():
            self._lines.add(numbers, lines)

    def contacts(self) -> Iterator[bytes]:
        """Yield the contacts of the finished staging as JSON lines, in file order, many at a time."""
        if self._lines and self._keeps_contacts:
            with _disk():
                yield from self._lines.blocks()
        else:
            for contact in self._journal.input.contacts():
                yield _line(contact_json(contact)).encode()

    def finish(self) -> str:
        """Decide the rows that share a phone, and return the hash of the content."""
        if self._journal.opt_outs.have_any():
            self._journal.rows.index_phones()
        with _disk():
            if self._outline:
                for group in self._index.groups():
                    self._count_group(group)
            else:
                self._journal.input.decide_duplicates(map(self._decide, self._index.groups()))
        return self._journal.finish_staging()

    def census(self) -> Census:
        """Return the counts of the finished staging."""
        tally = self._journal.outcomes.tally()
        codes = Counter(self._journal.outcomes.codes(OutcomeKind.REJECTED, OutcomeKind.SKIPPED))
        out = Counter(self._journal.outcomes.codes(OutcomeKind.SKIPPED))
        if not self._outline:
            return Census(tally, codes, self._journal.outcomes.notes(), out, self._opted_out)
        codes["duplicate_in_file"] += self._superseded
        out["duplicate_in_file"] += self._superseded
        skipped = tally.skipped + self._superseded
        return Census(
            replace(tally, rows=self._rows, skipped=skipped),
            dict((+codes).most_common()),
            dict((self._notes + Counter(self._journal.outcomes.notes())).most_common()),
            dict((+out).most_common()),
            self._opted_out,
        )

    # --- rows that share a phone -------------------------------------------------------------------------------------

    def _count_group(self, group: Sequence[int]) -> None:
        rows = _contacts_of(group)
        if not rows:
            return
        self._superseded += len(rows) - 1
        if self._keeps_contacts and self._lines:
            winners, losers = self._decide(group)
            for seq, contact in winners.items():
                self._lines.replace(seq, _line(contact_json(contact)))
                self._notes.update(contact.notes)
            for loser in losers:
                self._lines.replace(loser.seq, "")
        else:
            self._notes.update(self._doubts(group))
            if len(rows) > 1:
                self._notes.update(_differing(self._compared([place // 4 for place in rows])))

    def _find(self, seqs: Sequence[int]) -> Mapping[int, tuple[int, Contact]]:
        """Return the sources and the contacts of rows; of an outline that keeps none, contacts that have a name."""
        if self._lines is None:
            return self._journal.input.find(seqs)
        return {seq: (0, self._contact_in(self._lines.find(seq))) for seq in sorted(set(seqs))}

    def _contact_in(self, line: str) -> Contact:
        if self._keeps_contacts:
            return contact_of(jsontext.decode(line))
        return Contact(0, "", {"first": line})

    def _doubts(self, group: Sequence[int]) -> tuple[str, ...]:
        """The notes that the winner gets."""
        rows = _contacts_of(group)
        said = list(map(_word_of, rows))
        won = said[0] if self._imports.duplicates == "first" else said[-1]
        if self._imports.duplicates == "merge":
            won = next((word for word in reversed(said) if word != _SAYS_NOTHING), _SAYS_NOTHING)
        kept = ("opt_out_kept",) if _OUT in said and won != _OUT else ()
        if len(rows) < len(group) and _OUT not in said:
            kept = ("opt_out_in_rejected",)
        return (*kept, "shared_phone") if self._is_shared(rows) else kept

    def _is_shared(self, group: Sequence[int]) -> bool:
        return 0 < self._imports.shared_phone_rows <= len(group)

    def _decide(self, group: Sequence[int]) -> tuple[Mapping[int, Contact], Sequence[Outcome]]:
        """Return the winner of a group with its content, and what becomes of the others.

        An opt-out on any of them survives on the row that wins: a superseded "do not text me" is still one, and so is
        that of a row which is rejected.
        """
        seqs = [place // 4 for place in _contacts_of(group)]
        if not seqs:
            return {}, ()
        if self._is_shared(seqs) and "shared_phone" in self._imports.reject_doubtful:
            return {}, self._reject(seqs, "shared_phone")
        if self._imports.duplicates == "reject" and len(seqs) > 1:
            return {}, self._reject(seqs, "duplicate_in_file")
        winner = self._winner(seqs)
        source, won = self._find([winner])[winner]
        # Each row keeps the notes of its own: what was recovered on a row that lost is still counted there.
        notes = (*won.notes, *self._doubts(group), *_differing(self._compared(seqs)))
        if self._imports.duplicates == "merge":
            won = self._merge(seqs)
        if any(_word_of(place) in (_OUT, _NO_CONTACT_OUT) for place in group):
            won = replace(won, fields={**won.fields, "is_opted_out": True})
        won = replace(won, notes=notes)
        verb = "merged into" if self._imports.duplicates == "merge" else "superseded by"
        reason = f"{verb} the row at {self._place(source, won.line)}"
        losers = [Outcome(seq, OutcomeKind.SKIPPED, "duplicate_in_file", reason) for seq in seqs if seq != winner]
        return {winner: won}, losers

    def _winner(self, seqs: Sequence[int]) -> int:
        return seqs[0] if self._imports.duplicates == "first" else seqs[-1]

    def _compared(self, seqs: Sequence[int]) -> Iterator[Contact]:
        """The contacts of a group whose names are compared: the one that wins is among them."""
        return (contact for _, contact in self._find([self._winner(seqs), *seqs[:_COMPARED]]).values())

    def _reject(self, seqs: Sequence[int], code: str) -> list[Outcome]:
        named = self._find(seqs[:5])
        places = ", ".join(self._place(source, contact.line) for source, contact in named.values())
        more = f" and {len(seqs) - 5:,} more" if len(seqs) > 5 else ""
        reason = f"{len(seqs):,} rows share one phone: {places}{more}"
        return [Outcome(seq, OutcomeKind.REJECTED, code, reason) for seq in seqs]

    def _merge(self, seqs: Sequence[int]) -> Contact:
        pieces = (seqs[start : start + _PIECE] for start in range(0, len(seqs), _PIECE))
        contacts = (contact for piece in pieces for _, contact in self._find(piece).values())
        return merge_contacts(contacts)

    def _place(self, source: int, line: int) -> str:
        return f"line {line} of {self._sources[source]}" if len(self._sources) > 1 else f"line {line}"


def _line(shape: Mapping[str, Json]) -> str:
    return jsontext.encode(shape).decode() + "\n"


def _differing(contacts: Iterable[Contact]) -> tuple[str, ...]:
    """A warning where rows with one phone name different people; `Ann` and `Ann Lee` may be one."""
    seen: list[set[str]] = []
    for contact in contacts:
        words = " ".join(str(contact.fields.get(name, "")) for name in ("first", "last")).split()
        name = set(map(fold, words))
        if any(not (name <= other or other <= name) for other in seen):
            return ("duplicate_names_differ",)
        seen.append(name)
    return ()


def _contacts_of(group: Sequence[int]) -> list[int]:
    """The places of the rows of a group that become contacts."""
    return [place for place in group if _word_of(place) != _NO_CONTACT_OUT]


def _word_of(place: int) -> int:
    return place % 4


def merge_contacts(contacts: Iterator[Contact]) -> Contact:
    """Return one contact made from several rows with one phone: a later value wins, an absent one changes nothing."""
    merged = next(contacts)
    for contact in contacts:
        merged = Contact(
            line=contact.line,
            phone=contact.phone,
            fields={**merged.fields, **contact.fields},
            custom={**merged.custom, **contact.custom},
            tags=merged.tags if contact.tags is None else contact.tags,
            notes=tuple(dict.fromkeys((*merged.notes, *contact.notes))),
            lists=tuple(dict.fromkeys((*merged.lists, *contact.lists))),
            known_id=contact.known_id or merged.known_id,
            uuid=contact.uuid or merged.uuid,
            channels=tuple(dict.fromkeys((*merged.channels, *contact.channels))),
            is_blocked=merged.is_blocked if contact.is_blocked is None else contact.is_blocked,
        )
    return merged


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    """Translate what the temporary files of the index raise."""
    try:
        yield
    except OSError as error:
        raise StorageFailed(
            f"The disk for temporary files refused: {error.strerror}. Nothing was sent.",
            advice="Make room there, or point TMPDIR to another disk, and run the same command again.",
        ) from error
