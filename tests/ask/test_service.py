"""One home opened for asking: pinned generations, failures as statuses, what the page and commands look up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.ask import opened
from assistant.ask import service as subject
from assistant.ask.service import EXAMPLES, AssistantService, open_without_broken_model
from assistant.errors import AddressError, CorpusError, DamagedGeneration, ModelError, NoIndex, WrongEmbedder
from assistant.index import generation as gen
from assistant.index.build import build
from assistant.models.embedder import open_embedder
from assistant.settings import Settings
from assistant.types import Embedder, Lane, Question, Status, Verdict
from tests.conftest import NOW, TODAY, HashEmbedder

LETTER = Question("Darf ich ein Rundschreiben mit KI entwerfen lassen?", TODAY)


@pytest.fixture
def service(ready_home: Path) -> Iterator[AssistantService]:
    opened = AssistantService.open(ready_home, with_model=False)
    yield opened
    opened.close()


def next_generation(home: Path) -> str:
    result = build(home, open_embedder(home, "eingebaut"), NOW)
    gen.publish(home / "index", result.generation, when="2026-11-22T13:00", by="A. Beispiel", comment="neu")
    return result.generation


def test_it_answers_from_the_published_generation(service: AssistantService) -> None:
    answer = service.answer(LETTER)
    assert (answer.status, answer.verdict) == (Status.BEANTWORTET, Verdict.ERLAUBT)
    assert answer.generation == gen.current(service.home / "index")


def test_a_newly_published_generation_is_used_with_the_next_question(service: AssistantService) -> None:
    before = service.answer(LETTER).generation
    name = next_generation(service.home)
    assert service.answer(LETTER).generation == name != before


def test_a_question_keeps_the_generation_it_began_with(service: AssistantService) -> None:
    with service.pinned() as before:
        name = next_generation(service.home)
        with service.pinned() as after:
            assert (after.generation, before.generation != name) == (name, True)
        assert before.search("Rundschreiben", Lane.REGELN, 1)


def test_a_replaced_generation_is_closed_after_its_last_question(
    service: AssistantService, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(subject.PublishedIndex, "close", lambda self: closed.append(self.generation))
    with service.pinned() as before:
        next_generation(service.home)
        closed.clear()
        service.answer(LETTER)
        assert closed == []
    assert closed == [before.generation]


class Swapping:
    """A service whose next opening waits for ``go``, and with ``broken`` then fails; ``begun`` says that it waits."""

    def __init__(self, service: AssistantService, monkeypatch: pytest.MonkeyPatch, *, broken: bool = False) -> None:
        self.begun, self.go, self.openings = threading.Event(), threading.Event(), 0
        real = subject.PublishedIndex

        def slow(folder: Path, embedder: Embedder) -> subject.PublishedIndex:
            self.openings += 1
            self.begun.set()
            assert self.go.wait(30)
            if broken:
                raise DamagedGeneration(f"Generation {folder.name} ist beschädigt.")
            return real(folder, embedder)

        monkeypatch.setattr(subject, "PublishedIndex", slow)
        self.answers: list[str] = []
        self.opener = threading.Thread(target=lambda: self.answers.append(service.answer(LETTER).generation))


def test_while_the_new_generation_is_opened_the_old_one_answers(
    service: AssistantService, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = service.answer(LETTER).generation
    name = next_generation(service.home)
    swap = Swapping(service, monkeypatch)
    swap.opener.start()
    assert swap.begun.wait(30)
    meanwhile = [service.answer(LETTER).generation for _ in range(3)]
    swap.go.set()
    swap.opener.join(30)
    assert meanwhile == [before] * 3
    assert (swap.answers, swap.openings) == ([name], 1)
    assert service.answer(LETTER).generation == name


def test_only_one_question_opens_and_no_thread_stays(service: AssistantService, monkeypatch: pytest.MonkeyPatch) -> None:
    name = next_generation(service.home)
    swap = Swapping(service, monkeypatch)
    running = threading.active_count()
    askers = [threading.Thread(target=lambda: service.answer(LETTER)) for _ in range(4)]
    swap.opener.start()
    assert swap.begun.wait(30)
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(30)
    assert [asker.is_alive() for asker in askers] == [False] * 4, "nobody else waits"
    swap.go.set()
    swap.opener.join(30)
    assert (swap.openings, threading.active_count(), swap.answers) == (1, running, [name])


def test_a_generation_that_cannot_be_opened_leaves_the_old_one_served(
    service: AssistantService, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = service.answer(LETTER).generation
    name = next_generation(service.home)
    swap = Swapping(service, monkeypatch, broken=True)
    swap.go.set()
    answer, again = service.answer(LETTER), service.answer(LETTER)
    assert [(a.status, a.generation) for a in (answer, again)] == [(Status.BEANTWORTET, before)] * 2
    assert swap.openings == 1, "not tried again with every question"
    assert [r.getMessage() for r in caplog.records if name in r.getMessage()] == [
        f"Generation {name} wird nicht verwendet, die vorige antwortet weiter: Generation {name} ist beschädigt."
    ]
    assert "vorige_fassung" in [n.code for n in answer.notes]


def test_a_generation_that_was_mended_is_used_after_a_while(
    service: AssistantService, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = next_generation(service.home)
    passages = service.home / "index" / name / "passagen.jsonl"
    kept = passages.read_bytes()
    passages.write_bytes(kept[:200])
    assert service.answer(LETTER).generation != name
    passages.write_bytes(kept)
    monkeypatch.setattr(opened, "TRY_AGAIN_S", 0.0)
    answer = service.answer(LETTER)
    assert answer.generation == name
    assert "vorige_fassung" not in [n.code for n in answer.notes]


def test_the_vectors_of_a_new_generation_are_open_before_it_answers(
    service: AssistantService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.answer(LETTER)
    warmed: list[str] = []
    monkeypatch.setattr(subject.PublishedIndex, "warm", lambda self: warmed.append(self.generation))
    name = next_generation(service.home)
    service.answer(LETTER)
    assert warmed == [name]


def test_closing_leaves_a_question_its_generation(service: AssistantService, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    monkeypatch.setattr(subject.PublishedIndex, "close", lambda self: closed.append(self.generation))
    with service.pinned() as index:
        service.close()
        assert closed == []
    assert closed == [index.generation]


def test_questions_from_several_threads_are_answered_while_the_index_changes(service: AssistantService) -> None:
    answers = []

    def ask() -> None:
        answers.extend(service.answer(LETTER).status for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    next_generation(service.home)
    for thread in threads:
        thread.join(30)
    assert answers == [Status.BEANTWORTET] * 20


# ---------------------------------------------------------------- failures


def test_without_its_embedder_a_home_cannot_be_opened(mini_home: Path) -> None:
    with pytest.raises(ModelError, match="eingebaut fehlt"):
        AssistantService.open(mini_home, with_model=False)


def test_a_missing_pointer_is_refused_when_opening(ready_home: Path) -> None:
    (ready_home / "index" / gen.CURRENT).unlink()
    with pytest.raises(NoIndex, match="index activate"):
        AssistantService.open(ready_home, with_model=False)


def test_an_index_of_another_embedder_is_refused_when_opening(ready_home: Path) -> None:
    notes = ready_home / "models" / "eingebaut" / "config.json"
    notes.write_text("{ }\n")
    with pytest.raises(WrongEmbedder, match="anderen Embedder"):
        AssistantService.open(ready_home, with_model=False)


def test_an_index_that_breaks_while_running_becomes_a_status(service: AssistantService) -> None:
    (service.home / "index" / gen.CURRENT).write_text("g-20200101-000000-000001\n")
    answer = service.answer(LETTER)
    assert (answer.status, answer.verdict, answer.generation) == (Status.FEHLER, None, "")
    assert "g-20200101-000000-000001 fehlt" in answer.text
    assert "\n" not in answer.text
    assert list(answer.to_json()["leitlinie"]) == ["titel", "fassung", "beschlossen"]  # type: ignore[call-overload]


@pytest.mark.parametrize("damage", ["gone", "garbled"])
def test_damaged_vectors_are_one_german_line(ready_home: Path, damage: str) -> None:
    database = gen.current_folder(ready_home / "index") / "chroma" / "chroma.sqlite3"
    database.unlink() if damage == "gone" else database.write_bytes(b"kein SQLite" * 500)
    service = AssistantService.open(ready_home, with_model=False)
    try:
        with service.pinned() as index, pytest.raises(DamagedGeneration, match="index build") as caught:
            index.search("Rundschreiben", Lane.REGELN, 1)
        answer = service.answer(Question("Darf eine Drohne Bäume zählen?", TODAY))
    finally:
        service.close()
    assert "\n" not in str(caught.value)
    assert answer.status is Status.FEHLER
    assert database.exists() is (damage == "garbled"), "reading makes no empty database"


# ---------------------------------------------------------------- model


def test_without_a_model_the_answer_says_so(service: AssistantService) -> None:
    answer = service.answer(LETTER, engine="modell")
    assert [n.code for n in answer.notes][-1] == "kein_modell"
    assert (answer.written_by, answer.verdict) == ("auszug", Verdict.ERLAUBT)
    assert not service.has_model()


def test_what_gets_no_verdict_is_never_given_to_a_model(service: AssistantService) -> None:
    answer = service.answer(Question("Wie wird das Wetter morgen?", TODAY), engine="modell")
    assert "kein_modell" not in [n.code for n in answer.notes]


def test_a_broken_model_is_left_out_and_named(ready_home: Path) -> None:
    (ready_home / "leitplanke.toml").write_text('generator = "qwen3-4b"\n')
    service, why = open_without_broken_model(ready_home)
    try:
        assert "fehlt" in why
        assert "\n" not in why
        assert service.answer(LETTER).status is Status.BEANTWORTET
    finally:
        service.close()


# ---------------------------------------------------------------- looking up


def test_a_place_is_found_as_it_is_written(service: AssistantService) -> None:
    address, found, missing = service.find("Artikel 50 Absatz 4 der KI-Verordnung", TODAY)
    assert (address.norm, missing) == ("KI-VO Art. 50 Abs. 4", None)
    assert found is not None
    assert found.provision.text == "Künstliche Inhalte offenlegen."


def test_what_does_not_exist_is_said_in_a_sentence(service: AssistantService) -> None:
    _, found, missing = service.find("Art. 118 KI-VO", TODAY)
    assert found is None
    assert missing is not None
    assert missing.startswith("Art. 118 KI-VO gibt es nicht")


def test_what_is_no_place_is_refused(service: AssistantService) -> None:
    with pytest.raises(AddressError, match="keine Fundstelle"):
        service.find("Quatsch", TODAY)


@pytest.mark.parametrize("norm", ["KI-Leitlinie texte", "DSGVO Art. 4 Nr. 1", "KI-VO Art. 50 Abs. 4"])
def test_every_quoted_norm_gives_its_provision(service: AssistantService, norm: str) -> None:
    provision = service.provision(norm, TODAY)
    assert provision is not None
    assert provision.norm == norm


@pytest.mark.parametrize("norm", ["KI-VO Art. 50 Abs. 9", "KI-Leitlinie gibt-es-nicht", "Quatsch"])
def test_a_norm_that_is_not_there_gives_nothing(service: AssistantService, norm: str) -> None:
    assert service.provision(norm, TODAY) is None


def test_the_overview_lists_guideline_and_law(service: AssistantService) -> None:
    overview = service.overview()
    assert [s.short for s in overview.sources] == ["KI-Leitlinie", "DSGVO", "KI-VO"]
    assert (overview.official, overview.guideline.title, overview.guideline_note) == (False, "Mini-Leitlinie", "Entwurf")
    assert overview.examples == EXAMPLES


def test_sources_and_contacts_are_found_by_key(service: AssistantService) -> None:
    assert service.source("ki-vo").short == "KI-VO"
    assert service.contacts()["dsb"].name == "DSB"
    with pytest.raises(CorpusError, match="„bgb“ ist im veröffentlichten Index nicht enthalten"):
        service.source("bgb")


def test_a_service_can_be_made_of_any_embedder(built_home: Path) -> None:
    service = AssistantService(built_home, Settings(), HashEmbedder(), None)
    try:
        assert service.answer(LETTER).status is Status.BEANTWORTET
    finally:
        service.close()
