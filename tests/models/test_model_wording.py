"""The whole path with the real llama.cpp: prompt, template, grammar, child process, proof."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tiny_gguf import WORDS, write_tiny_gguf

from assistant.ask import wording
from assistant.ask.prompt import build_prompt, fixed_part, second_try, source_grammar
from assistant.ask.wording import word_answer
from assistant.models.generator import LocalGenerator
from assistant.settings import Settings
from assistant.types import Answer, Citation, GuidelineInfo, Kind, Status, Validity, Verdict

RULE = "Sozialdaten dürfen in kein KI-Werkzeug eingegeben werden."
DAY = dt.date(2026, 11, 22)
ANSWER = Answer(
    "Darf ich Sozialdaten eingeben?", Status.BEANTWORTET, DAY, f"**Verboten.**\n\n{RULE} [1]",
    GuidelineInfo("Muster", "1", False), "g", Verdict.VERBOTEN, ("sozialdaten",), ("Keine Angabe ist eingegeben.",),
    ("dsb",),
    (
        Citation(
            1, "KI-Leitlinie sozialdaten", "Regel Sozialdaten", "leitlinie", Kind.LEITLINIE, RULE, DAY, None, None,
            Validity.GILT, None,
        ),
        Citation(
            2, "SGB I § 35", "§ 35 SGB I", "sgb-1", Kind.GESETZ, "Jeder hat Anspruch.", DAY, None, None,
            Validity.GILT, None,
        ),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def word_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model whose words are those of the prompt, so that the prompt has a natural number of tokens."""
    path = tmp_path_factory.mktemp("woerter") / "woerter.gguf"
    words = dict.fromkeys([*WORDS, *re.findall(r"[A-Za-zÄÖÜäöüß]+", fixed_part() + RULE + ANSWER.text)])
    write_tiny_gguf(path, words=list(words), context=4096)
    return path


@pytest.fixture
def model(word_model: Path) -> Iterator[Callable[..., LocalGenerator]]:
    made: list[LocalGenerator] = []

    def make(**options: float) -> LocalGenerator:
        values = {"context": 4096, "threads": 1, "answer_tokens": 60, **options}
        made.append(LocalGenerator(word_model, name="woerter", **values))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for generator in made:
        generator.close()


SETTINGS = Settings(modell_antwort_tokens=60)
ONCE = Settings(modell_antwort_tokens=60, modell_frist_s=0)
"""Without time for a second try; the generator keeps its own deadline."""


def test_proven_text_of_the_real_engine_is_shown(
    model: Callable[..., LocalGenerator], monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = "Das ist verboten [1]. Sozialdaten dürfen Sie nicht eingeben [1]."
    monkeypatch.setattr(wording, "source_grammar", lambda _numbers: f'root ::= "{sentence}"')
    worded = word_answer(ANSWER, model(), {}, SETTINGS)
    assert worded.notes == ()
    assert worded.text == f"**Verboten.**\n\n{sentence}"
    assert worded.written_by == "woerter"


def test_false_permission_of_the_real_engine_is_not_shown(
    model: Callable[..., LocalGenerator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "source_grammar", lambda _numbers: 'root ::= "Sie dürfen Sozialdaten eingeben [1]."')
    worded = word_answer(ANSWER, model(), {}, SETTINGS)
    assert worded.text == ANSWER.text
    assert [n.code for n in worded.notes] == ["modell_verworfen"]


def test_random_weights_never_reach_the_reader(model: Callable[..., LocalGenerator]) -> None:
    generator = model()
    worded = word_answer(ANSWER, generator, {}, SETTINGS)
    assert worded.text == ANSWER.text
    assert [n.code for n in worded.notes] == ["modell_verworfen"]
    assert generator.last is not None
    assert generator.last.prompt_tokens <= 1500 + 64


def test_grammar_keeps_random_weights_to_existing_sources(model: Callable[..., LocalGenerator]) -> None:
    generator = model()
    prompt = build_prompt(ANSWER, {}, generator.count, limit=1500)
    marks = 0
    for number in range(20):
        messages = [prompt.messages[0], ("user", f"{prompt.messages[1][1]} {number}")]
        text = "".join(generator.stream(messages, max_tokens=60, grammar=source_grammar(prompt.given)))
        closed = text if text.count("[") == text.count("]") else text[: text.rindex("[")]
        assert set(re.findall(r"\[([^\]]*)\]?", closed)) <= {"1", "2"}
        assert not re.search(r"[<>{}|`#*_~^@$]", text)
        marks += closed.count("[")
    assert marks


def test_same_question_again_evaluates_nothing_but_the_hint_of_a_second_try(
    model: Callable[..., LocalGenerator],
) -> None:
    generator = model()
    word_answer(ANSWER, generator, {}, ONCE)
    assert generator.last is not None
    first = generator.last
    word_answer(ANSWER, generator, {}, ONCE)
    assert generator.last.reused == first.prompt_tokens
    word_answer(ANSWER, generator, {}, SETTINGS)
    assert 0 < generator.last.prompt_tokens - generator.last.reused <= generator.count(second_try()) + 64


def test_another_question_evaluates_only_what_is_its_own(model: Callable[..., LocalGenerator]) -> None:
    generator = model()
    word_answer(ANSWER, generator, {}, ONCE)
    other = dataclasses.replace(ANSWER, question="Ganz anders?", conditions=("Etwas anderes.",))
    word_answer(other, generator, {}, ONCE)
    assert generator.last is not None
    assert generator.last.reused >= generator.count(fixed_part())
    assert generator.last.prompt_tokens - generator.last.reused < generator.last.prompt_tokens / 2


class Struck(LocalGenerator):
    """Its process is killed after the first piece of every text while ``strikes`` last."""

    strikes = 1

    def stream(
        self, prompt: Sequence[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        for piece in super().stream(prompt, max_tokens=max_tokens, grammar=grammar):
            if self.strikes:
                self.strikes -= 1
                assert self.pid is not None
                os.kill(self.pid, signal.SIGKILL)
            yield piece


def test_kill_in_the_middle_is_a_note_and_the_next_question_works(word_model: Path) -> None:
    generator = Struck(word_model, name="woerter", context=4096, threads=1, answer_tokens=400)
    try:
        worded = word_answer(ANSWER, generator, {}, Settings(modell_antwort_tokens=400))
        assert worded.text == ANSWER.text
        assert [n.code for n in worded.notes] == ["modell_fehler"]
        assert [n.code for n in word_answer(ANSWER, generator, {}, SETTINGS).notes] == ["modell_verworfen"]
    finally:
        generator.close()


def test_deadline_is_a_note(model: Callable[..., LocalGenerator]) -> None:
    generator = model(deadline_s=0.001)
    generator.start()
    assert [n.code for n in word_answer(ANSWER, generator, {}, SETTINGS).notes] == ["modell_zu_langsam"]


def test_full_line_is_a_note(model: Callable[..., LocalGenerator]) -> None:
    generator = model(waiting=0)
    served = generator.stream([("user", "Frage")], max_tokens=900)
    next(served)
    assert [n.code for n in word_answer(ANSWER, generator, {}, SETTINGS).notes] == ["modell_ausgelastet"]
    served.close()
