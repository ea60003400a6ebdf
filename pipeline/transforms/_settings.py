"""The `transform` of a column in the settings: read, written again, and described in the settings' JSON Schema.

`"Full Name" = { to = "first", transform = ["collapse", "first_word"] }`: `read_steps` reads the steps of a column,
`apply_steps` does them to a cell, and a cell that a step cannot read is a TransformProblem, never a guess.
"""

import difflib
import tomllib
from collections.abc import Mapping, Sequence

from pipeline.showing import quoted
from pipeline.transforms._forms import FORMS, Form
from pipeline.transforms._step import Step


def read_steps(value: object) -> tuple[Step, ...]:
    """Return the steps that a `transform` setting means: one word or table, or a list of them.

    Raises ValueError, whose sentence says what was expected: for an unknown name, a date pattern, regular expression or
    template that cannot be used, and for a `join` or `item` that has no `split` before it.
    """
    steps = tuple(map(_read_step, value if isinstance(value, list | tuple) else [value]))
    parted = False
    for step in steps:
        if step.name in ("join", "item") and not parted:
            raise ValueError(f'{step.name} needs parts: put {{ split = ";" }} or the like before it')
        if step.name in ("split", "join", "item", "constant", "concat"):
            parted = step.name == "split"
    return steps


def write_steps(steps: Sequence[Step]) -> list[object]:
    """Return the steps as TOML and JSON have them: `read_steps` of it gives the same steps."""
    return [_write_step(step) for step in steps]


def _read_step(value: object) -> Step:
    match value:
        case Step():
            return value
        case str():
            form = _find_form(value)
            if form.word is None:
                raise ValueError(f"{value} needs a value: {form.example}")
            return Step(value, form.word)
        case Mapping() if value:
            return _read_table({str(key): given for key, given in value.items()})
        case _:
            raise ValueError('expected a transform such as "title", { split = ";" }, or a list of them')


def _read_table(table: dict[str, object]) -> Step:
    name = next((key for key in table if key in FORMS), next(iter(table)))
    form = _find_form(name)
    if not form.keys:
        raise ValueError(f'{name} takes no value: write "{name}"')
    surplus = [key for key in table if key not in form.keys]
    if surplus:
        raise ValueError(
            f"{name} cannot have {quoted(surplus[0])} beside it; expected {form.example}, one table a step"
        )
    try:
        return Step(name, form.read(*(table.get(key) for key in form.keys)))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _find_form(name: str) -> Form:
    if name in FORMS:
        return FORMS[name]
    close = difflib.get_close_matches(name.strip().casefold().replace(" ", "_"), FORMS, 1)
    hint = f" Did you mean {quoted(close[0])}?" if close else ""
    raise ValueError(f"there is no transform {quoted(name)}.{hint} Known: {', '.join(FORMS)}")


def _write_step(step: Step) -> object:
    form = FORMS[step.name]
    if step.options == form.word:
        return step.name
    written = (form.write(*step.options),) if form.write else step.options
    # An option that was left out has its key at the end.
    return dict(zip(form.keys, written, strict=False))


def transform_definitions() -> dict[str, object]:
    """Return the JSON Schemas of a `transform` and of one of its steps, by the names of their definitions.

    What they cannot say (patterns, braces, which step may follow which) `read_steps` checks.
    """
    words = {name: form.description for name, form in FORMS.items() if form.word is not None}
    steps = {"$ref": "#/$defs/step"}
    table = {
        "type": "object",
        "description": "A step with a value.",
        "properties": {key: schema for name in FORMS for key, schema in _describe_keys(name).items()},
        "additionalProperties": False,
        "minProperties": 1,
        "if": {"required": ["replace"]},
        "then": {"required": ["regex"], "maxProperties": 2},
        "else": {"maxProperties": 1},
    }
    return {
        "transform": {
            "description": "What is done to each cell on its way to the target: one step, or a list of steps. A blank"
            " cell stays blank in all but constant, default and concat.",
            "anyOf": [steps, {"type": "array", "items": steps}],
            "examples": [["collapse", "first_word"], [{"split": ";"}, {"item": 1}]],
        },
        "step": {"anyOf": [{"description": "A step by its name.", **described_enum(words)}, table]},
    }


def described_enum(meanings: Mapping[str, str]) -> dict[str, object]:
    """Return the JSON Schema of a choice of words; taplo, which editors use for TOML, shows what each of them means."""
    return {"enum": list(meanings), "x-taplo": {"docs": {"enumValues": list(meanings.values())}}}


def _describe_keys(name: str) -> dict[str, object]:
    form = FORMS[name]
    example = tomllib.loads(f"example = {form.example}")["example"] if form.keys else {}
    return {
        key: {"description": form.description, **schema, "examples": [example[key]]}
        for key, schema in form.keys.items()
    }
