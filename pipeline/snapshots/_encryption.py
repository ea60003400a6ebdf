"""Encryption of a snapshot's files at rest, with age; keys come from the environment only.

Writing needs public keys alone, so the machine that makes the backups need not be able to read them.
Source: https://age-encryption.org/v1.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from pipeline.errors import InputError, SettingsError
from pipeline.libraries import LibraryMissing, load_optional
from pipeline.storage import flush_file, make_private_file

SUFFIX = ".age"
RECIPIENT = "HMPIPE_AGE_RECIPIENT"
IDENTITY = "HMPIPE_AGE_IDENTITY"

_NO_MATCH = "No matching keys"
"""What age says about an undamaged file that was encrypted for another key."""

_ADVICE = (
    f"'age-keygen -o key.txt' makes a pair: set {RECIPIENT} to its public key (age1...), and, where snapshots are to"
    f" be read, {IDENTITY} to the path of key.txt."
)

_READING_ADVICE = (
    f"Set {IDENTITY} to the secret key, or the path of its file, that belongs to the public key it was encrypted for."
    " A new pair cannot open it."
)


class Encryptor:
    """Encrypts files for public keys."""

    def __init__(self, recipients: Sequence[Any]) -> None:
        self._recipients = recipients

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Encryptor":
        """Return an encryptor for the keys in HMPIPE_AGE_RECIPIENT, separated by spaces or commas.

        Without it, the public key of HMPIPE_AGE_IDENTITY is used. Raises SettingsError.
        """
        environ = os.environ if environ is None else environ
        pyrage = _library()
        texts = environ.get(RECIPIENT, "").replace(",", " ").split()
        try:
            recipients = [pyrage.x25519.Recipient.from_str(text) for text in texts]
        except pyrage.RecipientError as error:
            raise SettingsError(f"{RECIPIENT} holds no public key of age. Nothing was sent.", advice=_ADVICE) from error
        recipients = recipients or [identity.to_public() for identity in _identities(environ)]
        if not recipients:
            raise SettingsError(
                f'export.encryption is "age", and there is no key: {RECIPIENT} is not set. Nothing was sent.',
                advice=_ADVICE,
            )
        return cls(recipients)

    def encrypt(self, path: Path) -> Path:
        """Encrypt a file, remove the plain one, and return the encrypted one. Raises OSError."""
        encrypted = path.with_name(path.name + SUFFIX)
        make_private_file(encrypted)
        with path.open("rb") as plain, encrypted.open("wb") as target:
            _library().encrypt_io(plain, target, self._recipients)
        flush_file(encrypted)
        path.unlink()
        return encrypted


def has_identity(environ: Mapping[str, str] | None = None) -> bool:
    """Whether the environment names a key to read with."""
    return bool((os.environ if environ is None else environ).get(IDENTITY))


@contextmanager
def decrypted(stream: BinaryIO, what: str) -> Iterator[BinaryIO]:
    """Decrypt a stream into a private temporary file that is gone afterwards.

    Raises SettingsError without a key and where the key is not the right one, and InputError where the file is damaged.
    """
    pyrage = _library()
    identities = _identities(os.environ)
    if not identities:
        raise SettingsError(
            f"{what} is encrypted, and {IDENTITY} is not set. Nothing was sent.", advice=_READING_ADVICE
        )
    with tempfile.TemporaryFile() as plain:
        try:
            pyrage.decrypt_io(stream, plain, identities)
        except (pyrage.DecryptError, OSError) as error:
            if _NO_MATCH in str(error):
                raise SettingsError(
                    f"{what} is encrypted for another key than the one in {IDENTITY}. Nothing was sent.",
                    advice=_READING_ADVICE,
                ) from error
            raise InputError(
                f"{what} cannot be decrypted: {str(error).splitlines()[0].rstrip('.').lower()}. Nothing was sent.",
                advice="'hmpipe snapshots verify' says what is wrong with it; take another one.",
            ) from error
        plain.seek(0)
        yield cast("BinaryIO", plain)


def _identities(environ: Mapping[str, str]) -> list[Any]:
    told = environ.get(IDENTITY, "").strip()
    if not told:
        return []
    pyrage = _library()
    text = told
    if not told.startswith("AGE-SECRET-KEY-"):
        try:
            text = Path(told).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"{IDENTITY} names neither a key nor a file that can be read. Nothing was sent.",
                advice=_READING_ADVICE,
            ) from error
    keys = [line.strip() for line in text.splitlines() if line.strip().startswith("AGE-SECRET-KEY-")]
    with suppress(pyrage.IdentityError):
        if found := [pyrage.x25519.Identity.from_str(key) for key in keys]:
            return found
    raise SettingsError(f"{IDENTITY} holds no secret key of age. Nothing was sent.", advice=_READING_ADVICE)


def _library() -> Any:
    try:
        return load_optional("pyrage")
    except LibraryMissing as missing:
        raise SettingsError(
            "Encrypted snapshots need a package that is not installed. Nothing was sent.",
            advice=f"{missing}.",
        ) from missing
