"""A page that a person can be sent: one HTML file, without scripts and without anything to fetch."""

from pipeline.report.page._rendering import MAX_CELL_LENGTH, render_page
from pipeline.report.page._values import Breakdown, CellValue, Chart, Count, HtmlPage, HtmlTable, Series, Tone

__all__ = [
    "MAX_CELL_LENGTH",
    "Breakdown",
    "CellValue",
    "Chart",
    "Count",
    "HtmlPage",
    "HtmlTable",
    "Series",
    "Tone",
    "render_page",
]
