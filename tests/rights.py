"""The rights of a user like any other, where the tests run as an administrator."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

# From <linux/capability.h>: the version of the calls, and the rights to pass by the permissions of files and folders.
_VERSION = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1 << 1, 1 << 2


@contextmanager
def as_anybody() -> Iterator[None]:
    """Let this thread be refused what a file's permissions refuse to its owner: an administrator is refused nothing."""
    if os.geteuid() != 0:
        yield
        return
    system = ctypes.CDLL(None)
    who = (ctypes.c_uint32 * 2)(_VERSION, 0)
    held = (ctypes.c_uint32 * 6)()
    assert system.capget(who, held) == 0
    before, held[0] = held[0], held[0] & ~(_DAC_OVERRIDE | _DAC_READ_SEARCH)
    assert system.capset(who, held) == 0
    try:
        yield
    finally:
        held[0] = before
        assert system.capset(who, held) == 0
