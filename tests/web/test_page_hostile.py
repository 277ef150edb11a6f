"""Hostile texts as question, answer, wording, quotation, rule title and law through the real page: shown, never run.

Every text goes in at all of these places. What the page shows must be the text itself; the elements, attributes, link
targets and requests must be those of a harmless answer, and nobody may have been asked anything by a dialog.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import page_payloads
import pytest
from conftest import running
from page_browser import Browser
from page_fake import CITATIONS, PROVISIONS, RULE, STATE, FakeAssistant, FakeShelf, conditional
from test_page_browser import assert_clean

from assistant.ask.change import Change, Changes, Circumstance
from assistant.corpus.books import Book
from assistant.corpus.rules import Guideline
from assistant.types import Answer, Considered, GuidelineInfo, Note, Provision, Question, Source, Status, Verdict
from assistant.web.markup import visible

Browse = Callable[..., Browser]
HARMLESS = ("Ein Satz mit **fett**, `code` und [1].\n\n# Titel\n\n- Punkt\n- Punkt\n\n1. Schritt\n2. Schritt",) * 3
RICH = (
    "\n\n".join(f"{'#' * n} Titel {n}" for n in range(1, 7)),
    "| a | b |\n|---|---|\n| 1 | **2** |\n\n> Zitat\n\n---\n\n```\ncode\n```\n\n*schräg* `code` **fett**\n\n- Punkt\n\n1. Schritt",
)
"""What a guideline may be written with."""
MAX_QUESTION = 1000
"""Characters; the page repeats questions up to a little more."""
RECORD_DIALOGS = """
window.lpDialoge = [];
for (const art of ['alert', 'confirm', 'prompt', 'print', 'open']) {
  window[art] = (...alles) => { window.lpDialoge.push([art, String(alles[0])]); return null; };
}
"""
ELEMENTS = """
const gefunden = {};
for (const e of document.querySelectorAll('*')) {
  const namen = gefunden[e.localName] ??= {};
  for (const a of e.attributes) namen[a.name] = true;
}
return Object.entries(gefunden).map(([tag, namen]) => [tag, Object.keys(namen)]);
"""
TARGETS = """
const alle = [...document.querySelectorAll('[href], [src], [action], [formaction], [data], [srcset], [ping]')];
const orte = alle.flatMap(e => ['href', 'src', 'action', 'formaction', 'data', 'srcset', 'ping']
  .filter(a => e.hasAttribute(a)).map(a => new URL(e.getAttribute(a), document.baseURI)));
return [...new Set(orte.map(u => u.protocol === 'mailto:' ? u.href.split('?')[0] : u.protocol + u.host))];
"""
TEXTS = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
TYPE = """
const feld = document.querySelector('#frage textarea');
feld.value = arguments[0];
feld.dispatchEvent(new Event('input', {bubbles: true}));
"""


class Hostile(FakeAssistant):
    """Answers with ``texts`` in every place a text can stand in; the guideline and its law hold them too."""

    texts: Sequence[str] = HARMLESS

    def _answer(self, question: Question) -> Answer:
        one, two, three = (self.texts[i % len(self.texts)] for i in range(3))
        quotes = tuple(
            replace(CITATIONS[1], number=i + 1, norm=f"DSGVO Art. {i + 1}", label=text, quote=text, url=address(text))
            for i, text in enumerate(self.texts)
        )
        return replace(
            conditional(question), text="\n\n".join(("**Nur unter Bedingungen.**", *self.texts)),
            conditions=tuple(self.texts), offices=(one, "ki-koordination", two), citations=quotes, generation=three,
            considered=tuple(Considered(text, 0.5, text) for text in self.texts), rules=(one,),
            notes=tuple(Note("x", text) for text in self.texts), guideline=GuidelineInfo(one, two, False),
        )  # fmt: skip

    def answer(self, question: Question, **how: object) -> Answer:  # type: ignore[override]
        made = super().answer(question, **how)  # type: ignore[arg-type]
        if question.text.startswith("wahl"):
            return replace(made, status=Status.RUECKFRAGE, verdict=None, clarifications=tuple(map(sent, self.texts[:3])))
        worded = {"written_by": self.model} if how.get("engine") == "modell" else {}
        return replace(self._answer(question), **worded)  # type: ignore[arg-type]

    def changes(self, question: Question) -> Changes:
        made = (Change(Circumstance.OHNE_PERSONEN, text, Verdict.ERLAUBT, text, text) for text in self.texts)
        return Changes(tuple(made), ())

    def provision(self, norm: str, as_of: object) -> Provision | None:  # type: ignore[override]
        article = norm.removeprefix("DSGVO Art. ")
        if not article.isdigit() or not 1 <= int(article) <= len(self.texts):
            return None
        text = visible(self.texts[int(article) - 1])
        return replace(
            PROVISIONS["DSGVO Art. 5 Abs. 1 lit. c"], norm=norm, label=text, heading=(text, text), text=f"Davor.\n{text}\nDanach."
        )

    def source(self, source_id: str) -> Source:
        return replace(super().source(source_id), title=self.texts[0], url=address(self.texts[0]))

    @contextmanager
    def pinned(self) -> Iterator[FakeShelf]:
        yield replace(FakeShelf(), guideline=self._guideline(), guideline_book=self._book())

    def _guideline(self) -> Guideline:
        one = self.texts[0]
        rules = tuple(
            replace(RULE, id=f"regel-{i}", title=text, sentence=text, conditions=(text,), reason=text, prose=text, questions=(text,))
            for i, text in enumerate(self.texts)
        )
        return Guideline(GuidelineInfo(one, one, False), STATE, None, one, one, rules, (), {}, ())

    def _book(self) -> Book:
        source = replace(self.overview_.sources[0], title=self.texts[0])
        kind = source.kind
        places = (
            Provision(f"KI-Leitlinie regel-{i}", visible(text), "leitlinie", (visible(text), visible(text)), visible(text), kind)
            for i, text in enumerate(self.texts)
        )
        return Book(source, {place.norm: place for place in places})


def address(text: str) -> str:
    """``text`` as the address of a source, unless it is one: links to those are wanted."""
    return text if not text.startswith(("http:", "https:")) else "javascript:alert(0)"


def sent(text: str) -> str:
    """``text`` as it can be sent at all: UTF-8 knows no half pairs of surrogates."""
    return text.encode("utf-8", "replace").decode()


def open_watched(browse: Browse, base: str) -> Browser:
    """A window in which a dialog would be recorded instead of shown."""
    browser = browse(base)
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": RECORD_DIALOGS})
    browser.open_chat()
    return browser


def send(browser: Browser, question: str) -> None:
    """Asks what a keyboard cannot type, and waits for the answer, its wording and what would change it."""
    before = browser.script("return document.querySelector('.lp-antwort')?.getAttribute('aria-labelledby') ?? ''")
    browser.script(TYPE, question)
    browser.one("#lp-senden").click()
    now = "return document.querySelector('.lp-antwort')?.getAttribute('aria-labelledby') ?? ''"
    browser.until(lambda: browser.script(now) not in ("", before), f"for an answer to {question[:60]!r}")


def settled(browser: Browser) -> None:
    browser.until(lambda: browser.all(".lp-herkunft") and browser.all("#lp-aenderung li"), "for wording and changes")
    browser.script("document.querySelectorAll('details').forEach(d => { d.open = true })")


def shape(browser: Browser) -> dict[str, set[str]]:
    """Elements on the page with the attributes they have; ``lang`` may come and go with the text."""
    return {tag: set(names) - {"lang"} for tag, names in browser.script(ELEMENTS)}


def additions(now: Mapping[str, set[str]], before: Mapping[str, set[str]]) -> list[str]:
    """What is on the page now and was not with a harmless answer."""
    return [
        f"{tag} {sorted(names - before.get(tag, set()))}"
        for tag, names in now.items()
        if tag not in before or names - before[tag]
    ]


def batches(payloads: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """``payloads`` in groups that fit into one question."""
    group: list[str] = []
    for text in payloads:
        if group and sum(map(len, group)) + len(group) + len(text) > MAX_QUESTION:
            yield tuple(group)
            group = []
        group.append(text)
    yield tuple(group)


def plain(text: str) -> str:
    """As a reader sees it: what cannot be shown is replaced, runs of white space are one space."""
    return " ".join(visible(text).split())


def payloads_of(kind: str, request: pytest.FixtureRequest) -> Sequence[str]:
    if kind == "eigene":
        return page_payloads.OWN
    shared: Path = request.getfixturevalue("shared")
    return page_payloads.naughty(shared) if kind == "blns" else page_payloads.attacks(shared)


@pytest.mark.parametrize("kind", ["eigene", "blns", "angriffe"])
def test_hostile_texts_are_shown_as_they_are_and_never_run(browse: Browse, request: pytest.FixtureRequest, kind: str) -> None:
    payloads = payloads_of(kind, request)
    api = Hostile(model="Qwen3-4B")
    with running(api) as page:
        browser = open_watched(browse, page.base)
        send(browser, "Harmlos?")
        settled(browser)
        send(browser, "Harmlos, als zweite Frage?")
        settled(browser)
        before, targets = shape(browser), set(browser.script(TARGETS))
        shown = 0
        for group in batches(payloads):
            api.texts = group
            question = sent(" ".join(group)[:MAX_QUESTION])
            send(browser, f"x {question}")
            settled(browser)
            assert [plain(text) for text in browser.script(TEXTS, ".lp-liste li label")] == [plain(t) for t in group]
            assert plain(question) in plain(browser.script(TEXTS, ".lp-frage")[0])
            assert additions(shape(browser), before) == [], group
            assert set(browser.script(TARGETS)) <= targets, group
            shown += len(group)
        assert shown == len(payloads)
        assert browser.script("return window.lpDialoge") == []
        assert browser.script("return document.title").startswith("Leitplanke")
        assert_clean(browser)


def test_hostile_readings_to_choose_from_are_buttons_with_that_text(browse: Browse) -> None:
    api = Hostile()
    with running(api) as page:
        browser = open_watched(browse, page.base)
        api.texts = HARMLESS
        send(browser, "wahl")
        send(browser, "wahl, als zweite Frage")
        browser.until(lambda: browser.all("#lp-wahl button"))
        before = shape(browser)
        for i in range(0, len(page_payloads.OWN) - 2, 3):
            api.texts = page_payloads.OWN[i : i + 3]
            send(browser, f"wahl {i}")
            wanted = [plain(sent(text))[:20] for text in api.texts]
            browser.until(
                lambda wanted=wanted: [plain(t)[:20] for t in browser.script(TEXTS, "#lp-wahl button")] == wanted,  # type: ignore[misc]
                f"for {wanted}",
            )
            assert additions(shape(browser), before) == []
        assert browser.script("return window.lpDialoge") == []
        assert_clean(browser)


@pytest.mark.parametrize("kind", ["eigene", "blns", "angriffe"])
def test_a_hostile_guideline_and_law_are_read_as_text(browse: Browse, request: pytest.FixtureRequest, kind: str) -> None:
    payloads = payloads_of(kind, request)
    api = Hostile()
    with running(api) as page:
        browser = open_watched(browse, page.base)
        api.texts = RICH
        browser.open("leitlinie")
        before = shape(browser)
        browser.open("recht/dsgvo/art-1?von=8&bis=12")
        for tag, names in shape(browser).items():
            before.setdefault(tag, set()).update(names)
        api.texts = payloads
        browser.open("leitlinie")

        def missing() -> list[str]:
            text = "".join(plain(browser.script(TEXTS, "main")[0]).split())
            return [t for t in payloads if "".join(plain(t).split())[:15] not in text]

        browser.until(lambda: not missing(), "every text is shown")  # a long page, on a machine that may be busy
        assert additions(shape(browser), before) == []
        for number in range(1, len(payloads) + 1, max(1, len(payloads) // 10)):
            browser.open(f"recht/dsgvo/art-{number}?von=8&bis=12")
            assert plain(payloads[number - 1]) in plain(browser.script(TEXTS, "main")[0])
            assert additions(shape(browser), before) == [], payloads[number - 1]
        assert browser.script("return window.lpDialoge ?? []") == []
        assert_clean(browser)
