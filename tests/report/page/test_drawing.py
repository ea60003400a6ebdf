"""Charts are drawn in the page itself, and an axis ends at or above its highest value."""

import re
import sys
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.page import Chart, HtmlPage, Series, Tone, render_page
from pipeline.report.page import _drawing as drawing
from pipeline.values import replace
from tests.report.page.document import Document

CHART = Chart(
    "Requests <a> minute",
    "From",
    ("10:00", "10:01", "", "10:03"),
    (
        Series("sent", (600.0, 450.5, None, 30), Tone.GOOD),
        Series("</svg><script>", (0, 1.0, None, 0), Tone.BAD),
        Series("third", (None, None, None, 7)),
    ),
    note="As the service counts.",
)


class TestCharts:
    """Drawn where the library is there, tables elsewhere."""

    def test_a_chart_is_drawn_in_the_page_itself(self) -> None:
        page = render_page(HtmlPage("t", sections=(CHART, replace(CHART, heading="Again"))))
        first, second = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
        root = ET.fromstring(first)  # noqa: S314
        assert root.get("role") == "img"
        assert root.get("aria-label") == "Requests <a> minute: sent, </svg><script>, third"
        texts = [text for element in root.iter() if (text := (element.text or "").strip())]
        assert {"10:00", "10:01", "10:03", "0", "200", "600"} <= {*texts}
        assert "<script" not in page
        assert not re.search(r"@import|@font-face|url\(|(src|href)=", page)
        assert {*re.findall(r"https?://[^\s\"']+", page)} <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }
        ids = [re.findall(r'id="(.*?)"', svg) for svg in (first, second)]
        assert not {*ids[0]} & {*ids[1]}, "the charts of a page do not share names"
        assert render_page(HtmlPage("t", sections=(CHART,))) == render_page(HtmlPage("t", sections=(CHART,)))

    def test_without_the_library_it_is_a_table(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pygal", None)
        drawing._library.cache_clear()
        try:
            document = Document(HtmlPage("t", sections=(CHART,)))
        finally:
            drawing._library.cache_clear()
        assert document.texts_in("h2") == ["Requests <a> minute"]
        assert document.texts_in("th") == ["From", "sent", "</svg><script>", "third"]
        assert document.texts_in("td") == [
            "10:00", "600.00", "0.00", "10:01", "450.50", "1.00", "10:03", "30.00", "0.00", "7.00",
        ]  # fmt: skip

    def test_what_has_a_gap_is_not_filled(self) -> None:
        whole = replace(CHART, points=("a", "b"), series=(Series("s", (1, 2)),))
        broken = replace(whole, points=("a", "b", "c"), series=(Series("s", (1, None, 2)),))
        fills = [
            re.findall(r'class="line reactive( nofill)?"', render_page(HtmlPage("t", sections=(each,))))
            for each in (whole, broken)
        ]
        assert fills == [[""], [" nofill"] * len(fills[1])]

    def test_a_chart_of_nothing_is_left_out(self) -> None:
        empty = HtmlPage("t", sections=(replace(CHART, points=(), series=()),))
        assert render_page(empty) == render_page(HtmlPage("t"))

    def test_a_series_must_fit_its_chart(self) -> None:
        with pytest.raises(ValueError, match=r"the chart 'c' has 1 points and a series of 2"):
            Chart("c", "x", ("a",), (Series("s", (1, 2)),))

    @given(st.floats(0, 1e9))
    def test_an_axis_ends_at_or_above_its_highest_value(self, top: float) -> None:
        ticks = drawing._ticks(top)
        assert ticks[0] == 0
        assert ticks[-1] >= top * (1 - 1e-9)
        assert 2 <= len(ticks) <= 7
