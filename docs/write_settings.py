"""Write docs/settings.schema.json and docs/settings.md; their texts stand beside the code. Called by `make schema`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.settings import settings_schema

Schema = Mapping[str, Any]

_HEAD = """\
# Settings

Settings are a [TOML](https://toml.io) file: `hmpipe.toml` in the current folder, or the one after `--config`.
`hmpipe init FILE` writes one for your list, and [`configs/`](../configs) has commented ones to start from. What a file
does not say is the default. Credentials never stand in it: they come from `HEYMARKET_SECRET_ID` and
`HEYMARKET_SECRET_KEY`, or `HEYMARKET_API_KEY`.

Every setting can also be given by the environment, which wins over the file, and by a flag, which wins over both. Lists
and tables are written there as in TOML:

```
HMPIPE_LIMITS__CONCURRENCY=2 hmpipe import contacts.csv
hmpipe import contacts.csv --set limits.concurrency=2 --set 'import.null_values=["", "-"]'
```

An editor that knows TOML (Even Better TOML in VS Code, for example) shows and checks all this where the file's first
line says where [`settings.schema.json`](settings.schema.json) is: `#:schema ../docs/settings.schema.json`.

This page is written by `make schema`, from texts that stand beside the code.
"""

_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "table",
}


def settings_page(schema: Schema) -> str:
    """Return docs/settings.md for the JSON Schema of the settings."""
    definitions = schema["$defs"]
    lines = [_HEAD]
    for name, reference in schema["properties"].items():
        section = _resolve(reference, definitions)
        settings = {key: setting for key, setting in section["properties"].items() if key != "columns"}
        lines += [f"## [{name}]", "", section["description"], ""]
        lines += _table(
            ("setting", "type", "default", "what it says", "for example"),
            (
                (f"`{key}`", _type(one), _default(one), one["description"], _examples(one))
                for key, one in settings.items()
            ),
        )
        if "columns" in section["properties"]:
            lines += _columns(section["properties"]["columns"], definitions)
    return "\n".join(lines)


def _columns(columns: Schema, definitions: Schema) -> list[str]:
    names, table = (_resolve(one, definitions) for one in definitions["target"]["anyOf"])
    pairs = {key: _resolve(one, definitions) for key, one in table["properties"].items()}
    return [
        "## [import.columns]",
        "",
        f"{columns['description']} For example:",
        "",
        "```toml",
        "[import.columns]",
        *(f"{json.dumps(header)} = {toml(given)}" for header, given in columns["examples"][0].items()),
        "```",
        "",
        *_table(("target", "the cell"), _choices(names)),
        *_table(
            ("target with a value", "the cell"),
            ((_examples(one, key), one["description"]) for key, one in pairs.items() if key not in ("to", "transform")),
        ),
        *_transforms(definitions["transform"], *definitions["step"]["anyOf"]),
    ]


def _transforms(transform: Schema, words: Schema, table: Schema) -> list[str]:
    steps = table["properties"]
    (extra,), (main,) = table["if"]["required"], table["then"]["required"]
    beside = {extra: {main: steps[main]["examples"][0]}}
    return [
        "## Transforms",
        "",
        transform["description"],
        "",
        *_table(("step", "what it does"), _choices(words)),
        *_table(
            ("step with a value", "what it does"),
            ((_examples(one, key, beside.get(key)), one["description"]) for key, one in steps.items()),
        ),
    ]


def toml(value: object) -> str:
    """Return a value as TOML writes it: as JSON does, but for tables."""
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(key) if not key.isidentifier() else key} = {toml(one)}" for key, one in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _resolve(schema: Schema, definitions: Schema) -> Schema:
    return definitions[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def _choices(schema: Schema) -> Iterable[tuple[str, str]]:
    return zip(map(_code, schema["enum"]), schema["x-taplo"]["docs"]["enumValues"], strict=True)


def _code(value: object) -> str:
    return f"`{toml(value)}`"


def _type(schema: Schema) -> str:
    if "enum" in schema:
        return " or ".join(map(_code, schema["enum"]))
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if "array" in kinds:
        return f"list of {_type(schema['items']).replace('text', 'texts')}"
    low = schema.get("minimum", f"above {schema['exclusiveMinimum']}" if "exclusiveMinimum" in schema else None)
    limits = f", {low} to {schema['maximum']}" if "maximum" in schema else f", from {low}" if low is not None else ""
    return " or ".join(_WORDS[kind] for kind in kinds if kind != "null") + limits


def _default(schema: Schema) -> str:
    return "none" if schema["default"] is None else _code(schema["default"])


def _examples(schema: Schema, key: str = "", beside: Schema | None = None) -> str:
    given = ({**(beside or {}), key: example} if key else example for example in schema["examples"])
    return ", ".join(map(_code, given))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [heads, ["---"] * len(heads), *rows]
    return [*("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells), ""]


if __name__ == "__main__":
    folder, published = Path(__file__).parent, settings_schema()
    text = json.dumps(published, indent=2, ensure_ascii=False) + "\n"
    (folder / "settings.schema.json").write_text(text, encoding="utf-8")
    (folder / "settings.md").write_text(settings_page(published), encoding="utf-8")
