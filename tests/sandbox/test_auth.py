"""Credentials: what is let in and what is not, with tokens minted by a library of its own."""

import base64
import time
from typing import Any

import jwt
import pytest

from pipeline.sandbox import Sandbox
from pipeline.sandbox._auth import NotAuthorized, verify
from tests.sandbox.client import served

NOW = 1_800_000_000.0
SECRETS = {"one": "key-one-that-is-as-long-as-a-real-one", "two": "key-two-that-is-as-long-as-a-real-one"}


def token(
    issuer: str = "one",
    key: str = SECRETS["one"],
    algorithm: str = "HS256",
    **claims: Any,
) -> str:
    return jwt.encode({"iss": issuer, "iat": int(NOW), **claims}, f"{issuer}||{key}", algorithm)


def check(header: str) -> str:
    return verify(header, secrets=SECRETS, api_keys={"team-key"}, now=NOW)


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_a_good_token_is_let_in_under_either_of_two_secrets() -> None:
    assert check(f"Bearer {token()}") == "secret:one"
    assert check(f"bearer {token('two', 'key-two-that-is-as-long-as-a-real-one')}") == "secret:two"


def test_the_api_key_is_let_in_as_bearer_and_as_basic_user() -> None:
    assert check("Bearer team-key") == check(basic("team-key:")) == "key:team-key"


@pytest.mark.parametrize("iat", [NOW - 300, NOW + 30])
def test_a_token_at_the_edge_of_its_time_is_let_in(iat: float) -> None:
    assert check(f"Bearer {token(iat=int(iat))}") == "secret:one"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("", "Bearer token is needed"),
        ("Bearer", "Bearer token is needed"),
        ("Digest abc", "Bearer token is needed"),
        ("Bearer wrong", "unknown API key"),
        ("Basic !!!", "not base64"),
        (basic("team-key"), "no colon"),
        (basic("other:"), "unknown API key"),
        (f"Bearer {token(key='wrong-and-also-as-long-as-a-real-one')}", "signature"),
        (f"Bearer {token(issuer='three')}", "unknown iss"),
        (f"Bearer {token(algorithm='HS384', key='k' * 48)}", "HS256"),
        (f"Bearer {jwt.encode({'iss': 'one', 'iat': int(NOW)}, '', 'none')}", "HS256"),
        (f"Bearer {token(iat=int(NOW) - 301)}", "older than 5 minutes"),
        (f"Bearer {token(iat=int(NOW) + 31)}", "future"),
        ("Bearer " + jwt.encode({"iss": "one"}, f"one||{SECRETS['one']}", "HS256"), "no iat"),
        (f"Bearer {token()[:-2]}", "not readable"),
        ("Bearer a.b.c", "not readable"),
        ("Bearer W10.W10.W10", "not readable"),
    ],
)
def test_everything_else_is_refused_with_its_reason(header: str, words: str) -> None:
    with pytest.raises(NotAuthorized, match=words):
        check(header)


async def test_the_server_answers_401_without_effect_and_lets_a_signed_request_in() -> None:
    sandbox = Sandbox(secrets={"one": "key-one-that-is-as-long-as-a-real-one"})
    async with served(sandbox) as api:
        for headers in ({}, {"Authorization": f"Bearer {token(iat=int(time.time()) - 400)}"}):
            refused = await api.call("POST", "/v1/contact", {"phone": "14155550101"}, headers=headers)
            assert refused.status == 401
            assert refused.body["error"] == "unauthorized"
        signed = {"Authorization": f"Bearer {token(iat=int(time.time()))}"}
        assert (await api.call("GET", "/v1/inboxes", headers=signed)).status == 200
        assert (await api.call("GET", "/nowhere", headers={})).status == 401
    assert sandbox.writes == []
