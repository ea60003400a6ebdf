"""Count and show what an import would do, from the decisions of the decider; nothing is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.intake import Taken
from pipeline.journal import Journal
from pipeline.models import Change, ChangeKind, Outcome, OutcomeKind, Staged
from pipeline.report import find_examples
from pipeline.summaries import CheckSummary, Example, PlannedExample, PlanSummary

EXAMPLES = 3
"""Planned changes of each kind that are shown."""


class Preview:
    """What an import would do, batch by batch. `names` gives fields a name that a person knows, for showing."""

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self._names = names or {}
        self.opt_outs = 0
        self._kinds: Counter[ChangeKind] = Counter()
        self._fields: Counter[str] = Counter()
        self._notes: Counter[str] = Counter()
        self._examples: list[PlannedExample] = []
        self._writing_batches = 0

    @property
    def changes(self) -> int:
        """Creates, updates and deletions together."""
        return self._kinds.total()

    @property
    def deletions(self) -> int:
        """How many contacts would be deleted."""
        return self._kinds[ChangeKind.DELETE]

    def add(self, batch: Sequence[tuple[Staged, Change | Outcome]]) -> None:
        """Take the decisions of one batch in."""
        changes = [(staged, decision) for staged, decision in batch if isinstance(decision, Change)]
        for staged, change in changes:
            fields = tuple(replace(field, name=self._names.get(field.name, field.name)) for field in change.fields)
            if self._kinds[change.kind] < EXAMPLES:
                self._examples.append(PlannedExample(staged.contact.line, change.kind.value, change.phone, fields))
            self._kinds[change.kind] += 1
            if change.kind is not ChangeKind.DELETE:
                self._fields.update(field.name for field in fields)
            self._notes.update(change.notes)
            self.opt_outs += any(field.name == "is_opted_out" and field.new is True for field in change.fields)
        self._writing_batches += bool(changes)

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

        The requests are those that deciding took, which an import repeats, one a change, and one search a batch that
        reads its writes back. `fields_to_create` are the titles of the custom fields that it would make.
        """
        kinds = self._kinds
        requests = read_requests + self.changes + self._writing_batches + (2 if fields_to_create else 0)
        tally = journal.tally()
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
            codes=journal.codes(*bad, OutcomeKind.SKIPPED),
            notes=dict((self._notes + Counter(journal.notes(settled=True))).most_common()),
            examples=tuple(self._examples),
            rejects=find_examples(journal, bad),
            fields_to_create=tuple(fields_to_create),
        )


def summarise_check(source: str, taken: Taken, examples: Sequence[Example]) -> CheckSummary:
    """Return what a check found."""
    tally = taken.census.tally
    files = taken.files
    return CheckSummary(
        source=source,
        rows=tally.rows,
        accepted=tally.rows - tally.settled,
        rejected=tally.rejected,
        skipped=tally.skipped,
        codes=taken.census.codes,
        columns={name: target for file in files for name, target in file.columns.describe().items()},
        encoding=", ".join(dict.fromkeys(file.dialect.encoding for file in files)),
        delimiter=", ".join(dict.fromkeys(file.dialect.delimiter for file in files)),
        notes=taken.census.notes,
        examples=tuple(examples),
        files=tuple(file.as_json() for file in files),
    )
