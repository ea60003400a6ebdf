"""Bring a page to HTML."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from pipeline.libraries import jinja2
from pipeline.report.page._drawing import Picture, draw
from pipeline.report.page._values import Chart, HtmlPage, HtmlTable
from pipeline.showing import visible

MAX_CELL_LENGTH = 240
"""Characters of a text that are shown; a cell of a broken file can hold half of it."""


def render_page(page: HtmlPage) -> str:
    """Return a page as an HTML document, to be written as UTF-8. Charts need the extra `charts`; else they are tables.

    What has nothing to show is left out. The same page gives the same document, to the letter.
    """
    sections = [_drawn(section, number) for number, section in enumerate(page.sections, start=1)]
    return _template()(page=page, sections=[each for each in sections if isinstance(each, Picture) or each.rows])


def _drawn(section: HtmlTable | Chart, number: int) -> HtmlTable | Picture:
    if isinstance(section, HtmlTable):
        return section
    return draw(section, number) or section.as_table()


@functools.cache
def _template() -> Callable[..., str]:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_show,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["picture"] = lambda section: isinstance(section, Picture)
    return environment.get_template("page.html").render


def _show(value: Any) -> str:
    """Return what stands on the page for a value. Escaping for HTML comes after it, and for all values but markup."""
    if hasattr(value, "__html__"):
        # A drawing: markup already, and marked as such by the template.
        return cast("str", value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    text = str(value)
    surplus = len(text) - MAX_CELL_LENGTH
    shown = f"{text[:MAX_CELL_LENGTH]}... ({surplus:,} characters more)" if surplus > 0 else text
    return visible(shown)
