"""Everyday words by which a provision should be found: ``corpus/suchworte.toml``.

Statutes do not use the words of those who ask. This table says in everyday words what a provision is about, for
searching only; nothing of it is ever quoted. Administrators edit it by hand::

    "KI-VO Anhang III Nr. 4 lit. a" = ["Bewerbungen vorsortieren", "Lebensläufe bewerten"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from assistant.corpus.addresses import Acts
from assistant.errors import AddressError, CorpusError

NAME = "suchworte.toml"


def read_lay_words(corpus: Path, acts: Acts) -> Mapping[str, tuple[str, ...]]:
    """Norm, written source first, to its everyday words; empty without the file. Raises CorpusError."""
    path = corpus / NAME
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"corpus/{NAME}: kein gültiges TOML ({error}).") from error
    result = {}
    for norm, words in data.items():
        try:
            known = acts.parse(norm).norm
        except AddressError as error:
            raise CorpusError(f"corpus/{NAME}: {error}") from error
        if not isinstance(words, list) or not words or not all(isinstance(w, str) and w.strip() for w in words):
            raise CorpusError(f"corpus/{NAME}: zu „{norm}“ wird eine Liste von Wörtern erwartet.")
        result[known] = tuple(words)
    return result
