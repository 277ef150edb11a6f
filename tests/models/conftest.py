"""Tiny real models, made once per test run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_gguf import write_tiny_gguf

from assistant.models.generator import LocalGenerator


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("winzling") / "winzling.gguf"
    write_tiny_gguf(path)
    return path


@pytest.fixture
def start(tiny_model: Path) -> Iterator[Callable[..., LocalGenerator]]:
    """Makes generators over the tiny model (or ``path``) and closes them after the test."""
    made: list[LocalGenerator] = []

    def make(path: Path = tiny_model, **options: Any) -> LocalGenerator:
        values: dict[str, Any] = {"name": "winzling", "context": 1024, "threads": 1, "answer_tokens": 64}
        made.append(LocalGenerator(path, **{**values, **options}))
        return made[-1]

    yield make
    for generator in made:
        generator.close()
