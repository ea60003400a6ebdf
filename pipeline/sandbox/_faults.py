"""Faults: what can be made to go wrong, when, and how often."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

EARLY_KINDS = ("refuse", "drop_before", "error_before", "rate_limited", "html_502")
LATE_KINDS = ("drop_after", "error_after", "truncated", "wrong_json")
KINDS = (*EARLY_KINDS, *LATE_KINDS, "slow")
_NUMBERS: Mapping[str, type] = {
    "rate": float,
    "count": int,
    "after": int,
    "seconds": float,
    "retry_after": float,
    "status": int,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    `kind` is one of KINDS. Early kinds happen before the request has any effect; late kinds after its full effect,
    and only where the answer would have been a success:

    - refuse: the connection is cut without effect, and nothing listens on the port for `seconds`
    - drop_before, drop_after: the connection is cut without an answer
    - error_before, error_after: `status` (500) is answered
    - rate_limited: 429, with Retry-After when `retry_after` (seconds) is given
    - slow: the answer takes `seconds` longer, waiting before the effect or (`when="after"`) after it
    - truncated: the body ends before its Content-Length; wrong_json: 200 with a broken body; html_502: a proxy's page

    `endpoint` is a pattern such as `POST /v1/contact`, `PUT /v1/contact/*` or `*`. The first `after` matching requests
    are spared, then it happens with probability `rate`, at most `count` times (None: without end).
    Raises ValueError when a value makes no sense.
    """

    kind: str
    endpoint: str = "*"
    rate: float = 1.0
    count: int | None = None
    after: int = 0
    seconds: float = 1.0
    retry_after: float | None = None
    status: int = 500
    when: str = "before"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault '{self.kind}'. Known faults: {', '.join(KINDS)}.")
        if not 0.0 <= self.rate <= 1.0:
            raise ValueError(f"The rate of a fault lies between 0 and 1, not {self.rate}.")
        if self.when not in ("before", "after"):
            raise ValueError(f"A fault's when is before or after, not '{self.when}'.")
        if min(self.seconds, self.after, self.count or 0, self.retry_after or 0) < 0:
            raise ValueError(f"A fault cannot have a negative number: {self}.")

    @property
    def is_early(self) -> bool:
        """Whether it happens before the request has its effect."""
        return self.kind in EARLY_KINDS or (self.kind == "slow" and self.when == "before")

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Return the fault that `kind[:endpoint][:name=value]...` describes, `drop_after:POST /v1/contact:count=2`.

        Raises ValueError saying what is wrong with the text.
        """
        kind, *parts = (part.strip() for part in text.split(":"))
        values: dict[str, Any] = {"kind": kind}
        if parts and "=" not in parts[0]:
            values["endpoint"] = parts.pop(0) or "*"
        for option in ",".join(parts).split(","):
            if not option:
                continue
            name, equals, value = option.partition("=")
            if not equals:
                raise ValueError(f"A fault's option is written name=value, but this is '{option}' in '{text}'.")
            values[name.strip()] = value.strip()
        return cls.from_mapping(values)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Fault":
        """Return the fault with these values, numbers also as texts. Raises ValueError."""
        known = [each.name for each in fields(cls)]
        for name in values:
            if name not in known:
                raise ValueError(f"A fault has no '{name}'. Known: {', '.join(known)}.")
        if "kind" not in values:
            raise ValueError(f"A fault needs a kind: {', '.join(KINDS)}.")
        checked: dict[str, Any] = {name: _read(name, value) for name, value in values.items()}
        return cls(**checked)

    def fits(self, method: str, path: str) -> bool:
        """Whether its endpoint pattern fits a request."""
        pattern = self.endpoint if " " in self.endpoint or self.endpoint == "*" else f"* {self.endpoint}"
        return fnmatchcase(f"{method} {path}", pattern)


class FaultPlan:
    """The faults in force and how often each was seen and happened."""

    def __init__(self, faults: Iterable[Fault], seed: int) -> None:
        self._armed = [_Armed(fault) for fault in faults]
        # A rehearsal must repeat itself exactly; nothing here is a secret.
        self._random = random.Random(seed)  # noqa: S311

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force."""
        return tuple(armed.fault for armed in self._armed)

    @property
    def happened(self) -> tuple[int, ...]:
        """How often each of `faults` has happened."""
        return tuple(armed.happened for armed in self._armed)

    def pick(self, method: str, path: str, *, early: bool) -> list[Fault]:
        """Return what goes wrong now: any number of `slow`, then at most one other fault, the first that fires."""
        picked: list[Fault] = []
        for armed in self._armed:
            if armed.fault.is_early is not early or not armed.fault.fits(method, path):
                continue
            if not armed.fires(self._random):
                continue
            picked.append(armed.fault)
            if armed.fault.kind != "slow":
                break
        return picked


class _Armed:
    __slots__ = ("fault", "happened", "seen")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = 0
        self.happened = 0

    def fires(self, chance: random.Random) -> bool:
        self.seen += 1
        if self.seen <= self.fault.after:
            return False
        if self.fault.count is not None and self.happened >= self.fault.count:
            return False
        if chance.random() >= self.fault.rate:
            return False
        self.happened += 1
        return True


def _read(name: str, value: object) -> object:
    if not isinstance(value, str) or name not in _NUMBERS:
        return value
    try:
        return _NUMBERS[name](value)
    except ValueError as error:
        raise ValueError(f"A fault's {name} is a number, not '{value}'.") from error
