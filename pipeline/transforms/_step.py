"""One declared change of a cell, as a value; what walks through it; and the cell that it cannot read."""

from pipeline.values import Struct

Text = str | tuple[str, ...]
"""What walks through the steps: a text, or after `split` its parts, none of which is blank."""

Option = str | int | tuple[str, ...]
"""A part of what the settings say about a step, in the order that the step's form gives it."""


class Step(Struct, frozen=True):
    """One transform with its options: hashable, so that settings stay comparable and what it needs is made once."""

    name: str
    options: tuple[Option, ...] = ()


class TransformProblem(Exception):
    """A cell that a step cannot read: `code` is the reject's code, `reason` says to a person what was expected."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def joined(text: Text) -> str:
    """Return a text as it is, and parts with a comma and a blank between them."""
    return text if isinstance(text, str) else ", ".join(text)
