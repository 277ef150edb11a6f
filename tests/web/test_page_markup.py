"""Text becomes HTML that shows exactly its characters, on one line, and nothing that a browser would run or load."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_fake import XSS

from assistant.web.markup import blocks, escape, find_span, inline, markdown, marked, marked_lines, merge_spans


class Reader(HTMLParser):
    """What a browser would make of HTML: tags in order and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.shown = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.shown += data


def link(number: int) -> str | None:
    return f"<a>{number}</a>" if number == 1 else None


@given(st.text())
def test_escaped_text_has_no_tags_no_line_end_and_nothing_for_markdown(text: str) -> None:
    html = escape(text)
    assert Reader(html).tags == []
    assert not set(html) & set("<>\n\r\t`$[]*_\\{}\"'")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Cn"])))
def test_printable_text_is_shown_unchanged(text: str) -> None:
    assert Reader(escape(text)).shown == text


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\u202e", "\u2066", "\ud800", "\ufeff"])
def test_invisible_and_reversing_characters_become_visible(sign: str) -> None:
    assert escape(f"a{sign}b") == "a\N{REPLACEMENT CHARACTER}b"


@given(st.text())
def test_markdown_only_ever_makes_our_own_tags(text: str) -> None:
    assert set(Reader(markdown(text, link)).tags) <= {"p", "ul", "ol", "li", "strong", "code", "a"}


def test_hostile_markdown_has_no_image_link_or_script() -> None:
    html = markdown(XSS)
    assert set(Reader(html).tags) <= {"p", "strong", "code"}
    assert "<img" not in html
    assert "![bild](http://boese.example/p.png)" in Reader(html).shown
    assert "\n" not in html


def test_bold_code_and_numbers_are_rendered_and_unknown_numbers_stay_text() -> None:
    assert inline("**a [1]** `b` [2]", link) == "<strong>a <a>1</a></strong> <code>b</code> &#91;2&#93;"


def test_blocks_separates_paragraphs_lists_and_headings() -> None:
    text = "Eins\nweiter\n\nDavor:\n- a\n  noch a\n- b\n1. x\n2) y\n# Titel\nDanach"
    assert blocks(text) == ["Eins\nweiter", "Davor:", "- a\n  noch a\n- b", "1. x\n2) y", "# Titel", "Danach"]


def test_lists_and_headings_become_html() -> None:
    assert markdown("- a\n  b\n- c") == "<ul><li>a b</li><li>c</li></ul>"
    assert markdown("1. a\n2. b") == "<ol><li>a</li><li>b</li></ol>"
    assert markdown("## T") == '<p class="lp-zwischen"><strong>T</strong></p>'


def test_empty_text_gives_nothing() -> None:
    assert markdown(" \n\n ") == ""


def test_a_quotation_is_found_even_where_white_space_differs() -> None:
    assert find_span("ein  Satz\nüber Zeilen.", "Satz über") == (5, 14)
    assert find_span("ein Satz", "Satz") == (4, 8)
    assert find_span("ein Satz", "fehlt") is None
    assert find_span("ein Satz", " ") is None


def test_spans_are_ordered_joined_and_cut_to_the_text() -> None:
    assert merge_spans([(5, 99), (-3, 2), (1, 4), (7, 7)], 10) == [(0, 4), (5, 10)]


def test_marks_survive_line_ends_and_escape_inside() -> None:
    text = "a <b>\nc & d"
    assert marked(text, [(2, 5)]) == "a <mark>&lt;b&gt;</mark>&#10;c &amp; d"
    assert marked_lines(text, [(2, 7)]) == "<p>a <mark>&lt;b&gt;</mark></p><p><mark>c</mark> &amp; d</p>"
