"""The settings as values: sections, keys, defaults and what each may hold."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from pipeline.models import OnExisting, is_region
from pipeline.settings._targets import Targets

Doubt = Literal[
    "region_assumed",
    "international_digits",
    "repeated_country_code",
    "date_like",
    "shared_phone",
    "extension_dropped",
    "first_of_two",
    "country_unknown",
]
"""Warnings about phones that the settings can turn into rejects."""

_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "bar": "|"}


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


def read_delimiter(delimiter: str) -> str:
    """Return the delimiter that a text means: auto, one character, or the name of one. Raises ValueError."""
    delimiter = _DELIMITERS.get(delimiter, delimiter)
    if delimiter != "auto" and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise ValueError("expected auto, one character, or comma, semicolon, tab, bar")
    return delimiter


def _check_shared(address: SecretStr) -> SecretStr:
    """The address may hold a password, so no message repeats it."""
    try:
        parts = urlsplit(address.get_secret_value())
        usable = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if address.get_secret_value() and not usable:
        raise ValueError('expected an address such as redis://host:6379/0, or "" for this machine alone')
    return address


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountSettings(_Section):
    """[account]"""

    name: str = "main"
    base_url: Annotated[str, AfterValidator(_check_base_url)] = "https://api.heymarket.com"


class LimitSettings(_Section):
    """[limits]: requests a minute as the service counts them (0: no limit), parallel requests, seconds, attempts.

    All processes of this machine that work on one account share the requests a minute. `shared` is the address of a
    Redis server (redis://host:6379/0) through which processes on several machines share them.
    `lost_answer_seconds` is how long a create whose answer was lost is looked for before it is sent again: longer than
    the service may take to carry it out, and to show it in a search.
    """

    requests_per_minute: int = Field(450, ge=0)
    concurrency: int = Field(8, ge=1, le=64)
    timeout_seconds: float = Field(30, gt=0, le=600)
    max_attempts: int = Field(6, ge=1, le=20)
    shared: Annotated[SecretStr, AfterValidator(_check_shared)] = SecretStr("")
    lost_answer_seconds: float = Field(7, ge=0, le=600)


class ImportSettings(_Section):
    """[import]: how a file is read, what its columns mean, and what happens to contacts that exist.

    `header` is auto, none or a physical line; `delimiter` and `encoding` are auto or what they are. `reject_doubtful`
    names the warnings that are to be rejects. `shared_phone_rows` (0: off) is from how many rows on a number that
    several of them share is suspected to be a placeholder. `max_text_length` is in characters.
    `tags` says what happens to tags that a contact has: auto adds under merge and replaces under overwrite. `max_stale`
    is the share of a plan's changes whose contacts may have moved on before the whole plan is refused.
    """

    on_existing: OnExisting = OnExisting.MERGE
    default_region: Annotated[str, AfterValidator(_check_region)] = "US"
    blanks: Literal["keep", "clear"] = "keep"
    duplicates: Literal["last", "first", "merge", "reject"] = "last"
    # How, not what: auto writes by batch where that was proved to work.
    write_path: Literal["auto", "single", "batch"] = "auto"
    unmapped: Literal["ignore", "reject", "create"] = "ignore"
    country_column: str = ""
    null_values: tuple[str, ...] = ("", "NULL", "N/A", "#N/A")
    skip_where: Mapping[str, str] = Field(default_factory=dict)
    encoding: str = "auto"
    delimiter: Annotated[str, AfterValidator(read_delimiter)] = "auto"
    header: Literal["auto", "none"] | Annotated[int, Field(ge=1)] = "auto"
    comment: str = ""
    sheet: str = ""
    vanity_letters: bool = False
    two_numbers: Literal["reject", "first"] = "reject"
    too_many_tags: Literal["reject", "cut"] = "reject"
    tags: Literal["auto", "add", "replace"] = "auto"
    on_conflict: Literal["reject", "newest"] = "reject"
    match_on: tuple[Literal["phone"]] | tuple[Literal["phone"], Literal["email"]] = ("phone",)
    shared_phone_rows: int = Field(10, ge=0)
    reject_doubtful: tuple[Doubt, ...] = ()
    max_text_length: int = Field(5_000, ge=1)
    max_changes: int | None = Field(None, ge=0)
    max_reject_rate: float | None = Field(None, ge=0, le=1)
    max_opt_outs: int | None = Field(None, ge=0)
    max_stale: float = Field(0.05, ge=0, le=1)
    columns: Mapping[str, Targets] = Field(default_factory=dict)


class ExportSettings(_Section):
    """[export]; JSON lines are always written, because they are the lossless form.

    `csv_profile`: exact can be imported again, excel guards what a spreadsheet would run or shorten. `consent`: where
    the list does not show opt-outs, status asks for each contact by a request of its own. `surface`: the list to walk.
    """

    formats: tuple[Literal["jsonl", "csv", "parquet"], ...] = ("jsonl", "csv")
    csv_profile: Literal["exact", "excel"] = "exact"
    encryption: Literal["none", "age"] = "none"
    consent: Literal["list", "status"] = "list"
    surface: Literal["v1", "v2"] = "v1"


class PathSettings(_Section):
    """[paths]; relative ones are relative to the settings file, or on the command line to the current folder.

    `snapshots` may be an address, such as s3://bucket/folder.
    """

    runs: Path = Path("runs")
    snapshots: str = "snapshots"


class Settings(_Section):
    """All settings. `imports` is the table [import]."""

    account: AccountSettings = Field(default_factory=AccountSettings)
    limits: LimitSettings = Field(default_factory=LimitSettings)
    imports: ImportSettings = Field(default_factory=ImportSettings, alias="import")
    export: ExportSettings = Field(default_factory=ExportSettings)
    paths: PathSettings = Field(default_factory=PathSettings)
