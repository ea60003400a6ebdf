"""The page: it shows what it is given, lets nothing in a cell become part of it, and asks nothing of a network."""

import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.page import (
    MAX_CELL_LENGTH,
    Breakdown,
    Chart,
    Count,
    HtmlPage,
    HtmlTable,
    Series,
    Tone,
    render_page,
)
from pipeline.report.page import _drawing as drawing

VOID = {"meta"}

PAGE = HtmlPage(
    title="Check of contacts.csv",
    subtitle="Nothing was sent.",
    verdict="1,204 of 1,262 rows can be imported.",
    tone=Tone.BAD,
    counts=Breakdown(
        "rows",
        (Count("accepted", 1204, Tone.GOOD), Count("rejected", 46, Tone.BAD), Count("skipped", 12), Count("late", 0)),
        "1,262 rows = 1,204 + 46 + 12 + 0",
    ),
    facts=(("Encoding", "utf-8"), ("Bytes", 182_334)),
    sections=(
        HtmlTable(
            "By reason", ("Code", "Rows", "Reason"), (("invalid", 46, "no such number"), ("", 1000, "")), "Ask again."
        ),
        HtmlTable("Columns", ("Column", "Goes to"), (("Phone", "phone"), ("Fax", "nowhere"))),
        HtmlTable("Duplicates", ("Phone", "Rows")),
    ),
    footer="Phone numbers are masked.",
)


class Document(HTMLParser):
    """What a browser makes of a page: its elements, their attributes and texts. Tags must be balanced."""

    def __init__(self, page: HtmlPage) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.declared: list[str] = []
        self._open: list[str] = []
        self.source = render_page(page)
        self.feed(self.source)
        self.close()
        assert self._open == []

    def handle_decl(self, decl: str) -> None:
        self.declared.append(decl)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self._open[-1], data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment was opened: {data!r}")

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]

    def texts_in(self, tag: str) -> list[str]:
        """Return the texts directly inside the elements of a kind."""
        return [text for name, text in self.texts if name == tag]


def test_it_shows_what_it_is_given() -> None:
    document = Document(PAGE)
    assert document.declared == ["DOCTYPE html"]
    assert document.texts_in("title") == document.texts_in("h1") == ["Check of contacts.csv"]
    assert document.texts_in("h2") == ["1,262 rows", "By reason", "Columns"]
    assert document.texts_in("p") == [
        PAGE.subtitle,
        PAGE.verdict,
        "1,262 rows = 1,204 + 46 + 12 + 0",
        "Ask again.",
    ]
    assert document.texts_in("dt") == ["Encoding", "Bytes"]
    assert document.texts_in("dd") == ["utf-8", "182,334"]
    assert document.texts_in("th") == ["Code", "Rows", "Reason", "Column", "Goes to"]
    assert document.texts_in("td") == ["invalid", "46", "no such number", "1,000", "Phone", "phone", "Fax", "nowhere"]
    assert document.texts_in("footer") == ["Phone numbers are masked."]


def test_counts_are_tiles_and_a_bar_with_their_tones() -> None:
    document = Document(PAGE)
    assert [tile["class"] for tile in document.all("li")] == ["good", "bad", "neutral", "neutral"]
    bar = [(part["class"], part["style"]) for part in document.all("span") if "style" in part]
    assert bar == [("good", "flex-grow: 1204"), ("bad", "flex-grow: 46"), ("neutral", "flex-grow: 12")]
    spans = [text.strip() for text in document.texts_in("span")]
    assert spans == [
        "1,204", "accepted", "95.4%", "46", "rejected", "3.6%", "12", "skipped", "1.0%", "0", "late", "0%",
    ]  # fmt: skip


def test_columns_of_whole_numbers_stand_to_the_right() -> None:
    document = Document(PAGE)
    assert [cell.get("class") for cell in document.all("th")] == [None, "number", None, None, None]
    assert [cell.get("class") for cell in document.all("td")][:3] == [None, "number", None]
    assert [cell["data-column"] for cell in document.all("td")][:3] == ["Code", "Rows", "Reason"]
    assert [table.get("class") for table in document.all("table")] == ["wide", None]


def test_what_a_page_does_not_have_is_left_out() -> None:
    document = Document(HtmlPage("Only a title"))
    assert [tag for tag, _ in document.tags if tag not in ("meta", "style")] == [
        "html",
        "head",
        "title",
        "body",
        "header",
        "h1",
        "main",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "</style></title><img src=x onerror=alert(1)>",
        '" onmouseover="alert(1)" x=\'',
        "' autofocus onfocus='alert(1)",
        "<!-- ",
        "&lt;b&gt; &amp;amp; &#60;",
        "{{ page.title }}{% raw %}{#",
        "]]>",
        "javascript:alert(1)",
    ],
)
def test_no_text_becomes_part_of_the_page(text: str) -> None:
    document = Document(filled_with(text))
    assert without_texts(document) == without_texts(Document(filled_with("plain")))
    for tag in ("title", "h1", "h2", "p", "dt", "dd", "th", "td", "footer"):
        assert any(text in shown for shown in document.texts_in(tag)), tag
    assert text in {cell["data-column"] for cell in document.all("td")}


@given(st.text(min_size=1, max_size=MAX_CELL_LENGTH))
def test_no_text_at_all_breaks_it(text: str) -> None:
    document = Document(filled_with(text))
    assert without_texts(document) == without_texts(Document(filled_with("plain")))
    # A lone surrogate, which a broken file can hold, could not be written.
    assert document.source.encode("utf-8")


def filled_with(text: str) -> HtmlPage:
    """Return a page that has a text in each place where there can be one."""
    return HtmlPage(
        text, text, text, Tone.GOOD, Breakdown(text, (Count(text, 1),)), ((text, text),),
        (HtmlTable(text, (text, text, text), ((text, text, 1),), text),), text,
    )  # fmt: skip


def without_texts(document: Document) -> list[tuple[str, dict[str, str | None]]]:
    """Return the elements with their attributes, but not what the page put into one."""
    return [
        (tag, {name: value for name, value in found.items() if name != "data-column"}) for tag, found in document.tags
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\0b", "a\\x00b"),
        ("\x1b[31m", "\\x1b[31m"),
        ("abc\u202edef", "abc\\u202edef"),
        ("\udce9", "\\udce9"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("caf\u00e9 \u05d0\u05d1 \U0001f600", "caf\u00e9 \u05d0\u05d1 \U0001f600"),
        ("x" * MAX_CELL_LENGTH, "x" * MAX_CELL_LENGTH),
        ("x" * (MAX_CELL_LENGTH + 1000), "x" * MAX_CELL_LENGTH + "... (1,000 characters more)"),
    ],
)
def test_hidden_and_long_texts_are_shown_for_what_they_are(text: str, shown: str) -> None:
    assert Document(HtmlPage("t", sections=(HtmlTable("t", ("c",), ((text,),)),))).texts_in("td") == [shown]


def test_it_needs_no_other_file_and_no_network() -> None:
    document = Document(PAGE)
    assert {tag for tag, _ in document.tags}.isdisjoint(
        {"script", "link", "img", "iframe", "object", "base", "form", "a"}
    )
    names = {name for _, attributes in document.tags for name in attributes}
    assert names.isdisjoint({"src", "href", "srcset", "action", "background", "poster"})
    assert not [name for name in names if name.startswith("on")]
    assert not re.search(r"https?://|//[a-z]|url\(|@import|@font-face", document.source)
    policy = [meta["content"] for meta in document.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_it_is_made_for_light_dark_paper_and_phone() -> None:
    (style,) = Document(PAGE).texts_in("style")
    assert style.count("{") == style.count("}")
    for medium in ("(prefers-color-scheme: dark)", "print", "screen and (max-width: 40rem)"):
        assert f"@media {medium}" in style
    used, defined = set(re.findall(r"var\((--[\w-]+)\)", style)), set(re.findall(r"(--[\w-]+):", style))
    assert used == defined


def test_each_class_of_the_page_has_a_style_and_each_style_a_use() -> None:
    document = Document(PAGE)
    (style,) = document.texts_in("style")
    # Those of a chart, but not of its drawing, which brings its own.
    used = (
        {"chart", "key", "drawing"}
        | {name for _, found in document.tags for name in (found.get("class") or "").split()}
        | set(Tone)
    )
    assert used - {"label", "subtitle"} <= (defined := set(re.findall(r"\.([a-z]+)(?=[\s,.{:])", style)))
    assert defined <= used


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=6))
def test_shares_never_hide_what_there_is(numbers: list[int]) -> None:
    counts = Breakdown("rows", tuple(Count(str(place), number) for place, number in enumerate(numbers)))
    assert counts.total == sum(numbers)
    for part in counts.parts:
        share = counts.share(part)
        assert (share == "0%") == (part.count == 0)
        assert (share == "100%") == (0 < part.count == counts.total)
        assert part.count == 0 or abs(float(share[:-1]) - part.count * 100 / counts.total) < 0.1 + 1e-9


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


def test_a_row_must_fit_its_table() -> None:
    with pytest.raises(ValueError, match=r"the table 'By reason' has 3 columns and a row of 2"):
        HtmlTable("By reason", ("Code", "Rows", "Reason"), (("invalid", 46),))


def test_the_engine_is_not_loaded_until_a_page_is_made() -> None:
    program = (
        "import sys; from pipeline.report.page import HtmlPage, render_page; assert 'jinja2' not in sys.modules;"
        "assert '<h1' in render_page(HtmlPage('t')) and 'jinja2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
