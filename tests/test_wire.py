"""The JSON shapes of the service: every documented one is read, and no odd one does harm."""

import contextlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import jsontext
from pipeline import wire as _wire
from pipeline.models._changes import WriteAnswer
from pipeline.models._contacts import CustomField, Json, Record, Status
from pipeline.models._pages import PageRequest
from pipeline.showing import visible_line

KEYS = [
    "id", "uuid", "tags", "custom", "phone", "count", "error", "data", "title", "rev", "blocked", "unsubscribed",
    "contact_channels", "channels", "channel_type", "channel_id", "contact_id",
]  # fmt: skip

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS) | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)

READERS = [
    _wire.read_records,
    _wire.read_record,
    _wire.read_write_answer,
    _wire.read_count,
    _wire.read_custom_fields,
    _wire.read_tags,
    _wire.read_array_length,
    _wire.read_channels,
    _wire.read_shown_channels,
    _wire.read_status,
    _wire.read_team,
]


def text_of(value: Json) -> bytes:
    return jsontext.encode(value)


def record_of(**fields: Json) -> Record:
    record = _wire.read_record(text_of({"id": 7, **fields}))
    assert record is not None
    return record


# Bodies


def test_a_search_names_the_channel_and_all_phones() -> None:
    assert _wire.search_body(["14155550100", "14155550101"]) == {
        "contact_channels": [{"channel_type": "phone", "channel_ids": ["14155550100", "14155550101"]}]
    }


def test_channels_and_a_status_are_written_as_documented() -> None:
    assert _wire.channel_body("phone", "14155550100") == {"channel_type": "phone", "channel_id": "14155550100"}
    assert _wire.status_body(7, "blocked") == {"id": 7, "status": "blocked"}
    assert _wire.page_body(PageRequest(archived=True)) == {"archived": True}


def test_a_page_request_leaves_out_what_is_not_asked_for() -> None:
    assert _wire.page_body(PageRequest()) == {}
    assert _wire.page_body(PageRequest(date="2026-01-01T00:00:00Z", ascending=False, limit=30, page=0)) == {
        "date": "2026-01-01T00:00:00Z",
        "ascending": False,
        "limit": 30,
        "page": 0,
    }


# Contacts


def test_a_full_contact_is_read_and_kept_byte_for_byte() -> None:
    element = (
        b'{"id":7,"phone":"+1 415-555-0100","first":"Zo\\u00eb","last":"B","display_name":"Z B","email":"z@a.com",'
        b'"avatar":"https://a/b.png","assigned_user_id":4,"is_opted_out":true,"custom":{"12":"Gold","13":5,"14":null},'
        b'"tags":[{"tag_id":3},{"id":4},5],"rev":9,"created":"2026-01-01T00:00:00.10Z","updated":"2026-01-02T00:00:00Z",'
        b'"uuid":"u-1","score":1.10}'
    )

    assert _wire.read_records(b"[ " + element + b" ]") == (
        Record(
            id=7,
            phone="14155550100",
            first="Zo\u00eb",
            last="B",
            display_name="Z B",
            email="z@a.com",
            avatar="https://a/b.png",
            assignee_id=4,
            is_opted_out=True,
            custom={"12": "Gold", "13": "5"},
            tags=(3, 4, 5),
            rev=9,
            created="2026-01-01T00:00:00.10Z",
            updated="2026-01-02T00:00:00Z",
            uuid="u-1",
            raw=element,
        ),
    )


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ([], []),
        (None, []),
        ([{"id": 1}, {"id": "2"}], [1, 2]),
        ({"contacts": [{"id": 1}], "total": 1}, [1]),
        ({"contacts": None}, []),
        ({"data": []}, []),
    ],
)
def test_a_list_may_come_as_an_array_or_inside_an_object(body: Json, ids: list[int]) -> None:
    assert [record.id for record in _wire.read_records(text_of(body))] == ids


@pytest.mark.parametrize(
    "body",
    [
        "ok",
        5,
        {},
        {"a": [], "b": []},
        {"status": "fine"},
        {"error": "no such account", "contacts": []},
        [{"first": "no id"}],
        [{"id": 0}],
        [{"id": True}],
        [{"id": "0b0e7a3e-uuid"}],
        [{"id": 2**63}],
        ["text"],
        [None],
    ],
)
def test_a_list_that_cannot_be_trusted_is_unusable_rather_than_empty(body: Json) -> None:
    with pytest.raises(_wire.UnusableAnswer):
        _wire.read_records(text_of(body))


@pytest.mark.parametrize(
    "body", [b"", b'[{"id": 1}, {"id"', b"<html></html>", b"ok", b'[{"id": 1}] x', b"\xff", b"[" * 9999]
)
def test_a_body_that_is_no_json_is_unusable(body: bytes) -> None:
    for read in READERS:
        with pytest.raises(_wire.UnusableAnswer):
            read(body)


@pytest.mark.parametrize("body", [None, []])
def test_an_empty_answer_for_one_contact_is_none(body: Json) -> None:
    assert _wire.read_record(text_of(body)) is None


def test_one_contact_may_come_inside_an_array() -> None:
    record = _wire.read_record(b'[{"id": 7, "x": 1.10}]')

    assert record is not None
    assert (record.id, record.raw) == (7, b'{"id":7,"x":1.10}')


@pytest.mark.parametrize(
    ("fields", "owner"),
    [
        ({"assigned_user_id": 5}, 5),
        ({"assignee_id": "6"}, 6),
        ({"assigned_user_id": None, "assignee_id": 6}, 6),
        ({"assigned_user_id": -1}, None),
        ({"assigned_user_id": 0}, None),
        ({}, None),
    ],
)
def test_the_owner_is_read_under_both_names(fields: dict[str, Json], owner: int | None) -> None:
    assert record_of(**fields).assignee_id == owner


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        (" TRUE ", True),
        ("0", False),
        (None, None),
        ("maybe", None),
        ([], None),
    ],
)
def test_an_opt_out_that_is_not_shown_is_not_taken_for_false(value: Json, meant: bool | None) -> None:
    assert record_of(is_opted_out=value).is_opted_out is meant
    assert record_of().is_opted_out is None


@pytest.mark.parametrize(
    ("fields", "tags"),
    [
        ({}, None),
        ({"tags": None}, ()),
        ({"tags": []}, ()),
        ({"tags": [1, "2", {"tag_id": "3"}, {"tag_id": None, "id": 4}]}, (1, 2, 3, 4)),
        ({"tags": [1, {"name": "vip"}]}, None),
        ({"tags": ["vip"]}, None),
        ({"tags": [[1]]}, None),
        ({"tags": "1,2"}, None),
    ],
)
def test_tags_are_all_readable_or_not_at_all(fields: dict[str, Json], tags: tuple[int, ...] | None) -> None:
    assert record_of(**fields).tags == tags


@pytest.mark.parametrize(
    ("custom", "read"),
    [
        (None, {}),
        ([], {}),
        ("x", {}),
        (
            {"1": 5, "2": True, "3": None, "4": 1.5, "5": ["a"], "6": ""},
            {"1": "5", "2": "true", "4": "1.5", "5": '["a"]', "6": ""},
        ),
    ],
)
def test_custom_values_become_text(custom: Json, read: dict[str, str]) -> None:
    assert record_of(custom=custom).custom == read


@pytest.mark.parametrize(
    ("phone", "digits"), [(14155550100, "14155550100"), (None, ""), ({"a": 1}, ""), ("+1415", "1415")]
)
def test_a_phone_is_its_digits(phone: Json, digits: str) -> None:
    assert record_of(phone=phone).phone == digits


@pytest.mark.parametrize("key", ["uuid", "contact_id", "contactID"])
def test_the_uuid_is_read_under_each_of_its_names(key: str) -> None:
    assert record_of(**{key: "u-9"}).uuid == "u-9"


PHONE = {"channel_type": "phone", "channel_id": "+1 415 555 0100"}
MAIL = {"channel_type": "email", "channel_id": "Zoe@A.com", "info_channel": "", "id": 5}
READ_PHONE, READ_MAIL = ("phone", "14155550100"), ("email", "Zoe@A.com")


@pytest.mark.parametrize(
    ("fields", "channels"),
    [
        ({}, None),
        ({"contact_channels": None}, ()),
        ({"channels": []}, ()),
        ({"contact_channels": [PHONE, MAIL]}, (READ_PHONE, READ_MAIL)),
        ({"channels": [MAIL, PHONE]}, (READ_MAIL, READ_PHONE)),
        ({"contact_channels": [], "channels": [MAIL]}, (READ_MAIL,)),
        ({"contact_channels": [MAIL], "channels": [PHONE]}, (READ_MAIL,)),
        ({"contact_channels": [{"channel_type": "phone", "channel_id": 14155550100}]}, (READ_PHONE,)),
        ({"contact_channels": [MAIL, {"channel_type": "email"}]}, None),
        ({"contact_channels": [MAIL, {"channel_type": "", "channel_id": "x"}]}, None),
        ({"contact_channels": [MAIL, {"channel_type": "phone", "channel_id": "none"}]}, None),
        ({"contact_channels": ["+1 415 555 0100"]}, None),
        ({"contact_channels": "14155550100"}, None),
        ({"contact_channels": {}}, None),
    ],
)
def test_channels_are_all_readable_or_not_at_all(fields: dict[str, Json], channels: object) -> None:
    assert record_of(**fields).channels == channels


@pytest.mark.parametrize(
    ("fields", "meant"),
    [
        ({}, None),
        ({"blocked": True}, True),
        ({"is_blocked": "false"}, False),
        ({"blocked": None, "is_blocked": 1}, True),
        ({"blocked": False, "is_blocked": True}, False),
        ({"blocked": "perhaps"}, None),
    ],
)
def test_a_block_that_is_not_shown_is_not_taken_for_false(fields: dict[str, Json], meant: bool | None) -> None:
    assert record_of(**fields).is_blocked is meant


UUID = "0b0e7a3e-1111-4222-8333-0123456789ab"


@pytest.mark.parametrize(
    ("fields", "uuid"),
    [
        ({"contact_channels": [{**MAIL, "contact_id": UUID}]}, UUID),
        ({"uuid": "u-9", "contact_channels": [{**MAIL, "contact_id": UUID}]}, "u-9"),
        ({"contact_channels": [{**MAIL, "contact_id": "7"}]}, ""),
        ({"contact_channels": [{**MAIL, "contact_id": 7}]}, ""),
        ({"contact_channels": [UUID]}, ""),
    ],
)
def test_a_channel_tells_the_uuid_of_its_contact(fields: dict[str, Json], uuid: str) -> None:
    assert record_of(**fields).uuid == uuid


# Other answers


def test_the_channels_of_a_contact_are_read_in_their_order() -> None:
    body = text_of({"channels": [MAIL, PHONE, {"channel_type": "email"}, "x"]})
    assert _wire.read_channels(body) == (READ_MAIL, READ_PHONE)
    with pytest.raises(_wire.UnusableAnswer):
        _wire.read_channels(b'"ok"')


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ([PHONE, MAIL], (READ_PHONE, READ_MAIL)),
        ({"channels": [PHONE], "total": 1}, (READ_PHONE,)),
        (MAIL, (READ_MAIL,)),
        ([], ()),
        ([PHONE, "x"], None),
        ({"id": 7, "rev": 2}, None),
        ({"a": [PHONE], "b": []}, None),
        ("ok", None),
        (None, None),
    ],
)
def test_the_answer_to_a_channel_call_may_be_a_list_one_channel_or_a_word(body: Json, shown: object) -> None:
    assert _wire.read_shown_channels(text_of(body)) == shown


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"id": 7, "phone": "1", "unsubscribed": False, "blocked": True}, Status(False, True)),
        (
            {"unsubscribed": False, "unsubscribed_admin": False, "unsubscribed_contact": True},
            Status(True, None, False, True),
        ),
        ({"unsubscribed_admin": "1"}, Status(True, None, True)),
        ([{"unsubscribed": 0}], Status(False)),
        ({"is_blocked": True}, Status(None, True)),
        ({"id": 7, "unsubscribed": None}, None),
        ("success", None),
        ([], None),
    ],
)
def test_a_status_says_who_opted_out_and_who_is_blocked_or_nothing(body: Json, status: Status | None) -> None:
    assert _wire.read_status(text_of(body)) == status


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"id": 5, "rev": 2, "uuid": "u"}, WriteAnswer(5, 2, "u")),
        ([{"id": "5"}], WriteAnswer(5)),
        ({"id": 5.0}, WriteAnswer(5)),
        ({"id": 5.5}, WriteAnswer(None)),
        ({"id": -1}, WriteAnswer(None)),
        ("ok", WriteAnswer(None)),
        ([], WriteAnswer(None)),
        (None, WriteAnswer(None)),
        ({"id": "9" * 30}, WriteAnswer(None)),
    ],
)
def test_a_write_answer_may_be_an_object_an_array_or_a_word(body: Json, answer: WriteAnswer) -> None:
    assert _wire.read_write_answer(text_of(body)) == answer


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (12, 12),
        ("12", 12),
        (0, 0),
        ({"count": 12}, 12),
        ({"total": "12", "page": 1}, 12),
        ({"anything": 12}, 12),
        ({"archived": 3, "active": 9}, None),
        ({"count": "many"}, None),
        (-1, None),
        (None, None),
        ([12], None),
        ({}, None),
    ],
)
def test_a_count_may_be_a_number_or_inside_an_object(body: Json, count: int | None) -> None:
    assert _wire.read_count(text_of(body)) == count


@pytest.mark.parametrize(
    "body",
    [
        [{"id": 1, "title": "Plan"}, {"id": "2", "name": ""}, {"title": "no id"}, "x"],
        {"fields": [{"id": 1, "title": "Plan"}, {"id": "2"}]},
    ],
)
def test_custom_fields_may_come_as_an_array_or_inside_an_object(body: Json) -> None:
    assert _wire.read_custom_fields(text_of(body)) == (CustomField(1, "Plan"), CustomField(2, ""))


def test_tags_come_with_the_date_for_the_next_page() -> None:
    body = text_of([{"id": 3, "tag": "vip", "updated": "2026-01-01"}, {"id": "4", "title": "x", "created": "d"}, 5])

    assert _wire.read_tags(body) == [(3, "vip", "2026-01-01"), (4, "x", "d")]


@pytest.mark.parametrize("body", [{"id": "3", "name": "Acme"}, [{"id": 3, "name": "Acme"}]])
def test_a_team_has_an_id_and_a_name(body: Json) -> None:
    assert _wire.read_team(text_of(body)) == {"id": 3, "name": "Acme"}


def test_a_team_that_is_a_word_is_unusable() -> None:
    with pytest.raises(_wire.UnusableAnswer):
        _wire.read_team(b'"ok"')


# The server's words


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"error": "bad_data", "message": "phone is invalid"}', "bad_data; phone is invalid"),
        (b'{"errors": {"detail": "no"}}', "no"),
        (b'{"errors": ["a", "b"]}', '["a","b"]'),
        (b'{"code": 7}', '{"code":7}'),
        (b'"plain words"', "plain words"),
        (b"plain\r\n  text", "plain text"),
        (b"<html><head><title>502 Bad Gateway</title>", "an HTML page: 502 Bad Gateway"),
        (b"<html>", "an HTML page"),
        (b"", ""),
        (b"null", ""),
        (b"{}", ""),
        ('"d\u00e9j\u00e0"'.encode(), "d\u00e9j\u00e0"),
        (b"bell \x07", "bell <BEL>"),
    ],
)
def test_the_words_of_an_error_are_found_in_every_shape(body: bytes, detail: str) -> None:
    assert _wire.error_detail(body) == detail


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("phone 14155550100 exists", "phone *** exists"),
        ("phone +1 (415) 555-0100 exists", "phone *** exists"),
        ("user jane.doe@example.com exists", "user ***@example.com exists"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJh.c2ln bad", "token *** bad"),
        ("field 123456 unknown", "field 123456 unknown"),
    ],
)
def test_personal_data_is_masked_in_the_words_of_the_server(said: str, shown: str) -> None:
    assert _wire.error_detail(text_of({"error": said})) == shown


def test_long_words_are_cut() -> None:
    detail = _wire.error_detail(b"x" * 5000)

    assert len(detail) == 200
    assert detail.endswith("...")


# Laws


@settings(deadline=None)
@given(json_values)
def test_no_json_value_breaks_a_reader(value: Json) -> None:
    for read in READERS:
        with contextlib.suppress(_wire.UnusableAnswer):
            read(text_of(value))


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_break_the_words_of_an_error(body: bytes) -> None:
    detail = _wire.error_detail(body)

    assert detail == visible_line(detail)
    assert len(detail) <= _wire.DETAIL_LENGTH
    assert not re.search(r"\d{7}", detail)


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries({"id": st.integers(1, 2**63 - 1)}, optional={"x": json_values}), max_size=5))
def test_every_element_of_a_list_becomes_one_record(elements: list[dict[str, Json]]) -> None:
    assert [record.id for record in _wire.read_records(text_of(elements))] == [e["id"] for e in elements]


_stamps = st.sampled_from(["2026-01-01T00:00:00Z", "", None, 5])
_drawn_channels: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {},
    optional={
        "channel_type": st.sampled_from(["phone", "email", "", None, 5]),
        "channel_id": st.sampled_from(["14155550100", "+1 415", "a@example.com", "", None, 14155550100]),
        "contact_id": st.sampled_from([UUID, "7", 7, None]),
    },
)
_channel_lists: st.SearchStrategy[Json] = st.sampled_from([None, [], "no", {}, [PHONE], [MAIL, PHONE]]) | st.lists(
    _drawn_channels, max_size=3
)
_usual_fields: dict[str, st.SearchStrategy[Json]] = {
    "phone": st.sampled_from(["14155550100", "+1 415", None, 14155550100]),
    "rev": st.sampled_from([1, None, "2", 2**63, 1.0]),
    "created": _stamps,
    "updated": _stamps,
    "custom": st.sampled_from([{}, None, {"1": "x", "2": None}, {"3": 5}, "no"]),
    "is_opted_out": st.sampled_from([True, False, None, "true", 1]),
    "tags": st.sampled_from([[], None, [{"tag_id": 3}], [{"id": 3}], [4], [{"tag_id": 0}], "no"]),
    "assigned_user_id": st.sampled_from([None, 7, -1, "7", 2**63]),
    "assignee_id": st.sampled_from([None, 8, 0]),
    "uuid": st.sampled_from(["", "u-9", None]),
    "blocked": st.sampled_from([True, False, None, "true", 1, "no"]),
    "is_blocked": st.sampled_from([True, False, None]),
    "contact_channels": _channel_lists,
    "channels": _channel_lists,
    "(raw)": st.just("AAAA"),
}


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({"id": st.sampled_from([1, 2**63 - 1, "7", 2**63, -1])}, optional=_usual_fields),
        max_size=3,
    )
)
def test_the_quick_ways_to_read_a_contact_read_what_the_slow_one_reads(contacts: list[dict[str, Json]]) -> None:
    body = text_of(contacts)
    try:
        slow = [_wire._unusual_record(text) for text in _wire._elements(body)]
    except _wire.UnusableAnswer:
        for read in (_wire.read_records, _wire.read_listed):
            with pytest.raises(_wire.UnusableAnswer):
                read(body)
        return
    assert list(_wire.read_records(body)) == slow
    for listed, record in zip(_wire.read_listed(body), slow, strict=True):
        shown = {key for key, held in (listed.custom or {}).items() if held is not None}
        assert (listed.id, listed.rev, listed.created, listed.updated, listed.is_opted_out, listed.raw, shown) == (
            *(record.id, record.rev, record.created, record.updated, record.is_opted_out, record.raw),
            set(record.custom),
        )
