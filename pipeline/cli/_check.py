"""The command that validates files: check."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline import report
from pipeline.cli._main import load
from pipeline.cli._session import Files, Html, Session, with_session
from pipeline.cli._work import run_job
from pipeline.jobs.check import CheckOutputs, run_check
from pipeline.reader.tables import expand_sources

_Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the normalised contacts as JSON lines.")
]
_Online = Annotated[
    bool, typer.Option("--online", help="Look up the account's fields, tags and team as well. Reads only.")
]
_Rejects = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the rejected rows there, to mend and import again.")
]


@with_session
def check(
    session: Session,
    files: Files,
    output: _Output = None,
    rejects: _Rejects = None,
    html: Html = None,
    online: _Online = False,
) -> None:
    """Validate files without touching the network.

    Says what an import would take, what it would reject and why, and where every column goes.

    \b
    Examples:
      hmpipe check contacts.csv
      hmpipe check 'exports/*.csv' --html report.html
      hmpipe check contacts.csv --rejects to_mend.csv
      hmpipe check contacts.csv --output normalised.jsonl --json
    """
    session.keep_settings(output, rejects, html)
    outputs = CheckOutputs(output, rejects, html)
    if online:
        summary = load("_online:check_online")(session, files, outputs)
    else:
        settings = session.settings()
        summary = run_job(session, lambda progress: run_check(settings, expand_sources(files), progress, outputs))
    session.end(report.check_text(summary) + _written(outputs), summary.as_json(), summary.exit_code)


def _written(outputs: CheckOutputs) -> str:
    """Say what was written, and where."""
    named = {
        "Rows to mend and import": outputs.rejects,
        "Contacts as they would be sent": outputs.contacts,
        "Page to send on": outputs.page,
    }
    return "".join(f"\n{name}: {path}" for name, path in named.items() if path)
