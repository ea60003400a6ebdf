"""Load the settings: defaults < TOML file < environment < flags."""

import logging
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline import jsontext
from pipeline.errors import SettingsError
from pipeline.settings._explain import explain, line_of
from pipeline.settings._model import Settings
from pipeline.showing import words_of

DEFAULT_FILE = "hmpipe.toml"

_PREFIX = "HMPIPE_"
_OWN_VARIABLES = ("HMPIPE_DEBUG", "HMPIPE_AGE_RECIPIENT", "HMPIPE_AGE_IDENTITY")
_SECRET_WORDS = ("secret", "api_key", "apikey", "password", "token")
_log = logging.getLogger(__name__)


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
    origins: dict[str, str] = {}
    for key, origin, value in (*_environment(os.environ if environ is None else environ), *_flags(overrides or {})):
        _put(values, key, value)
        origins[key] = origin
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise explain(error, file, text, origins) from None


def write_fingerprint(settings: Settings) -> str:
    """Return a text that is equal for settings which write the same; pacing, paths and brakes do not count."""
    brakes = {"max_changes", "max_reject_rate", "max_opt_outs", "max_stale", "write_path"}
    facts = settings.imports.model_dump(mode="json", exclude=brakes)
    return jsontext.encode_canonical({"base_url": settings.account.base_url, "import": facts}).decode()


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
            f"{file} is not valid TOML: {words_of(error)}.", advice='Texts need quotes: default_region = "NO".'
        ) from None


def _refuse_secrets(file: Path, text: str, values: Mapping[str, Any]) -> None:
    for section, content in values.items():
        if section == "import":
            continue
        keys = content if isinstance(content, dict) else {section: content}
        for key in keys:
            if any(word in key.lower() for word in _SECRET_WORDS):
                line = line_of(text, [section, key])
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


def _environment(environ: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    for name, value in environ.items():
        if not name.startswith(_PREFIX):
            continue
        if "__" not in name:
            if name not in _OWN_VARIABLES:
                _log.warning("%s is not a setting: write HMPIPE_SECTION__KEY, as in HMPIPE_LIMITS__CONCURRENCY", name)
        else:
            key = name.removeprefix(_PREFIX).lower().replace("__", ".")
            yield key, f"environment variable {name}", _read_value(value)


def _flags(overrides: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for key, value in overrides.items():
        yield key, f"flag for {key}", _read_value(value) if isinstance(value, str) else value


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
