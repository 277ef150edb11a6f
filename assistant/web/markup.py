"""From plain text to safe HTML: escaping, marking, and the small Markdown subset of answers.

Everything returned is one line. Gradio hands our HTML to a Markdown parser in the browser, and an HTML block ends at
the first blank line; characters that Markdown, LaTeX or Gradio could interpret are written as numeric entities as
well, so that a mistake elsewhere can never turn quoted text into a link or an image.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

_ENTITIES = {ord(c): f"&#{ord(c)};" for c in "\n\t`$[]*_\\{}"}
# Control characters, lone surrogates and the characters that reverse the reading direction: shown as what they are.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_LIST_ITEM = re.compile(r"\s*(?:(?P<bullet>[-*•])|(?P<number>\d{1,2})[.)])\s+(?P<text>.*)")
_HEADING = re.compile(r"\s*#{1,6}\s+")
_BULLET = re.compile(r"^[-*] ")
_INLINE = re.compile(r"\*\*(?P<bold>[^*\n]+)\*\*|`(?P<code>[^`\n]+)`|\[(?P<number>\d{1,3})\]")

Reference = Callable[[int], str | None]
"""Gives the HTML of a source number, or None where there is no such source."""


def escape(text: str) -> str:
    """``text`` as HTML that shows exactly these characters, on one line."""
    return html.escape(visible(text)).translate(_ENTITIES)


def visible(text: str) -> str:
    """``text`` with line feeds only, and a replacement character for what cannot be shown or would reverse the reading."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def no_reference(number: int) -> str | None:
    """For texts without sources."""
    return None


def inline(text: str, reference: Reference = no_reference) -> str:
    """Bold, code and source numbers; everything else is escaped."""
    pieces: list[str] = []
    position = 0
    for match in _INLINE.finditer(text):
        pieces.append(escape(text[position : match.start()]))
        if match["bold"] is not None:
            pieces.append(f"<strong>{inline(match['bold'], reference)}</strong>")
        elif match["code"] is not None:
            pieces.append(f"<code>{escape(match['code'])}</code>")
        else:
            pieces.append(reference(int(match["number"])) or escape(match[0]))
        position = match.end()
    pieces.append(escape(text[position:]))
    return "".join(pieces)


def blocks(text: str) -> list[str]:
    """The paragraphs, headings and lists of a Markdown text, in order, still as Markdown; each list is one block."""
    found: list[str] = []
    current: list[str] = []
    for line in [*text.replace("\r\n", "\n").split("\n"), ""]:
        if current and not _continues(current, line):
            found.append("\n".join(current))
            current = []
        if line.strip():
            current.append(line)
    return found


def _continues(current: Sequence[str], line: str) -> bool:
    """Whether ``line`` belongs to the block begun by ``current``."""
    if not line.strip() or _HEADING.match(line) or _HEADING.match(current[0]):
        return False
    first, item = _LIST_ITEM.match(current[0]), _LIST_ITEM.match(line)
    if first is None:
        return item is None
    if item is None:
        return line.startswith((" ", "\t"))
    return (first["bullet"] is None) == (item["bullet"] is None)


def block(text: str, reference: Reference = no_reference) -> str:
    """One block of ``blocks`` as a paragraph or a list."""
    lines = text.split("\n")
    first = _LIST_ITEM.match(lines[0])
    if first is None:
        joined = " ".join(line.strip() for line in lines)
        if _HEADING.match(joined):
            return f'<p class="lp-zwischen"><strong>{inline(_HEADING.sub("", joined, count=1), reference)}</strong></p>'
        return f"<p>{inline(joined, reference)}</p>"
    items: list[str] = []
    for line in lines:
        item = _LIST_ITEM.match(line)
        if item:
            items.append(item["text"])
        else:
            items[-1] += " " + line.strip()
    tag = "ul" if first["bullet"] else "ol"
    return f"<{tag}>" + "".join(f"<li>{inline(item, reference)}</li>" for item in items) + f"</{tag}>"


def markdown(text: str, reference: Reference = no_reference) -> str:
    """Paragraphs, lists, bold, code and source numbers of ``text`` as HTML."""
    return "".join(block(piece, reference) for piece in blocks(text))


def find_span(text: str, quote: str) -> tuple[int, int] | None:
    """Where ``quote`` stands in ``text``: characters ``[start, end)``; differing white space does not matter."""
    if not quote.strip():
        return None
    start = text.find(quote)
    if start >= 0:
        return start, start + len(quote)
    match = re.search(r"\s+".join(re.escape(word) for word in quote.split()), text)
    return match.span() if match else None


def merge_spans(spans: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Spans in order, cut to ``length`` and joined where they overlap."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(0, s), min(e, length)) for s, e in spans):
        if start >= end:
            continue
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def without_signs(text: str) -> str:
    """``text`` escaped, without the Markdown signs of our own texts: bold, code, headings; dashes become bullets."""
    lines = (_BULLET.sub("• ", _HEADING.sub("", line)) for line in text.split("\n"))
    return escape("\n".join(lines).replace("**", "").replace("`", ""))


def marked(text: str, spans: Sequence[tuple[int, int]], show: Callable[[str], str] = escape) -> str:
    """``text`` made HTML by ``show``, the characters of ``spans`` inside ``<mark>``."""
    pieces: list[str] = []
    position = 0
    for start, end in merge_spans(spans, len(text)):
        pieces += [show(text[position:start]), "<mark>", show(text[start:end]), "</mark>"]
        position = end
    return "".join([*pieces, show(text[position:])])


def marked_lines(text: str, spans: Sequence[tuple[int, int]], show: Callable[[str], str] = escape) -> str:
    """Every line of ``text`` as a paragraph, with ``spans`` marked even where they run over a line end."""
    paragraphs: list[str] = []
    position = 0
    for line in text.split("\n"):
        shifted = [(start - position, end - position) for start, end in spans]
        if line.strip():
            paragraphs.append(f"<p>{marked(line, shifted, show)}</p>")
        position += len(line) + 1
    return "".join(paragraphs)
