"""The result of a check, on a terminal and as a page that can be sent to whoever keeps the list."""

from pipeline.report._tables import consent_table, files_table, notes_tables, reasons_tables
from pipeline.report._text import consent_lines, file_line, reason_lines, row_lines
from pipeline.report.page import Breakdown, Count, HtmlPage, HtmlTable, Tone, render_page
from pipeline.results import CheckSummary
from pipeline.showing import visible_line


def check_text(summary: CheckSummary) -> str:
    """Return the end of a check as text."""
    lines = [*consent_lines(summary.consent), f"Check of {summary.source}: nothing was sent"]
    lines += [f"  {file_line(file)}" for file in summary.files]
    counts = {"accepted": summary.accepted, "rejected": summary.rejected, "skipped": summary.skipped}
    lines += row_lines(counts, summary.rows)
    lines += _opt_out_lines(summary)
    lines.append("Columns:")
    shown = {visible_line(header): target for header, target in summary.columns.items()}
    width = min(max(map(len, shown), default=0), 40)
    lines += [f"  {header:<{width}} -> {visible_line(target or '(not imported)')}" for header, target in shown.items()]
    lines += reason_lines(summary.codes, summary.skipped_codes, summary.examples, summary.notes)
    return "\n".join(lines)


def _opt_out_lines(summary: CheckSummary) -> list[str]:
    """How many are not to be texted: whoever read a column the wrong way round sees it here."""
    if summary.opted_out is None:
        return ["  Nothing that is read from it says who is opted out."] if summary.rows else []
    rows = "row says" if summary.opted_out == 1 else "rows say"
    share = f" ({summary.opted_out / summary.rows:.0%})" if summary.opted_out else ""
    return [f"  {summary.opted_out:>9,} {rows} opted out{share}: those people are not to be texted"]


def check_page(summary: CheckSummary) -> str:
    """Return a check as an HTML document. Phones are masked wherever a row got as far as having one."""
    return render_page(
        HtmlPage(
            title=f"Check of {summary.source}",
            subtitle="What an import would take from this file, and what has to be mended first. Nothing was sent.",
            verdict=_verdict(summary),
            tone=Tone.BAD if summary.rejected else Tone.GOOD,
            counts=Breakdown(
                "rows",
                (
                    Count("accepted", summary.accepted, Tone.GOOD),
                    Count("rejected", summary.rejected, Tone.BAD),
                    Count("skipped", summary.skipped),
                ),
            ),
            facts=(("Opted out", " ".join(_opt_out_lines(summary)).strip()),),
            sections=(
                consent_table(summary.consent),
                files_table(summary.files),
                *reasons_tables(summary.codes, summary.skipped_codes),
                _examples(summary),
                *notes_tables(summary.notes),
                _columns(summary),
            ),
            footer="Rows are numbered by their line in the file. Each is accepted, rejected or skipped: none is lost.",
        )
    )


def _verdict(summary: CheckSummary) -> str:
    if not summary.rows:
        return "The file has a header and no rows."
    if not summary.rejected:
        return "Every row that is to be imported can be imported."
    rows = "row has" if summary.rejected == 1 else "rows have"
    return f"{summary.rejected:,} {rows} to be mended before they can be imported; the others can be imported now."


def _examples(summary: CheckSummary) -> HtmlTable:
    rows = tuple(
        (str(example.line), example.column, " ".join(example.value.split()), example.reason)
        for example in summary.examples
    )
    return HtmlTable(
        "Examples", ("Line", "Column", "Value", "What is wrong"), rows, note="Up to three for each reason."
    )


def _columns(summary: CheckSummary) -> HtmlTable:
    rows = tuple((header, target or "(not imported)") for header, target in summary.columns.items())
    return HtmlTable("Where the columns go", ("Column", "Goes to"), rows)
