"""The status table, row by row, and the sentences."""

import pytest

from pipeline.heymarket import _policy as policy
from pipeline.heymarket._policy import Action, Request, Response, action_for


@pytest.mark.parametrize(
    ("statuses", "action"),
    [
        ([200, 201, 202, 204, 299], Action.ACCEPT),
        ([300, 301, 302, 303, 307, 308], Action.STOP),
        ([401], Action.RENEW),
        ([403], Action.FORBID),
        ([429], Action.SLOW_DOWN),
        ([400, 402, 404, 405, 409, 410, 413, 415, 418, 422, 451], Action.REFUSE),
        ([408, 500, 502, 503, 504, 520, 599], Action.RETRY),
        ([501, 505], Action.UNSUPPORTED),
        ([100, 199, 600, 999], Action.RETRY),
    ],
)
def test_every_status_has_its_action(statuses: list[int], action: Action) -> None:
    assert {action_for(status) for status in statuses} == {action}


REQUEST = Request("POST", "/v1/contact", lambda body: body, body={"phone": "14155550100"}, is_write=True)


def test_a_refusal_carries_the_status_the_words_and_the_request_id() -> None:
    error = policy.refused(REQUEST, Response(422, {}, b"", "phone is taken", "req-1"))

    assert (error.status, error.detail, error.request_id) == (422, "phone is taken", "req-1")
    assert str(error).startswith("POST /v1/contact was refused: the service answered 422 Unprocessable")
    assert str(error).endswith('("phone is taken") (request id req-1).')


def test_a_status_without_a_name_is_shown_as_its_number() -> None:
    assert Response(599, {}, b"").sentence == "599"


@pytest.mark.parametrize(
    ("status", "skew", "words"),
    [
        (401, 0.0, "The credentials were not accepted: the service answered POST /v1/contact with 401 Unauthorized"),
        (403, 0.0, "The credentials may not do this: the service answered POST /v1/contact with 403 Forbidden"),
        (401, -600.0, "This machine's clock is about 600 s off: set it."),
    ],
)
def test_refused_credentials_say_what_to_check(status: int, skew: float, words: str) -> None:
    text = str(policy.credentials_refused(REQUEST, Response(status, {}, b""), skew))

    assert words in text
    assert "was not carried out" in text
    assert "HEYMARKET_SECRET_KEY" in text


def test_no_message_holds_the_body_of_the_request() -> None:
    response = Response(400, {}, b"")
    for error in (
        policy.refused(REQUEST, response),
        policy.lost(REQUEST, "why"),
        policy.unavailable(REQUEST, "why", advice="", failures=3),
        policy.credentials_refused(REQUEST, response, 0.0),
    ):
        assert "14155550100" not in str(error)


def test_only_a_write_says_that_nothing_was_written() -> None:
    read = Request("GET", "/v1/team", lambda body: body)

    assert "Nothing was written" in str(policy.unavailable(REQUEST, "why", advice=""))
    assert "written" not in str(policy.unavailable(read, "why", advice=""))
    assert "failed in 6 attempts; the last time: why" in str(policy.unavailable(read, "why", advice="", failures=6))
