"""The command tree, and the border where every error becomes a sentence and an exit code."""

import json
import logging
import os
import sys
from typing import Annotated, NoReturn

import typer

from pipeline import __version__
from pipeline.cli import _init, _looking, _reversal, _runs, _sandbox, _snapshots, _transfer
from pipeline.cli._session import complain, say
from pipeline.errors import PipelineError

app = typer.Typer(
    name="hmpipe",
    help="Import, export and back up Heymarket contacts in bulk, with outcomes that are proved.",
    epilog="Start with 'hmpipe init FILE.csv'; every command explains itself with --help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain help: no box characters, so that it is readable in a pipe and on a console of code page 1252.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(_init.init)
app.command()(_transfer.check)
app.command()(_transfer.plan)
app.command(name="import")(_transfer.import_)
app.command()(_reversal.undo)
app.command()(_reversal.delete)
app.command()(_transfer.export)
app.command()(_reversal.restore)
app.add_typer(_snapshots.backups, name="snapshots")
app.add_typer(_runs.runs, name="runs")
app.add_typer(_looking.fields, name="fields")
app.command()(_looking.doctor)
app.command()(_sandbox.sandbox)


def _show_version(asked: bool) -> None:
    if asked:
        say(f"hmpipe {__version__}", sys.stdout)
        raise typer.Exit(0)


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with a code of docs/contract.md; no traceback reaches a person."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        # It exits by itself at the end of a command, and with 2 on bad usage.
        app(arguments, prog_name="hmpipe")
    except BaseExceptionGroup as group:
        code = _fail(_single_cause(group), arguments)
    except Exception as error:  # noqa: BLE001 - the border: whatever it is, a person gets a sentence
        code = _fail(error, arguments)
    else:
        code = 0
    sys.exit(code)


def _single_cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error inside a task group's wrapping, ours before any other: the one place that unwraps."""
    ours, others = group.split(PipelineError)
    error: BaseException = ours or others or group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _fail(error: BaseException, arguments: list[str]) -> int:
    """Say what went wrong and return the exit code; JSON comes on every code but 2."""
    if isinstance(error, PipelineError):
        code, text = error.exit_code, str(error)
    else:
        code = 1
        text = f"Unexpected error ({type(error).__name__}): a fault of this program. What is settled is on disk."
        if os.environ.get("HMPIPE_DEBUG"):
            logging.getLogger("pipeline").error("unexpected", exc_info=error)
        else:
            text += " Run again with HMPIPE_DEBUG=1 for the details to report."
    complain(text)
    if code != 2 and "--json" in arguments:
        error_code = getattr(error, "error_code", "")
        known = {"exit_code": code, "error": text} | ({"error_code": error_code} if error_code else {})
        say(json.dumps(known), sys.stdout)
    return code
