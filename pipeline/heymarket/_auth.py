"""The bearer token: a short-lived JWT minted from the two secrets, or the team's API key as it is."""

import time
import warnings
from collections.abc import Callable

from pipeline.libraries import jwt

MINT_EVERY_SECONDS = 240.0
"""A token is valid for 5 minutes from `iat`; it is minted anew after 4.

Source: docs/api.md, section Authentication and limits.
"""

TOLERATED_SKEW_SECONDS = 30.0
"""A clock that is off by less than this is left alone: the answer's `Date` header has its own delay."""


class Signer:
    """Hands out the bearer token for the next request.

    `secret_id` and `secret_key` win over `api_key` where both are given. `wall` gives unix seconds.
    """

    def __init__(
        self, *, secret_id: str = "", secret_key: str = "", api_key: str = "", wall: Callable[[], float] = time.time
    ) -> None:
        self._secret_id = secret_id
        self._secret_key = secret_key
        self._api_key = api_key
        self._wall = wall
        self._token = ""
        self._minted_at = 0.0
        self._skew = 0.0

    def __repr__(self) -> str:
        return f"Signer({'JWT' if self.can_renew else 'API key'}, secrets hidden)"

    @property
    def can_renew(self) -> bool:
        """Whether a refused token can be replaced by a fresh one (an API key cannot)."""
        return bool(self._secret_id and self._secret_key)

    @property
    def skew(self) -> float:
        """Seconds that the service's clock was seen to be ahead of ours; 0 where the two agree."""
        return self._skew

    def bearer(self) -> str:
        """Return the token to send, minting a new one when the last is about to grow too old."""
        if not self.can_renew:
            return self._api_key
        age = self._wall() - self._minted_at
        # A negative age means that our clock was set back: the old `iat` may now lie in the future.
        if not self._token or not 0 <= age < MINT_EVERY_SECONDS:
            self._mint()
        return self._token

    def renew(self, refused: str, server_time: float | None = None) -> None:
        """Replace the token `refused`, unless another request has already replaced it.

        `server_time` (unix seconds, from the answer's `Date`) corrects `iat` when the clocks differ: a machine with a
        wrong clock would otherwise be refused for ever.
        """
        if server_time is not None:
            skew = server_time - self._wall()
            self._skew = skew if abs(skew) > TOLERATED_SKEW_SECONDS else 0.0
        if self.can_renew and self._token == refused:
            self._mint()

    def conceal(self, text: str) -> str:
        """Return `text` without any secret that it may hold (a server can echo what it was sent)."""
        for secret in (self._token, self._secret_key, self._api_key, self._secret_id):
            if secret:
                text = text.replace(secret, "***")
        return text

    def _mint(self) -> None:
        # Source: docs/api.md, section Authentication and limits: HS256, secret = SECRET_ID + "||" + SECRET_KEY.
        self._minted_at = self._wall()
        claims = {"iss": self._secret_id, "iat": int(self._minted_at + self._skew)}
        with warnings.catch_warnings():
            # The service chooses how long its keys are; the person at the terminal cannot act on this warning.
            warnings.filterwarnings("ignore", message="The HMAC key is")
            self._token = jwt.encode(claims, f"{self._secret_id}||{self._secret_key}", algorithm="HS256")
