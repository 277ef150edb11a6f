"""Whether going back restores every answer: ``python -m tests.index.goback HOME FRAGEN.jsonl`` prints counts, no texts.

HOME needs a published generation and a newer one. All questions are answered, the newer one is published, they are
answered again, the index is rolled back, and they are answered a third time, each time by a page that keeps running.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from assistant.ask.service import AssistantService
from assistant.corpus.questions import lines_of
from assistant.index import generation as gen
from assistant.settings import Settings
from assistant.types import Embedder, Question
from tests.conftest import NOW, TODAY
from tests.index.during import embedder_of


def answered(service: AssistantService, questions: Sequence[Question]) -> list[dict[str, object]]:
    """Every answer as JSON, without how long it took."""
    rows = [service.answer(question).to_json() for question in questions]
    for row in rows:
        del row["dauer_ms"]
    return rows


def there_and_back(home: Path, questions: Sequence[Question], embedder: Embedder) -> dict[str, object]:
    """How many answers differed with the newer generation, and how many after going back."""
    index = home / "index"
    before = gen.current(index)
    service = AssistantService(home, Settings(), embedder, None)
    first = answered(service, questions)
    gen.publish(index, gen.generations(index)[-1], when=NOW.isoformat(), by="A. Beispiel", comment="Probe")
    second = answered(service, questions)
    back = gen.rollback(index, when=NOW.isoformat())
    third = answered(service, questions)
    service.close()
    return {
        "fragen": len(questions), "zurueck_zu_der_ersten": back == before,
        "mit_der_neueren_anders": sum(_content(a) != _content(b) for a, b in zip(first, second, strict=True)),
        "danach_anders": sum(a != b for a, b in zip(first, third, strict=True)),
    }  # fmt: skip


def _content(answer: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in answer.items() if key != "generation"}


if __name__ == "__main__":
    given = [json.loads(line) for line in lines_of(Path(sys.argv[2])) if line.strip()]
    asked = [Question(row["frage"], TODAY, tuple(row.get("verlauf") or ())) for row in given]
    folder = Path(sys.argv[1]).resolve()
    sys.stdout.write(json.dumps(there_and_back(folder, asked, embedder_of(folder))) + "\n")
