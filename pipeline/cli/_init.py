"""The command that looks at a file and writes settings for it."""

import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli._output import can_ask, say
from pipeline.cli._session import Session, with_session
from pipeline.errors import InputError, StorageFailed, UsageProblem
from pipeline.phone import find_region
from pipeline.reader.consent import ConsentWatch
from pipeline.reader.mapping import find_spoilt
from pipeline.reader.proposal import Proposal, find_sheet, looks_headerless, proposal_text, propose, settings_text
from pipeline.reader.tables import ReadOptions, Table, expand_sources, open_table
from pipeline.settings import DEFAULT_FILE, load_settings, read_delimiter
from pipeline.showing import quoted
from pipeline.snapshots import custom_headers, is_detail_column, read_fields
from pipeline.storage import refuse_overwriting
from pipeline.values import replace

_ROWS = 1_000

_File = Annotated[str, typer.Argument(metavar="FILE", help="A file as you will import it later.")]
_Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the settings.")]
_Force = Annotated[bool, typer.Option("--force", help="Replace the settings file if there is one.")]
_Region = Annotated[str, typer.Option(metavar="XX", help="Country of phones without a country code (ISO code).")]
_PhoneColumns = Annotated[
    list[str] | None,
    typer.Option("--phone-column", metavar="NAME", help='A column with phones, by name or as "column 5" (repeatable).'),
]
_NoHeader = Annotated[bool, typer.Option("--no-header", help="The file has no header: its first line is a row.")]
_HeaderLine = Annotated[int, typer.Option(min=0, metavar="N", help="Line of the header, where it is not found.")]
_Encoding = Annotated[str, typer.Option(metavar="NAME", help="Encoding, where it is not found (cp1252, utf-16, ...).")]
_Delimiter = Annotated[str, typer.Option(metavar="CHAR", help="Delimiter, where it is not found.")]


@with_session
def init(
    session: Session,
    file: _File,
    *,
    output: _Output = Path(DEFAULT_FILE),
    force: _Force = False,
    region: _Region = "",
    phone_columns: _PhoneColumns = None,
    no_header: _NoHeader = False,
    header_line: _HeaderLine = 0,
    encoding: _Encoding = "auto",
    delimiter: _Delimiter = "auto",
) -> None:
    """Look at a file and write a commented settings file for it.

    It recognises the exports of well-known products and judges unknown columns by their names and by what they hold.
    Nothing is sent, and nothing is changed but the settings file.

    \b
    Examples:
      hmpipe init contacts.csv
      hmpipe init contacts.csv -o configs/crm.toml --region GB
      hmpipe init list.csv --no-header --phone-column "column 4"
    """
    if output.exists() and not force:
        raise UsageProblem(
            f"{output} exists already; it was left as it is.", advice="Give another name with -o, or say --force."
        )
    header: str | int = "none" if no_header else header_line or "auto"
    options = ReadOptions(encoding=encoding, delimiter=_delimiter(delimiter), header=header)
    sources = expand_sources([file])
    refuse_overwriting((source.path for source in sources), [output])
    options = replace(options, sheet=find_sheet(sources[0], options))
    with open_table(sources[0], options) as table:
        rows = _telling_rows(table)
        if not (no_header or header_line):
            _refuse_headerless(table, rows)
        judge = functools.partial(
            propose,
            table.headers,
            rows,
            phone_columns=phone_columns or (),
            has_header=not no_header,
            custom_ids=_custom_ids(sources[0].path, table.headers),
        )
        proposal = judge(region=region.upper())
        _refuse_without_phone(table.name, proposal)
        answer = _ask_region(proposal)
        proposal = judge(region=answer) if answer else proposal
        proposal = _ask_consent(proposal)
    read = {"encoding": encoding, "delimiter": delimiter, "header": header}
    forced = {key: value for key, value in read.items() if value != "auto"}
    forced |= {"sheet": options.sheet} if options.sheet else {}
    _write(output, settings_text(proposal, source_name=table.name, read=forced))
    # What it wrote must load: a person should never have to mend it first.
    load_settings(output, environ={})
    others = [*(source.name for source in sources[1:]), *table.left_out]
    remarks = [*table.dialect.remarks, *find_spoilt(rows)]
    result = {**_as_json(proposal), "settings": str(output), "not_looked_at": others, "remarks": remarks}
    result["exit_code"] = 0
    text = proposal_text(proposal, table.name, str(output))
    text += "".join(f"\nLOOK AT THIS: {remark}." for remark in remarks)
    if others:
        text += f"\nOnly one of {len(others) + 1} tables was looked at; not at {', '.join(others)}."
    session.end(text, result, 0)


def _telling_rows(table: Table) -> list[Sequence[str]]:
    """Return the first rows of a table, and of the others those in which somebody says no in a new way."""
    rows: list[Sequence[str]] = []
    watch = ConsentWatch(dict(enumerate(table.headers)))
    for chunk in table.chunks():
        news = watch.look(chunk.records)
        rows += (
            [*chunk.records[:_ROWS], *(chunk.records[place] for place in news if place >= _ROWS)]
            if not rows
            else [chunk.records[place] for place in news]
        )
    return rows


def _ask_region(proposal: Proposal) -> str:
    """Ask a person for the country of the phones, where the file does not say it; "" where nobody answers."""
    if not (proposal.region_question and can_ask()):
        return ""
    say("\n".join([proposal.region_why, *(f"  {reading}" for reading in proposal.region_readings)]), sys.stderr)
    while True:
        said = str(
            typer.prompt(
                "Which country are they of (US, Germany, ...; blank rejects them)?",
                default="",
                show_default=False,
                err=True,
                prompt_suffix=" ",
            )
        )
        found = find_region(said) if said.strip() else ""
        if found is not None:
            return found
        say(f"{quoted(said)} is no country that is known: give its name or its code of two letters.", sys.stderr)


def _ask_consent(proposal: Proposal) -> Proposal:
    """Ask a person what the columns on consent mean; what nobody answers stays a question in the settings."""
    if not can_ask():
        return proposal
    columns = list(proposal.columns)
    for place, column in enumerate(columns):
        if column.asks and column.verdict:
            answers = column.verdict.suggestions
            offered = [f"  {number}  {answer.meaning}" for number, answer in enumerate(answers, 1)]
            later = "  0  leave it open: no import begins until the settings answer it"
            say("\n".join([f"{quoted(column.key)}: {column.verdict.reason}", *offered, later]), sys.stderr)
            number = _ask_number(len(answers))
            columns[place] = column.answered(answers[number - 1]) if number else column
    return replace(proposal, columns=tuple(columns))


def _ask_number(most: int) -> int:
    while True:
        number = int(typer.prompt("Which one?", default=0, type=int, show_default=False, err=True, prompt_suffix=" "))
        if 0 <= number <= most:
            return number


def _custom_ids(path: Path | None, shown: Sequence[str]) -> dict[str, int]:
    """Return the IDs of custom fields by their headers, where a snapshot's fields.json lies beside the file."""
    fields = read_fields(path.parent / "fields.json") if path else ()
    headers = custom_headers(fields, filter(is_detail_column, shown))
    return {header: field.id for header, field in zip(headers, fields, strict=True)}


def _delimiter(text: str) -> str:
    try:
        return read_delimiter(text)
    except ValueError as error:
        raise UsageProblem(f"--delimiter {quoted(text)}: {error}.") from None


def _refuse_headerless(table: Table, rows: Sequence[Sequence[str]]) -> None:
    reason = looks_headerless(table.headers, rows)
    if reason:
        raise InputError(
            f"{table.name} seems to have no header: line {table.header_line} is taken for it, but {reason}.",
            advice='If it has none, say --no-header (and --phone-column "column N" for the phones); if its header is'
            " on another line, say --header-line N.",
        )


def _refuse_without_phone(name: str, proposal: Proposal) -> None:
    if proposal.problems:
        columns = sorted(proposal.columns, key=lambda column: column.index)
        seen = ", ".join(quoted(column.key) for column in columns[:20])
        raise InputError(
            f"{name}: {' '.join(proposal.problems)} Its columns are: {seen}.",
            advice='Name the column with --phone-column "NAME" (or "column N"); a file without phones cannot be'
            " imported.",
        )


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error


def _as_json(proposal: Proposal) -> dict[str, object]:
    return {
        "layout": proposal.layout or None,
        "region": proposal.region,
        "region_question": proposal.region_question or None,
        "country_column": proposal.country_column or None,
        "columns": [
            {
                "column": column.key,
                "target": column.target,
                "confidence": column.confidence,
                "reason": column.reason,
                "custom": column.custom,
            }
            for column in proposal.columns
        ],
        "custom_fields": list(proposal.custom_fields),
        "consent_question": [column.key for column in proposal.questions],
        "warnings": list(proposal.warnings),
    }
