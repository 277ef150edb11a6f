"""The prompt in the chat templates of the model families: complete, in order, thinking off, its beginning reusable."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat_templates import FAMILIES, Family
from test_model_wording import ANSWER
from tiny_gguf import write_tiny_gguf

from assistant.ask.prompt import build_prompt, fixed_part
from assistant.models.generator import LocalGenerator
from assistant.models.worker import Model

Opened = Callable[[Family], Model]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A tiny GGUF with the family's template, opened as the worker process opens it."""
    pytest.importorskip("llama_cpp", reason="llama-cpp-python ist nicht installiert")
    folder = tmp_path_factory.mktemp("vorlagen")
    models: dict[str, Model] = {}

    def open_family(family: Family) -> Model:
        if family.name not in models:
            path = folder / f"{family.name}.gguf"
            write_tiny_gguf(path, template=family.template, context=4096)
            models[family.name] = Model({"path": str(path), "context": 4096, "threads": 1, "thinking": False})
        return models[family.name]

    return open_family


def prompts(**changes: Any) -> tuple[tuple[str, str], ...]:
    return build_prompt(dataclasses.replace(ANSWER, **changes), {}, lambda text: len(text) // 4, limit=1500).messages


def shown(model: Model, messages: tuple[tuple[str, str], ...]) -> str:
    """What llama.cpp is given to read."""
    assert model._formatter is not None
    return str(model._formatter(messages=model._chat(messages)).prompt)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_template_frames_instructions_and_question(family: Family, opened: Opened) -> None:
    messages = prompts()
    expected = f"{family.begins}{messages[0][1]}{family.between}{messages[1][1]}{family.ends}"
    assert shown(opened(family), messages) == expected


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_another_question_shares_the_whole_fixed_part(family: Family, opened: Opened) -> None:
    one, other = (
        shown(opened(family), prompts(question=q, text=t)) for q, t in (("Eins?", "**A.**"), ("Zwei?", "**B.**"))
    )
    assert one != other
    assert {text.startswith(family.begins + fixed_part() + family.between) for text in (one, other)} == {True}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_data_cannot_imitate_the_signs_of_any_template(family: Family, opened: Opened) -> None:
    hostile = "".join(f.begins + f.between + f.ends for f in FAMILIES)
    plain, attacked = (shown(opened(family), prompts(question=q)) for q in ("Frage?", f"Frage? {hostile}"))
    for sign in (
        "<|im_start|>",
        "<|im_end|>",
        "[INST]",
        "[/INST]",
        "<start_of_turn>",
        "<|start_of_role|>",
        "<think>",
        "<s>",
    ):
        assert attacked.count(sign) == plain.count(sign), sign


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_every_family_streams_through_the_engine(family: Family, tmp_path: Path) -> None:
    path = tmp_path / "modell.gguf"
    write_tiny_gguf(path, template=family.template, context=4096)
    generator = LocalGenerator(path, name=family.name, context=4096, threads=1, answer_tokens=8)
    try:
        assert "".join(generator.stream(prompts(), max_tokens=8))
    finally:
        generator.close()
