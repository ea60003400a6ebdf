"""One call of a command: its settings, its streams, and the options that every command has."""

import functools
import gc
import inspect
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TextIO, TypeVar

import anyio
import typer

from pipeline.cli._progress import SilentProgress, open_progress
from pipeline.errors import Interrupted, StorageFailed
from pipeline.reader import refuse_overwriting
from pipeline.settings import DEFAULT_FILE, Credentials, Settings, load_credentials, load_settings

if TYPE_CHECKING:
    from pipeline.account import Account

Result = TypeVar("Result")

_COLLECT_AFTER = 20_000
"""How many objects more than before call the garbage collector; Python's own answer, 700, is for small programs."""

_Config = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="Settings file (default: ./hmpipe.toml).")
]
_AsJson = Annotated[bool, typer.Option("--json", help="Print ONE JSON object as the last line of stdout.")]
_Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary; errors still appear.")]
_LogFormat = Annotated[str, typer.Option(metavar="text|json", help="Form of progress and log lines on stderr.")]
_Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log every request (never its contents) on stderr.")]
_Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a setting: --set limits.concurrency=2 (repeatable)."),
]


class Session:
    """What a command works with."""

    def __init__(
        self,
        *,
        config: _Config = None,
        as_json: _AsJson = False,
        quiet: _Quiet = False,
        log_format: _LogFormat = "text",
        verbose: _Verbose = False,
        overrides: _Overrides = None,
    ) -> None:
        if log_format not in ("text", "json"):
            raise typer.BadParameter(f"{log_format!r} is not one of: text, json", param_hint="--log-format")
        self._as_json = as_json
        self._quiet = quiet
        self._log_format = log_format
        self._config = config
        self._overrides = _parse_overrides(overrides or [])
        _set_up_logging(log_format, verbose=verbose)

    def override(self, key: str, value: object) -> None:
        """Override one setting by a flag of its own, where it is given."""
        if value is not None:
            self._overrides[key] = value

    def settings(self) -> Settings:
        """Load the settings. Raises SettingsError."""
        return load_settings(self._config, self._overrides)

    def keep_settings(self, *written: Path | None) -> None:
        """Raise InputError if the settings file is among the files that a command is to write."""
        refuse_overwriting((), written, [self._config or Path(DEFAULT_FILE)])

    def account(self, *, needs_credentials: bool = True) -> "Account":
        """Load the settings and, where they are needed, the credentials. Raises SettingsError."""
        # It brings the client along, which takes half a second to load and which not every command needs.
        from pipeline.account import Account  # noqa: PLC0415

        return Account(self.settings(), load_credentials() if needs_credentials else Credentials())

    def run(self, job: Callable[[SilentProgress], Awaitable[Result]]) -> Result:
        """Run a job with its progress on stderr."""
        progress = open_progress(sys.stderr, quiet=self._quiet or sys.stderr is None, log_format=self._log_format)
        _spare_the_collector()
        try:
            return anyio.run(job, progress)
        finally:
            progress.close()

    def end(self, text: str, result: Mapping[str, Any], exit_code: int, error: str = "") -> NoReturn:
        """Print the end of a command and exit with its code."""
        if not self._quiet:
            say(text, sys.stderr if self._as_json else sys.stdout)
        if error:
            complain(error)
        if self._as_json:
            say(json.dumps(result), sys.stdout)
        raise typer.Exit(exit_code)


def _spare_the_collector() -> None:
    """Let the garbage collector leave alone what was loaded, and come less often.

    Each of its rounds looks at every module's objects, which never go; the jobs make few cycles. It is a sixth of the
    time of a long upload.
    """
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 20)


def with_session(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the common options; it gets them as one Session, its first argument."""
    own = list(inspect.signature(command).parameters.values())[1:]
    common = list(inspect.signature(Session).parameters.values())
    common_names = {parameter.name for parameter in common}

    @functools.wraps(command)
    def call(**values: Any) -> None:
        session = Session(**{name: value for name, value in values.items() if name in common_names})
        try:
            command(session, **{name: value for name, value in values.items() if name not in common_names})
        except KeyboardInterrupt:
            raise Interrupted("Stopped.") from None

    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*own, *common)]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # the documented way to state it
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call


def say(text: str, stream: TextIO | None) -> None:
    """Print a text; a console that cannot show a character shows an escape instead of ending the run.

    A stream that was closed before we began is no fault. Raises StorageFailed where what it leads to takes nothing.
    """
    if stream is None:
        return
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
    except BrokenPipeError:
        # Whoever read it has gone; what was done is done. Python would complain at its end, so it writes to nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except OSError as error:
        raise StorageFailed(
            f"The output cannot be written: {error.strerror}. What was done is done.",
            advice="Make room where the output goes; 'hmpipe runs list' shows what an import did.",
        ) from error


def complain(text: str) -> None:
    """Print what went wrong."""
    say(f"Error: {text}", sys.stderr)


def _parse_overrides(items: list[str]) -> dict[str, Any]:
    overrides: dict[str, Any] = {}
    for item in items:
        key, equals, value = item.partition("=")
        if not equals or "." not in key:
            raise typer.BadParameter(f"{item!r} is not KEY=VALUE with a dotted key", param_hint="--set")
        overrides[key.strip()] = value.strip()
    return overrides


def _set_up_logging(log_format: str, *, verbose: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if log_format == "json" else logging.Formatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("pipeline")
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING)


class _JsonLines(logging.Formatter):
    """One JSON object a log line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps({"event": "log", "level": record.levelname.lower(), "message": record.getMessage()})
