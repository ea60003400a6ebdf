"""What an answer of the service means: the status table, and the sentence for each way a request can end."""

import enum
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from pipeline.errors import AnswerLost, CredentialsRefused, RequestRefused, ServiceUnavailable
from pipeline.models import Json
from pipeline.values import Struct, field
from pipeline.wire import Reader

T = TypeVar("T")

NETWORK_ADVICE = "Check the network and `base_url` under [account], then run the same command again."
LATER_ADVICE = "Wait a while, then run the same command again."
BASE_URL_ADVICE = "Check `base_url` under [account]: the API itself does not do this."
KEY_ADVICE = "Check HEYMARKET_SECRET_ID and HEYMARKET_SECRET_KEY (or HEYMARKET_API_KEY) for this account."


class Request(Struct, Generic[T], frozen=True):
    """One call of the API. `read` makes a value of the answer's body or raises UnusableAnswer.

    `is_write` marks a call that must not be repeated unless it is proved not to have been carried out. `is_optional`
    marks one that some services may keep from every key: a 403 then refuses the call and not the credentials.
    """

    method: str
    path: str
    read: Reader[T]
    body: Json = None
    query: Mapping[str, str] = field(default_factory=dict)
    is_write: bool = False
    is_optional: bool = False

    @property
    def name(self) -> str:
        """How messages and logs call it: without query and body, which hold personal data."""
        return f"{self.method} {self.path}"

    @property
    def kind(self) -> str:
        """The endpoint without IDs: requests of one kind take about the same time."""
        return f"{self.method} {'/'.join(self.path.split('/')[:3])}"


class Result(Struct, Generic[T], frozen=True):
    """What `Request.read` made of an answer."""

    value: T
    request_id: str = ""


class Response(Struct, frozen=True):
    """An HTTP response, usable or not. `detail` is the server's own words about an error, fit to be shown, or ""."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    detail: str = ""
    request_id: str = ""

    @property
    def sentence(self) -> str:
        """The status and the server's words, for the middle of a sentence."""
        said = f' ("{self.detail}")' if self.detail else ""
        return f"{self.status}{_phrase(self.status)}{said}"


class Action(enum.Enum):
    """What to do about a status."""

    ACCEPT = "use the body"
    STOP = "stop: a redirect, so this is not the API"
    RENEW = "mint a fresh token and repeat once"
    FORBID = "stop: these credentials may not do this"
    SLOW_DOWN = "pause all requests, then repeat"
    REFUSE = "the request itself is at fault"
    RETRY = "repeat a read; a write is in doubt"
    UNSUPPORTED = "the server cannot do it: a read is refused, a write is in doubt"


STATUS_ACTIONS: Mapping[int, Action] = {
    401: Action.RENEW,
    403: Action.FORBID,
    # The server, or a proxy before it, gave up waiting for the request: that is about time, not about the request.
    408: Action.RETRY,
    429: Action.SLOW_DOWN,
    501: Action.UNSUPPORTED,
    505: Action.UNSUPPORTED,
}
"""The statuses that differ from their class. Source: docs/api.md, section Errors."""

CLASS_ACTIONS: Mapping[int, Action] = {
    2: Action.ACCEPT,
    3: Action.STOP,
    4: Action.REFUSE,
    5: Action.RETRY,
}


def action_for(status: int) -> Action:
    """Return what to do about `status`; one outside 200 to 599 counts as a failing server."""
    return STATUS_ACTIONS.get(status) or CLASS_ACTIONS.get(status // 100, Action.RETRY)


def lost(request: Request[Any], what: str, request_id: str = "") -> AnswerLost:
    """Return the error for a write that may have taken effect."""
    return AnswerLost(
        f"{request.name} went out and no usable answer came back: {what}{_tag(request_id)}. "
        "It may or may not have taken effect."
    )


def unavailable(
    request: Request[Any], what: str, *, advice: str, failures: int = 1, request_id: str = ""
) -> ServiceUnavailable:
    """Return the error for a read that failed, or for a write that was not carried out."""
    times = f" in {failures} attempts; the last time" if failures > 1 else ""
    unwritten = " Nothing was written by it." if request.is_write else ""
    return ServiceUnavailable(f"{request.name} failed{times}: {what}{_tag(request_id)}.{unwritten}", advice=advice)


def refused(request: Request[Any], response: Response) -> RequestRefused:
    """Return the error for a request that must not be repeated as it is."""
    return RequestRefused(
        f"{request.name} was refused: the service answered {response.sentence}{_tag(response.request_id)}.",
        status=response.status,
        detail=response.detail,
        request_id=response.request_id,
    )


def credentials_refused(request: Request[Any], response: Response, skew: float) -> CredentialsRefused:
    """Return the error for credentials that are wrong or may not do this. `skew` (seconds) names a wrong clock."""
    what = "may not do this" if response.status == 403 else "were not accepted"
    clock = f" This machine's clock is about {abs(skew):.0f} s off: set it." if skew else ""
    return CredentialsRefused(
        f"The credentials {what}: the service answered {request.name} with {response.sentence}"
        f"{_tag(response.request_id)}. The request was not carried out.",
        advice=KEY_ADVICE + clock,
    )


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def _tag(request_id: str) -> str:
    return f" (request id {request_id})" if request_id else ""
