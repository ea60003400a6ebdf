"""A page that a person can be sent: one HTML file, without scripts and without anything to fetch.

The page knows nothing of contacts: it shows facts, counts, tables and charts, whatever command they come from. Phone
numbers and other personal data are shown as they are given; whoever fills the page masks them.
"""

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
