"""Settings: defaults < TOML file < environment < flags, with errors that say file, line, key and what was expected."""

import difflib
import hashlib
import logging
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails

from pipeline import jsontext
from pipeline.errors import SettingsError
from pipeline.models import STANDARD_FIELDS, OnExisting
from pipeline.phone import is_region

DEFAULT_FILE = "hmpipe.toml"
ENVIRONMENT_PREFIX = "HMPIPE_"

PLAIN_TARGETS = ("phone", *STANDARD_FIELDS, "tags", "ignore")
"""Targets that are written as one word. Source: contract, section 6."""

_OWN_VARIABLES = ("HMPIPE_DEBUG",)
_log = logging.getLogger(__name__)

_SECRET_WORDS = ("secret", "api_key", "apikey", "password", "token")


@dataclass(frozen=True, slots=True)
class ColumnTarget:
    """Where a column goes.

    `custom` is a numeric field ID or a title; `separator` splits a cell of tags; `channel` is the type of a further
    channel, which this version reads and reports but does not write.
    """

    kind: str
    custom: int | str | None = None
    separator: str = ","
    channel: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "custom":
                return f"custom:{self.custom}"
            case "channel":
                return f"channel:{self.channel}"
            case kind:
                return kind


def _read_target(value: object) -> ColumnTarget:
    match value:
        case ColumnTarget():
            return value
        case str() if value in PLAIN_TARGETS:
            return ColumnTarget(value)
        case {"custom": bool()}:
            pass
        case {"custom": int() | str() as custom, **rest} if not rest and custom != "":
            return ColumnTarget("custom", custom=custom)
        case {"tags": str() as separator, **rest} if not rest and separator != "":
            return ColumnTarget("tags", separator=separator)
        case {"channel": str() as channel, **rest} if not rest and channel != "":
            return ColumnTarget("channel", channel=channel)
        case str():
            close = difflib.get_close_matches(value, PLAIN_TARGETS, 1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ValueError(
                f"no such target.{hint} Known: {', '.join(PLAIN_TARGETS)}, {{ custom = ... }}, {{ tags = ... }}"
            )
        case _:
            pass
    raise ValueError('expected a target name, { custom = "Title" }, { custom = 123 } or { tags = ";" }')


def _write_target(target: ColumnTarget) -> object:
    if target.kind == "custom":
        return {"custom": target.custom}
    if target.kind == "channel":
        return {"channel": target.channel}
    return {"tags": target.separator} if target.kind == "tags" else target.kind


Target = Annotated[
    ColumnTarget,
    BeforeValidator(_read_target),
    PlainSerializer(_write_target),
    WithJsonSchema(
        {
            "oneOf": [
                {"enum": list(PLAIN_TARGETS)},
                {
                    "type": "object",
                    "properties": {"custom": {"type": ["string", "integer"]}},
                    "required": ["custom"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"tags": {"type": "string", "minLength": 1}},
                    "required": ["tags"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"channel": {"type": "string", "minLength": 1}},
                    "required": ["channel"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


def _check_base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url.rstrip("/")
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return url.rstrip("/")
    if parts.scheme == "http":
        raise ValueError("plain http is refused except to this machine itself; use https")
    raise ValueError("expected an address such as https://api.heymarket.com")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _check_region(region: str) -> str:
    if region.upper() == "UK":
        raise ValueError("the code of the United Kingdom is GB")
    if not is_region(region.upper()):
        raise ValueError("expected the two letters of a country, such as US, GB or DE")
    return region.upper()


def _check_folder(folder: str) -> str:
    if "://" in folder:
        raise ValueError("an address is not available in this version; give a folder")
    return folder


def _later(name: str, *available: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in available:
            raise ValueError(f"{name} {value!r} is not available in this version; use one of: {', '.join(available)}")
        return value

    return AfterValidator(check)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountSettings(_Section):
    """[account]"""

    name: str = "main"
    base_url: Annotated[str, AfterValidator(_check_base_url)] = "https://api.heymarket.com"


class LimitSettings(_Section):
    """[limits]: requests a minute as the service counts them (0: no limit), parallel requests, seconds, attempts."""

    requests_per_minute: int = Field(450, ge=0)
    concurrency: int = Field(8, ge=1, le=64)
    timeout_seconds: float = Field(30, gt=0, le=600)
    max_attempts: int = Field(6, ge=1, le=20)


class ImportSettings(_Section):
    """[import]"""

    on_existing: OnExisting = OnExisting.MERGE
    default_region: Annotated[str, AfterValidator(_check_region)] = "US"
    blanks: Literal["keep", "clear"] = "keep"
    duplicates: Literal["last", "first", "merge", "reject"] = "last"
    # How, not what: this version writes one contact a request under each of the three.
    write_path: Literal["auto", "single", "batch"] = "auto"
    unmapped: Annotated[Literal["ignore", "reject", "create"], _later("unmapped", "ignore", "reject")] = "ignore"
    country_column: str = ""
    null_values: tuple[str, ...] = ("", "NULL", "N/A", "#N/A")
    skip_where: Mapping[str, str] = Field(default_factory=dict)
    vanity_letters: bool = False
    max_changes: int | None = Field(None, ge=0)
    max_reject_rate: float | None = Field(None, ge=0, le=1)
    max_opt_outs: int | None = Field(None, ge=0)
    columns: Mapping[str, Target] = Field(default_factory=dict)


class ExportSettings(_Section):
    """[export]; JSON lines are always written, because they are the lossless form."""

    formats: tuple[Annotated[Literal["jsonl", "csv", "parquet"], _later("format", "jsonl", "csv")], ...] = (
        "jsonl",
        "csv",
    )


class PathSettings(_Section):
    """[paths]; relative ones are relative to the settings file, or on the command line to the current folder."""

    runs: Path = Path("runs")
    snapshots: Annotated[str, AfterValidator(_check_folder)] = "snapshots"


class Settings(_Section):
    """All settings. `imports` is the table [import]."""

    account: AccountSettings = Field(default_factory=AccountSettings)
    limits: LimitSettings = Field(default_factory=LimitSettings)
    imports: ImportSettings = Field(default_factory=ImportSettings, alias="import")
    export: ExportSettings = Field(default_factory=ExportSettings)
    paths: PathSettings = Field(default_factory=PathSettings)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account's key: an ID and a key for signed tokens, or a team API key. Never shown."""

    secret_id: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)

    @property
    def label(self) -> str:
        """What tells this credential from others without giving it away: the ID, or a hash of the API key."""
        return self.secret_id or hashlib.sha256(self.api_key.encode()).hexdigest()


def load_credentials(environ: Mapping[str, str] | None = None) -> Credentials:
    """Return the credentials of the environment. Raises SettingsError when there are none or half of them."""
    environ = os.environ if environ is None else environ
    secret_id, secret_key, api_key = (
        environ.get(f"HEYMARKET_{name}", "").strip() for name in ("SECRET_ID", "SECRET_KEY", "API_KEY")
    )
    if bool(secret_id) != bool(secret_key):
        missing = "HEYMARKET_SECRET_KEY" if secret_id else "HEYMARKET_SECRET_ID"
        raise SettingsError(
            f"{missing} is not set, but its other half is; nothing was sent.", advice="Set both, or neither."
        )
    if not (secret_id or api_key):
        raise SettingsError(
            "There are no credentials in the environment; nothing was sent.",
            advice="Set HEYMARKET_SECRET_ID and HEYMARKET_SECRET_KEY (or HEYMARKET_API_KEY). For a rehearsal on this"
            " machine, 'hmpipe sandbox' prints the ones it takes.",
        )
    return Credentials(secret_id, secret_key, "" if secret_id else api_key)


def load_settings(
    path: Path | None, overrides: Mapping[str, Any] | None = None, *, environ: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings of a file (default: ./hmpipe.toml), the environment and dotted overrides.

    Raises SettingsError, which names the place and what was expected there.
    """
    file = path or Path(DEFAULT_FILE)
    text = _read_file(file, asked_for=path is not None)
    values = _parse(file, text)
    _refuse_secrets(file, text, values)
    _anchor_paths(values, file.absolute().parent)
    sources = dict(_environment(os.environ if environ is None else environ)) | dict(_flags(overrides or {}))
    origins: dict[str, str] = {}
    for key, (origin, value) in sources.items():
        _put(values, key, value)
        origins[key] = origin
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _explain(error, file, text, origins) from None


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema of a settings file, for editors."""
    schema = Settings.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "hmpipe settings"}


def write_fingerprint(settings: Settings) -> str:
    """Return a text that is equal for settings which write the same; pacing, paths and brakes do not count."""
    brakes = {"max_changes", "max_reject_rate", "max_opt_outs", "write_path"}
    facts = settings.imports.model_dump(mode="json", exclude=brakes)
    return jsontext.encode_canonical({"base_url": settings.account.base_url, "import": facts}).decode()


# --- reading the sources ----------------------------------------------------------------------------------------------


def _read_file(file: Path, *, asked_for: bool) -> str:
    if file.is_dir():
        raise SettingsError(f"{file} is a folder; a settings file is needed.", advice="Give the .toml file itself.")
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if asked_for:
            raise SettingsError(f"The settings file {file} does not exist.") from None
        raise SettingsError(
            f"There is no {DEFAULT_FILE} in the current folder.",
            advice="Name a settings file with --config; the folder configs/ has commented ones to start from.",
        ) from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file} is not UTF-8 text (byte {error.start}); TOML has to be.") from None
    except OSError as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error.strerror}.") from None


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{file} is not valid TOML: {error}.", advice='Texts need quotes: default_region = "NO".'
        ) from None


def _refuse_secrets(file: Path, text: str, values: Mapping[str, Any]) -> None:
    for section, content in values.items():
        if section == "import":
            continue
        keys = content if isinstance(content, dict) else {section: content}
        for key in keys:
            if any(word in key.lower() for word in _SECRET_WORDS):
                line = _line_of(text, [section, key])
                raise SettingsError(
                    f"{file}{line}: {key} looks like a credential; credentials are never read from a file.",
                    advice="Remove it and set HEYMARKET_SECRET_ID and HEYMARKET_SECRET_KEY in the environment.",
                )


def _anchor_paths(values: dict[str, Any], folder: Path) -> None:
    paths = values.setdefault("paths", {})
    if isinstance(paths, dict):
        for key in ("runs", "snapshots"):
            given = paths.setdefault(key, key)
            if isinstance(given, str) and "://" not in given:
                paths[key] = os.path.normpath(folder / given)


def _environment(environ: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, Any]]]:
    for name, value in environ.items():
        if not name.startswith(ENVIRONMENT_PREFIX):
            continue
        if "__" not in name:
            if name not in _OWN_VARIABLES:
                _log.warning("%s is not a setting: write HMPIPE_SECTION__KEY, as in HMPIPE_LIMITS__CONCURRENCY", name)
        else:
            key = name.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", ".")
            yield key, (f"environment variable {name}", _read_value(value))


def _flags(overrides: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, Any]]]:
    for key, value in overrides.items():
        yield key, (f"flag for {key}", _read_value(value) if isinstance(value, str) else value)


def _read_value(text: str) -> Any:
    """Read a value as TOML would (numbers, booleans, lists, tables), and anything else as the text that it is."""
    if text[:1] not in ("[", "{"):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _put(values: dict[str, Any], key: str, value: Any) -> None:
    *sections, last = key.split(".")
    for section in sections:
        below = values.setdefault(section, {})
        if not isinstance(below, dict):
            return
        values = below
    values[last] = value


# --- saying what is wrong ---------------------------------------------------------------------------------------------


def _explain(error: ValidationError, file: Path, text: str, origins: Mapping[str, str]) -> SettingsError:
    problems = [_explain_one(detail, file, text, origins) for detail in error.errors()]
    more = f" ({len(problems)} problems:) " if len(problems) > 1 else " "
    return SettingsError(f"The settings cannot be used.{more}{' '.join(problems)}")


def _explain_one(detail: ErrorDetails, file: Path, text: str, origins: Mapping[str, str]) -> str:
    location = [str(part) for part in detail["loc"]]
    key = ".".join(location)
    place = origins.get(key) or f"{file}{_line_of(text, location)}"
    if detail["type"] == "extra_forbidden":
        return f"{place}: there is no setting {key!r}.{_suggestion(location)}"
    value = "" if isinstance(detail["input"], dict) else f" = {detail['input']!r}"
    return f"{place}: {key}{value}: {_expectation(detail)}."


def _expectation(detail: ErrorDetails) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] in ("enum", "literal_error"):
        return f"expected one of: {detail.get('ctx', {}).get('expected', '')}".replace("'", "").replace(" or ", ", ")
    return message.replace("Input should be", "expected").rstrip(".")


def _suggestion(location: Sequence[str]) -> str:
    known = _known_keys(location[:-1])
    close = difflib.get_close_matches(location[-1], known, 1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else f" Known here: {', '.join(known)}."


def _known_keys(sections: Sequence[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for section in sections:
        found = next((entry for name, entry in model.model_fields.items() if section in (name, entry.alias)), None)
        if found is None or not isinstance(found.annotation, type) or not issubclass(found.annotation, BaseModel):
            return []
        model = found.annotation
    return [entry.alias or name for name, entry in model.model_fields.items()]


def _line_of(text: str, location: Sequence[str]) -> str:
    """Return ", line N" of a key in TOML text, as well as it can be told, or ""."""
    section: list[str] = []
    best = ""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            section = [part.strip().strip("\"'") for part in stripped.strip("[]").split("#")[0].strip(" []").split(".")]
            if section == list(location):
                return f", line {number}"
        elif "=" in stripped:
            name = stripped.split("=")[0].strip().strip("\"'")
            path = [*section, name]
            if path == list(location):
                return f", line {number}"
            if path == list(location)[: len(path)]:
                best = f", line {number}"
    return best
