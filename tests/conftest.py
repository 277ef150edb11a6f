"""Shared test inputs: a miniature home with five rules, a deterministic embedder, and the shipped home built once."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.corpus.law import Law, read_law
from assistant.index.build import build
from assistant.index.german import grams, terms

ROOT = Path(__file__).resolve().parent.parent
TODAY = dt.date(2026, 11, 22)
NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


class HashEmbedder:
    """Deterministic vectors from hashed words and n-grams; counts the passages it was given."""

    def __init__(self, fingerprint: str = "test:1") -> None:
        self.fingerprint = fingerprint
        self.embedded: list[str] = []

    def _rows(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for feature in [*terms(text), *grams(text)]:
                row[int(hashlib.sha256(feature.encode()).hexdigest()[:8], 16) % 64] += 1.0
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._rows(texts)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        return self._rows(texts)


def rule_block(rule_id: str, verdict: str, questions: Sequence[str], **fields: str) -> str:
    """One rule as an administrator writes it; ``fields`` replace whole yaml lines."""
    values = {
        "satz": f'"Satz der Regel {rule_id}."', "bedingungen": '["Erste Bedingung.", "Zweite Bedingung."]',
        "begruendung": '"Weil es so ist."', "zustaendig": "[ki-koordination]", "normen": '["DSGVO Art. 5 Abs. 1 lit. c"]',
        "handlung": "[]", "daten": "[]", "werkzeug": "[]", "ausnahme_von": "[]", **fields,
    }  # fmt: skip
    lines = [f"id: {rule_id}", f"urteil: {verdict}", *(f"{k}: {v}" for k, v in values.items()), "fragen:"]
    lines += [f'  - "{q}"' for q in questions]
    return f"## Regel {rule_id}\n\n```yaml\n" + "\n".join(lines) + "\n```\n\nErläuterung zu dieser Regel.\n"


def write_mini_corpus(home: Path) -> None:
    """Five rules, one digest, a small vocabulary and bank: everything the whole path needs."""
    corpus = home / "corpus"
    for folder in ("leitlinie", "recht", "fragen"):
        (corpus / folder).mkdir(parents=True)
    (corpus / "leitlinie.toml").write_text(
        'titel = "Mini-Leitlinie"\nfassung = "1"\nstand = 2026-11-22\nbeschlossen = false\nhinweis = "Entwurf"\nkommune = "Kleinstadt"\n'
    )
    (corpus / "kontakte.toml").write_text(
        '[ki-koordination]\nname = "KI-Koordination"\nmail = "ki@stadt.example"\n[dsb]\nname = "DSB"\n'
    )
    (corpus / "positivliste.toml").write_text(
        '[[werkzeug]]\nid = "modell"\nname = "Modell"\nklassen = [0, 1]\nstand = 2026-11-22\n'
    )
    rules = [
        rule_block("texte", "erlaubt", [
            "Darf ich ein Rundschreiben entwerfen lassen?", "Kann die KI eine E-Mail formulieren?",
            "Rundschreiben an alle Ämter mit KI schreiben?", "Darf der Vermerk sprachlich geglättet werden?",
            "Ist es erlaubt, eine Gliederung formulieren zu lassen?"], daten="[oeffentlich, intern]", werkzeug="[eigenes_modell, freigegeben]"),
        rule_block("personen", "verboten", [
            "Darf ich Namen und Adressen in ChatGPT eingeben?", "Bürgermail mit Absender in den Chatbot kopieren?",
            "Kann ich Kundendaten hochladen?", "Adressen von Einwohnern in die KI?", "Darf die KI den Brief der Bürgerin lesen?"],
            daten="[personenbezogen]"),
        rule_block("lokal", "bedingt", [
            "Und im eigenen Modell mit Bürgerdaten?", "Bürgerdaten auf eigener Hardware verarbeiten?",
            "Was braucht es für Namen im hauseigenen Modell?", "Dürfen Einwohnerdaten lokal verarbeitet werden?",
            "Eigener Server: gehen da Adressen?"], daten="[personenbezogen]", werkzeug="[eigenes_modell]", ausnahme_von="[personen]"),
        rule_block("mitschrift", "bedingt", [
            "Darf die Besprechung aufgezeichnet werden?", "Protokoll per KI mitschreiben?", "Sitzung mitlaufen lassen?",
            "Kann ein Dienst unser Gespräch mitschreiben?", "Transkription der Dienstbesprechung?"]),
        rule_block("frist", "auskunft", [
            "Ab wann gilt die Kennzeichnungspflicht?", "Seit wann gilt Art. 50?", "Wann muss gekennzeichnet werden?",
            "Gilt die Pflicht schon?", "Ab welchem Datum gilt das?"], normen='["KI-VO Art. 50 Abs. 4"]'),
    ]  # fmt: skip
    (corpus / "leitlinie" / "01-regeln.md").write_text("# Regeln\n\nEinleitung der Leitlinie.\n\n" + "\n".join(rules))
    (corpus / "quellen.toml").write_text(
        '[[quelle]]\nid = "dsgvo"\nkurz = "DSGVO"\ntitel = "DSGVO"\nnamen = ["DS-GVO", "GDPR"]\nebene = "EU"\neinheit = "Art."\nletzter = 99\n'
        'erwaegungsgruende = 173\n[[quelle]]\nid = "ki-vo"\nkurz = "KI-VO"\ntitel = "KI-Verordnung"\nnamen = ["AI Act", "KI-Verordnung"]\n'
        'ebene = "EU"\neinheit = "Art."\nletzter = 113\n'
    )
    (corpus / "recht" / "dsgvo.md").write_text(
        "---\nid: dsgvo\nstand: 2018-05-23\n---\n## Art. 5 Abs. 1 lit. c: Datenminimierung\nNur so viele Daten wie nötig.\n"
        "## Art. 4 Nr. 1: Begriff\nAlles, was zu einem bestimmbaren Menschen gehört.\n"
    )
    (corpus / "recht" / "ki-vo.md").write_text(
        "---\nid: ki-vo\nstand: 2026-07-27\n---\n## Art. 50 Abs. 4: Offenlegung\ngilt_ab: 2026-08-02\nKünstliche Inhalte offenlegen.\n"
        "## Art. 6: Hochrisiko\ngilt_ab: 2027-12-02\nWas hochriskant ist.\n"
    )
    (corpus / "begriffe.toml").write_text(
        '[werkzeug.oeffentlicher_dienst]\nname = "öffentlicher Dienst"\nwoerter = ["chatgpt", "gemini"]\nunscharf = ["chatgpt"]\n'
        '[werkzeug.eigenes_modell]\nname = "eigenes Modell"\nwoerter = ["eigen* modell", "hauseigen* modell", "eigener server", "lokal"]\n'
        '[daten.personenbezogen]\nname = "Personendaten"\nwoerter = ["namen", "adressen", "buergerdaten", "bürgermail"]\n'
        '[daten.sozialdaten]\nname = "Sozialdaten"\nwoerter = ["sozialakte*"]\n'
        '[merkmal.heimlich]\nname = "heimlich"\nwoerter = ["heimlich", "ohne dass ... merkt"]\n'
        '[merkmal.ki]\nname = "KI"\nwoerter = ["ki", "chatbot", "modell"]\n'
        '[merkmal.erlaubnisfrage]\nname = "Frage nach Erlaubnis"\nwoerter = ["darf", "dürfen", "kann", "erlaubt"]\n'
        '[merkmal.auskunftsfrage]\nname = "Frage nach Auskunft"\nwoerter = ["ab wann", "seit wann", "wann", "welchem datum"]\n[abkuerzung]\nDSB = "Datenschutzbeauftragte"\n'
    )
    lines = [
        f'{{"id": "o{i}", "frage": "{q}", "status": "ausserhalb", "regeln": [], "runde": 1}}'
        for i, q in enumerate(
            ["Wie wird das Wetter morgen?", "Was gibt es in der Kantine?", "Erzähl einen Witz.", "Wann fährt der Bus?"]
        )
    ]
    lines += [
        f'{{"id": "u{i}", "frage": "{q}", "status": "nicht_geregelt", "regeln": [], "runde": 1}}'
        for i, q in enumerate(
            [
                "Darf eine Drohne Bäume zählen?",
                "Kann ein Mähroboter den Rasen pflegen?",
                "Darf ein Sensor den Füllstand vorhersagen?",
            ]
        )
    ]
    (corpus / "fragen" / "bank.jsonl").write_text("\n".join(lines) + "\n")
    (home / "models").mkdir()
    shutil.copy(ROOT / "models" / "manifest.toml", home / "models" / "manifest.toml")


@pytest.fixture
def mini_home(tmp_path: Path) -> Path:
    """A fresh miniature home, not yet indexed."""
    home = tmp_path / "heim"
    home.mkdir()
    write_mini_corpus(home)
    return home


@pytest.fixture
def built_home(mini_home: Path) -> Path:
    """The miniature home with a published generation (embedder: ``HashEmbedder``)."""
    build(mini_home, HashEmbedder(), NOW)
    return mini_home


@pytest.fixture(scope="session")
def shipped_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is shipped, with an index built by the built-in embedder."""
    from assistant.models.embedder import open_embedder

    home = tmp_path_factory.mktemp("stadt") / "heim"
    home.mkdir()
    shutil.copytree(ROOT / "corpus", home / "corpus", ignore=shutil.ignore_patterns("amtlich*"))
    shutil.copytree(ROOT / "models", home / "models", ignore=shutil.ignore_patterns("*.gguf"))
    build(home, open_embedder(home, "eingebaut"), NOW)
    return home


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data beside the checkout; tests that need it say so when it is missing."""
    folder = Path(os.environ.get("LEITPLANKE_SHARED", ROOT.parent / "shared"))
    if not (folder / "law").is_dir():
        pytest.skip("die gemeinsamen Daten fehlen (../shared oder LEITPLANKE_SHARED)")
    return folder


@pytest.fixture(scope="session")
def law_in_two_states(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Law:
    """The shipped sources with both German states of the KI-VO imported."""
    from assistant.corpus.official import import_official

    home = tmp_path_factory.mktemp("zwei-staende")
    (home / "corpus").mkdir()
    for name in ("quellen.toml", "recht"):
        (home / "corpus" / name).symlink_to(ROOT / "corpus" / name)
    for state in ("2024-07-12", "2026-07-27"):
        import_official(home, shared / "law" / "texts" / f"ki-vo_de_{state}.md", TODAY, "ki-vo")
    return read_law(home / "corpus")


@pytest.fixture(scope="session")
def ready_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature home with the built-in embedder and a published generation; tests get copies (``ready_home``)."""
    from assistant.models.embedder import open_embedder

    home = tmp_path_factory.mktemp("vorlage") / "heim"
    home.mkdir()
    write_mini_corpus(home)
    shutil.copytree(ROOT / "models" / "eingebaut", home / "models" / "eingebaut")
    build(home, open_embedder(home, "eingebaut"), NOW)
    return home


@pytest.fixture
def ready_home(ready_template: Path, tmp_path: Path) -> Path:
    """A miniature home that answers as it stands, with the embedder the command line opens."""
    return Path(shutil.copytree(ready_template, tmp_path / "fertig"))


@pytest.fixture(scope="session")
def official_home(shipped_home: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped home with the official texts of ``../shared/law/texts`` imported and built into its index.

    The rule choice is taken over from ``shipped_home``: it is fitted on guideline and question bank, which are the
    same, and fitting takes most of a build.
    """
    from assistant.corpus.official import import_official
    from assistant.index import build as builder
    from assistant.index.generation import current_folder
    from assistant.index.rulechoice import RuleChoice
    from assistant.models.embedder import open_embedder

    home = tmp_path_factory.mktemp("amtlich") / "heim"
    for folder in ("corpus", "models"):
        shutil.copytree(shipped_home / folder, home / folder)
    for text in sorted((shared / "law" / "texts").glob("*.md")):
        import_official(home, text, TODAY)
    fitted = RuleChoice.load(current_folder(shipped_home / "index") / "regelwahl.npz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "fit_choice", lambda *_: fitted)
        build(home, open_embedder(home, "eingebaut"), NOW)
    return home
