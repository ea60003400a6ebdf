"""Who was forgotten: known again by a keyed hash, so that no old file or snapshot brings them back.

The key lies beside the hashes on this machine; who has both can test a guess: this is pseudonymous, not anonymous.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import StorageFailed
from pipeline.models import fold_channel

_KEY_BYTES = 32


class ErasedPeople:
    """The phones, addresses and other channels of people who were forgotten. With `path` None there are none.

    Raises StorageFailed when the disk refuses: to go on without it could bring somebody back.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: frozenset[str] | None = None
        self._secret = b""

    def know(self, channels: Iterable[tuple[str, str]]) -> bool:
        """Whether any of these channels (type, value) is that of somebody who was forgotten."""
        known = self._hashes()
        return bool(known) and any(self._digest(*channel) in known for channel in channels if channel[1])

    def add(self, channels: Iterable[tuple[str, str]]) -> None:
        """Remember the hashes of channels. On disk when this returns."""
        if self._path is None:
            return
        known = self._hashes()
        try:
            if not self._secret:
                self._secret = secrets.token_bytes(_KEY_BYTES)
                _write(self._key, self._secret)
            fresh = {self._digest(*channel) for channel in channels if channel[1]} - known
            _write(self._path, "".join(f"{digest}\n" for digest in sorted(known | fresh)).encode())
        except OSError as error:
            raise self._failed(error) from error
        self._known = known | fresh

    @property
    def _key(self) -> Path:
        return Path(f"{self._path}.key")

    def _hashes(self) -> frozenset[str]:
        if self._known is None:
            self._known = frozenset()
            if self._path and self._path.exists():
                try:
                    self._known = frozenset(self._path.read_text("ascii").split())
                    self._secret = self._key.read_bytes()
                except (OSError, ValueError) as error:
                    raise self._failed(error) from error
        return self._known

    def _digest(self, kind: str, value: str) -> str:
        folded = "\0".join(fold_channel(kind, value))
        return hmac.new(self._secret, folded.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def _failed(self, error: Exception) -> StorageFailed:
        return StorageFailed(
            f"{self._path}, which remembers who was forgotten, or its key refused: {error}.",
            advice="Make room or mend the permissions. Without the key nobody who was forgotten is known again.",
        )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_bytes(content)
    beside.replace(path)
