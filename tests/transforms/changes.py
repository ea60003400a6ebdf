"""What a transform makes of a cell."""

import pytest

from pipeline.transforms import Text, TransformProblem, apply_steps, joined, read_steps

EVERY_STEP: list[object] = [
    "strip",
    "collapse",
    "lower",
    "upper",
    "title",
    "first_word",
    "last_word",
    "html_unescape",
    "fix_text",
    "number",
    "boolean",
    {"date": "%m/%d/%Y | %d.%m.%Y -> %Y-%m-%d"},
    {"number": ","},
    {"boolean": {"true": ["ja", "oui"], "false": ["nein"]}},
    {"split": ";"},
    {"join": ", "},
    {"split": " ::: "},
    {"item": -1},
    {"constant": "crm"},
    {"default": "unknown"},
    {"regex": "^(.*) Inc$"},
    {"regex": "^(.*) Inc$", "replace": "\\1"},
    {"concat": "{First Name} {Last Name}"},
]
"""Each step in each of its forms."""


def change(transform: object, cell: str, **others: str) -> Text:
    """Do what the settings say to a cell."""
    return apply_steps(read_steps(transform), cell, others)


def code_and_text(transform: object, cell: str) -> tuple[str, str]:
    """Return the code of the problem that a cell has, or "" and what becomes of it."""
    try:
        return "", joined(change(transform, cell))
    except TransformProblem as problem:
        return problem.code, ""


def problem_of(transform: object, cell: str) -> TransformProblem:
    """Return the problem that a cell has with a step."""
    with pytest.raises(TransformProblem) as caught:
        change(transform, cell)
    return caught.value
