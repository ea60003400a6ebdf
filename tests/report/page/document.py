"""A page as a browser sees it."""

from html.parser import HTMLParser

from pipeline.report.page import HtmlPage, render_page

VOID = {"meta"}


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
