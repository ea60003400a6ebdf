"""What a command says at its end, as values; scripts rely on the keys of their `as_json()`."""

from collections.abc import Mapping
from typing import Literal

from pipeline.models import ConsentNotice, FieldChange, Json, Tally, Traffic
from pipeline.runs import RunKind
from pipeline.values import Struct, as_dict, field, field_names


def _json(value: object) -> Json:
    """Return a value as JSON has it: structs and mappings as objects, tuples as arrays."""
    if isinstance(value, Struct):
        return {each: _json(getattr(value, each)) for each in field_names(value)}
    if isinstance(value, Mapping):
        return {str(key): _json(each) for key, each in value.items()}
    return [_json(each) for each in value] if isinstance(value, tuple) else value


def _consent(notices: tuple[ConsentNotice, ...]) -> dict[str, Json]:
    """What JSON says of columns on consent; nothing where there is nothing to say."""
    return {"consent": _json(notices)} if notices else {}


def _fields(value: object, *names: str) -> dict[str, Json]:
    """Return some fields of a value as a JSON object."""
    return {name: _json(getattr(value, name)) for name in names}


class Example(Struct, frozen=True):
    """One rejected, failed or unknown row, to be shown. `value` is the offending text, as it may be shown."""

    line: int
    code: str
    column: str
    value: str
    reason: str


class RunSummary(Struct, frozen=True):
    """The end of a run: an import, an undo or a deletion, as `kind` says.

    `rejects`, `warnings`, `came_back_list` and `report` are the paths of the reject file, of the list of cells that
    were left out, of the list of contacts that may be texted although an older no is known, and of the report, or None;
    `error` says why it stopped, or "". `undone` is the run that was undone, `kept_list` the path of the list of what
    such a run left, or None.
    `skipped_codes` are those of `codes` that are of skipped rows.
    """

    run_id: str | None
    tally: Tally
    traffic: Traffic
    seconds: float
    exit_code: int
    rejects: str | None = None
    source: str = ""
    attempts: int = 1
    codes: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    error: str = ""
    error_code: str = ""
    report: str | None = None
    kind: RunKind = "import"
    undone: str = ""
    kept_list: str | None = None
    warnings: str | None = None
    came_back_list: str | None = None
    skipped_codes: Mapping[str, int] = field(default_factory=dict)
    consent: tuple[ConsentNotice, ...] = ()

    @property
    def fields_left_out(self) -> int:
        """Cells that were left out of contacts that are imported without them."""
        return self.notes.get("field_left_out", 0)

    @property
    def kept(self) -> int:
        """Contacts that were left alone because they were edited since."""
        return self.codes.get("stale", 0) if self.kind != "import" else 0

    @property
    def opted_out_of_rejected_row(self) -> int:
        """Contacts that were opted out because a rejected or skipped row says so. They are outside the identity."""
        return self.notes.get("opted_out_of_rejected_row", 0)

    @property
    def pending(self) -> int:
        """Rows without an outcome, because the run stopped before its end."""
        return self.tally.rows - self.tally.settled

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of `hmpipe import --json`, or of `undo` and `delete`, which have `deleted` as well.

        `pending` and `error` are there only where there is any. `kept`, of an undo, is a part of `skipped`.
        """
        counts = as_dict(self.tally)
        if self.kind == "import":
            # The keys of an import (docs/contract.md, section JSON), which deletes nothing.
            del counts["deleted"]
        counts["opted_out_of_rejected_row"] = self.opted_out_of_rejected_row
        known: dict[str, Json] = {"run_id": self.run_id, **counts}
        known |= {"requests": self.traffic.requests, "rate_limited": self.traffic.rate_limited}
        known |= {"seconds": round(self.seconds, 3), "exit_code": self.exit_code, "rejects": self.rejects}
        known |= _fields(self, "fields_left_out", "warnings")
        known |= {"channels_added": self.notes.get("channel_added", 0)}
        known |= {"came_back": self.notes.get("came_back", 0), "came_back_list": self.came_back_list}
        if self.kind == "undo":
            known |= {"undone": self.undone, "kept": self.kept, "kept_list": self.kept_list}
        if self.pending:
            known["pending"] = self.pending
        if self.error:
            known["error"] = self.error
        if self.error_code:
            known["error_code"] = self.error_code
        return known | _consent(self.consent)


class RunDetails(Struct, frozen=True):
    """What a run's journal says beyond its summary, for whoever asks for it.

    `fields` counts, for each field by its name, the contacts on which it was set at their making, filled, changed and
    cleared; only what was proved. `traits` is what the account's service was seen to do. `undone_by` are the runs that
    undid it, with their states. `started` is ISO 8601.
    """

    state: str
    started: str = ""
    fields: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    traits: Mapping[str, str] = field(default_factory=dict)
    undone_by: tuple[tuple[str, str], ...] = ()

    def as_json(self, summary: RunSummary) -> dict[str, Json]:
        """Return the JSON object of `hmpipe runs show`: that of the run's own command, and what is known beyond."""
        known = summary.as_json() | _fields(summary, "kind", "source", "attempts", "codes", "notes", "report")
        known |= _fields(self, "state", "started", "fields", "traits") | {"retries": summary.traffic.retries}
        return known | ({"undone_by": [run for run, _ in self.undone_by]} if self.undone_by else {})


class CheckSummary(Struct, frozen=True):
    """The end of a check.

    `columns` says for every header where it goes, None for nowhere; `files` how each was read.
    `skipped_codes` are those of `codes` that are of skipped rows. `opted_out` counts the rows that say opted out, also
    those that are not accepted; None where nothing in the file speaks of it.
    """

    source: str
    rows: int
    accepted: int
    rejected: int
    skipped: int
    codes: Mapping[str, int]
    columns: Mapping[str, str | None]
    encoding: str
    delimiter: str
    notes: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    files: tuple[Mapping[str, Json], ...] = ()
    skipped_codes: Mapping[str, int] = field(default_factory=dict)
    consent: tuple[ConsentNotice, ...] = ()
    opted_out: int | None = None

    @property
    def exit_code(self) -> int:
        """3 as soon as anything is rejected, else 0."""
        return 3 if self.rejected else 0

    @property
    def fields_left_out(self) -> int:
        """Cells that would be left out of contacts that are imported without them."""
        return self.notes.get("field_left_out", 0)

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of `hmpipe check --json`."""
        counts = _fields(self, "rows", "accepted", "rejected", "skipped", "opted_out", "fields_left_out", "codes")
        counts |= _fields(self, "columns", "encoding", "delimiter", "notes", "files", "exit_code")
        return counts | _consent(self.consent)


class PlannedExample(Struct, frozen=True):
    """One planned change, to be shown: the row, what is done to it, and field by field what changes."""

    line: int
    kind: str
    phone: str
    fields: tuple[FieldChange, ...]


class FieldTotals(Struct, frozen=True):
    """How often one field changes: from nothing to something, from one value to another, from something to nothing.

    `pairs` are its most frequent changes from one value to another, with their counts.
    """

    name: str
    filled: int = 0
    changed: int = 0
    erased: int = 0
    pairs: tuple[tuple[FieldChange, int], ...] = ()


class PlanSummary(Struct, frozen=True):
    """The end of a plan: what an import would do now. Nothing was written.

    `requests` is what the import would send, `seconds` how long that takes at the request limit (0 without a limit).
    `opted_out_of_rejected_row` counts the contacts that would be opted out because a rejected or skipped row says so.
    `channel_adds` counts the further phones and addresses that would be looked for and added, where they are not there,
    `channel_drops` those that would be taken away, `status_sets` the contacts to be blocked or unblocked where they are
    not so.
    `list_adds` counts the contacts that would be added to each list. `unverifiable` counts, by field, what earlier
    imports wrote and nobody can read back: it is not planned again. `against` is the snapshot that was compared with,
    or "" for the account itself; `plan` is the path of the saved plan, or None.
    """

    source: str
    tally: Tally
    requests: int
    seconds: float
    fields: Mapping[str, int] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[PlannedExample, ...] = ()
    rejects: tuple[Example, ...] = ()
    fields_to_create: tuple[str, ...] = ()
    field_totals: tuple[FieldTotals, ...] = ()
    list_adds: Mapping[int, int] = field(default_factory=dict)
    channel_adds: int = 0
    channel_drops: int = 0
    status_sets: int = 0
    unverifiable: Mapping[str, int] = field(default_factory=dict)
    opted_out_of_rejected_row: int = 0
    against: str = ""
    plan: str | None = None
    skipped_codes: Mapping[str, int] = field(default_factory=dict)
    consent: tuple[ConsentNotice, ...] = ()

    @property
    def exit_code(self) -> int:
        """3 as soon as anything would be rejected, else 0."""
        return 3 if self.tally.rejected else 0

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of `hmpipe plan --json`: counts of what an import would do."""
        counts: dict[str, Json] = {
            "rows": self.tally.rows,
            "create": self.tally.created,
            "update": self.tally.updated,
        }
        counts |= _fields(self.tally, "unchanged", "skipped", "rejected") | _fields(self, "fields")
        counts["field_changes"] = {
            each.name: _fields(each, "filled", "changed", "erased") for each in self.field_totals
        }
        counts |= _fields(
            self,
            "codes",
            "fields_to_create",
            "channel_adds",
            "channel_drops",
            "status_sets",
            "list_adds",
            "unverifiable",
            "plan",
        )
        counts["opted_out_of_rejected_row"] = self.opted_out_of_rejected_row
        counts |= {"requests": self.requests, "seconds": round(self.seconds, 1), "exit_code": self.exit_code}
        return counts | _consent(self.consent)


class ReversalPlan(Struct, frozen=True):
    """What an undo or a deletion would do now; `plan` counts it. Nothing was written.

    `undone` is the run that would be undone. `left` are examples of rows that would be left as they are.
    """

    kind: RunKind
    plan: PlanSummary
    undone: str = ""
    left: tuple[Example, ...] = ()

    @property
    def effects(self) -> dict[str, int]:
        """What it would do to how many: nothing where all are 0."""
        plan, tally = self.plan, self.plan.tally
        return {
            "restore": tally.updated,
            "make anew": tally.created,
            "delete": tally.deleted,
            "take away further phones or addresses:": plan.channel_drops,
            "add further phones or addresses, where they are not there:": plan.channel_adds,
            "block or unblock, where they are not so:": plan.status_sets,
        }

    @property
    def kept(self) -> int:
        """Contacts that would be left alone because they were edited since."""
        return self.plan.codes.get("stale", 0)

    @property
    def exit_code(self) -> int:
        """3 as soon as anything would be rejected, else 0."""
        return self.plan.exit_code

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of `undo --plan` or `delete --plan`: that of a plan, and `delete`."""
        known = self.plan.as_json() | {"delete": self.plan.tally.deleted}
        # A reversal writes into fields that are there; it makes none. Its rows are contacts, and speak for no others.
        del known["fields_to_create"], known["opted_out_of_rejected_row"]
        return known | ({"undone": self.undone, "kept": self.kept} if self.kind == "undo" else {})


CountState = Literal["verified", "count_unavailable", "count_differs"]


class ExportSummary(Struct, frozen=True):
    """The end of an export, for screen and scripts: exit code 0 complete, 3 partial, others stopped before its end.

    `snapshot` is the place, or None where there is none; `error` says why it stopped, or "". `contacts` are those in
    the snapshot; of a delta `total` are those of the account, `deleted` those that are gone since its `base`. `begun`
    is when the first try at it began, `caught_up` when what that had read was brought up to date, or "" (both UTC).
    `consent` says how it is known who is opted out: `list` (it shows it), `status` (each was asked), or `unknown`.
    `channels` and `status` say how these are known (`list`, `asked`, `unknown`), and `channels_unknown` and
    `status_unknown` of how many contacts they are not, where `detail` is `full`; `archived` whether archived contacts
    were `asked` for, or whether they are in it is `unknown`.
    """

    snapshot: str | None
    contacts: int
    complete: bool
    pages: int
    requests: int
    duplicates_dropped: int
    seconds: float
    exit_code: int
    count_check: CountState
    reason: str
    error: str = ""
    kind: str = "full"
    base: str | None = None
    total: int = 0
    deleted: int = 0
    deletions: str = ""
    begun: str = ""
    caught_up: str = ""
    consent: str = "unknown"
    detail: str = "list"
    channels: str = "unknown"
    status: str = "unknown"
    channels_unknown: int = 0
    status_unknown: int = 0
    archived: str = "unknown"

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of `hmpipe export --json`; `error` only where there is one."""
        known = as_dict(self) | {"seconds": round(self.seconds, 3)}
        if not self.error:
            del known["error"]
        return known


class SnapshotEntry(Struct, frozen=True):
    """One snapshot as `hmpipe snapshots list` shows it. `problem` says why it cannot be read, or "".

    `contacts` are those in it, `total` those of the account at its time; `verified` says what a verification on this
    machine found and when, or "".
    """

    snapshot: str
    name: str
    age_seconds: int | None
    contacts: int
    bytes: int
    complete: bool
    account: str
    problem: str = ""
    kind: str = "full"
    base: str = ""
    total: int = 0
    deleted: int = 0
    verified: str = ""

    def as_json(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return as_dict(self)


class Leftover(Struct, frozen=True):
    """Files beside the snapshots that no snapshot needs: a draft of one, or what a removal that was cut short has left.

    `idle_seconds` is how long ago something was written to a draft.
    """

    kind: Literal["draft", "removal"]
    path: str
    bytes: int = 0
    idle_seconds: int = 0

    def as_json(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return as_dict(self)


class FieldExample(Struct, frozen=True):
    """A contact that differs between two snapshots, and the names of the fields that do."""

    id: int
    phone: str
    kind: str
    fields: tuple[str, ...] = ()


class DifferenceSummary(Struct, frozen=True):
    """Two snapshots compared. `touched` contacts differ in nothing but their revision and time stamp.

    `fields` counts the contacts in which each field changed. `accounts` are the two of which they are, where those
    differ.
    """

    old: str
    new: str
    added: int
    deleted: int
    changed: int
    touched: int
    fields: Mapping[str, int]
    examples: tuple[FieldExample, ...] = ()
    accounts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of `hmpipe snapshots diff --json`; it holds no personal data."""
        counts = _fields(self, "old", "new", "added", "deleted", "changed", "touched", "fields", "accounts")
        return counts | {"exit_code": 0}


class PruneSummary(Struct, frozen=True):
    """Which snapshots are kept, with the reasons, and which go; `warnings` are sentences.

    `tidied` are those that an earlier prune had begun to remove and that this one removed to the end.
    """

    keep: tuple[tuple[str, tuple[str, ...]], ...]
    remove: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    tidied: tuple[str, ...] = ()

    def as_json(self, *, removed: int) -> dict[str, Json]:
        """Return the JSON object of `hmpipe snapshots prune --json`."""
        kept = [{"snapshot": name, "reasons": list(reasons)} for name, reasons in self.keep]
        return {"keep": kept} | _fields(self, "remove", "warnings", "tidied") | {"removed": removed, "exit_code": 0}


class Finding(Struct, frozen=True):
    """One thing that the doctor looked at. `state` is ok, unknown or bad."""

    name: str
    state: str
    text: str


class DoctorReport(Struct, frozen=True):
    """What this account and service were seen to do."""

    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """1 when something is bad, else 0."""
        return 1 if any(finding.state == "bad" for finding in self.findings) else 0

    def as_json(self) -> dict[str, Json]:
        """Return the findings as a JSON object."""
        return _fields(self, "findings", "exit_code")


class ConsentState(Struct, frozen=True):
    """A phone that must not be texted: `state` is opted_out or do_not_contact, `at` and `source` when and by what it
    was learned, `came_back` when it was seen to be textable at the service after that, or "".
    """

    phone: str
    state: str
    at: str
    source: str
    place: str
    came_back: str = ""


class ConsentList(Struct, frozen=True):
    """The end of `hmpipe consent list`."""

    phones: tuple[ConsentState, ...]

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of the command."""
        return {"phones": [as_dict(each) for each in self.phones], "exit_code": 0}


class ConsentChange(Struct, frozen=True):
    """The end of `hmpipe consent add` and `release`: phones that it changed, those that were so already, and rows of
    the list that name no phone.
    """

    changed: int
    known: int
    rejects: tuple[Example, ...] = ()

    @property
    def exit_code(self) -> int:
        """3 where rows of the list could not be read."""
        return 3 if self.rejects else 0

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of the command."""
        return _fields(self, "changed", "known") | {"rejected": len(self.rejects), "exit_code": self.exit_code}


class ConsentExport(Struct, frozen=True):
    """The end of `hmpipe consent export`: the file, and how many things it says."""

    path: str
    entries: int

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of the command."""
        return _fields(self, "path", "entries") | {"exit_code": 0}


class FoundPerson(Struct, frozen=True):
    """What an account holds of one contact. None is what the service does not tell; `known_no` what this machine knows
    of an older no.
    """

    id: int
    uuid: str
    phone: str
    first: str
    last: str
    display_name: str
    email: str
    avatar: str
    owner: str
    opted_out: bool | None
    opted_out_by_admin: bool | None
    opted_out_by_contact: bool | None
    blocked: bool | None
    tags: tuple[str, ...] | None
    custom: Mapping[str, Json]
    channels: tuple[tuple[str, str], ...] | None
    created: str
    updated: str
    known_no: str = ""


class PastWrite(Struct, frozen=True):
    """A write of a run of this machine: when (ISO 8601, UTC), by which row, what came of it, and its fields.

    Without a run it is what a snapshot saw changed by somebody else; `at` is when that was begun.
    """

    run_id: str
    at: str
    line: int
    kind: str
    outcome: str
    fields: tuple[FieldChange, ...]


class FoundPeople(Struct, frozen=True):
    """The end of `hmpipe find`: what was asked for (`asked`), who was found, and what runs wrote to them."""

    asked: tuple[str, ...]
    people: tuple[FoundPerson, ...]
    history: tuple[PastWrite, ...] | None = None

    @property
    def exit_code(self) -> int:
        """3 where nobody was found."""
        return 0 if self.people else 3

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of the command."""
        past = {} if self.history is None else {"history": _json(self.history)}
        return {"asked": list(self.asked), "people": _json(self.people), **past, "exit_code": self.exit_code}


class Forgotten(Struct, frozen=True):
    """The end of `hmpipe find --forget`: how the deletion ended, and what holds the person until it is removed."""

    deletion: RunSummary
    runs: tuple[str, ...]
    snapshots: tuple[str, ...]
    unread: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of the command."""
        return self.deletion.as_json() | {
            "still_in_runs": list(self.runs),
            "still_in_snapshots": list(self.snapshots),
            "snapshots_not_read": list(self.unread),
        }


class DuplicateSummary(Struct, frozen=True):
    """The end of `hmpipe find --duplicates`: the file, the snapshot, groups by what is shared, and contacts in all."""

    path: str
    snapshot: str
    groups: Mapping[str, int]
    contacts: int

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of the command."""
        return _fields(self, "path", "snapshot", "groups", "contacts") | {"exit_code": 0}
