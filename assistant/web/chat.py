"""The chat part of the page, as Gradio blocks: question box, examples, answer, buttons, earlier questions.

Gradio carries events and state; what is shown is our own HTML in ``gr.Markdown`` (``gr.HTML`` would need a policy that
allows evaluation). The answer is three pieces so that the explanation worded by the model replaces only itself: ticks
and opened quotations stay as they are.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.ask.check import showable
from assistant.errors import LeitplankeError
from assistant.models.line import Attempt
from assistant.types import Answer, Question, Status
from assistant.web.api import AssistantApi
from assistant.web.conversation import MAX_OPTIONS, Conversation, Turn
from assistant.web.desk import Desk, State
from assistant.web.markup import visible
from assistant.web.parts import banners, state_line, trouble
from assistant.web.render import AnswerPage, earlier_list
from assistant.web.texts import GERMAN, PRODUCT, Words

if TYPE_CHECKING:
    import gradio as gr

MAX_EXAMPLES = 6
SESSION_SECONDS = 4 * 3600
"""A window that is left open longer loses its history; the page then starts a new conversation."""
_PATIENCE_SECONDS = 0.4
"""A quick answer comes without a waiting line that would only make the page jump."""
_LOOK_SECONDS = 0.5
"""How often the place in the line before the model is looked at."""
_KEEP_TEXT = frozenset({Status.BLOCKIERT_PERSONENBEZUG, Status.AUSGELASTET, Status.FEHLER})
"""Outcomes after which the question stays in the box, because it has to be changed or sent again."""
_QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "True", "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1",
    # Gradio also keeps local statistics of 10,000 events and sums them up with pandas after every one: not needed here.
    "GRADIO_ANALYTICS_MAX_EVENTS": "1", "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
}  # fmt: skip

Update = dict[Any, Any]
"""What an event changes: component to new value or ``gr.update``."""


def import_gradio() -> Any:
    """Gradio with everything switched off that would call home. The variables must be set before its first import."""
    os.environ.update(_QUIET)
    import gradio

    return gradio


def system_theme(gr: Any) -> Any:
    """A plain theme with the fonts of the system; a Gradio default theme would load fonts from a CDN."""
    fonts = ["system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
    return gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=fonts, font_mono=["ui-monospace", "monospace"])


@dataclass(frozen=True)
class Parts:
    """The components of the page."""

    conversation: gr.State
    lage: gr.Markdown
    question: gr.Textbox
    send: gr.Button
    examples_box: gr.Column
    examples: Sequence[gr.Button]
    head: gr.Markdown
    options_box: gr.Row
    options: Sequence[gr.Button]
    explanation: gr.Markdown
    sources: gr.Markdown
    changes: gr.Markdown
    closing: gr.Markdown
    progress: gr.Markdown
    stop: gr.Button
    new: gr.Button
    earlier: gr.Markdown


class Chat:
    """The events of the page in one language; each returns or yields what changes on it."""

    def __init__(self, gr: Any, desk: Desk, words: Words = GERMAN) -> None:
        self.gr = gr
        self.desk = desk
        self.words = words
        self._attempts: dict[str, Attempt] = {}
        """What the model is wording, by browser window; a window has one at most."""
        self._looking: dict[str, int] = {}
        """The newest question, by browser window, for which is looked what would change its verdict."""
        with gr.Blocks(title=f"{PRODUCT} – {words.claim}", analytics_enabled=False) as self.blocks:
            self.parts = self._lay_out()
            self._wire()
            self.blocks.load(self.opened, None, self._everything(), **self._event())
            self.blocks.unload(self._with_request(self.left))

    # --- layout

    def _lay_out(self) -> Parts:
        gr, words = self.gr, self.words
        conversation = gr.State(Conversation(), time_to_live=SESSION_SECONDS)
        lage = self._html("lp-lage")
        with gr.Row(elem_id="lp-eingabe"):
            question = gr.Textbox(
                label=words.question, elem_id="frage", lines=1, max_lines=8, autofocus=True, scale=1,
                placeholder=words.placeholder,
                html_attributes=gr.InputHTMLAttributes(
                    lang=words.language, autocomplete="off", spellcheck=True, enterkeyhint="send"
                ),
            )  # fmt: skip
            with gr.Row(elem_id="lp-absenden"):
                send = gr.Button(words.send, variant="primary", elem_id="lp-senden", scale=0)
                new = gr.Button(words.new, visible=False, elem_id="lp-neu", scale=0)
        with gr.Column(elem_id="lp-beispiele", visible=False) as examples_box:
            self._html("lp-beispiele-titel", f'<h2 class="lp lp-klein">{words.examples}</h2>')
            examples = [gr.Button("", visible=False, elem_classes="lp-beispiel") for _ in range(MAX_EXAMPLES)]
        head = self._html("lp-antwort")
        with gr.Row(elem_id="lp-wahl", visible=False) as options_box:
            options = [gr.Button("", visible=False, elem_classes="lp-option") for _ in range(MAX_OPTIONS)]
        explanation = self._html("lp-erlaeuterung")
        with gr.Row(elem_id="lp-formulierung"):
            progress = self._html("lp-fortschritt")
            stop = gr.Button(words.stop, visible=False, elem_id="lp-halt", scale=0)
        sources = self._html("lp-quellen")
        changes = self._html("lp-aenderung")
        closing = self._html("lp-abschluss")
        return Parts(
            conversation, lage, question, send, examples_box, examples, head, options_box, options, explanation,
            sources, changes, closing, progress, stop, new, self._html("lp-verlauf"),
        )  # fmt: skip

    def _html(self, elem_id: str, value: str = "") -> Any:
        """A place for our own HTML. Gradio's sanitizer is off because everything shown is made by ``render``."""
        return self.gr.Markdown(value, elem_id=elem_id, sanitize_html=False, latex_delimiters=[])

    # --- events

    def _event(self) -> dict[str, Any]:
        # No limit by Gradio: ``Desk`` bounds the work and says so in our words.
        return {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None, "queue": True}

    def _everything(self) -> list[Any]:
        p = self.parts
        return [
            p.conversation, p.lage, p.question, p.examples_box, *p.examples, p.head, p.options_box, *p.options,
            p.explanation, p.sources, p.changes, p.closing, p.progress, p.stop, p.new, p.earlier,
        ]  # fmt: skip

    def _wire(self) -> None:
        gr, p = self.gr, self.parts
        asking: list[tuple[list[Any], Callable[..., Any], list[Any]]] = [
            ([p.question.submit, p.send.click], self.ask, [p.question, p.conversation]),
            *(([button.click], self.ask, [button, p.conversation]) for button in p.examples),
            *(([button.click], self._asker(i), [p.conversation]) for i, button in enumerate(p.options)),
        ]
        wordings, looks = [], []
        for triggers, function, inputs in asking:
            asked = gr.on(triggers, function, inputs, self._everything(), **self._event())
            # The conversation is no output here: a late wording must not put an older one in its place.
            looks.append(
                asked.then(
                    self._with_request(self.look_for_changes),
                    [p.conversation],
                    [p.changes],
                    trigger_mode="multiple",
                    **self._event(),
                )
            )
            word_outputs = [p.head, p.explanation, p.sources, p.progress, p.stop]
            wordings.append(
                asked.then(
                    self._with_request(self.word),
                    [p.conversation],
                    word_outputs,
                    trigger_mode="multiple",
                    **self._event(),
                )
            )
        for triggers, _, _ in asking:
            # A new question ends the wording of the one before, or its text would appear under the wrong verdict.
            gr.on(triggers, None, cancels=wordings, api_visibility="private", queue=False)
        halted = [p.progress, p.stop, p.explanation]
        p.stop.click(self.stopped, [p.conversation], halted, cancels=wordings, **self._event())
        p.new.click(self.start_again, None, self._everything(), cancels=[*wordings, *looks], **self._event())

    def _asker(self, index: int) -> Callable[[Conversation], AsyncIterator[Update]]:
        async def ask_option(conversation: Conversation) -> AsyncIterator[Update]:
            if index < len(conversation.options):
                async for update in self.ask(conversation.options[index].question, conversation):
                    yield update

        return ask_option

    async def opened(self) -> AsyncIterator[Update]:
        """The page was opened: show what is installed, or that it is still loading."""
        if self.desk.backend.state is State.LAEDT:
            yield {self.parts.lage: state_line(self.words.loading, waiting=True)}
            await self.desk.backend.loaded()
        # Only banners and examples: a question may have been asked and answered while the index was loading.
        yield await asyncio.to_thread(self._welcome)

    async def start_again(self) -> Update:
        """A new conversation: everything of the old one is dropped."""
        return {**self._cleared(), **await asyncio.to_thread(self._welcome)}

    async def ask(self, text: str, conversation: Conversation) -> AsyncIterator[Update]:
        """A question was sent: its answer, and before it that it is being worked on where that takes a while."""
        asked = showable(text)  # a browser may send anything, and half characters cannot be sent back
        notice = await asyncio.to_thread(self.desk.backend.maintenance)
        if notice is not None and notice.resting:
            yield {self.parts.lage: await asyncio.to_thread(self._lage), self.parts.question: asked}
            return
        answering = asyncio.ensure_future(self.desk.ask(asked, conversation.history))
        done, _ = await asyncio.wait({answering}, timeout=_PATIENCE_SECONDS)
        if not done:
            waiting = self.words.waiting if self.desk.backend.state is State.BEREIT else self.words.loading
            yield {self.parts.lage: await asyncio.to_thread(self._lage, state_line(waiting, waiting=True))}
        question, answer = await answering
        api = self.desk.backend.api
        if api is None:
            yield {self.parts.lage: self._not_loaded(), self.parts.question: asked}
            return
        try:
            yield await asyncio.to_thread(self._shown, api, conversation, question, answer)
        except LeitplankeError as error:  # the index was damaged or removed between answering and showing
            yield {self.parts.lage: trouble(str(error), self.words), self.parts.question: asked}

    async def word(self, conversation: Conversation, request: Any) -> AsyncIterator[Update]:
        """After an answer: let the local model word the explanation, if there is one and it was not done yet."""
        turn, api = conversation.to_word, self.desk.backend.api
        if turn is None or api is None:
            yield {self.parts.explanation: self.gr.skip()}
            return
        attempt = self._attempts[request.session_hash] = Attempt()
        written = _Written(attempt)
        wording = asyncio.ensure_future(self.desk.word(turn.question, attempt, written.show))
        try:
            async for ahead, answer in written.changes(wording):
                update = {self.parts.progress: state_line(self.words.ahead(ahead), waiting=True)}
                if answer is not None:
                    update[self.parts.explanation] = self._page(answer, api, turn.number).explanation()
                yield update
            update = await asyncio.to_thread(self._reworded, api, turn, wording.result())
        except LeitplankeError as error:
            update = {self.parts.explanation: trouble(str(error), self.words)}
        finally:
            # Also when the person asked something else or pressed stop: nobody waits any more.
            attempt.stop()
            if self._attempts.get(request.session_hash) is attempt:
                del self._attempts[request.session_hash]
        yield {**update, **self._quiet()}

    async def look_for_changes(self, conversation: Conversation, request: Any) -> Update:
        """After an answer: what would change its verdict. Nobody waits for it, so it comes on its own."""
        # Not cancelled by the next question, which may come before Gradio knows the event: the newest one is shown.
        window, number = request.session_hash, conversation.asked
        self._looking[window] = number
        update = await self._changes(conversation)
        if self._looking.get(window) != number:
            return {self.parts.changes: self.gr.skip()}
        del self._looking[window]
        return update

    async def _changes(self, conversation: Conversation) -> Update:
        p, turn, api = self.parts, conversation.shown, self.desk.backend.api
        page = self._page(turn.answer, api, turn.number) if turn is not None and api is not None else None
        if turn is None or api is None or page is None or not page.may_change():
            return {p.changes: self.gr.skip()}
        try:
            return {p.changes: page.changes(await self.desk.changes(turn.question))}
        except LeitplankeError as error:
            return {p.changes: trouble(str(error), self.words)}

    async def stopped(self, conversation: Conversation) -> Update:
        """Stop was pressed: the answer from the sources stands again, and the model is free for others."""
        update = {**self._quiet(), self.parts.progress: state_line(self.words.stopped, waiting=False)}
        turn, api = conversation.to_word, self.desk.backend.api
        if turn is not None and api is not None:
            update[self.parts.explanation] = self._page(turn.answer, api, turn.number).explanation()
        return update

    def _quiet(self) -> Update:
        return {self.parts.progress: "", self.parts.stop: self.gr.update(visible=False)}

    # --- what is shown

    def _page(self, answer: Answer, api: AssistantApi, number: int) -> AnswerPage:
        return AnswerPage(answer, api, number, self.words)

    def _lage(self, line: str = "") -> str:
        notice, api = self.desk.backend.maintenance(), self.desk.backend.api
        if notice is not None:
            line = state_line(notice.text, waiting=False) + line
        if api is None:
            return line
        try:
            overview = api.overview()
        except LeitplankeError as error:
            return trouble(str(error), self.words)
        return banners(guideline_note=overview.guideline_note, official=overview.official, words=self.words) + line

    def _not_loaded(self) -> str:
        """Why nothing can be answered yet."""
        error = self.desk.backend.error
        return trouble(str(error), self.words) if error else state_line(self.words.loading, waiting=True)

    def _welcome(self) -> Update:
        """Banners and examples, or why there are none."""
        gr, p, api = self.gr, self.parts, self.desk.backend.api
        if api is None:
            return {p.lage: self._not_loaded()}
        try:
            examples = (self.words.example_questions or api.overview().examples)[:MAX_EXAMPLES]
        except LeitplankeError:
            examples = ()  # the line above says why
        shown = {
            button: gr.update(value=visible(examples[i]) if i < len(examples) else "", visible=i < len(examples))
            for i, button in enumerate(p.examples)
        }
        return {**shown, p.lage: self._lage(), p.examples_box: gr.update(visible=bool(examples))}

    def _cleared(self) -> Update:
        gr, p = self.gr, self.parts
        return {
            p.conversation: Conversation(),
            **dict.fromkeys((p.question, p.head, p.explanation, p.sources, p.changes, p.closing, p.earlier), ""),
            **self._quiet(),
            **{part: gr.update(visible=False) for part in (p.new, p.options_box)},
        }

    def _shown(self, api: AssistantApi, before: Conversation, question: Question, answer: Answer) -> Update:
        gr, p = self.gr, self.parts
        conversation = before.after(
            question, answer, has_model=api.has_model(), words=self.words, similar=_similar(api, answer)
        )
        page = self._page(answer, api, conversation.asked)
        options = conversation.options
        buttons = {
            button: gr.update(value=visible(options[i].label) if i < len(options) else "", visible=i < len(options))
            for i, button in enumerate(p.options)
        }
        return {
            p.conversation: conversation,
            p.lage: self._lage(),
            p.question: answer.question if answer.status in _KEEP_TEXT else "",
            p.head: page.head(),
            p.options_box: gr.update(visible=bool(options)),
            **buttons,
            p.explanation: page.explanation(),
            p.progress: state_line(self.words.wording, waiting=True) if conversation.to_word else "",
            p.stop: gr.update(visible=conversation.to_word is not None),
            p.sources: page.sources(),
            p.changes: page.changes(None),
            p.closing: page.closing(),
            p.new: gr.update(visible=True),
            p.earlier: earlier_list([self._page(t.answer, api, t.number) for t in conversation.earlier()]),
        }

    def _reworded(self, api: AssistantApi, turn: Turn, worded: Answer | None) -> Update:
        p, before = self.parts, turn.answer
        answer = worded or before
        page = self._page(answer, api, turn.number)
        update: Update = {p.explanation: page.explanation()}
        decided = (answer.verdict, answer.conditions, answer.offices)
        if answer.citations != before.citations:
            update[p.sources] = page.sources()
        if decided != (before.verdict, before.conditions, before.offices):
            # The generation was exchanged in between: what is shown must be of one piece.
            update |= {p.head: page.head(), p.sources: page.sources()}
        return update

    def left(self, request: Any) -> None:
        """The window was closed: the model is free, and its state, which Gradio would keep for an hour, is dropped."""
        if attempt := self._attempts.pop(request.session_hash, None):
            attempt.stop()
        self._looking.pop(request.session_hash, None)
        self.blocks.state_holder.session_data.pop(request.session_hash, None)

    def _with_request(self, event: Callable[..., Any]) -> Callable[..., Any]:
        """Gradio passes the request to a parameter annotated with its class, which is not imported in this module."""
        event.__func__.__annotations__["request"] = self.gr.Request  # type: ignore[attr-defined]
        return event


def _similar(api: AssistantApi, answer: Answer) -> list[str]:
    """Where nothing is regulated: the first example question of each rule that came nearest."""
    if answer.status is not Status.NICHT_GEREGELT:
        return []
    with api.pinned() as shelf:
        rules = [shelf.guideline.rule(considered.rule) for considered in answer.considered]
    return [rule.questions[0] for rule in rules if rule and rule.questions and rule.questions[0] != answer.question]


class _Written:
    """How far the model is: the place in its line, then the answer as far as it is written and proven."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._answer: Answer | None = None

    def show(self, answer: Answer) -> None:
        """A further sentence is proven; called in the thread that words."""
        self._answer = answer

    async def changes(self, wording: asyncio.Future[Answer | None]) -> AsyncIterator[tuple[int, Answer | None]]:
        """(number before this one, answer so far) whenever something changed, until the wording is done."""
        shown: tuple[int, Answer | None] = (0, None)
        while not wording.done():
            now = (self._attempt.ahead or 0, self._answer)
            if now != shown:
                yield now
                shown = now
            await asyncio.wait({wording}, timeout=_LOOK_SECONDS)
