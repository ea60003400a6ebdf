"""The settings as values: sections, keys, defaults and what each may hold."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pipeline.models import OnExisting
from pipeline.phone import is_region
from pipeline.settings._targets import Target


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
