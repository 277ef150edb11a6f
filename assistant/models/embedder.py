"""Texts to vectors with a sentence-transformers model that lies in a folder; nothing is fetched.

The built-in model is a ``StaticEmbedding`` (one vector per token, averaged). For that kind the two files are read
directly with ``tokenizers`` and ``safetensors``, because importing sentence-transformers takes ten seconds and a
command should answer in one; a test holds both ways equal. Every other model goes through sentence-transformers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError
from assistant.index.german import fold
from assistant.models.manifest import Purpose, check_folder, folder_fingerprint, read_manifest
from assistant.types import Embedder

Rows = NDArray[np.float32]


def _normalised(rows: Rows) -> Rows:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


class StaticEmbedder:
    """The built-in kind of model, read without torch. Texts are folded (``german.fold``) before tokenising."""

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        self.fingerprint = "statisch:" + folder_fingerprint(folder)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self._table: Rows = load_file(str(folder / "model.safetensors"))["embedding.weight"].astype(np.float32)

    def _rows(self, texts: Sequence[str]) -> Rows:
        encoded = self._tokenizer.encode_batch([fold(t) for t in texts], add_special_tokens=False)
        rows = np.zeros((len(texts), self._table.shape[1]), dtype=np.float32)
        for row, item in zip(rows, encoded, strict=True):
            if item.ids:
                row[:] = self._table[item.ids].mean(axis=0)
        return _normalised(rows)

    def queries(self, texts: Sequence[str]) -> Rows:
        """Vectors of questions, shape (len(texts), dimension)."""
        return self._rows(texts)

    def passages(self, texts: Sequence[str]) -> Rows:
        """Vectors of passages, shape (len(texts), dimension)."""
        return self._rows(texts)


class TransformerEmbedder:
    """Any sentence-transformers model in a folder, with the prefixes of its manifest entry."""

    def __init__(self, folder: Path, query_prefix: str = "", passage_prefix: str = "") -> None:
        from sentence_transformers import SentenceTransformer

        self.fingerprint = (
            "satz:"
            + hashlib.sha256(
                "\x1f".join([folder_fingerprint(folder), query_prefix, passage_prefix]).encode()
            ).hexdigest()
        )
        self._prefixes = (query_prefix, passage_prefix)
        self._model: Any = SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, trust_remote_code=False
        )

    def _rows(self, texts: Sequence[str], prefix: str) -> Rows:
        rows = self._model.encode(
            [prefix + t for t in texts], batch_size=32, show_progress_bar=False, convert_to_numpy=True
        )
        return _normalised(np.asarray(rows, dtype=np.float32))

    def queries(self, texts: Sequence[str]) -> Rows:
        """Vectors of questions, shape (len(texts), dimension)."""
        return self._rows(texts, self._prefixes[0])

    def passages(self, texts: Sequence[str]) -> Rows:
        """Vectors of passages, shape (len(texts), dimension)."""
        return self._rows(texts, self._prefixes[1])


def _is_static(folder: Path) -> bool:
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [m["type"].rsplit(".", 1)[-1] for m in modules]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return kinds == ["StaticEmbedding"] and (folder / "tokenizer.json").is_file()


def open_embedder(home: Path, name: str) -> Embedder:
    """The embedder named in the settings. Raises ModelError with one German line."""
    entry = read_manifest(home).get(name, Purpose.EMBEDDER)
    folder = home / "models" / (entry.folder or entry.name)
    check_folder(folder, entry)
    try:
        if _is_static(folder):
            return StaticEmbedder(folder)
        return TransformerEmbedder(folder, entry.query_prefix, entry.passage_prefix)
    except Exception as error:  # tokenizers raises plain Exception, safetensors and torch kinds of their own
        raise ModelError(
            f"Der Embedder in {folder} kann nicht geladen werden. Ordner vollständig neu kopieren."
        ) from error
