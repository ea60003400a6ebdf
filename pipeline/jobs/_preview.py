"""Decide what a run would do, and count and show it; nothing is sent."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from pipeline.errors import Interrupted
from pipeline.heymarket import HeymarketClient
from pipeline.models import Change, ChangeKind, FieldChange, Found, Json, Outcome, OutcomeKind, Staged
from pipeline.report import find_examples
from pipeline.resolver import Decider
from pipeline.results import FieldTotals, PlannedExample, PlanSummary
from pipeline.runs.journal import Journal
from pipeline.signals import Progress, StopSwitch
from pipeline.state import NOTE_FIELDS, ServerTraits
from pipeline.uploader import LARGEST_BATCH, BulkTrust, Learned, preview_phoneless
from pipeline.values import replace

EXAMPLES = 3
"""Planned changes of each kind that are shown."""

PAIRS = 3
"""Most frequent changes of one field that are shown."""

MOST_PAIRS = 1_000
"""Different changes of one field that are counted."""

LONGEST_VALUE = 80
"""Characters of a value that tell it from others when changes are counted."""


Decisions = Sequence[tuple[Staged, Change | Outcome]]
"""What was decided about the rows of one batch."""

Recorder = Callable[[Decisions], None]

_NOT_IMPORTED = {OutcomeKind.REJECTED, OutcomeKind.FAILED, OutcomeKind.UNKNOWN}
"""Outcomes of rows whose opt-out is a write of its own."""


def says_opted_out(batch: Decisions) -> list[int]:
    """Return the rows that say opted out and will not be imported, by number; not those that are stale."""
    return [
        staged.seq
        for staged, decision in batch
        if isinstance(decision, Outcome)
        and (decision.kind in _NOT_IMPORTED or decision.code == "exists")
        and staged.contact.fields.get("is_opted_out") is True
    ]


class Preview:
    """What a run would do, batch by batch.

    `names` gives fields a name that a person knows, for showing. `learned` says which writes go by batch (none, if it
    is not given) and who is on a list already.
    """

    def __init__(self, names: Mapping[str, str] | None = None, learned: Learned | None = None) -> None:
        self._names = names or {}
        self._learned = learned or Learned(BulkTrust(ServerTraits(), "single"))
        self._totals = FieldCounter()
        self._list_adds: Counter[int] = Counter()
        self._known_adds = 0
        self._channel_adds = 0
        self._channel_drops = 0
        self._status_sets = 0
        self._write_requests = 0
        self.rows = 0
        self.stale = 0
        self.opt_outs = 0
        self._of_left_rows = 0
        self._kinds: Counter[ChangeKind] = Counter()
        self._fields: Counter[str] = Counter()
        self._notes: Counter[str] = Counter()
        self._examples: list[PlannedExample] = []
        self._writing_batches = 0

    @property
    def changes(self) -> int:
        """Creates, updates and deletions together, and opt-outs of rows that are not imported."""
        return self._kinds.total() + self._of_left_rows

    @property
    def deletions(self) -> int:
        """How many contacts would be deleted."""
        return self._kinds[ChangeKind.DELETE]

    async def decide(
        self,
        decider: Decider,
        journal: Journal,
        progress: Progress,
        stop: StopSwitch,
        record: Recorder = lambda _: None,
    ) -> None:
        """Decide about every open row of a journal; `record` gets the decisions of each batch.

        Raises what the client raises, and Interrupted when asked to stop.
        """
        tally = journal.outcomes.tally()
        progress.stage("planning", tally.rows - tally.settled)
        async for batch in decider.preview(journal.rows.open_rows):
            self.add(batch)
            record(batch)
            progress.advance(len(batch))
            if stop.requested:
                raise Interrupted("Stopped while planning; nothing was sent.")

    async def decide_phoneless(
        self, client: HeymarketClient, decider: Decider, journal: Journal, record: Recorder = lambda _: None
    ) -> None:
        """Decide about every open row of a contact without a phone. Raises what the client raises."""
        if batch := await preview_phoneless(client, journal.phoneless, decider):
            self.add(batch)
            record(batch)

    async def decide_opt_outs(self, decider: Decider, journal: Journal, stop: StopSwitch) -> None:
        """Decide about the opt-outs of rows that are not imported; `decider` may change nothing else.

        Raises what the client raises, and Interrupted when asked to stop.
        """
        if not journal.opt_outs.are_left():
            return
        async for batch in decider.preview(journal.opt_outs.open_rows):
            decisions = [decision for _, decision in batch] + await _each_of_several(decider, batch)
            changes = [decision for decision in decisions if isinstance(decision, Change)]
            others = [decision for decision in decisions if isinstance(decision, Outcome)]
            self._of_left_rows += len(changes)
            self.opt_outs += len(changes)
            self._notes["opt_out_not_applied"] += sum(
                other.kind in _NOT_IMPORTED and other.code != "several_contacts" for other in others
            )
            self._writing_batches += bool(changes)
            self._write_requests += self._learned.trust.count_requests(changes)
            if stop.requested:
                raise Interrupted("Stopped while planning; nothing was sent.")

    def add(self, batch: Decisions) -> None:
        """Take the decisions of one batch in."""
        changes = [(staged, decision) for staged, decision in batch if isinstance(decision, Change)]
        self.rows += len(batch)
        self.stale += sum(isinstance(decision, Outcome) and decision.code == "stale" for _, decision in batch)
        for staged, decision in batch:
            self._add_lists(staged, decision)
        for staged, change in changes:
            fields = tuple(replace(field, name=self._names.get(field.name, field.name)) for field in change.fields)
            if self._kinds[change.kind] < EXAMPLES:
                self._examples.append(PlannedExample(staged.contact.line, change.kind.value, change.phone, fields))
            self._kinds[change.kind] += 1
            if change.kind is not ChangeKind.DELETE:
                self._fields.update(field.name for field in fields)
                self._totals.add(fields)
            self._notes.update(change.notes)
            self.opt_outs += any(field.name == "is_opted_out" and field.new is True for field in change.fields)
        self._writing_batches += bool(changes)
        self._write_requests += self._learned.trust.count_requests([change for _, change in changes])

    def _add_lists(self, staged: Staged, decision: Change | Outcome) -> None:
        if isinstance(decision, Outcome) and decision.kind is not OutcomeKind.UNCHANGED:
            return
        for kind, value in staged.contact.channels:
            known = decision.contact_id is not None and self._learned.unverifiable.has_channel(
                decision.contact_id, kind, value
            )
            self._channel_adds += not known
        self._channel_drops += len(staged.contact.drops)
        self._status_sets += staged.contact.is_blocked is not None
        for list_id in staged.contact.lists:
            if decision.contact_id is not None and self._learned.unverifiable.is_on_list(list_id, decision.contact_id):
                self._known_adds += 1
            else:
                self._list_adds[list_id] += 1

    def summary(
        self,
        source: str,
        journal: Journal,
        *,
        read_requests: int,
        requests_per_minute: int,
        fields_to_create: Sequence[str] = (),
    ) -> PlanSummary:
        """Return the plan; `journal` holds the rows that need no write, settled.

        The requests are those that deciding took, which an import repeats, the writes (one a change, or by batch where
        that was proved on this account), one search a batch that reads its writes back, and those that fill lists.
        `fields_to_create` are the titles of the custom fields that it would make.
        """
        kinds = self._kinds
        requests = read_requests + self._write_requests + self._writing_batches + (2 if fields_to_create else 0)
        requests += sum(-(-count // LARGEST_BATCH) for count in self._list_adds.values())
        # A look at what the contact has, and the channel itself.
        requests += 2 * self._channel_adds
        # Looking, the call, looking again; and what else a contact holds is looked at around a deletion.
        requests += 2 * self._status_sets + 6 * self._channel_drops
        # Adding leaves out what is counted as 0.
        notes = self._notes + Counter(journal.outcomes.notes(settled=True))
        if self._known_adds:
            notes["list_unverifiable"] = self._known_adds
        tally = journal.outcomes.tally()
        bad = (OutcomeKind.REJECTED,)
        return PlanSummary(
            source=source,
            tally=replace(
                tally,
                created=kinds[ChangeKind.CREATE],
                updated=kinds[ChangeKind.UPDATE],
                deleted=kinds[ChangeKind.DELETE],
            ),
            requests=requests,
            seconds=requests * 60 / requests_per_minute if requests_per_minute else 0.0,
            fields=dict(self._fields.most_common()),
            codes=journal.outcomes.codes(*bad, OutcomeKind.SKIPPED),
            skipped_codes=journal.outcomes.codes(OutcomeKind.SKIPPED),
            notes=dict(notes.most_common()),
            examples=tuple(self._examples),
            rejects=find_examples(journal, bad),
            fields_to_create=tuple(fields_to_create),
            field_totals=self._totals.totals(),
            list_adds=dict(self._list_adds),
            channel_adds=self._channel_adds,
            channel_drops=self._channel_drops,
            status_sets=self._status_sets,
            opted_out_of_rejected_row=self._of_left_rows,
            unverifiable={field: notes[note] for note, field in NOTE_FIELDS.items() if notes[note]},
        )


async def _each_of_several(decider: Decider, batch: Decisions) -> list[Change | Outcome]:
    """Decide about each of the contacts that share the phone of an opt-out."""
    shared = [
        staged.contact
        for staged, decision in batch
        if isinstance(decision, Outcome) and decision.code == "several_contacts"
    ]
    found = await decider.resolve([contact.phone for contact in shared]) if shared else Found()
    return [
        await decider.plan(0, contact, record) for contact in shared for record in found.records.get(contact.phone, ())
    ]


class FieldCounter:
    """Counts what happens to fields, and their most frequent changes of value, in bounded memory."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}
        self._pairs: dict[str, Counter[tuple[str, str]]] = {}

    def add(self, fields: Sequence[FieldChange]) -> None:
        """Take the fields of one change in."""
        for field in fields:
            old, new = _value_text(field.old), _value_text(field.new)
            kind = "filled" if not old else "changed" if new else "erased"
            self._counts.setdefault(field.name, Counter())[kind] += 1
            pairs = self._pairs.setdefault(field.name, Counter())
            # A field with so many values has no frequent ones; those that came first are as good as others.
            if kind == "changed" and ((old, new) in pairs or len(pairs) < MOST_PAIRS):
                pairs[old, new] += 1

    def totals(self) -> tuple[FieldTotals, ...]:
        """Return the counts, the field that changes most often first."""
        ordered = sorted(self._counts.items(), key=lambda entry: -entry[1].total())
        return tuple(
            FieldTotals(
                name,
                counts["filled"],
                counts["changed"],
                counts["erased"],
                tuple(
                    (FieldChange(name, old, new), count) for (old, new), count in self._pairs[name].most_common(PAIRS)
                ),
            )
            for name, counts in ordered
        )


def _value_text(value: Json) -> str:
    """A value as it is counted: "" for nothing, which for an owner and an opt-out is "nobody" and "no"."""
    if value in (None, False, "", -1):
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)[:LONGEST_VALUE]
