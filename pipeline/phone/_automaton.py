"""Finite automata over digits, built from the regular expressions of a numbering plan.

The patterns of libphonenumber's metadata use a small language (digits, `\\d`, classes, groups, alternatives, bounded
repetition), so each of them is a finite automaton, and so is any question asked of several of them at once. A number
is then judged by one table look-up a digit, for a whole column at a time.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum

from pipeline.values import Struct

_ALL_DIGITS = 0b11_1111_1111
_DEEPEST = 17
"""Digits of the longest national number that libphonenumber looks at (_MAX_LENGTH_FOR_NSN)."""

WIDTH = 11
"""Columns of the table: the ten digits, and one for the end of a number, which stays where it is."""


class PhoneVerdict(IntEnum):
    """What an automaton says of a digit string."""

    NO = 0
    YES = 1
    UNDECIDED = 2


class UnknownSyntax(Exception):
    """A pattern uses something that this module does not know; its region gets no automaton."""


class _Node(Struct, frozen=True):
    """A piece of a pattern: a set of digits, or several nodes in a row, or alternatives, or a repetition."""

    kind: str
    digits: int = 0
    parts: tuple["_Node", ...] = ()
    least: int = 1
    most: int = 1


class _Parser:
    """Recursive descent over one pattern."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def parse(self) -> _Node:
        node = self._alternatives()
        if self._at < len(self._text):
            raise UnknownSyntax(self._text)
        return node

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, expected: str = "") -> str:
        char = self._peek()
        if not char or (expected and char != expected):
            raise UnknownSyntax(self._text)
        self._at += 1
        return char

    def _alternatives(self) -> _Node:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._take()
            parts.append(self._sequence())
        return _Node("any", parts=tuple(parts)) if len(parts) > 1 else parts[0]

    def _sequence(self) -> _Node:
        parts = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated())
        return _Node("row", parts=tuple(parts))

    def _repeated(self) -> _Node:
        node = self._atom()
        least = most = 1
        if self._peek() == "?":
            self._take()
            least = 0
        elif self._peek() == "{":
            least, most = self._bounds()
        return node if least == most == 1 else _Node("repeat", parts=(node,), least=least, most=most)

    def _bounds(self) -> tuple[int, int]:
        self._take("{")
        end = self._text.find("}", self._at)
        low, comma, high = self._text[self._at : end].partition(",")
        self._at = end + 1
        if end < 0 or not low.isdecimal() or (comma and not high.isdecimal()):
            raise UnknownSyntax(self._text)
        return int(low), int(high) if comma else int(low)

    def _atom(self) -> _Node:
        char = self._take()
        if char == "(":
            if self._peek() == "?":
                self._take()
                self._take(":")
            node = self._alternatives()
            self._take(")")
            return node
        if char == "[":
            return _Node("digit", self._class())
        if char == "\\":
            self._take("d")
            return _Node("digit", _ALL_DIGITS)
        return _Node("digit", _digit(char, self._text))

    def _class(self) -> int:
        digits = 0
        while self._peek() != "]":
            low = high = self._take()
            if self._peek() == "-":
                self._take()
                high = self._take()
            _digit(low, self._text)
            _digit(high, self._text)
            for digit in range(int(low), int(high) + 1):
                digits |= 1 << digit
        self._take("]")
        return digits


def _digit(char: str, text: str) -> int:
    if not (char.isascii() and char.isdecimal()):
        raise UnknownSyntax(text)
    return 1 << int(char)


@functools.cache
def _parsed(pattern: str) -> _Node:
    return _Parser(pattern).parse()


class _Fragment(Struct, frozen=True):
    """A piece of a pattern as positions: where it may begin and end, and whether it may be empty."""

    first: int
    last: int
    empty: bool


class Language(Struct, frozen=True):
    """A set of digit strings, known to one `Question`."""

    last: int

    def holds(self, positions: int) -> bool:
        """Whether the digits that led to these positions are in the set."""
        return bool(positions & self.last)


class Question:
    """Several languages asked at once (Glushkov's construction: one position for every digit of every pattern)."""

    def __init__(self) -> None:
        # For each digit, the positions that stand for it.
        self._by_digit = [0] * 10
        self._follow: list[int] = []
        self._first = 0

    def language(self, pattern: str, *, prefix: bool = False) -> Language:
        """Add the strings that match `pattern`, or those that begin with a match that is not empty.

        Raises UnknownSyntax.
        """
        fragment = self._place(_parsed(pattern))
        last = fragment.last
        if prefix:
            rest = self._position(_ALL_DIGITS)
            self._link(last | rest, rest)
            last |= rest
        self._first |= fragment.first
        return Language(last)

    def begin(self) -> list[int]:
        """Return, for each digit, the positions that it leads to as the first one."""
        return self._split(self._first)

    def step(self, positions: int) -> list[int]:
        """Return, for each digit, the positions that it leads to from `positions`."""
        reached = 0
        for place in _bits(positions):
            reached |= self._follow[place]
        return self._split(reached)

    def _split(self, reached: int) -> list[int]:
        return [reached & positions for positions in self._by_digit]

    def _position(self, digits: int) -> int:
        position = 1 << len(self._follow)
        self._follow.append(0)
        for digit in _bits(digits):
            self._by_digit[digit] |= position
        return position

    def _link(self, last: int, first: int) -> None:
        for place in _bits(last):
            self._follow[place] |= first

    def _place(self, node: _Node) -> _Fragment:
        match node.kind:
            case "digit":
                position = self._position(node.digits)
                return _Fragment(position, position, empty=False)
            case "row":
                return self._row([self._place(part) for part in node.parts])
            case "any":
                parts = [self._place(part) for part in node.parts]
                first = functools.reduce(lambda all_, part: all_ | part.first, parts, 0)
                last = functools.reduce(lambda all_, part: all_ | part.last, parts, 0)
                return _Fragment(first, last, any(part.empty for part in parts))
            case _:
                copies = [self._place(node.parts[0]) for _ in range(node.most)]
                optional = [_Fragment(copy.first, copy.last, empty=True) for copy in copies[node.least :]]
                return self._row(copies[: node.least] + optional)

    def _row(self, parts: Iterable[_Fragment]) -> _Fragment:
        whole = _Fragment(0, 0, empty=True)
        for part in parts:
            self._link(whole.last, part.first)
            whole = _Fragment(
                whole.first | (part.first if whole.empty else 0),
                part.last | (whole.last if part.empty else 0),
                whole.empty and part.empty,
            )
        return whole


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class StateTable:
    """The automata that were built so far, in one table: `next[state * WIDTH + digit]` and `verdict[state]`.

    Two states are there from the start and are never left: 0 says NO to everything that follows, 1 is UNDECIDED.
    """

    def __init__(self) -> None:
        self.next: list[int] = [0] * WIDTH + [1] * WIDTH
        self.verdict: list[PhoneVerdict] = [PhoneVerdict.NO, PhoneVerdict.UNDECIDED]

    def add(self, question: Question, judge: Callable[[int, int], PhoneVerdict]) -> int:
        """Build an automaton and return its first state.

        `judge(positions, length)` says what holds for the digits that led to the positions. A string it calls
        UNDECIDED stays so whatever follows.
        """
        start = self._state(PhoneVerdict.NO)
        # A state stands for the positions that were reached and the number of digits that led there.
        known: dict[tuple[int, int], int] = {}
        todo = [(start, question.begin(), 1)]
        while todo:
            state, reached, length = todo.pop()
            for digit, positions in enumerate(reached):
                key = (positions, length)
                if key not in known:
                    known[key] = self._target(positions, length, judge)
                    if known[key] > 1:
                        todo.append((known[key], question.step(positions), length + 1))
                self.next[state * WIDTH + digit] = known[key]
        return start

    def _target(self, positions: int, length: int, judge: Callable[[int, int], PhoneVerdict]) -> int:
        """The state for these positions: a new one, unless nothing that follows can change the verdict."""
        if not positions or length > _DEEPEST:
            return 0
        verdict = judge(positions, length)
        return 1 if verdict is PhoneVerdict.UNDECIDED else self._state(verdict)

    def _state(self, verdict: PhoneVerdict) -> int:
        state = len(self.verdict)
        self.verdict.append(verdict)
        # Until a digit leads elsewhere it leads to NO; the end of the number leads nowhere.
        self.next += [0] * 10 + [state]
        return state
