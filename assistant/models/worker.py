"""The child process that holds llama.cpp: requests in, events out, one JSON object a line.

It knows nothing of questions, rules or answers; it turns chat messages into text pieces. It runs in a process of its
own so that a native crash, a kill or a cancel never takes the page down. Started by ``generator.py`` as
``python -m assistant.models.worker``; it ends by itself when its standard input closes.

Requests: ``load`` (first, once), ``generate``, ``count``, ``cancel``, ``stop``.
Events: ``ready``, ``text``, ``done``, ``count``, ``error``; all but ``ready`` carry the ``id`` of their request.

Threads: the main thread generates; a second one reads requests, so that a cancel arrives while llama.cpp computes.
Counting is answered by the reading thread: llama.cpp's tokenizer may be used by several threads, its context may not.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

LEAST_ROOM = 16
"""Tokens that must be left for an answer; below that a request is refused instead of cut short at once."""


TEMPLATE_SIGNS = {
    "chatml": "<|im_start|>", "mistral": "[INST]", "gemma": "<start_of_turn>", "granite": "<|start_of_role|>",
}  # fmt: skip
"""How a turn begins in the chat templates of the families that the manifest names."""


class RequestRefused(Exception):
    """A request cannot be met; ``code`` is the word the parent turns into a German line."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Work:
    """One ``generate`` request and the flag that stops it."""

    id: int
    messages: tuple[tuple[str, str], ...]
    max_tokens: int
    grammar: str | None
    cancelled: threading.Event


class Wire:
    """Writes events; both threads use it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, event: str, **fields: object) -> None:
        """One line. A closed pipe means that nobody is left to work for, so the process ends."""
        line = json.dumps({"event": event, **fields}, ensure_ascii=True).encode("ascii") + b"\n"
        try:
            with self._lock:
                self._stream.write(line)
                self._stream.flush()
        except OSError:
            os._exit(0)


class Model:
    """llama.cpp with one context. ``stream`` only from the main thread, ``count`` from any."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Load the file. Raises RequestRefused ``llama_fehlt`` or ``laden``."""
        self._current: threading.Event | None = None
        try:
            import llama_cpp
            from llama_cpp import llama_chat_format
            from llama_cpp.llama_grammar import LlamaGrammar
        except (ImportError, OSError, RuntimeError) as error:
            raise RequestRefused("llama_fehlt", type(error).__name__) from error
        threads = int(options["threads"]) or os.cpu_count() or 1
        try:
            self._llama: Any = llama_cpp.Llama(
                model_path=options["path"], n_ctx=int(options["context"]), n_threads=threads, n_threads_batch=threads,
                n_gpu_layers=0, seed=0, verbose=False,
            )  # fmt: skip
        except (ValueError, RuntimeError, OSError) as error:
            raise RequestRefused("laden", type(error).__name__) from error
        self._api: Any = llama_cpp
        self._read_grammar = LlamaGrammar.from_string
        self._formatter = self._own_formatter(llama_chat_format, thinking=bool(options.get("thinking")))
        if self._formatter is not None:
            self._llama.chat_handler = llama_chat_format.chat_formatter_to_chat_completion_handler(self._formatter)
        self._merge_system = not self._accepts_system()
        # Kept as an attribute: the native side holds only the bare pointer. It is asked between graph nodes, so a
        # cancel also ends the evaluation of a long prompt, which takes half a minute on two cores.
        self._abort = llama_cpp.ggml_abort_callback(self._stopped)
        llama_cpp.llama_set_abort_callback(self._llama.ctx, self._abort, None)

    def _stopped(self, _data: object) -> bool:
        return self._current is not None and self._current.is_set()

    @property
    def context(self) -> int:
        """Tokens of prompt and answer together."""
        return int(self._llama.n_ctx())

    @property
    def template(self) -> str:
        """Family of the chat template, by the sign that opens a turn; empty if there is none or it is unknown."""
        text = self._llama.metadata.get("tokenizer.chat_template") or ""
        return next((family for family, sign in TEMPLATE_SIGNS.items() if sign in text), "")

    def _own_formatter(self, formats: Any, *, thinking: bool) -> Callable[..., Any] | None:
        """The file's own chat template with the thinking switch set; None if the file has no template."""
        template = self._llama.metadata.get("tokenizer.chat_template")
        if not template:
            return None

        def token(number: int) -> str:
            if number == -1:
                return ""
            return bytes(self._llama.detokenize([number], special=True)).decode("utf-8", errors="replace")

        render = formats.Jinja2ChatFormatter(
            template=template, eos_token=token(self._llama.token_eos()), bos_token=token(self._llama.token_bos()),
            stop_token_ids=[self._llama.token_eos()],
        )  # fmt: skip
        # Templates that know no such switch ignore it.
        return lambda **values: render(**{**values, "enable_thinking": thinking})

    def _accepts_system(self) -> bool:
        if self._formatter is None:
            return True
        try:
            self._formatter(messages=[{"role": "system", "content": "a"}, {"role": "user", "content": "b"}])
        except Exception:
            return False
        return True

    def _chat(self, messages: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
        chat = [{"role": role, "content": text} for role, text in messages]
        if self._merge_system and len(chat) > 1 and chat[0]["role"] == "system":
            first = {"role": chat[1]["role"], "content": chat[0]["content"] + "\n\n" + chat[1]["content"]}
            chat = [first, *chat[2:]]
        return chat

    def count(self, text: str) -> int:
        """Tokens of plain text, without the frame that the chat template adds."""
        return len(self._llama.tokenize(text.encode("utf-8"), add_bos=False, special=False))

    def _prompt_tokens(self, chat: Sequence[Mapping[str, str]]) -> list[int]:
        if self._formatter is None:
            # Fallback format of the library; its few frame words are covered by the margin of LEAST_ROOM.
            return list(self._llama.tokenize("\n".join(m["content"] for m in chat).encode("utf-8"), special=True))
        rendered = self._formatter(messages=chat)
        return list(self._llama.tokenize(rendered.prompt.encode("utf-8"), add_bos=False, special=True))

    def _reused(self, prompt: Sequence[int]) -> int:
        """How many leading tokens of ``prompt`` are still in memory from the last request."""
        known = self._llama.input_ids[: self._llama.n_tokens]
        shared = 0
        for old, new in zip(known, prompt, strict=False):
            if old != new:
                break
            shared += 1
        return shared

    def _grammar(self, text: str) -> Any:
        """The grammar ready for use. Tried out first: the library itself crashes on one it cannot read."""
        vocabulary = self._api.llama_model_get_vocab(self._llama.model)
        trial = self._api.llama_sampler_init_grammar(vocabulary, text.encode("utf-8"), b"root")
        if not trial:
            raise RequestRefused("grammatik")
        self._api.llama_sampler_free(trial)
        return self._read_grammar(text, verbose=False)

    def stream(self, work: Work) -> Iterator[tuple[str, dict[str, object]]]:
        """("text", {text}) for every piece, then one ("done", {reason and counts}). Raises RequestRefused."""
        chat = self._chat(work.messages)
        prompt = self._prompt_tokens(chat)
        room = self.context - len(prompt) - 1
        if room < LEAST_ROOM:
            raise RequestRefused("prompt_zu_lang", f"{len(prompt)} von {self.context}")
        grammar = self._grammar(work.grammar) if work.grammar else None
        counts: dict[str, object] = {"prompt_tokens": len(prompt), "reused": self._reused(prompt)}
        pieces, reason = 0, "stop"
        self._current = work.cancelled
        try:
            parts = self._llama.create_chat_completion(
                messages=chat, stream=True, max_tokens=min(work.max_tokens, room), temperature=0.0, seed=0,
                repeat_penalty=1.0, grammar=grammar,
            )  # fmt: skip
            with contextlib.closing(parts):
                for part in parts:
                    if work.cancelled.is_set():
                        break
                    choice = part["choices"][0]
                    reason = choice.get("finish_reason") or reason
                    if text := choice["delta"].get("content"):
                        pieces += 1
                        yield "text", {"text": text}
        except RuntimeError:
            # llama.cpp reports an aborted evaluation as an error; its memory stays usable up to the last batch.
            if not work.cancelled.is_set():
                raise
        finally:
            self._current = None
        yield "done", {"reason": "cancelled" if work.cancelled.is_set() else reason, "pieces": pieces, **counts}


class Reader(threading.Thread):
    """Reads requests: work goes to the main thread, counting and cancelling are done here."""

    def __init__(self, source: BinaryIO, wire: Wire, model: Model) -> None:
        super().__init__(daemon=True)
        self._source, self._wire, self._model = source, wire, model
        self.work: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._flags: dict[int, threading.Event] = {}

    def run(self) -> None:
        """Until standard input closes, which also ends a generation that nobody waits for any more."""
        for line in self._source:
            request = json.loads(line)
            if request["op"] == "stop":
                break
            self._handle(request)
        os._exit(0)

    def _handle(self, request: Mapping[str, Any]) -> None:
        number = int(request["id"])
        if request["op"] == "generate":
            flag = self._flags[number] = threading.Event()
            messages = tuple((str(role), str(text)) for role, text in request["messages"])
            self.work.put(Work(number, messages, int(request["max_tokens"]), request.get("grammar"), flag))
        elif request["op"] == "cancel":
            if known := self._flags.get(number):
                known.set()
        elif request["op"] == "count":
            self._wire.send("count", id=number, count=self._model.count(str(request["text"])))

    def forget(self, number: int) -> None:
        """The request is finished; a late cancel finds nothing."""
        self._flags.pop(number, None)


def _no_network() -> None:
    """Refuse every socket from Python code in this process: a model has no reason to talk to anyone."""

    def refuse(event: str, _arguments: object) -> None:
        if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"):
            raise PermissionError("network access is not allowed in the model process")

    sys.addaudithook(refuse)


def _own_output() -> BinaryIO:
    """The pipe to the parent. Standard output itself is pointed elsewhere, so that no library can write into it."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe


def serve(source: BinaryIO, wire: Wire) -> None:
    """Load as the first request says, then work until the reader ends the process."""
    try:
        model = Model(json.loads(source.readline() or b"{}"))
    except RequestRefused as error:
        wire.send("error", id=0, code=error.code, detail=str(error))
        return
    wire.send("ready", context=model.context, template=model.template)
    reader = Reader(source, wire, model)
    reader.start()
    while True:
        work = reader.work.get()
        try:
            for event, fields in model.stream(work):
                wire.send(event, id=work.id, **fields)
        except RequestRefused as error:
            wire.send("error", id=work.id, code=error.code, detail=str(error))
        except Exception as error:
            wire.send("error", id=work.id, code="intern", detail=type(error).__name__)
        finally:
            reader.forget(work.id)


def main() -> None:
    """Entry point of the child process."""
    _no_network()
    # The page must stay quick while the model computes on every core.
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)
    serve(sys.stdin.buffer, Wire(_own_output()))


if __name__ == "__main__":
    main()
