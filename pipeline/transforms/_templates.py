"""Texts put together from several cells of a row: `{First Name} {Last Name}`."""

import re
from collections.abc import Mapping

from pipeline.showing import quoted

_TOKEN = re.compile(r"(?P<literal>\{\{|\}\}|[^{}]+)|\{(?P<header>[^{}]*)\}")


def check_template(template: str) -> None:
    """Raise ValueError when the braces do not match, or hold no cell at all."""
    rest = _TOKEN.sub("", template)
    if rest:
        raise ValueError(
            f"the braces of {quoted(template)} do not match; expected headers in braces, such as"
            ' "{First Name} {Last Name}", {} for the cell itself, and {{ }} for braces as text'
        )
    if not any(found["literal"] is None for found in _TOKEN.finditer(template)):
        raise ValueError(f'{quoted(template)} names no column; a text without one is {{ constant = "..." }}')


def headers_of(template: str) -> tuple[str, ...]:
    """Return the headers that a template names, each once, without the cell itself."""
    named = (found["header"].strip() for found in _TOKEN.finditer(template) if found["header"] is not None)
    return tuple(dict.fromkeys(filter(None, named)))


def fill_template(template: str, cell: str, others: Mapping[str, str]) -> str:
    """Return the template with its cells filled in, runs of blanks as one space; "" where all its cells are blank.

    So a row without names gives no `,` from `{Last Name}, {First Name}`.
    """
    texts, filled = [], False
    for found in _TOKEN.finditer(template):
        if found["header"] is None:
            texts.append(found["literal"].replace("{{", "{").replace("}}", "}"))
            continue
        header = found["header"].strip()
        text = others[header] if header else cell
        filled = filled or bool(text.strip())
        texts.append(text)
    return " ".join("".join(texts).split()) if filled else ""
