"""The command tree, and the border where every error becomes a sentence and an exit code."""

import json
import logging
import os
import pkgutil
import sys
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from pipeline import __version__
from pipeline.cli._output import complain, say
from pipeline.errors import Interrupted, PipelineError

if TYPE_CHECKING:
    from typer._click import Command, Context


class _Entry(NamedTuple):
    """A command: where it is, and the first sentence of its own help."""

    place: str
    help: str


COMMANDS = {
    "init": _Entry("_init:init", "Look at a file and write a commented settings file for it."),
    "check": _Entry("_check:check", "Validate files without touching the network."),
    "plan": _Entry("_transfer:plan", "Say what an import would do now."),
    "import": _Entry(
        "_transfer:import_", "Bring the contacts of files to the account, and prove each outcome by reading it back."
    ),
    "undo": _Entry("_reversal:undo", "Bring what a run changed back to what it was before, and prove it."),
    "delete": _Entry(
        "_reversal:delete",
        "Delete the contacts of a list (phones, IDs, addresses, UUIDs), and prove that they are gone.",
    ),
    "export": _Entry(
        "_export:export", "Back up every contact of the account into a new snapshot, and prove that it is whole."
    ),
    "restore": _Entry(
        "_reversal:restore",
        "Bring contacts back to what they are in a snapshot: make deleted ones anew, put changed ones back, and"
        " prove it.",
    ),
    "doctor": _Entry("_looking:doctor", "Check the credentials and say how this account's service was seen to behave."),
    "sandbox": _Entry("_sandbox:sandbox", "Run a rehearsal copy of the service on this machine, until Ctrl-C."),
    "snapshots": _Entry("_snapshots:snapshots", "List, verify, compare, join and remove snapshots."),
    "runs": _Entry("_runs:runs", "Look at earlier runs, report on them, remove old ones."),
    "find": _Entry(
        "_find:find", "Show what the account holds of somebody: fields, tags, channels, who opted them out."
    ),
    "consent": _Entry(
        "_consent:consent", "Look at the opt-outs that are known, add to them, pass them on, release some."
    ),
    "fields": _Entry("_looking:fields", "Look at the account's custom fields."),
}
"""Every command. Its module is loaded when it is called or its help is asked for: nobody waits for the others'."""


class _Commands(TyperGroup):
    """The commands as the table has them, until one is asked for."""

    def resolve_command(self, ctx: "Context", args: list[str]) -> "tuple[str | None, Command | None, list[str]]":
        """Return the command that the arguments name, loaded. Raises Interrupted for Ctrl-C meanwhile."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name else None, rest


app = typer.Typer(
    name="hmpipe",
    cls=_Commands,
    help="Import, export and back up Heymarket contacts in bulk, with outcomes that are proved.",
    epilog="Start with 'hmpipe init FILE.csv'; every command explains itself with --help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain help: no box characters, so that it is readable in a pipe and on a console of code page 1252.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _entry in COMMANDS.items():
    app.command(_name, help=_entry.help)(lambda: None)


def load(place: str) -> Any:
    """Load a name of a module of this room."""
    return pkgutil.resolve_name(f"pipeline.cli.{place}")


def load_command(name: str) -> "Command":
    """Load a command of the table. Raises Interrupted for Ctrl-C meanwhile."""
    try:
        found = load(COMMANDS[name].place)
    except KeyboardInterrupt:
        raise Interrupted("Stopped before anything was done.") from None
    if isinstance(found, typer.Typer):
        return get_group(found)
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name)(found)
    return get_command(single)


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
    # Nothing of ours is a plugin of pydantic, and to look for some among all installed packages takes a while.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
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
