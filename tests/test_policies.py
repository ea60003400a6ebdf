"""The table of docs/policies.md, read from the page and tested row by row, from the cell to the record afterwards."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.jobs._opt_outs import opt_out_only
from pipeline.models._changes import Change, OnExisting
from pipeline.models._contacts import Contact, Json, Record, Reject, Skip
from pipeline.models._outcomes import Outcome, OutcomeKind
from pipeline.models._rows import Chunk
from pipeline.planner import Policy, differences, plan_contact
from pipeline.reader.mapping import map_chunk, plan_columns
from tests.tables import settings_of

PAGE = (Path(__file__).parent.parent / "docs" / "policies.md").read_text(encoding="utf-8")
POLICIES = ("skip", "fill", "merge", "overwrite")
PHONE = "14155550100"
PICTURE, OTHER = "https://example.com/old.png", "https://example.com/new.png"
BEFORE = Record(
    7, PHONE, "Ada", "Byron", "Ada Byron", "ada@example.com", PICTURE, 3, False, {"1": "Gold", "2": "Paris"}, (5, 6), 4
)
WRITTEN: dict[str, Any] = {"rev": 5, "raw": Record(7, PHONE).raw}
"""What a write leaves beside the values."""


@dataclass(frozen=True)
class Field:
    """How a field of the table is put into a file: its attribute, header and target, and a cell for each state."""

    name: str
    header: str
    target: Any
    given: str
    value: Json
    equal: str
    nothing: Json


FIELDS = {
    "standard field": [
        Field("email", "Mail", "email", "new@example.com", "new@example.com", "ADA@example.com", ""),
        Field("avatar", "Picture", "avatar", OTHER, OTHER, PICTURE, ""),
        Field("display_name", "Shown", "display_name", "AL", "AL", "Ada Byron", ""),
    ],
    "name": [
        Field("first", "First", "first", "Eve", "Eve", "Ada", ""),
        Field("last", "Last", "last", "King", "King", "Byron", ""),
    ],
    "display name": [Field("display_name", "Last", "last", "King", "Ada King", "Byron", "")],
    "custom field": [Field("custom", "Plan", {"custom": 1}, "Basic", "Basic", "Gold ", "")],
    "tags": [Field("tags", "Tags", {"tags": ";"}, "8;9", (8, 9), "6;5", ())],
    "owner": [Field("assignee_id", "Owner", "assignee_id", "4", 4, "3", None)],
    "opt-out": [Field("is_opted_out", "Out", "is_opted_out", "yes", True, "yes", False)],
}


def table() -> list[tuple[str, ...]]:
    """The rows of the table: field, the row, the contact, and what each policy does."""
    lines = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| ")]
    rows = [tuple(map(str.strip, cells)) for cells in lines if len(cells) == 3 + len(POLICIES)]
    return rows[1:]


def held(record: Record, field: Field) -> Json:
    return record.custom.get("1", "") if field.name == "custom" else getattr(record, field.name)


def contact_before(field: Field, state: str) -> Record:
    """The contact as the third column says."""
    many = (11, 12, 13, 14, 15)
    values: dict[str, Any] = {
        "holds nothing": {field.name: {} if field.name == "custom" else field.nothing},
        "holds none": {"tags": ()},
        "would hold six": {"tags": many},
        "has none": {"assignee_id": None},
        "is opted out": {"is_opted_out": True},
        "was chosen by somebody": {"display_name": "The Countess"},
    }
    return BEFORE._replace(**values.get(state, {}))


def wanted(field: Field, row: str, on_existing: str) -> tuple[Contact, Policy]:
    """The contact that a file makes of the second column, and the policy."""
    options = dict(re.findall(r'`(\w+) = "(\w+)"`', row))
    word = row.split(",", maxsplit=1)[0]
    cell = {"given": field.given, "yes": "yes", "no": "no", "blank": "", "clear": "<clear>"}.get(word, "")
    if row.startswith("given, equal"):
        cell = field.equal
    columns: dict[str, Any] = {"Phone": "phone"}
    headers, cells = ["Phone"], [f"+{PHONE}"]
    if word != "not mapped" or "a new last name" in row:
        columns[field.header] = field.target
        headers.append(field.header)
        cells.append(cell if word != "not mapped" else field.given)
    if row == "not mapped, another one is":
        columns["City"], headers, cells = {"custom": 2}, [*headers, "City"], [*cells, "Paris"]
    imports = settings_of(columns, on_existing=on_existing, **options)
    plan = plan_columns(headers, imports)
    [contact] = map_chunk(Chunk([2], [2], [cells]), plan).results()
    assert isinstance(contact, Contact)
    maps_custom = any(binding.target.kind == "custom" for binding in plan.bindings)
    return contact, Policy(OnExisting(on_existing), "--allow-opt-in" in row, maps_custom, imports.tags)


def applied(planned: Change | Outcome, record: Record) -> Record:
    """What the service holds afterwards, where an update blanks what it leaves out."""
    if isinstance(planned, Outcome):
        return record
    body = dict(planned.body)
    custom = body.pop("custom", {})
    custom = custom if planned.overwrite else {**record.custom, **custom}
    body["assignee_id"] = owner if (owner := body.get("assignee_id")) != -1 else None
    tags = tuple(tag["tag_id"] for tag in body.pop("tags", []))
    body.setdefault("is_opted_out", False)
    kept = {key: value for key, value in custom.items() if value}
    return Record(id=record.id, rev=5, custom=kept, tags=tags, **body)


def judge(word: str, field: Field, record: Record, planned: Change | Outcome, how: Policy) -> None:
    """Whether what is planned is what the table's word means, and touches nothing else."""
    after = applied(planned, record)
    now = held(after, field)
    match word:
        case "apart":
            assert isinstance(planned, Outcome)
            alone = plan_contact(1, Contact(2, PHONE, {"is_opted_out": True}), record, opt_out_only(how))
            assert applied(alone, record) == record._replace(is_opted_out=True, **WRITTEN)
            return
        case "kept" | "refused" | "rejected":
            assert now == held(record, field)
        case "set" | "replaced" | "follows":
            assert now == (field.value if field.name != "is_opted_out" else not record.is_opted_out)
        case "added":
            assert isinstance(now, tuple)
            assert now == (*(record.tags or ()), *field.value)
        case "erased":
            assert now == field.nothing
        case _:
            pytest.fail(f"the table says {word!r}, which means nothing here")
    assert ("opt_in_refused" in planned.notes) is (word == "refused")
    rejected = isinstance(planned, Outcome) and planned.kind is OutcomeKind.REJECTED
    assert rejected is (word == "rejected")
    if isinstance(planned, Change):
        assert not differences(planned, after)
        own = {"custom.1", "custom.2", "first", "last"} if field.name in ("custom", "display_name") else set()
        assert {change.name for change in planned.fields} <= {field.name, *own}
    if word in ("set", "replaced", "follows", "added", "erased"):
        assert isinstance(planned, Change)


def cases() -> list[Any]:
    return [
        pytest.param(field, row, state, policy, word, id=f"{field.name}-{row}-{state}-{policy}")
        for name, row, state, *words in table()
        for field in FIELDS[name]
        for policy, word in zip(POLICIES, words, strict=True)
    ]


@pytest.mark.parametrize(("field", "row", "state", "policy", "word"), cases())
def test_the_table_is_what_the_planner_does(field: Field, row: str, state: str, policy: str, word: str) -> None:
    record = contact_before(field, state)
    contact, how = wanted(field, row, policy)
    judge(word, field, record, plan_contact(1, contact, record, how), how)


def test_the_table_speaks_of_every_field_under_every_policy() -> None:
    assert [cell.strip() for cell in re.findall(r"^\| field .*$", PAGE, re.MULTILINE)[0].strip("|").split("|")] == [
        "field", "the row", "the contact", *POLICIES,
    ]  # fmt: skip
    assert {row[0] for row in table()} == set(FIELDS)
    for name in ("standard field", "custom field", "tags", "owner", "opt-out"):
        said = {row[1].split(",")[0] for row in table() if row[0] == name}
        assert said >= ({"yes", "no", "blank", "not mapped"} if name == "opt-out" else {"blank", "clear"})


@pytest.mark.parametrize("policy", POLICIES)
def test_blanks_that_clear_are_clears(policy: str) -> None:
    for name in ("standard field", "name", "custom field", "tags", "owner"):
        for field in FIELDS[name]:
            columns = {"Phone": "phone", field.header: field.target}
            made: list[Contact | Reject | Skip] = []
            for cell, blanks in (("<clear>", "keep"), ("", "clear")):
                plan = plan_columns(("Phone", field.header), settings_of(columns, blanks=blanks, on_existing=policy))
                made += map_chunk(Chunk([2], [2], [[f"+{PHONE}", cell]]), plan).results()
            assert made[0] == made[1]


def test_no_contact_gets_more_than_five_tags() -> None:
    for policy in (OnExisting.FILL, OnExisting.MERGE, OnExisting.OVERWRITE):
        for mode in ("auto", "add", "replace"):
            for tags in ((), (1,), (1, 2, 3, 4, 5)):
                contact = Contact(2, PHONE, tags=(3, 7, 8))
                how = Policy(policy, tags=mode)
                planned = plan_contact(1, contact, BEFORE._replace(tags=tags), how)
                if isinstance(planned, Change):
                    assert len(planned.body["tags"]) <= 5
