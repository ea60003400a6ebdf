"""A page shows what it is given and nothing else, needs no network, and no text breaks it."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.page import MAX_CELL_LENGTH, Breakdown, Count, HtmlPage, HtmlTable, Tone
from tests.report.page.document import Document

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
        ("a\0b", "a<NUL>b"),
        ("\x1b[31m", "<ESC>[31m"),
        ("abc\u202edef", "abc<U+202E>def"),
        ("\udce9", "<U+DCE9>"),
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


def test_the_engine_is_not_loaded_until_a_page_is_made() -> None:
    program = (
        "import sys; from pipeline.report.page import HtmlPage, render_page; assert 'jinja2' not in sys.modules;"
        "assert '<h1' in render_page(HtmlPage('t')) and 'jinja2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
