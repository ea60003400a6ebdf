"""What a journal knows of its run beside the rows, and how that stands in the `meta` table."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

from pipeline import jsontext
from pipeline.models import Json, Traffic
from pipeline.values import Struct, as_dict, field, field_names

RunKind = Literal["import", "undo", "delete", "restore"]
RunState = Literal["", "open", "finished", "refused", "undone"]

_JSON = ("sources", "field_names", "traffic", "traits")
_NUMBERS: Mapping[str, Callable[[str], float]] = {"seconds": float, "attempts": int, "exit_code": int}

_FORM = ("name", "headers", "encoding", "delimiter", "line_end", "custom")
_ONLY_WHERE_ANY = ("custom", "compression", "left_out", "remarks")


class SourceFacts(Struct, frozen=True):
    """One file of the input: how it is written, so that its rejects can be written alike, and how it was read.

    `custom` is what a person calls its custom fields, by `custom.<ID>`. `found_by` says why the encoding was chosen; ""
    where only the form of the file is known, as of a list of contacts: then the fields below it say nothing.
    """

    name: str
    headers: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\n"
    custom: dict[str, str] = field(default_factory=dict)
    found_by: str = ""
    compression: str = ""
    header_line: int = 0
    preamble_lines: int = 0
    comment_lines: int = 0
    rows: int = 0
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """Return what is known of the file."""
        known = {each: getattr(self, each) for each in field_names(self)}
        names = known if self.found_by else _FORM
        return {name: known[name] for name in names if known[name] or name not in _ONLY_WHERE_ANY}


class RunFacts(Struct, frozen=True):
    """What is known of a run beside its rows.

    `account` is the key of the account, `source` what a person calls the input, `started` an ISO 8601 stamp.
    `fingerprint` is what an interrupted run is known again by, `content` the hash of its input. `staged`: the whole
    input is in the journal; `planned`: it came from a saved plan. `undoes` is the run that it undoes, or "".
    `field_names` is what a person calls custom fields, by `custom.<ID>`. `traffic`, `seconds` and `attempts` cover the
    whole run. `exit_code` and `error` are those of its end; a run that was killed could not write them. `traits` is
    what the service was seen to do.
    """

    account: str = ""
    source: str = ""
    started: str = ""
    kind: RunKind = "import"
    state: RunState = ""
    fingerprint: str = ""
    content: str = ""
    staged: bool = False
    planned: bool = False
    undoes: str = ""
    sources: tuple[SourceFacts, ...] = ()
    field_names: dict[str, str] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=Traffic)
    seconds: float = 0.0
    attempts: int = 1
    exit_code: int = 1
    error: str = ""
    traits: dict[str, str] = field(default_factory=dict)


def write_facts(facts: RunFacts) -> dict[str, str]:
    """Return the facts as the keys and texts of the `meta` table."""
    shown: dict[str, Json] = {each: getattr(facts, each) for each in field_names(facts)}
    shown["sources"] = [source.as_json() for source in facts.sources]
    shown["traffic"] = as_dict(facts.traffic) | {"waited": round(facts.traffic.waited, 3)}
    return {key: _text(value) for key, value in shown.items()}


def read_facts(texts: Mapping[str, str]) -> RunFacts:
    """Return the facts that the `meta` table holds; unknown keys are left out. Raises ValueError when it is damaged."""
    known: dict[str, Any] = {key: json.loads(text) if key in _JSON else text for key, text in texts.items() if text}
    for key, choices in (("kind", RunKind), ("state", RunState)):
        if known.get(key) not in get_args(choices):
            known.pop(key, None)
    numbers = {key: number(known[key]) for key, number in _NUMBERS.items() if key in known}
    flags = {key: key in known for key in ("staged", "planned")}
    return jsontext.convert(known | numbers | flags, RunFacts)


def write_sources(sources: Sequence[SourceFacts]) -> str:
    """Return the files of an input as a JSON text."""
    return _text([source.as_json() for source in sources])


def read_sources(text: str) -> tuple[SourceFacts, ...]:
    """Return the files that such a text names. Raises ValueError when it is damaged."""
    return jsontext.convert({"sources": json.loads(text)}, RunFacts).sources


def _text(value: Json) -> str:
    match value:
        case str():
            return value
        case bool():
            return "yes" if value else ""
        case float():
            return f"{value:.3f}"
    # The standard library's encoder: headers may carry undecodable bytes as lone surrogates and must keep them.
    return json.dumps(value)
