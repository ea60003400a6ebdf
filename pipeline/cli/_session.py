"""One call of a command: its settings, its streams, and the options that every command has."""

import functools
import inspect
import json
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from pipeline.cli._output import complain, say
from pipeline.errors import Interrupted
from pipeline.settings import DEFAULT_FILE, Settings, load_settings
from pipeline.showing import encodable, quoted, visible
from pipeline.storage import refuse_overwriting

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")]

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
            raise typer.BadParameter(f"{quoted(log_format)} is not one of: text, json", param_hint="--log-format")
        self.quiet = quiet
        self.log_format = log_format
        self._as_json = as_json
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
        refuse_overwriting((), written, self._config or Path(DEFAULT_FILE))

    def end(self, text: str, result: Mapping[str, Any], exit_code: int, error: str = "") -> NoReturn:
        """Print the end of a command and exit with its code."""
        if not self.quiet:
            say(text, sys.stderr if self._as_json else sys.stdout)
        if error:
            complain(error)
        if self._as_json:
            say(json.dumps(result), sys.stdout)
        raise typer.Exit(exit_code)


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


def command_group(about: str) -> typer.Typer:
    """Return a group of commands to be filled."""
    return typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help=about)


def _parse_overrides(items: list[str]) -> dict[str, Any]:
    overrides: dict[str, Any] = {}
    for item in items:
        key, equals, value = item.partition("=")
        if not equals or "." not in key:
            raise typer.BadParameter(f"{quoted(item)} is not KEY=VALUE with a dotted key", param_hint="--set")
        overrides[key.strip()] = value.strip()
    return overrides


def _set_up_logging(log_format: str, *, verbose: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if log_format == "json" else _TextLines("%(levelname)s %(message)s"))
    logger = logging.getLogger("pipeline")
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING)


class _TextLines(logging.Formatter):
    """Log lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        return encodable(visible(super().format(record)), sys.stderr.encoding or "utf-8")


class _JsonLines(logging.Formatter):
    """One JSON object a log line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps({"event": "log", "level": record.levelname.lower(), "message": record.getMessage()})
