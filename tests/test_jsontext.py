"""JSON text goes in and comes out without a change of meaning, and what is not JSON is said to be so."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.jsontext import InvalidJson, decode, encode, encode_canonical, find_id, split_array, split_object

NOT_JSON = [b"", b"{", b"[1,]", b"nonsense", b'["\xff"]', b"[" * 100_000, "{'single': 1}", b"[NaN]", b"[-Infinity]"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def test_encoding_is_compact_utf_8() -> None:
    assert (
        encode({"name": "Jos\u00e9", "tags": [1, None, True]}) == '{"name":"Jos\u00e9","tags":[1,null,true]}'.encode()
    )


def test_canonical_text_does_not_depend_on_the_order_of_keys() -> None:
    assert encode_canonical({"b": {"z": 1, "a": 2}, "a": 3}) == b'{"a":3,"b":{"a":2,"z":1}}'
    assert encode({"b": 1, "a": 2}) == b'{"b":1,"a":2}'


@given(json_values)
def test_law_what_was_encoded_decodes_to_itself(value: Any) -> None:
    assert decode(encode(value)) == value
    assert decode(encode_canonical(value)) == value


def test_text_may_come_as_bytes_or_as_a_string() -> None:
    assert decode(b'{"a":[1,2.5,"\\u00e9"]}') == decode('{"a":[1,2.5,"\\u00e9"]}') == {"a": [1, 2.5, "\u00e9"]}


@pytest.mark.parametrize("text", NOT_JSON, ids=lambda text: repr(text)[:20])
def test_what_is_not_json_is_one_error_whatever_is_wrong_with_it(text: bytes | str) -> None:
    with pytest.raises(InvalidJson):
        decode(text)


def test_elements_keep_their_numbers_and_escapes_as_they_were_written() -> None:
    text = b'[ {"price" : 1.10, "name": "caf\\u00e9"},\n 1e3, "a b" , [ 1 , 2 ], null]'
    assert split_array(text) == [b'{"price":1.10,"name":"caf\\u00e9"}', b"1e3", b'"a b"', b"[1,2]", b"null"]
    assert split_array(b"[]") == []


@pytest.mark.parametrize("text", [b"", b"{}", b"5", b'"[]"', b"[1,]", b"[1", b"[" * 100_000])
def test_what_is_no_array_cannot_be_split(text: bytes) -> None:
    with pytest.raises(InvalidJson):
        split_array(text)


@given(st.lists(json_values, max_size=5))
def test_law_the_elements_together_are_the_array(values: list[Any]) -> None:
    elements = split_array(json.dumps(values, indent=1).encode())
    assert [decode(element) for element in elements] == values


HALF = [
    (rb'"cut \ud83d"', "cut \ufffd"),
    (rb'"\ude00\uD83D\ude00\ud83d"', "\ufffd\U0001f600\ufffd"),
    (rb'"\\ud83d"', "\\ud83d"),
    (rb'"\\half~ \udfff"', "\\half~ \ufffd"),
]


@pytest.mark.parametrize(("text", "value"), HALF)
def test_half_of_a_character_is_read_and_kept_as_it_was_written(text: bytes, value: str) -> None:
    assert decode(text) == value
    assert split_array(b'[ {"a" : ' + text + b'},"\\u00e9" ]') == [b'{"a":' + text + b"}", b'"\\u00e9"']
    assert split_object(b'{"a": ' + text + b', "b": [ 1e3 ]}') == {"a": text, "b": b"[ 1e3 ]"}


def test_a_number_that_is_too_large_is_its_text() -> None:
    assert decode(b'{"n":1e400,"m":[1.5,-1e999]}') == {"n": "1e400", "m": [1.5, "-1e999"]}


def test_an_id_is_found_without_reading_the_rest() -> None:
    assert find_id(b'{"first":"a","id":5}') == 5
    assert [find_id(text) for text in (b'{"id":5.5}', b'{"id":"5"}', b"{}", b"[]", b"{")] == [None] * 5
    for text in (b"[]", b"5", b"", b'{"a"'):
        with pytest.raises(InvalidJson):
            split_object(text)
