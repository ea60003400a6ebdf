"""The command that runs a rehearsal copy of the service."""

import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline import snapshots
from pipeline.cli._output import say
from pipeline.errors import Stopped, UsageProblem
from pipeline.sandbox import API_KEY, SECRET_ID, SECRET_KEY, Fault, Sandbox, Traits

_Host = Annotated[str, typer.Option(help="Address to listen on.")]
_Port = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")]
_Contacts = Annotated[int, typer.Option(min=0, help="Fill it with so many made-up contacts.")]
_Fields = Annotated[list[str] | None, typer.Option("--field", metavar="TITLE", help="A custom field (repeatable).")]
_Tags = Annotated[list[str] | None, typer.Option("--tag", metavar="NAME", help="A tag (repeatable).")]
_Traits = Annotated[
    list[str] | None,
    typer.Option("--trait", metavar="NAME=VALUE", help="How it behaves; see --list-traits (repeatable)."),
]
_Faults = Annotated[
    list[str] | None,
    typer.Option("--fault", metavar="KIND[:ENDPOINT][:OPTIONS]", help="A fault that it plays (repeatable)."),
]
_Limit = Annotated[int, typer.Option(min=0, help="Its request limit; 0 is none.")]
_Load = Annotated[
    str | None,
    typer.Option(metavar="SNAPSHOT", help="Start with a snapshot (folder or address), or with a saved sandbox."),
]
_Save = Annotated[Path | None, typer.Option(metavar="FILE", help="Save its contacts there when it ends.")]
_UrlFile = Annotated[Path | None, typer.Option(metavar="FILE", help="Write its address there once it listens.")]
_ListTraits = Annotated[bool, typer.Option("--list-traits", help="List the traits with their values and end.")]


def sandbox(
    *,
    host: _Host = "127.0.0.1",
    port: _Port = 8765,
    contacts: _Contacts = 0,
    fields: _Fields = None,
    tags: _Tags = None,
    traits: _Traits = None,
    faults: _Faults = None,
    requests_per_minute: _Limit = 500,
    load: _Load = None,
    save: _Save = None,
    url_file: _UrlFile = None,
    list_traits: _ListTraits = False,
) -> None:
    """Run a rehearsal copy of the service on this machine, until Ctrl-C.

    It needs no account and reaches nothing. Its key is public: HEYMARKET_SECRET_ID=sandbox-id and
    HEYMARKET_SECRET_KEY=sandbox-key.

    \b
    Examples:
      hmpipe sandbox --field Plan --contacts 1000
      hmpipe sandbox --trait cursor=exclusive
      hmpipe sandbox --load snapshots/20261123T041200Z-full
      hmpipe sandbox --fault "drop_after:POST /v1/contact:count=2"
    """
    if list_traits:
        say(_traits_text(), sys.stdout)
        return
    world = _build(traits or [], faults or [], requests_per_minute, fields or [], tags or [])
    if load:
        _load(world, load)
    world.seed(contacts)

    def ready(url: str) -> None:
        say(f"Sandbox at {url} (Ctrl-C ends it)", sys.stdout)
        say(f"  HEYMARKET_SECRET_ID={SECRET_ID} HEYMARKET_SECRET_KEY={SECRET_KEY}", sys.stdout)
        say(f"  or HEYMARKET_API_KEY={API_KEY}", sys.stdout)
        if url_file:
            url_file.write_text(url + "\n", encoding="utf-8")

    try:
        world.run_forever(host, port, on_ready=ready, save=save)
    except OSError as error:
        raise Stopped(
            f"The sandbox could not go on: {error.strerror or error}.",
            advice="Another --port may be free; 0 finds one.",
        ) from error


def _build(
    traits: Iterable[str], faults: Iterable[str], requests_per_minute: int, fields: list[str], tags: list[str]
) -> Sandbox:
    try:
        return Sandbox(
            traits=Traits.parse(traits),
            faults=[Fault.parse(fault) for fault in faults],
            requests_per_minute=requests_per_minute,
            fields=fields,
            tags=tags,
        )
    except ValueError as error:
        raise UsageProblem(str(error), advice="'hmpipe sandbox --list-traits' lists the traits.") from error


def _load(world: Sandbox, place: str) -> None:
    path = Path(place)
    if not path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            _load_file(world, _unpacked(place, Path(folder) / "contacts.jsonl"), place)
        return
    _load_file(world, path, place)


def _load_file(world: Sandbox, path: Path, place: str) -> None:
    """Load a file. What goes wrong is said of `place`, which the person gave: the file may be gone by then."""
    try:
        world.load(path)
    except OSError as error:
        raise UsageProblem(f"{place} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise UsageProblem(
            f"{place} holds something that is no contact, so the sandbox did not start: {error}"
        ) from error


def _unpacked(place: str, path: Path) -> Path:
    """Write a snapshot, with all that it builds on, as a saved sandbox in a private folder."""
    found = snapshots.open_snapshot(place)
    consents, details = snapshots.consents_of(found), {each.id: each for each in snapshots.details_of(found)}
    tags = {str(tag["id"]): tag["tag"] for tag in found.tags()}
    account = {"fields": {str(each.id): each.title for each in found.fields()}, "tags": tags, "lists": {}}
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"_sandbox": account}) + "\n")
        for raw in snapshots.composed(found):
            contact = json.loads(raw)
            if "is_opted_out" not in contact and int(contact["id"]) in consents:
                contact["is_opted_out"] = consents[int(contact["id"])]
            _add_details(contact, details.get(int(contact["id"])))
            file.write(json.dumps(contact) + "\n")
    return path


def _add_details(contact: dict[str, Any], told: snapshots.Details | None) -> None:
    """Add to a contact what was asked of it."""
    if told is None:
        return
    if told.channels is not None:
        contact.setdefault("contact_channels", [{"channel_type": kind, "channel_id": at} for kind, at in told.channels])
    if told.status:
        names = {"blocked": told.status.blocked, "unsubscribed_admin": told.status.by_admin}
        names |= {"unsubscribed_contact": told.status.by_contact}
        for name, value in names.items():
            if value is not None:
                contact.setdefault(name, value)


def _traits_text() -> str:
    lines = []
    for info in Traits.describe():
        allowed = "|".join(str(value).lower() for value in info.allowed) or "a number"
        lines.append(f"{info.name} = {str(info.default).lower()}  ({allowed})\n    {info.doc}")
    return "\n".join(lines)
