"""The result of an export: its count against the account's own, whether it is complete, its summary."""

import time

from pipeline.errors import PipelineError
from pipeline.exporter.walk._state import WalkReport
from pipeline.models import Json
from pipeline.results import CountState, ExportSummary
from pipeline.snapshots import CHANNELS, STATUS, Draft, DraftFacts, ExportFacts, SnapshotFormat, Store, publish
from pipeline.values import Struct, as_dict, replace


class CountCheck(Struct, frozen=True):
    """The snapshot against the account's own count before and after the walk; None where that is unknown."""

    state: CountState
    before: int | None
    after: int | None


class ExportResult(Struct, frozen=True):
    """The result of an export. `requests` and `seconds` add up over all attempts at it.

    `contacts` were read, `total` are those of the account, where a delta was added to its base; `deletions` as in the
    manifest. `caught_up` is when (UTC) what an earlier process had read was brought up to date, or "". `unknown` says
    what of the details that were asked for is not known, as the middle of a sentence.
    """

    contacts: int
    walk: WalkReport
    count: CountCheck
    requests: int
    seconds: float
    total: int = -1
    deletions: str = ""
    caught_up: str = ""
    unknown: str = ""

    @property
    def complete(self) -> bool:
        """Whether the walk ended by proof, the count does not contradict it, and nothing asked for is unknown."""
        return self.walk.ended == "proved" and self.count.state != "count_differs" and not self.unknown

    @property
    def reason(self) -> str:
        """Why it is not complete, as the middle of a sentence, or ""."""
        if self.walk.ended != "proved":
            return self.walk.reason
        if self.count.state == "count_differs":
            told = f"{self.count.before} before and {self.count.after} after"
            found = self.contacts if self.total < 0 else self.total
            return f"the account counts {told} the walk, but {found} contacts were found"
        return self.unknown

    def findings(self) -> ExportFacts:
        """Return what the manifest is to say."""
        report = self.walk
        walked: dict[str, Json] = {
            "ended": report.ended,
            "pages": report.pages,
            "duplicates_dropped": report.duplicates,
            "first_updated": report.first_updated,
            "last_updated": report.last_updated,
            "watermark": report.watermark,
            "since": report.since,
            "without_updated": report.without_updated,
            "unsorted_pages": report.unsorted_pages,
            "stalls": [as_dict(stall) for stall in report.stalls],
            "traits": report.traits(),
        }
        if self.caught_up:
            walked["caught_up"] = self.caught_up
        traffic = {"requests": self.requests, "seconds": round(self.seconds, 3)}
        return ExportFacts(
            self.complete, self.reason, walked, as_dict(self.count), traffic, self.deletions, max(self.total, -1)
        )


def publish_export(
    draft: Draft, result: ExportResult, form: SnapshotFormat | None = None, store: Store | None = None
) -> ExportSummary:
    """Publish the draft of an export and sum it up. Raises StorageFailed; the draft is then kept."""
    began = time.monotonic()
    facts, held, deleted = draft.facts, draft.contacts, draft.deleted_count
    consent = "list" if facts.shows_opt_out else "status" if facts.consent == "status" else "unknown"
    is_full = facts.detail == "full"
    channels, channels_unknown = draft.how_known(CHANNELS) if is_full else ("unknown", 0)
    status, status_unknown = draft.how_known(STATUS) if is_full else ("unknown", 0)
    unknown = _unknown(channels_unknown, status_unknown)
    result = replace(result, unknown=unknown, requests=facts.requests, seconds=facts.seconds)
    path = publish(draft, result.findings(), form, store)
    return ExportSummary(
        snapshot=path,
        contacts=held,
        complete=result.complete,
        pages=result.walk.pages,
        requests=result.requests,
        duplicates_dropped=result.walk.duplicates,
        seconds=result.seconds + time.monotonic() - began,
        exit_code=0 if result.complete else 3,
        count_check=result.count.state,
        reason=result.reason,
        kind="delta" if facts.base else "full",
        base=facts.base.get("name"),
        total=result.total if facts.base else held,
        deleted=deleted,
        deletions=result.deletions,
        begun=facts.started,
        caught_up=result.caught_up,
        consent=consent,
        detail=facts.detail,
        channels=channels,
        status=status,
        channels_unknown=channels_unknown,
        status_unknown=status_unknown,
        archived="asked" if facts.archived in ("together", "apart") else "unknown",
    )


def _unknown(channels: int, status: int) -> str:
    """Return what is not known of how many contacts, as the middle of a sentence, or ""."""
    parts = [f"the channels of {channels:,} contacts"] if channels else []
    parts += [f"the status of {status:,} contacts (opted out, blocked)"] if status else []
    return f"{' and '.join(parts)} could not be learned (export.detail is full)" if parts else ""


def failed_export(error: PipelineError, draft: Draft | None = None) -> ExportSummary:
    """Return the summary of an export that stopped, with what was read so far, which stays in its draft."""
    facts = draft.facts if draft else DraftFacts()
    walked = facts.walk or {}
    return ExportSummary(
        snapshot=None,
        contacts=draft.contacts if draft else 0,
        complete=False,
        pages=walked.get("pages", 0),
        requests=facts.requests,
        duplicates_dropped=walked.get("duplicates", 0),
        seconds=facts.seconds,
        exit_code=error.exit_code,
        count_check="count_unavailable",
        reason="",
        error=str(error),
        begun=facts.started,
    )
