"""The lock that lets one run write to an account at a time."""

import contextlib
from collections.abc import Iterator

from pipeline.errors import LockHeld, StorageFailed
from pipeline.libraries import filelock
from pipeline.state._places import account_folder


@contextlib.contextmanager
def account_lock(account: str, purpose: str) -> Iterator[None]:
    """Hold the account for one `purpose` on this machine; a process that dies lets go of it.

    Raises LockHeld when another process holds it.
    """
    folder = account_folder()
    lock = filelock.FileLock(folder / f"{account}.{purpose}.lock", timeout=0, mode=0o600)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except filelock.Timeout:
        raise LockHeld(
            f"Another {purpose} works on this account right now; nothing was sent.",
            advice="Wait until it has ended, then run this command again.",
        ) from None
    except OSError as error:
        raise StorageFailed(
            f"{folder} cannot be written: {error.strerror}.", advice="Set XDG_STATE_HOME to a folder that can."
        ) from error
    try:
        yield
    finally:
        lock.release()
