"""The bearer token."""

import jwt
import pytest

from pipeline.heymarket._auth import Signer

SECRET_ID = "id-0123456789abcdef0123"
SECRET_KEY = "key-0123456789abcdef0123"


class WallClock:
    """Unix seconds under the test's hand."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> WallClock:
    return WallClock()


@pytest.fixture
def signer(wall: WallClock) -> Signer:
    return Signer(secret_id=SECRET_ID, secret_key=SECRET_KEY, wall=wall)


def claims(token: str) -> dict[str, object]:
    decoded: dict[str, object] = jwt.decode(
        token, f"{SECRET_ID}||{SECRET_KEY}", algorithms=["HS256"], options={"verify_iat": False}
    )
    return decoded


def test_the_token_is_signed_as_the_service_asks(signer: Signer) -> None:
    token = signer.bearer()

    assert claims(token) == {"iss": SECRET_ID, "iat": 1_700_000_000}
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


def test_a_token_is_used_until_four_minutes_old_and_then_replaced(signer: Signer, wall: WallClock) -> None:
    first = signer.bearer()

    wall.now += 239.9
    assert signer.bearer() == first
    wall.now += 0.2
    assert signer.bearer() != first
    assert claims(signer.bearer())["iat"] == 1_700_000_240


def test_a_clock_that_was_set_back_makes_a_new_token(signer: Signer, wall: WallClock) -> None:
    first = signer.bearer()
    wall.now -= 3600

    assert signer.bearer() != first


def test_a_refused_token_is_replaced_only_once_by_concurrent_callers(signer: Signer, wall: WallClock) -> None:
    refused = signer.bearer()
    wall.now += 1
    signer.renew(refused)
    fresh = signer.bearer()
    wall.now += 1
    signer.renew(refused)

    assert fresh != refused
    assert signer.bearer() == fresh


@pytest.mark.parametrize(("ahead", "issued"), [(600.0, 1_700_000_600), (-600.0, 1_699_999_400), (20.0, 1_700_000_000)])
def test_a_wrong_clock_is_corrected_by_the_date_of_the_answer(
    signer: Signer, wall: WallClock, ahead: float, issued: int
) -> None:
    signer.renew(signer.bearer(), wall.now + ahead)

    assert claims(signer.bearer())["iat"] == issued
    assert signer.skew == (ahead if abs(ahead) > 30 else 0)


def test_an_api_key_is_sent_as_it_is_and_cannot_be_renewed() -> None:
    signer = Signer(api_key="team-api-key")
    signer.renew(signer.bearer())

    assert signer.bearer() == "team-api-key"
    assert not signer.can_renew


def test_the_two_secrets_win_over_an_api_key(wall: WallClock) -> None:
    both = Signer(secret_id=SECRET_ID, secret_key=SECRET_KEY, api_key="team-api-key", wall=wall)

    assert both.can_renew
    assert claims(both.bearer())["iss"] == SECRET_ID


def test_no_secret_shows(signer: Signer) -> None:
    token = signer.bearer()

    assert "hidden" in repr(signer)
    assert SECRET_KEY not in repr(signer)
    assert SECRET_ID not in repr(signer)
    assert signer.conceal(f"bad token {token} for {SECRET_ID}/{SECRET_KEY}") == "bad token *** for ***/***"
    assert Signer(api_key="team-api-key").conceal("key team-api-key unknown") == "key *** unknown"


def test_a_short_key_signs_without_a_warning() -> None:
    assert Signer(secret_id="a", secret_key="b").bearer().count(".") == 2
