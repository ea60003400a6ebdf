"""Exports and snapshots as a person reads them: the end of an export, lists, verifications, comparisons, removals."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.models import mask_phone
from pipeline.report._text import duration, size_text
from pipeline.report.page import Breakdown, Count, HtmlPage, HtmlTable, Tone, render_page
from pipeline.results import DifferenceSummary, ExportSummary, Leftover, PruneSummary, SnapshotEntry

if TYPE_CHECKING:
    from pipeline.snapshots import Verification

_TWO_ACCOUNTS = "These are two accounts; contacts are compared by IDs, which mean nothing from one to the other."


def export_text(summary: ExportSummary) -> str:
    """Return the end of an export as text."""
    if summary.snapshot is None:
        kept = f" The {summary.contacts:,} contacts read so far are kept for the next call." if summary.contacts else ""
        return f"Export: stopped before its end; no snapshot was published.{kept}"
    counted = {
        "verified": "the account's own count agrees",
        "count_unavailable": "the account gives no count to compare with",
        "count_differs": "the account's own count DIFFERS",
    }[summary.count_check]
    whole = "complete" if summary.complete else "PARTIAL"
    found = f"{summary.contacts:,} contacts"
    if summary.kind == "delta":
        gone = "" if summary.deletions == "unknown" else f" and {summary.deleted:,} deleted"
        found = f"{summary.contacts:,} changed{gone} since {summary.base}, {summary.total:,} contacts in all"
    lines = [f"Export: {found}, {whole}; {counted}"]
    if summary.caught_up:
        begun, caught_up = summary.begun[:19], summary.caught_up[:19]
        lines.append(f"  It was begun at {begun} UTC and brought up to date at {caught_up} UTC.")
    if summary.deletions == "unknown" and summary.kind == "delta":
        lines.append("  Deleted contacts were not looked for: that takes a full walk (--full).")
    elif summary.deletions == "unknown":
        lines.append("  Contacts that were deleted in between may be in it: only the account's count could tell.")
    if summary.consent == "unknown" and summary.total:
        lines.append(
            "  Who is opted out is not in it, for the list does not show it: a restore opts out whomever it makes anew."
            ' export.consent = "status" asks, by one request a contact.'
        )
    lines += _detail_lines(summary)
    if summary.reason:
        lines.append(f"  It is partial because {summary.reason}.")
    lines.append(f"{summary.requests:,} requests for {summary.pages:,} pages, {duration(summary.seconds)}.")
    lines.append(f"Snapshot: {summary.snapshot}")
    return "\n".join(lines)


def _detail_lines(summary: ExportSummary) -> list[str]:
    if summary.detail != "full":
        return []
    known = {"list": "shown by the list", "asked": "asked one by one", "unknown": "NOT KNOWN of all contacts"}
    lines = [f"  Channels: {known[summary.channels]}; opted out and blocked: {known[summary.status]}."]
    if "unknown" in (summary.channels, summary.status):
        lines.append('  export.detail = "list" makes complete backups of what the list shows.')
    if summary.archived == "unknown":
        lines.append("  Archived contacts may be missing: the list was not seen to tell them.")
    return lines


def snapshots_text(snapshots: Iterable[SnapshotEntry], leftovers: Iterable[Leftover], place: str) -> str:
    """Return the list of snapshots in a place as text, and below it what lies beside them."""
    shown = [_snapshot_line(found) for found in snapshots] or [f"No snapshots in {place}."]
    return "\n".join([*shown, *(_leftover_line(each) for each in leftovers)])


def _leftover_line(left: Leftover) -> str:
    if left.kind == "removal":
        return f"Left over: {left.path}, a removal that was cut short; the next 'snapshots prune' ends it."
    return (
        f"Left over: {left.path}, a draft of {size_text(left.bytes)}, last written {duration(left.idle_seconds)} ago."
        " It holds contacts in plain: let the command that began it go on, or remove the folder."
    )


def _snapshot_line(found: SnapshotEntry) -> str:
    if found.problem:
        return f"{found.name}  UNREADABLE: {found.problem}"
    state = "complete" if found.complete else "PARTIAL"
    age = "" if found.age_seconds is None else f"{duration(found.age_seconds)} old"
    held = f"{found.contacts:>11,} contacts"
    if found.kind == "delta":
        held = f"{found.total:>11,} contacts ({found.contacts:,} changed, {found.deleted:,} deleted since {found.base})"
    verified = f"verified: {found.verified}" if found.verified else "not verified here"
    return f"{found.name}  {state:<8} {held}  {size_text(found.bytes):>9}  {age}  {verified}  {found.account}"


def verification_text(found: "Verification") -> str:
    """Return what verifying a snapshot found, as text."""
    if found.problems:
        return "\n".join([f"{found.path}: DAMAGED", *(f"  {problem}" for problem in found.problems)])
    partial = f", but PARTIAL: {found.reason}" if found.exit_code else ""
    lines = [f"{found.path}: whole, {found.contacts:,} contacts{partial}"]
    if len(found.chain) > 1:
        lines.append(f"  with all that it builds on: {', '.join(found.chain[:-1])}")
    if not found.looked_inside:
        lines.append(
            "  It is encrypted: its files are the ones that were written; what they hold was not counted, for there is"
            " no key (HMPIPE_AGE_IDENTITY)."
        )
    if found.without_checksum:
        names = ", ".join(found.without_checksum)
        lines.append(
            f"  Made by an earlier version: {names}. Its manifest carries no checksum of its own, so a change of what"
            " it says of the walk would not be noticed."
        )
    return "\n".join(lines)


def difference_text(found: DifferenceSummary) -> str:
    """Return a comparison of two snapshots as text; phones are masked, values are not shown."""
    lines = [f"From {found.old} to {found.new}:"]
    if found.accounts:
        lines = [f"Note: {_TWO_ACCOUNTS} They are {' and '.join(found.accounts)}.", *lines]
    lines += [
        f"{count:>11,} {word}"
        for word, count in (("added", found.added), ("deleted", found.deleted), ("changed", found.changed))
    ]
    if found.touched:
        lines.append(f"{found.touched:>11,} written without any change")
    if found.fields:
        lines.append("Changed fields:")
        lines += [f"{count:>11,} {name}" for name, count in found.fields.items()]
    if found.examples:
        lines.append("For example:")
    for each in found.examples:
        what = f": {', '.join(each.fields)}" if each.fields else ""
        lines.append(f"  {each.kind} {mask_phone(each.phone)} (id {each.id}){what}")
    return "\n".join(lines)


def difference_page(found: DifferenceSummary) -> str:
    """Return a comparison of two snapshots as an HTML document; phones are masked, values are not shown."""
    examples = tuple((each.kind, mask_phone(each.phone), each.id, ", ".join(each.fields)) for each in found.examples)
    return render_page(
        HtmlPage(
            title="Two snapshots compared",
            subtitle=f"From {found.old} to {found.new}.",
            verdict=_difference_verdict(found),
            tone=Tone.BAD if found.accounts else Tone.NEUTRAL,
            facts=tuple(("Account", each) for each in found.accounts),
            counts=Breakdown(
                "contacts that differ",
                (
                    Count("added", found.added, Tone.GOOD),
                    Count("deleted", found.deleted, Tone.BAD),
                    Count("changed", found.changed),
                    Count("written without any change", found.touched),
                ),
            ),
            sections=(
                HtmlTable("Changed fields", ("Field", "Contacts"), tuple(found.fields.items())),
                HtmlTable("Examples", ("Change", "Phone", "ID", "Fields"), examples),
            ),
            footer="Every change, with old and new values, is in the CSV file that 'snapshots diff --csv' writes.",
        )
    )


def _difference_verdict(found: DifferenceSummary) -> str:
    if found.accounts:
        return _TWO_ACCOUNTS
    if found.added or found.deleted or found.changed:
        return "What was added, deleted and changed between the two."
    return "They hold the same."


def pruning_text(found: PruneSummary, *, is_done: bool) -> str:
    """Return which snapshots stay and which go (or went), as text."""
    lines = [f"keep    {name}  ({', '.join(reasons)})" for name, reasons in found.keep]
    lines += [f"{'removed' if is_done else 'remove '} {name}" for name in sorted(found.remove, reverse=True)]
    lines += [f"removed {name}  (an earlier removal that was cut short)" for name in found.tidied]
    lines += [f"Note: {warning}" for warning in found.warnings]
    gone = f"{len(found.remove):,} of {len(found.remove) + len(found.keep):,} snapshots"
    return "\n".join([*lines, f"{gone} {'removed' if is_done else 'would be removed'}."])
