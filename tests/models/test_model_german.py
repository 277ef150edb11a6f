"""The whole path with the real llama.cpp and a model that writes German: real text, proven while it is written."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tiny_words import CONTEXT, Case, Words, asked, train, worded, write

from assistant.ask.prompt import build_prompt, source_grammar
from assistant.ask.wording import Worded, word
from assistant.models.generator import LocalGenerator
from assistant.settings import Settings
from assistant.types import Answer
from tests.conftest import TODAY

TRAINING_S = 50.0
"""Of computing time, at most; about half of it is needed."""
SETTINGS = Settings(modell_antwort_tokens=160)


@dataclass(frozen=True)
class Trained:
    """The model and questions that it has not seen."""

    generator: LocalGenerator
    cases: list[Case]


@pytest.fixture(scope="module")
def trained(shipped_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    pytest.importorskip("llama_cpp", reason="llama-cpp-python ist nicht installiert")
    learnt, kept = asked(shipped_home, TODAY, every=26)
    words = Words(text for pair in learnt for text in pair)
    path = tmp_path_factory.mktemp("wortmodell") / "wortmodell.gguf"
    write(path, train(learnt, words, seconds=TRAINING_S), words)
    generator = LocalGenerator(path, name="wortmodell", context=CONTEXT, threads=1, answer_tokens=160)
    yield Trained(generator, kept)
    generator.close()


@pytest.fixture(scope="module")
def results(trained: Trained) -> list[tuple[Case, Worded]]:
    return [(case, word(case[0], trained.generator, case[1], SETTINGS)) for case in trained.cases]


def draft(trained: Trained, case: Case) -> str:
    prompt = build_prompt(*case, trained.generator.count, limit=1500)
    return "".join(trained.generator.stream(prompt.messages, max_tokens=160, grammar=source_grammar(prompt.given)))


def sentences(text: str) -> set[str]:
    return {s.strip(" .") for s in re.split(r"(?<=[a-zäöü\]])[.;]\s", text) if len(s.split()) > 4}


def test_model_writes_recognisable_german(trained: Trained) -> None:
    right = sum(bool(sentences(draft(trained, case)) & sentences(worded(case[0]))) for case in trained.cases)
    assert right >= len(trained.cases) / 2


def test_real_text_is_partly_shown_and_partly_withheld(results: list[tuple[Case, Worded]]) -> None:
    assert any(result.answer.written_by == "wortmodell" for _, result in results)
    assert any(w for _, result in results for proof in result.proofs for w in proof.withheld)
    for (answer, _), result in results:
        codes = {n.code for n in result.answer.notes} - {n.code for n in answer.notes}
        assert codes <= {"modell_satz_fehlt", "modell_verworfen", "modell_ohne_antwort"}
        assert (result.answer.written_by == "auszug") == bool(codes - {"modell_satz_fehlt"})


def test_shown_text_keeps_verdict_numbers_and_law(results: list[tuple[Case, Worded]]) -> None:
    for (answer, texts), result in results:
        shown = result.answer
        assert (shown.verdict, shown.conditions, shown.citations) == (
            answer.verdict,
            answer.conditions,
            answer.citations,
        )
        assert shown.text.split("\n")[0] == answer.text.split("\n")[0]
        assert {int(n) for n in re.findall(r"\[(\d+)\]", shown.text)} <= {c.number for c in answer.citations}
        known = " ".join((*texts.values(), answer.text, *answer.conditions, str(answer.as_of)))
        assert set(re.findall(r"\d+", shown.text)) <= set(re.findall(r"\d+", known))


def test_first_proven_sentence_is_shown_while_the_model_writes(trained: Trained) -> None:
    shown: list[tuple[float, Answer]] = []
    for answer, texts in trained.cases:
        shown.clear()
        word(answer, trained.generator, texts, SETTINGS, show=lambda a: shown.append((time.monotonic(), a)))
        ended = time.monotonic()
        if len(shown) > 1:
            break
    assert len(shown) > 1
    assert shown[0][0] < shown[1][0] < ended
    assert shown[1][1].text.startswith(shown[0][1].text)


def test_cancelling_real_text_frees_the_model_for_the_next_question(trained: Trained) -> None:
    prompt = build_prompt(*trained.cases[0], trained.generator.count, limit=1500)
    served = trained.generator.stream(prompt.messages, max_tokens=160, grammar=source_grammar(prompt.given))
    next(served)
    served.close()  # type: ignore[attr-defined]
    assert trained.generator.waiting == 0
    assert draft(trained, trained.cases[0])
