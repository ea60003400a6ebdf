"""The settings as values: sections, keys, defaults and what each may hold."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, WithJsonSchema

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
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError("plain http is refused except to this machine itself; use https")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address such as https://api.heymarket.com")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _check_region(region: str) -> str:
    if not region:
        return region
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


_Count = Annotated[int | None, Field(ge=0), WithJsonSchema({"type": ["integer", "null"], "minimum": 0})]
_Share = Annotated[
    float | None, Field(ge=0, le=1), WithJsonSchema({"type": ["number", "null"], "minimum": 0, "maximum": 1})
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountSettings(_Section):
    """The Heymarket account; its credentials come from the environment only."""

    name: str = Field(
        "main", description="A name of your choice for the account, shown where it is named.", examples=["sales"]
    )
    base_url: Annotated[str, AfterValidator(_check_base_url)] = Field(
        "https://api.heymarket.com",
        description="The address of the service; plain http only to this machine itself, for a rehearsal.",
        examples=["http://127.0.0.1:8765"],
    )


class LimitSettings(_Section):
    """How fast and how patiently requests are sent."""

    requests_per_minute: int = Field(
        450,
        ge=0,
        description="Requests a minute as the service counts them, shared by all processes of this machine on one"
        " account; 0 is no limit. The service allows 500.",
        examples=[300],
    )
    concurrency: int = Field(8, ge=1, le=64, description="Requests in flight at once.", examples=[4])
    timeout_seconds: float = Field(
        30, gt=0, le=600, description="How long one request may take, in seconds.", examples=[60]
    )
    max_attempts: int = Field(
        6, ge=1, le=20, description="How often one request is tried, with growing pauses.", examples=[3]
    )
    shared: Annotated[SecretStr, AfterValidator(_check_shared)] = Field(
        SecretStr(""),
        description="The address of a Redis server through which several machines share requests_per_minute (extra"
        " redis); empty is this machine alone.",
        examples=["redis://limits.example.com:6379/0"],
    )
    lost_answer_seconds: float = Field(
        7,
        ge=0,
        le=600,
        description="How long a contact is looked for whose create got no answer, before it is sent again: longer than"
        " the service needs to make it and to show it.",
        examples=[15],
    )


class ImportSettings(_Section):
    """How a file is read, what its columns mean, and what happens to contacts that exist."""

    # Editors show the text of a definition, not the one beside a reference to it: so the schema stands here itself.
    on_existing: Annotated[OnExisting, WithJsonSchema({"enum": [*OnExisting]})] = Field(
        OnExisting.MERGE,
        description="What happens to a contact that exists: skip leaves it alone, fill sets only its empty fields,"
        " merge lets given values win, overwrite also makes its custom fields exactly those of the row.",
        examples=["fill"],
    )
    default_region: Annotated[str, AfterValidator(_check_region)] = Field(
        "US",
        description="The country of phones without a country code, as two letters. Empty is that nobody knows: then"
        " only phones that carry their country are read, and the others are rejected (region_unknown).",
        examples=["GB", ""],
        json_schema_extra={"pattern": r"^([A-Za-z]{2})?(?!\n)$"},
    )
    blanks: Literal["keep", "clear"] = Field(
        "keep", description="What a blank cell does to a field: keep leaves it, clear erases it.", examples=["clear"]
    )
    duplicates: Literal["last", "first", "merge", "reject"] = Field(
        "last",
        description="Which of several rows with one phone is taken: the last, the first, all of them merged (later"
        " values win), or none of them (reject).",
        examples=["merge"],
    )
    write_path: Literal["auto", "single", "batch"] = Field(
        "auto",
        description="How contacts are written: auto writes several in one request where the account was seen to do"
        " that right, single never, batch counts on it from the start.",
        examples=["single"],
    )
    unmapped: Literal["ignore", "reject", "create"] = Field(
        "ignore",
        description="What becomes of columns without a target: ignore them, reject the file, or create a custom field"
        " of each.",
        examples=["reject"],
    )
    country_column: str = Field(
        "",
        description="The header of a column with each row's country, as an ISO code or a name; default_region where it"
        " says nothing. Empty is none.",
        examples=["MailingCountry"],
    )
    null_values: tuple[str, ...] = Field(
        ("", "NULL", "N/A", "#N/A"), description="Cells that count as blank.", examples=[["", "NULL", "-", "none"]]
    )
    skip_where: Mapping[str, str] = Field(
        {},
        description="Rows that are left out and counted as skipped: those whose cell under a header is the text beside"
        " it, in capitals or not.",
        examples=[{"IsDeleted": "true"}],
    )
    encoding: str = Field(
        "auto", description="The encoding of the file, as Python calls it; auto finds it out.", examples=["cp1252"]
    )
    delimiter: Annotated[str, AfterValidator(read_delimiter)] = Field(
        "auto",
        description="What stands between the cells: one character, or comma, semicolon, tab, bar; auto finds it out.",
        examples=[";"],
        json_schema_extra={"pattern": r'^([^"\r\n]|auto|comma|semicolon|tab|\\t|bar)$'},
    )
    quoting: Literal["auto", "doubled", "backslash", "spaced", "single", "curly"] = Field(
        "auto",
        description='How quotes stand in the file: doubled inside cells as usual ("a ""b"""), behind a backslash'
        ' ("a \\"b\\""), spaced (blanks before the quotes of cells), single (\'a\') or curly; auto finds it out and'
        " says it.",
        examples=["doubled"],
    )
    header: Annotated[
        Literal["auto", "none"] | Annotated[int, Field(ge=1)],
        WithJsonSchema({"type": ["string", "integer"], "pattern": "^(auto|none)$", "minimum": 1}),
    ] = Field(
        "auto",
        description="Where the header is: the number of its line, none where the file has none; auto finds it out.",
        examples=[3],
    )
    comment: str = Field(
        "", description="Lines that begin with this are no rows; empty is no such lines.", examples=["#"]
    )
    sheet: str = Field("", description="The sheet of a workbook (.xlsx); empty is the first.", examples=["Contacts"])
    vanity_letters: bool = Field(
        False,
        description="Whether letters in phones are read as the keys they stand on: 1-800-FLOWERS. Else such a row is"
        " rejected.",
        examples=[True],
    )
    two_numbers: Literal["reject", "first"] = Field(
        "reject",
        description="What a phone cell with two numbers means: reject the row, or take the first.",
        examples=["first"],
    )
    too_many_tags: Literal["reject", "cut"] = Field(
        "reject",
        description="What more than 5 tags in a row mean: reject the row, or cut them to the first 5.",
        examples=["cut"],
    )
    tags: Literal["auto", "add", "replace"] = Field(
        "auto",
        description="What happens to tags that a contact has: add the row's to them, or replace them; auto adds, and"
        " replaces under on_existing = overwrite.",
        examples=["add"],
    )
    on_conflict: Literal["reject", "newest"] = Field(
        "reject",
        description="What a phone of several contacts means: reject the row, or take the contact edited last.",
        examples=["newest"],
    )
    came_back: Literal["report", "opt_out", "keep"] = Field(
        "report",
        description="What happens to a contact that may be texted at the service although an older no is known: report"
        " lists it (came_back.csv) and leaves it, opt_out opts it out again, keep accepts that it came back.",
        examples=["opt_out"],
    )
    match_on: Annotated[
        tuple[Literal["phone"]] | tuple[Literal["phone"], Literal["email"]],
        WithJsonSchema({"enum": [["phone"], ["phone", "email"]]}),
    ] = Field(
        ("phone",),
        description="How a row finds its contact: by its phone, or by its e-mail address where nobody has the phone.",
        examples=[["phone", "email"]],
    )
    shared_phone_rows: int = Field(
        10,
        ge=0,
        description="From how many rows on a phone that they share is suspected to be a placeholder; 0 is never.",
        examples=[3],
    )
    reject_doubtful: tuple[Doubt, ...] = Field(
        (), description="Warnings about phones that reject the row.", examples=[["date_like", "shared_phone"]]
    )
    consent_question: Annotated[
        tuple[str, ...] | None, WithJsonSchema({"type": ["array", "null"], "items": {"type": "string"}})
    ] = Field(
        None,
        description="Headers of columns that may say who must not be texted. No import begins until each of them has a"
        " target, or ignore, in [import.columns]; the line may stay. Where the key is there, even empty, a further such"
        " column in a later file stops the import (new_consent_column).",
        examples=[["SMS Opt In"], []],
    )
    skipped_opt_outs: bool = Field(
        False,
        description="Whether rows that skip_where leaves out opt their contacts out where they say so. Else they are"
        " counted and named.",
        examples=[True],
    )
    on_bad_field: Literal["reject", "leave_out"] = Field(
        "reject",
        description="What a bad e-mail, date, number or tag means: reject the row, or leave_out the cell alone, list it"
        " in warnings.csv and import the rest. Phones and opt-outs are never left out.",
        examples=["leave_out"],
    )
    short_rows: Literal["reject", "pad"] = Field(
        "reject",
        description="What a row with fewer cells than the header means: reject it, or pad it with blank cells at its"
        " end.",
        examples=["pad"],
    )
    min_rows: int = Field(
        0,
        ge=0,
        description="A brake: nothing is sent where the input has fewer rows than this. Does not hold a reject file.",
        examples=[1],
    )
    max_text_length: int = Field(
        5_000, ge=1, description="The most characters of a text; a longer one rejects the row.", examples=[500]
    )
    max_changes: _Count = Field(
        None, description="A brake: nothing is sent where more contacts than this would be written.", examples=[5_000]
    )
    max_reject_rate: _Share = Field(
        None,
        description="A brake: nothing is sent where more than this share of the rows is rejected."
        " Does not hold a reject file that is imported again.",
        examples=[0.05],
    )
    max_opt_outs: _Count = Field(
        None, description="A brake: nothing is sent where more contacts than this would be opted out.", examples=[200]
    )
    max_stale: float = Field(
        0.05,
        ge=0,
        le=1,
        description="A brake on plans: nothing is sent where the contacts of more than this share of the changes were"
        " edited since the plan was made.",
        examples=[0.2],
    )
    columns: Mapping[str, Targets] = Field(
        {},
        description="Where each column goes: its header, whatever its capitals, spaces and punctuation, or its place"
        ' ("column 5"), and one target or a list of them.',
        examples=[
            {
                "Mobile Phone": "phone",
                "Work Phone": ["phone", {"channel": "phone"}],
                "Plan": {"custom": "Plan"},
                "Full Name": {"to": "first", "transform": ["collapse", "first_word"]},
            }
        ],
    )


class ExportSettings(_Section):
    """What a snapshot holds, and in which files."""

    formats: tuple[Literal["jsonl", "csv", "parquet"], ...] = Field(
        ("jsonl", "csv"),
        description="The files of a snapshot; jsonl is always written, because it loses nothing, and parquet needs the"
        " extra parquet.",
        examples=[["jsonl", "csv", "parquet"]],
    )
    csv_profile: Literal["exact", "excel"] = Field(
        "exact",
        description="How contacts.csv is written: exact can be imported again, excel guards what a spreadsheet would"
        " run or shorten.",
        examples=["excel"],
    )
    encryption: Literal["none", "age"] = Field(
        "none",
        description="Whether the files are encrypted: age does it with the key in HMPIPE_AGE_RECIPIENT (extra age).",
        examples=["age"],
    )
    consent: Literal["list", "status"] = Field(
        "list",
        description="Who says who is opted out: the list of contacts, or where it does not show that, status asks for"
        " each contact by a request of its own.",
        examples=["status"],
    )
    detail: Literal["list", "full"] = Field(
        "list",
        description="How much is backed up of a contact: list is what the list shows; full adds all channels, who is"
        " blocked, who opted out and by whom, and archived contacts, by up to two requests a contact where the list"
        " does not show them, and ends with 3 where they cannot be learned.",
        examples=["full"],
    )
    surface: Literal["v1", "v2"] = Field(
        "v1",
        description="Which list of contacts is read: that of /v1/contacts, or that of /v2/contacts/list; under detail ="
        " full the latter, too, where it alone shows channels or UUIDs.",
        examples=["v2"],
    )


class PathSettings(_Section):
    """Where things are kept; relative paths start at the folder of the settings file."""

    runs: Path = Field(
        Path("runs"),
        description="The folder for one folder an import: its journal, its summary, its rejects.",
        examples=["/srv/contacts/runs"],
    )
    snapshots: str = Field(
        "snapshots",
        description="The folder for one folder an export, or an address for them.",
        examples=["s3://backups/crm"],
    )


class Settings(_Section):
    """The settings of hmpipe; `imports` is the table [import]."""

    account: AccountSettings = Field(default_factory=AccountSettings)
    limits: LimitSettings = Field(default_factory=LimitSettings)
    imports: ImportSettings = Field(default_factory=ImportSettings, alias="import")
    export: ExportSettings = Field(default_factory=ExportSettings)
    paths: PathSettings = Field(default_factory=PathSettings)
