"""A page that a person can be sent: one HTML file, without scripts and without anything to fetch.

The page knows nothing of contacts: it shows facts, counts, tables and charts, whatever command they come from. Phone
numbers and other personal data are shown as they are given; whoever fills the page masks them.
"""

from pipeline.report.page._rendering import MAX_CELL_LENGTH, render_page
from pipeline.report.page._values import Cell, Chart, Count, Counts, Page, Series, Table, Tone

__all__ = ["MAX_CELL_LENGTH", "Cell", "Chart", "Count", "Counts", "Page", "Series", "Table", "Tone", "render_page"]
