"""Credentials, checked by hand with hmac so that the tool's own library has an independent witness."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from typing import Any

MAX_AGE_SECONDS = 300
FUTURE_SKEW_SECONDS = 30


class NotAuthorized(Exception):
    """The credentials were refused; the text says why."""


def verify(header: str, *, secrets: Mapping[str, str], api_keys: Collection[str], now: float) -> str:
    """Return who is calling (a name for the limiter) from an Authorization header.

    Accepted: a JWT (HS256) or an API key as Bearer, and Basic with the key as user name.
    Raises NotAuthorized. Source: docs/api.md, section Authentication and limits.
    """
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    if scheme.lower() == "basic":
        return _verify_key(_basic_user(token), api_keys)
    if scheme.lower() != "bearer" or not token:
        raise NotAuthorized("an Authorization header with a Bearer token is needed")
    if token.count(".") == 2:
        return _verify_jwt(token, secrets, now)
    return _verify_key(token, api_keys)


def _verify_key(key: str, api_keys: Collection[str]) -> str:
    if not any(hmac.compare_digest(key.encode(), known.encode()) for known in api_keys):
        raise NotAuthorized("unknown API key")
    return f"key:{key}"


def _basic_user(token: str) -> str:
    try:
        user, colon, _ = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NotAuthorized("the Basic credentials are not base64") from error
    if not colon:
        raise NotAuthorized("the Basic credentials hold no colon")
    return user


def _verify_jwt(token: str, secrets: Mapping[str, str], now: float) -> str:
    head, payload, signature = token.split(".")
    if _part(head).get("alg") != "HS256":
        raise NotAuthorized("the token's alg must be HS256")
    claims = _part(payload)
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or issuer not in secrets:
        raise NotAuthorized("unknown iss")
    key = f"{issuer}||{secrets[issuer]}".encode()
    wanted = hmac.new(key, f"{head}.{payload}".encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(wanted, _bytes(signature)):
        raise NotAuthorized("the token's signature does not fit")
    _check_age(claims.get("iat"), now)
    return f"secret:{issuer}"


def _check_age(issued: object, now: float) -> None:
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        raise NotAuthorized("the token has no iat")
    if now - issued > MAX_AGE_SECONDS:
        raise NotAuthorized("the token is older than 5 minutes")
    if issued - now > FUTURE_SKEW_SECONDS:
        raise NotAuthorized("the token's iat lies in the future")


def _part(text: str) -> dict[str, Any]:
    try:
        value = json.loads(_bytes(text))
    except ValueError as error:
        raise NotAuthorized("the token is not readable") from error
    if not isinstance(value, dict):
        raise NotAuthorized("the token is not readable")
    return value


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except binascii.Error as error:
        raise NotAuthorized("the token is not readable") from error
