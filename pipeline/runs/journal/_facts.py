"""What a journal knows of its run beside the rows, and how that stands in the `meta` table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from pipeline.models import Json, Traffic

RunKind = Literal["import", "undo", "delete", "restore"]
RunState = Literal["", "open", "finished", "refused", "undone"]

_KINDS: Mapping[str, RunKind] = {"undo": "undo", "delete": "delete", "restore": "restore"}
_STATES: Mapping[str, RunState] = {"open": "open", "finished": "finished", "refused": "refused", "undone": "undone"}

_FORM = ("name", "headers", "encoding", "delimiter", "line_end", "custom")
_ONLY_WHERE_ANY = ("custom", "compression", "left_out", "remarks")


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One file of the input: how it is written, so that its rejects can be written alike, and how it was read.

    `custom` is what a person calls its custom fields, by `custom.<ID>`. `found_by` says why the encoding was chosen; ""
    where only the form of the file is known, as of a list of contacts: then the fields below it say nothing.
    """

    name: str
    headers: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\n"
    custom: Mapping[str, str] = field(default_factory=dict)
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
        known = {each.name: getattr(self, each.name) for each in fields(self)}
        names = known if self.found_by else _FORM
        return {name: known[name] for name in names if known[name] or name not in _ONLY_WHERE_ANY}


@dataclass(frozen=True, slots=True)
class RunFacts:
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
    field_names: Mapping[str, str] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=Traffic)
    seconds: float = 0.0
    attempts: int = 1
    exit_code: int = 1
    error: str = ""
    traits: Mapping[str, str] = field(default_factory=dict)


def write_facts(facts: RunFacts) -> dict[str, str]:
    """Return the facts as the keys and texts of the `meta` table."""
    traffic = facts.traffic
    counts = {"requests": traffic.requests, "rate_limited": traffic.rate_limited, "retries": traffic.retries}
    return {
        "account": facts.account,
        "source": facts.source,
        "started": facts.started,
        "kind": facts.kind,
        "state": facts.state,
        "fingerprint": facts.fingerprint,
        "content": facts.content,
        "staged": "yes" if facts.staged else "",
        "planned": "yes" if facts.planned else "",
        "undoes": facts.undoes,
        "sources": write_sources(facts.sources),
        "field_names": json.dumps(dict(facts.field_names)),
        "traffic": json.dumps(counts | {"waited": round(traffic.waited, 3)}),
        "seconds": f"{facts.seconds:.3f}",
        "attempts": str(facts.attempts),
        "exit_code": str(facts.exit_code),
        "error": facts.error,
        "traits": json.dumps(dict(facts.traits)),
    }


def read_facts(texts: Mapping[str, str]) -> RunFacts:
    """Return the facts that the `meta` table holds; unknown keys are left out. Raises ValueError when it is damaged."""

    def text(key: str) -> str:
        return texts.get(key, "")

    return RunFacts(
        account=text("account"),
        source=text("source"),
        started=text("started"),
        kind=_KINDS.get(text("kind"), "import"),
        state=_STATES.get(text("state"), ""),
        fingerprint=text("fingerprint"),
        content=text("content"),
        staged=bool(text("staged")),
        planned=bool(text("planned")),
        undoes=text("undoes"),
        sources=read_sources(text("sources")),
        field_names=_object(text("field_names")),
        traffic=Traffic(**_known(Traffic, _object(text("traffic")))),
        seconds=float(text("seconds") or 0),
        attempts=int(text("attempts") or 1),
        exit_code=int(text("exit_code") or 1),
        error=text("error"),
        traits=_object(text("traits")),
    )


def write_sources(sources: Sequence[SourceFacts]) -> str:
    """Return the files of an input as a JSON text."""
    # The standard library's encoder: headers may carry undecodable bytes as lone surrogates and must keep them.
    return json.dumps([source.as_json() for source in sources])


def read_sources(text: str) -> tuple[SourceFacts, ...]:
    """Return the files that such a text names, none for "". Raises ValueError when it is damaged."""
    found = json.loads(text or "[]")
    if not isinstance(found, list) or not all(
        isinstance(each, dict) and {"name", "headers"} <= each.keys() for each in found
    ):
        raise ValueError("the files of the input are not named")
    return tuple(SourceFacts(**_known(SourceFacts, each)) for each in found)


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text or "{}")
    if not isinstance(found, dict):
        raise ValueError(f"{text[:40]!r} is no JSON object")  # noqa: TRY004 - a damaged text, not a wrong argument
    return found


def _known(kind: type[SourceFacts | Traffic], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a value that this version knows, with tuples for lists."""
    names = {each.name for each in fields(kind)}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in found.items() if key in names}
