"""Draw charts as SVG that stands in the page itself: no script, no font and no picture to fetch."""

import functools
import math
import sys
from typing import Any

from pipeline.libraries import LibraryMissing, load_optional
from pipeline.report.page._values import Chart
from pipeline.values import Struct

WIDTH, HEIGHT = 900, 230
"""Units of the drawing; it grows and shrinks with the page."""

_MOST_LABELS = 8
_STEPS = (1, 2, 5, 10)
_SMALLEST = 1e-300
"""Below it a number has too few digits to be divided into steps; nothing that is counted comes near."""
_DASHES = ("", "7,4", "2,4")
"""The lines of a chart differ in their dashes as well as in their colours."""


class Picture(Struct, frozen=True):
    """A chart that is drawn. `svg` is markup, complete and safe to stand in a page."""

    chart: Chart
    svg: str


def draw(chart: Chart, number: int) -> Picture | None:
    """Return the picture of a chart, or None where the plotting library is not installed or nothing is to be drawn.

    `number` tells the charts of one page apart.
    """
    pygal = _library()
    if pygal is None or not chart.points:
        return None
    ticks = _ticks(max((value for series in chart.series for value in series.values if value is not None), default=0))
    plot = pygal.Line(
        _look(pygal, number, ticks),
        style=_style(pygal, chart),
        x_labels=chart.points,
        x_labels_major_every=math.ceil(len(chart.points) / _MOST_LABELS),
    )
    plot.uuid = str(number)
    plot.add_xml_filter(functools.partial(_settle, chart=chart))
    for place, series in enumerate(chart.series):
        dashes = _DASHES[place % len(_DASHES)]
        # The first line is what the chart is about: the ground below it is filled.
        # Over a gap pygal would fill what is between its ends.
        is_filled = place == 0 and None not in series.values
        plot.add(series.label, series.values, fill=is_filled, stroke_style={"width": 2, "dasharray": dashes or "none"})
    return Picture(chart, plot.render(is_unicode=True))


@functools.cache
def _library() -> Any:
    """The plotting library, or None: it is an extra, and a page without charts does not wait for it."""
    try:
        pygal = load_optional("pygal")
    except LibraryMissing:
        return None
    # It hooks itself into every later import for the sake of map plugins, by an interface that Python 3.11 warns of.
    sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("pygal")]
    return pygal


def _look(pygal: Any, number: int, ticks: list[float]) -> Any:
    return pygal.Config(
        width=WIDTH,
        height=HEIGHT,
        margin=6,
        margin_right=24,
        # Its scripts would only be for pointing at values, and come from an address.
        js=(),
        disable_xml_declaration=True,
        show_legend=False,
        show_dots=False,
        show_minor_x_labels=False,
        show_x_guides=False,
        include_x_axis=True,
        allow_interruptions=True,
        truncate_label=-1,
        y_labels=ticks,
        range=(0, ticks[-1]),
        value_formatter=lambda value: f"{value:,g}",
        classes=("drawing", f"drawing-{number}"),
    )


def _style(pygal: Any, chart: Chart) -> Any:
    # The page's own colours, which follow the reader's light or dark ground and the printer.
    return pygal.style.Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--quiet)",
        foreground_strong="var(--quiet)",
        foreground_subtle="var(--line)",
        guide_stroke_color="var(--line)",
        major_guide_stroke_color="var(--line)",
        guide_stroke_dasharray="none",
        major_guide_stroke_dasharray="none",
        font_family="inherit",
        label_font_size=13,
        major_label_font_size=13,
        opacity=".14",
        opacity_hover=".14",
        stroke_opacity="1",
        stroke_opacity_hover="1",
        stroke_width="2",
        stroke_width_hover="2",
        transition="0s",
        colors=tuple(f"var(--{series.tone.value})" for series in chart.series),
    )


def _settle(root: Any, chart: Chart) -> Any:
    """Take out of a drawing what a page must not have (scripts, comments), and say what it shows."""
    for parent in list(root.iter()):
        for child in list(parent):
            # A comment's tag is a function.
            if child.tag in ("script", "title", "desc") or callable(child.tag):
                parent.remove(child)
    root.set("role", "img")
    root.set("aria-label", f"{chart.heading}: {', '.join(series.label for series in chart.series)}")
    return root


def _ticks(top: float) -> list[float]:
    """Return round numbers from 0 up to the first that is not below `top`, four or five steps."""
    if top < _SMALLEST:
        return [0, 1]
    size = 10.0 ** math.floor(math.log10(top / 4))
    step = next(size * step for step in _STEPS if size * step * 5 >= top)
    return [float(f"{step * place:.10g}") for place in range(math.ceil(top / step - 1e-9) + 1)]
