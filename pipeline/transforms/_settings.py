"""The `transform` of a column in the settings: read, written again, and described to editors."""

import difflib
from collections.abc import Mapping, Sequence

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
            if form.plain is None:
                raise ValueError(f"{value} needs a value: {form.example}")
            return Step(value, form.plain)
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
        raise ValueError(f"{name} cannot have {surplus[0]!r} beside it; expected {form.example}, one table a step")
    try:
        return Step(name, form.read(table))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _find_form(name: str) -> Form:
    if name in FORMS:
        return FORMS[name]
    close = difflib.get_close_matches(name.strip().casefold().replace(" ", "_"), FORMS, 1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"there is no transform {name!r}.{hint} Known: {', '.join(FORMS)}")


def _write_step(step: Step) -> object:
    form = FORMS[step.name]
    return step.name if step.options == form.plain else form.write(*step.options)


def _describe() -> dict[str, object]:
    """Return the JSON Schema of one step."""
    words = [{"const": name, "description": form.means} for name, form in FORMS.items() if form.plain is not None]
    tables = [
        {
            "type": "object",
            "description": form.means,
            "properties": dict(form.keys),
            "required": [name],
            "additionalProperties": False,
        }
        for name, form in FORMS.items()
        if form.keys
    ]
    return {"anyOf": [*words, *tables]}


_STEP_SCHEMA = _describe()

STEPS_SCHEMA: dict[str, object] = {"anyOf": [_STEP_SCHEMA, {"type": "array", "items": _STEP_SCHEMA}]}
"""The JSON Schema of a `transform` value. What it cannot say (patterns, braces, order) `read_steps` checks."""
