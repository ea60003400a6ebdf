"""Answers: success bodies, refusals and their shapes, and reading a request's JSON."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web


class Problem(Exception):
    """A refusal: an HTTP status, a short code such as bad_data, and a sentence."""

    def __init__(self, status: int, message: str, *, code: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or _CODES.get(status, "error")
        self.headers = dict(headers or {})


_CODES = {
    400: "bad_data",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    422: "unprocessable",
    429: "rate_limited",
}


def bad_data(message: str) -> Problem:
    """Return the refusal of a request whose data is wrong."""
    return Problem(400, message)


def answer(value: object, status: int = 200) -> web.Response:
    """Return a JSON answer."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return web.Response(body=body, status=status, content_type="application/json", charset="utf-8")


def refusal(problem: Problem, shape: str) -> web.Response:
    """Return the answer for a problem in the shape of the trait `error_shape`."""
    if shape == "text":
        response = web.Response(text=f"{problem.code}: {problem.message}", status=problem.status)
    elif shape == "string":
        response = answer(f"{problem.code}: {problem.message}", problem.status)
    else:
        response = answer({"error": problem.code, "message": problem.message}, problem.status)
    response.headers.update(problem.headers)
    return response


async def read_body(request: web.Request) -> Any:
    """Return the request's JSON; None when there is no body. Raises Problem (400) when it is no JSON."""
    raw = await request.read()
    if not raw.strip():
        return None
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise bad_data("the body is not JSON") from error


async def read_object(request: web.Request) -> dict[str, Any]:
    """Return the request's JSON object; no body counts as {}. Raises Problem (400) for anything else."""
    body = await read_body(request)
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise bad_data("the body must be a JSON object")
    return body


def read_flag(request: web.Request, name: str, *, default: bool) -> bool:
    """Return a true/false query parameter. Raises Problem (400) for another word."""
    word = request.query.get(name)
    if word is None:
        return default
    if word not in ("true", "false"):
        raise bad_data(f"{name} must be true or false")
    return word == "true"


def read_number(text: object, what: str) -> int:
    """Return a whole number that may come as digits in a text. Raises Problem (400)."""
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    if isinstance(text, str) and text.isascii() and text.isdigit():
        return int(text)
    raise bad_data(f"{what} must be an integer")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
