"""The policy table, row by row: what is sent, what is kept, what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models._changes import Change, ChangeKind, OnExisting
from pipeline.models._contacts import Contact, Record
from pipeline.models._outcomes import Outcome, OutcomeKind
from pipeline.planner import Policy, differences, needs_consent, plan_contact, put_back
from pipeline.values import replace

PHONE = "14155550100"
RECORD = Record(
    id=7,
    phone=PHONE,
    first="Ada",
    last="Old",
    display_name="Ada Old",
    email="ada@example.com",
    avatar="https://example.com/a.png",
    assignee_id=3,
    is_opted_out=False,
    custom={"1": "Gold", "2": "Paris"},
    tags=(5,),
    rev=4,
)


def wanted(
    tags: tuple[int, ...] | None = None, custom: dict[str, str] | None = None, **fields: str | int | bool
) -> Contact:
    return Contact(2, PHONE, fields, custom or {}, tags)


def change(contact: Contact, record: Record | None, policy: Policy) -> Change:
    planned = plan_contact(1, contact, record, policy)
    assert isinstance(planned, Change)
    return planned


def outcome(contact: Contact, record: Record | None, policy: Policy) -> Outcome:
    planned = plan_contact(1, contact, record, policy)
    assert isinstance(planned, Outcome)
    return planned


MERGE = Policy(OnExisting.MERGE)
FILL = Policy(OnExisting.FILL)
OVERWRITE = Policy(OnExisting.OVERWRITE)
SKIP = Policy(OnExisting.SKIP)


def test_a_contact_that_is_absent_is_created_with_what_the_row_gives() -> None:
    contact = wanted((9,), {"1": "Gold", "2": ""}, first="Bo", email="", is_opted_out=True)
    planned = change(contact, None, MERGE)
    assert planned.kind is ChangeKind.CREATE
    assert planned.body == {
        "phone": PHONE,
        "first": "Bo",
        "is_opted_out": True,
        "custom": {"1": "Gold"},
        "tags": [{"tag_id": 9}],
    }


def test_a_create_never_says_that_somebody_may_be_texted() -> None:
    assert (
        "is_opted_out" not in change(wanted(is_opted_out=False), None, Policy(OnExisting.MERGE, allow_opt_in=True)).body
    )


def test_skip_leaves_an_existing_contact_untouched_and_says_so() -> None:
    found = outcome(wanted(first="New"), RECORD, SKIP)
    assert (found.kind, found.code, found.contact_id) == (OutcomeKind.SKIPPED, "exists", 7)


def test_skip_says_that_an_opt_in_was_refused() -> None:
    opted_out = RECORD._replace(is_opted_out=True)
    assert outcome(wanted(is_opted_out=False), opted_out, SKIP).notes == ("opt_in_refused",)


def test_nobody_is_created_where_the_policy_does_not_allow_it() -> None:
    found = outcome(wanted(first="New"), None, Policy(OnExisting.MERGE, may_create=False))
    assert (found.kind, found.code) == (OutcomeKind.SKIPPED, "absent")


@pytest.mark.parametrize("policy", [MERGE, FILL, OVERWRITE])
def test_what_is_equal_already_costs_no_write(policy: Policy) -> None:
    contact = wanted(
        (5,), {"1": "Gold", "2": "Paris"}, first="Ada", last="Old ", email="ADA@example.com", is_opted_out=False
    )
    assert outcome(contact, RECORD, policy).kind is OutcomeKind.UNCHANGED


def test_an_update_sends_the_names_and_everything_that_must_survive() -> None:
    body = change(wanted(email="new@example.com"), RECORD, MERGE).body
    assert body == {
        "phone": PHONE,
        "first": "Ada",
        "last": "Old",
        "display_name": "Ada Old",
        "email": "new@example.com",
        "avatar": "https://example.com/a.png",
        "assignee_id": 3,
        "custom": {"1": "Gold", "2": "Paris"},
        "tags": [{"tag_id": 5}],
    }


def test_merge_lets_given_values_win_and_keeps_other_custom_fields() -> None:
    planned = change(wanted(custom={"1": "Basic"}), RECORD, MERGE)
    assert planned.body["custom"] == {"1": "Basic", "2": "Paris"}
    assert not planned.overwrite
    assert [(field.name, field.old, field.new) for field in planned.fields] == [("custom.1", "Gold", "Basic")]


def test_fill_sets_only_what_is_empty() -> None:
    record = Record(id=7, phone=PHONE, first="Ada", custom={"1": "Gold"}, is_opted_out=False)
    planned = change(wanted(custom={"1": "Basic", "3": "New"}, first="Eve", last="Lovelace"), record, FILL)
    assert [(field.name, field.new) for field in planned.fields] == [("last", "Lovelace"), ("custom.3", "New")]
    assert planned.body["first"] == "Ada"


def test_fill_still_applies_an_opt_out() -> None:
    assert change(wanted(is_opted_out=True), RECORD, FILL).body["is_opted_out"] is True


def test_overwrite_makes_the_custom_fields_exactly_the_rows() -> None:
    planned = change(wanted(custom={"1": "Basic", "2": ""}), RECORD, OVERWRITE)
    assert planned.overwrite
    assert planned.body["custom"] == {"1": "Basic"}
    assert planned.body["email"] == "ada@example.com"


def test_overwrite_with_only_blank_custom_cells_sends_the_empty_object() -> None:
    assert change(wanted(custom={}), RECORD, OVERWRITE).body["custom"] == {}


def test_overwrite_without_custom_columns_leaves_custom_fields_alone() -> None:
    policy = Policy(OnExisting.OVERWRITE, custom_mapped=False)
    planned = change(wanted(first="New"), RECORD, policy)
    assert not planned.overwrite
    assert planned.body["custom"] == RECORD.custom


def test_a_clear_erases_and_a_clear_of_nothing_is_no_change() -> None:
    planned = change(wanted(custom={"1": "", "9": ""}, email=""), RECORD, MERGE)
    assert planned.body["email"] == ""
    assert planned.body["custom"] == {"1": "", "2": "Paris"}
    assert {field.name for field in planned.fields} == {"email", "custom.1"}


class TestConsentRatchet:
    OUT = Record(id=7, phone=PHONE, first="Ada", is_opted_out=True)

    @pytest.mark.parametrize("policy", [MERGE, FILL, OVERWRITE])
    def test_nothing_opts_back_in_by_itself(self, policy: Policy) -> None:
        found = outcome(wanted(is_opted_out=False), self.OUT, policy)
        assert (found.kind, found.notes) == (OutcomeKind.UNCHANGED, ("opt_in_refused",))

    def test_the_rest_of_the_row_is_applied(self) -> None:
        planned = change(wanted(is_opted_out=False, last="New"), self.OUT, MERGE)
        assert planned.body["is_opted_out"] is True
        assert planned.notes == ("opt_in_refused",)

    def test_allowed_it_is_applied(self) -> None:
        planned = change(wanted(is_opted_out=False), self.OUT, Policy(OnExisting.MERGE, allow_opt_in=True))
        assert planned.body["is_opted_out"] is False

    def test_an_update_of_a_contact_that_is_not_opted_out_never_sends_false(self) -> None:
        policy = Policy(OnExisting.MERGE, allow_opt_in=True)
        assert "is_opted_out" not in change(wanted(is_opted_out=False, last="New"), RECORD, policy).body

    def test_an_unseen_state_must_be_asked_for_before_an_update_and_where_a_row_asks_for_an_opt_in(self) -> None:
        unseen = Record(id=7, phone=PHONE, first="Ada")
        planned = plan_contact(1, wanted(last="New"), unseen, MERGE)
        assert needs_consent(wanted(last="New"), unseen, planned)
        equal = wanted(first="Ada")
        assert not needs_consent(equal, unseen, plan_contact(1, equal, unseen, MERGE))
        opts_in = wanted(first="Ada", is_opted_out=False)
        assert needs_consent(opts_in, unseen, plan_contact(1, opts_in, unseen, MERGE))
        assert needs_consent(opts_in, unseen, plan_contact(1, opts_in, unseen, SKIP))
        assert not needs_consent(wanted(last="New"), RECORD, planned)


class TestTags:
    def test_merge_adds(self) -> None:
        assert change(wanted((6,)), RECORD, MERGE).body["tags"] == [{"tag_id": 5}, {"tag_id": 6}]

    def test_merge_to_more_than_five_is_rejected(self) -> None:
        found = outcome(wanted((6, 7, 8, 9, 10)), RECORD, MERGE)
        assert (found.kind, found.code) == (OutcomeKind.REJECTED, "too_many_tags")

    def test_overwrite_replaces_and_a_clear_takes_all(self) -> None:
        assert change(wanted((6,)), RECORD, OVERWRITE).body["tags"] == [{"tag_id": 6}]
        assert change(wanted(()), RECORD, MERGE).body["tags"] == []

    def test_fill_touches_no_tags_where_there_are_some(self) -> None:
        assert outcome(wanted((6,)), RECORD, FILL).kind is OutcomeKind.UNCHANGED

    def test_tags_that_are_not_shown_are_left_alone_and_said(self) -> None:
        record = Record(id=7, phone=PHONE, is_opted_out=False)
        assert outcome(wanted((6,)), record, MERGE).notes == ("tags_unreadable",)


class TestDisplayName:
    def test_one_that_was_made_of_the_names_follows_them(self) -> None:
        assert change(wanted(last="New"), RECORD, MERGE).body["display_name"] == "Ada New"

    def test_one_that_somebody_chose_stays(self) -> None:
        record = Record(id=7, phone=PHONE, first="Ada", last="Old", display_name="The Countess", is_opted_out=False)
        assert change(wanted(last="New"), record, MERGE).body["display_name"] == "The Countess"

    def test_the_rows_own_wins(self) -> None:
        assert change(wanted(display_name="AL"), RECORD, MERGE).body["display_name"] == "AL"


class TestOwner:
    def test_unassigning_somebody_without_an_owner_is_no_change(self) -> None:
        record = Record(id=7, phone=PHONE, is_opted_out=False)
        assert outcome(wanted(assignee_id=-1), record, MERGE).kind is OutcomeKind.UNCHANGED
        assert change(wanted(assignee_id=-1), RECORD, MERGE).body["assignee_id"] == -1


class TestReadBack:
    def test_a_record_that_holds_what_was_sent_is_proof(self) -> None:
        planned = change(wanted((6,), {"1": "Basic"}, last="New", is_opted_out=True), RECORD, MERGE)
        after = Record(
            id=7, phone=PHONE, first="Ada", last="New", display_name="derived", email="Ada@Example.com", assignee_id=3,
            is_opted_out=True, custom={"1": "Basic", "2": "Paris"}, tags=(6, 5), avatar="https://pictures.example/copy.png",
        )  # fmt: skip
        assert differences(planned, after) == ()

    def test_each_field_that_was_lost_is_named(self) -> None:
        planned = change(wanted((6,), {"1": "Basic"}, last="New", is_opted_out=True), RECORD, MERGE)
        lost = {field.name for field in differences(planned, Record(id=7, phone=PHONE, is_opted_out=False, tags=()))}
        assert lost == {
            "first",
            "last",
            "email",
            "avatar",
            "assignee_id",
            "is_opted_out",
            "custom.1",
            "custom.2",
            "tags",
        }

    def test_what_is_not_shown_cannot_be_compared(self) -> None:
        planned = change(wanted((6,), is_opted_out=True, first="Ada"), None, MERGE)
        assert differences(planned, Record(id=7, phone=PHONE, first="Ada")) == ()

    def test_an_overwrite_that_left_old_custom_values_is_not_proved(self) -> None:
        planned = change(wanted(custom={"1": "Basic"}), RECORD, OVERWRITE)
        after = Record(
            id=7, phone=PHONE, first="Ada", last="Old", email="ada@example.com", assignee_id=3, tags=(5,),
            custom={"1": "Basic", "2": "Paris"}, avatar=RECORD.avatar,
        )  # fmt: skip
        assert [field.name for field in differences(planned, after)] == ["custom.2"]

    def test_a_display_name_counts_only_where_the_row_gave_one(self) -> None:
        after = Record(id=7, phone=PHONE, first="Ada", display_name="else")
        assert not differences(change(wanted(first="Ada"), None, MERGE), after)
        assert differences(change(wanted(first="Ada", display_name="AL"), None, MERGE), after)


texts = st.sampled_from(["", "a", "B", " x "])
customs = st.dictionaries(st.sampled_from(["1", "2", "3"]), texts)
fields = st.fixed_dictionaries(
    {}, optional={"first": texts, "last": texts, "email": texts, "display_name": texts, "is_opted_out": st.booleans()}
)
records = st.builds(
    Record,
    id=st.just(7),
    phone=st.just(PHONE),
    first=texts,
    last=texts,
    display_name=texts,
    email=texts,
    is_opted_out=st.booleans(),
    custom=customs,
    tags=st.sampled_from([None, (), (5,), (5, 6)]),
    raw=st.just(b"{}"),
)
contacts = st.builds(
    Contact,
    line=st.just(2),
    phone=st.just(PHONE),
    fields=fields,
    custom=customs,
    tags=st.sampled_from([None, (), (6,), (7, 8)]),
)
policies = st.builds(Policy, st.sampled_from(OnExisting), st.booleans(), st.booleans())


@given(contacts, records, policies)
def test_law_applying_a_plan_leaves_nothing_to_do(contact: Contact, record: Record, policy: Policy) -> None:
    planned = plan_contact(1, contact, record, policy)
    if not isinstance(planned, Change):
        return
    after = apply(planned, record)
    assert not differences(planned, after)
    again = plan_contact(1, contact, after, policy)
    assert isinstance(again, Outcome)


@given(contacts, records, policies)
def test_law_an_opt_out_survives_unless_opt_in_is_allowed_and_asked_for(
    contact: Contact, record: Record, policy: Policy
) -> None:
    planned = plan_contact(1, contact, record, policy)
    if isinstance(planned, Change) and record.is_opted_out:
        allowed = policy.allow_opt_in and contact.fields.get("is_opted_out") is False
        assert planned.body["is_opted_out"] is not allowed


@given(contacts, records, policies)
def test_law_what_the_row_does_not_speak_of_survives_an_update(
    contact: Contact, record: Record, policy: Policy
) -> None:
    planned = plan_contact(1, contact, record, policy)
    if not isinstance(planned, Change):
        return
    for name in ("first", "last", "email"):
        if name not in contact.fields and getattr(record, name):
            assert planned.body[name] == getattr(record, name)
    if not planned.overwrite:
        kept = {key: value for key, value in record.custom.items() if key not in contact.custom}
        assert kept.items() <= planned.body.get("custom", {}).items()


PARTS: dict[str, Any] = {"last": "", "email": "", "custom": {}, "tags": (), "is_opted_out": False}


@given(contacts, records, policies, st.sets(st.sampled_from(sorted(PARTS))))
def test_law_what_a_write_blanked_is_known_when_it_is_mended(
    contact: Contact, record: Record, policy: Policy, lost: set[str]
) -> None:
    planned = plan_contact(1, contact, record, policy)
    if not isinstance(planned, Change):
        return
    whole = apply(planned, record)
    damaged = whole._replace(**{name: PARTS[name] for name in lost if name != "tags" or record.tags is not None})
    mend = plan_contact(1, contact, put_back(planned, damaged), policy)
    body = mend if isinstance(mend, Change) else replace(planned, kind=ChangeKind.UPDATE)
    assert not differences(planned, apply(body, damaged))


def apply(planned: Change, record: Record) -> Record:
    """What a service does that blanks everything which is left out, but for custom fields under merge."""
    body = dict(planned.body)
    custom = body.pop("custom", {})
    if not planned.overwrite:
        custom = {**record.custom, **custom}
    tags = tuple(tag["tag_id"] for tag in body.pop("tags", []))
    body.setdefault("is_opted_out", False)
    shown_tags = None if record.tags is None else tags
    kept = {name: value for name, value in custom.items() if value}
    return Record(id=record.id, custom=kept, tags=shown_tags, **body)
