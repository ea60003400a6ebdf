"""Look at an account with read requests only, and say what it and the service were seen to do."""

from collections import Counter
from collections.abc import Sequence

from pipeline.errors import PipelineError, RequestRefused
from pipeline.heymarket import HeymarketClient
from pipeline.models import Page, PageRequest, Record
from pipeline.results import DoctorReport, Finding
from pipeline.state import ServerTraits


async def examine(client: HeymarketClient, traits: ServerTraits | None = None) -> DoctorReport:
    """Return what can be seen without writing, and what earlier imports learned by writing (`traits`).

    A refused or failing look is a finding, never the end.
    """
    findings = [await _credentials(client)]
    if findings[0].state == "bad":
        return DoctorReport(tuple(findings))
    findings.append(await _fields(client))
    findings.append(await _count(client))
    findings += await _list(client)
    findings += [Finding(name, "ok", text) for name, text in (traits or ServerTraits()).describe().items()]
    return DoctorReport(tuple(findings))


async def _credentials(client: HeymarketClient) -> Finding:
    try:
        inboxes = await client.list_inboxes()
    except PipelineError as error:
        return Finding("credentials", "bad", str(error))
    return Finding("credentials", "ok", f"accepted; {inboxes} inboxes")


async def _fields(client: HeymarketClient) -> Finding:
    try:
        fields = await client.list_custom_fields()
    except PipelineError as error:
        return Finding("custom fields", "bad", str(error))
    titles = Counter(field.title.strip().casefold() for field in fields)
    shared = sum(count for count in titles.values() if count > 1)
    note = f"; {shared} share their title with another and must be mapped by ID" if shared else ""
    return Finding("custom fields", "ok", f"{len(fields)} fields{note}")


async def _count(client: HeymarketClient) -> Finding:
    try:
        count = await client.count_contacts()
    except PipelineError as error:
        return Finding("contact count", "unknown", str(error))
    if count is None:
        return Finding(
            "contact count", "unknown", "the service gives no usable count; an export is proved by its walk alone"
        )
    return Finding("contact count", "ok", f"{count:,} contacts")


async def _list(client: HeymarketClient) -> list[Finding]:
    """Look at one page in each direction: order, page size, what a record shows."""
    try:
        default = await client.list_contacts(PageRequest())
        ascending = await client.list_contacts(PageRequest(ascending=True))
    except PipelineError as error:
        return [Finding("contact list", "unknown" if isinstance(error, RequestRefused) else "bad", str(error))]
    if not default.records:
        return [Finding("contact list", "unknown", "the account has no contacts to look at")]
    return [
        Finding("contact list", "ok", f"{len(default.records)} contacts a page by default, {_order(default)}"),
        _ascending(default, ascending),
        _opt_outs(default.records),
        _tags(default.records),
    ]


def _order(page: Page[Record]) -> str:
    stamps = [record.updated for record in page.records]
    if len(set(stamps)) < 2:
        return "order unknown (all have one timestamp)"
    if stamps == sorted(stamps):
        return "oldest first"
    return "newest first" if stamps == sorted(stamps, reverse=True) else "not sorted by their timestamp"


def _ascending(default: Page[Record], ascending: Page[Record]) -> Finding:
    order = _order(ascending)
    if order == "oldest first":
        return Finding("ascending", "ok", "oldest first is honoured when asked for")
    if order.startswith("order unknown"):
        return Finding("ascending", "unknown", order)
    same = [record.id for record in default.records] == [record.id for record in ascending.records]
    text = "not honoured" if same else f"asked for oldest first, got {order}"
    return Finding("ascending", "unknown", f"{text}; an export walks newest first and repeats its beginning")


def _opt_outs(records: Sequence[Record]) -> Finding:
    if any(record.is_opted_out is not None for record in records):
        return Finding("opt-outs", "ok", "shown in the contact records")
    text = "not shown in the contact records; an import asks for each contact that it updates (one request more)"
    return Finding("opt-outs", "unknown", text)


def _tags(records: Sequence[Record]) -> Finding:
    if any(record.tags is not None for record in records):
        return Finding("tags", "ok", "shown in the contact records")
    return Finding(
        "tags", "unknown", "not shown in the contact records; an import leaves the tags of existing contacts alone"
    )
