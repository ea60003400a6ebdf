"""Settings: defaults < TOML file < environment < flags, with errors that say file, line, key and what was expected."""

from pipeline.settings._credentials import Credentials, load_credentials
from pipeline.settings._load import DEFAULT_FILE, load_settings, write_fingerprint
from pipeline.settings._model import (
    AccountSettings,
    ExportSettings,
    ImportSettings,
    LimitSettings,
    PathSettings,
    Settings,
    read_delimiter,
)
from pipeline.settings._schema import settings_schema
from pipeline.settings._targets import PLAIN_TARGETS, ColumnTarget

__all__ = [
    "DEFAULT_FILE",
    "PLAIN_TARGETS",
    "AccountSettings",
    "ColumnTarget",
    "Credentials",
    "ExportSettings",
    "ImportSettings",
    "LimitSettings",
    "PathSettings",
    "Settings",
    "load_credentials",
    "load_settings",
    "read_delimiter",
    "settings_schema",
    "write_fingerprint",
]
