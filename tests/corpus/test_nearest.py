"""A place that does not exist is said so, with the nearest that does."""

from __future__ import annotations

import pytest

from assistant.corpus.law import Law, read_law
from assistant.corpus.official import import_official
from tests.conftest import ROOT, TODAY, write_mini_corpus

TEXT = """---
titel: Probe
kurz: KI-VO
stand: 2026-07-27
---
### Artikel 3: Begriffe
1. eins:
a) alpha;
2. zwei.
### Artikel 4: Eins
Nur ein Text. Und noch einer.
### Artikel 4a: Zwei
(1) Ein Absatz mit Punkten:
a) alpha;
b) beta:
i) eins;
ii) zwei;
bb) gamma.
(2) Zweiter Absatz.
### Artikel 113: Geltung
Es gilt:
a) dies ab heute;
b) das ab morgen.
"""

STATE = "im Stand 27.07.2026 nicht"
MISSING = [
    ("Art. 114 KI-VO", "Art. 114 KI-VO gibt es nicht: Die KI-VO endet mit Art. 113."),
    ("Art. 113a KI-VO", f"Art. 113a KI-VO gibt es {STATE}. Am nächsten liegt Art. 113 KI-VO."),
    ("Art. 4b KI-VO", f"Art. 4b KI-VO gibt es {STATE}. Am nächsten liegt Art. 4a KI-VO."),
    ("Art. 1 KI-VO", f"Art. 1 KI-VO gibt es {STATE}. Am nächsten liegt Art. 3 KI-VO."),
    ("Art. 4a Abs. 3 KI-VO", f"Art. 4a Abs. 3 KI-VO gibt es {STATE}; es gibt Art. 4a KI-VO. Der letzte Absatz dort ist Abs. 2."),
    ("Art. 4a Abs. 1c KI-VO",
     f"Art. 4a Abs. 1c KI-VO gibt es {STATE}; es gibt Art. 4a KI-VO. Am nächsten liegt Art. 4a Abs. 1 KI-VO."),
    ("Art. 4a Abs. 1 lit. f KI-VO",
     f"Art. 4a Abs. 1 lit. f KI-VO gibt es {STATE}; es gibt Art. 4a Abs. 1 KI-VO. Der letzte Buchstabe dort ist lit. bb."),
    ("Art. 4a Abs. 1 lit. b Ziff. ii KI-VO", None),
    ("Art. 4a Abs. 9 lit. c KI-VO",
     f"Art. 4a Abs. 9 lit. c KI-VO gibt es {STATE}; es gibt Art. 4a KI-VO. Der letzte Absatz dort ist Abs. 2."),
    ("Art. 3 Abs. 2 KI-VO", f"Art. 3 Abs. 2 KI-VO gibt es {STATE}; es gibt Art. 3 KI-VO. Gemeint ist wohl Art. 3 Nr. 2 KI-VO."),
    ("Art. 3 Abs. 1 lit. a KI-VO",
     f"Art. 3 Abs. 1 lit. a KI-VO gibt es {STATE}; es gibt Art. 3 KI-VO. Gemeint ist wohl Art. 3 Nr. 1 lit. a KI-VO."),
    ("Art. 3 Nr. 1a KI-VO", f"Art. 3 Nr. 1a KI-VO gibt es {STATE}; es gibt Art. 3 KI-VO. Gemeint ist wohl Art. 3 Nr. 1 lit. a KI-VO."),
    ("Art. 113 Abs. 3 lit. a KI-VO",
     f"Art. 113 Abs. 3 lit. a KI-VO gibt es {STATE}; es gibt Art. 113 KI-VO. Gemeint ist wohl Art. 113 lit. a KI-VO."),
    ("Art. 4 Satz 5 KI-VO", f"Art. 4 Satz 5 KI-VO gibt es {STATE}; es gibt Art. 4 KI-VO. Der letzte Satz dort ist Satz 2."),
    ("Art. 4 Satz 2 KI-VO", None),
    ("Art. 4 Abs. 1 KI-VO", f"Art. 4 Abs. 1 KI-VO gibt es {STATE}; es gibt Art. 4 KI-VO."),
    ("Anhang I KI-VO", "Anhang I KI-VO gibt es nicht: Die KI-VO hat keine Anhänge."),
    ("ErwG 3 KI-VO", "ErwG 3 KI-VO gibt es nicht: Die KI-VO hat keine Erwägungsgründe."),
    ("ErwG 174 DSGVO", "ErwG 174 DSGVO gibt es nicht: Die Erwägungsgründe enden mit ErwG 173."),
    ("Art. 100 DSGVO", "Art. 100 DSGVO gibt es nicht: Die DSGVO endet mit Art. 99."),
    ("Art. 5 Abs. 9 DSGVO", None),
    ("Art. 6a DSGVO", None),
    ("KI-VO", None),
]  # fmt: skip


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Law:
    home = tmp_path_factory.mktemp("naechste")
    write_mini_corpus(home)
    file = home / "probe.md"
    file.write_text(TEXT)
    import_official(home, file, TODAY)
    return read_law(home / "corpus")


@pytest.mark.parametrize(("written", "message"), MISSING)
def test_what_does_not_exist_is_answered_with_the_nearest_real_place(law: Law, written: str, message: str | None) -> None:
    assert law.missing(law.acts.parse(written), TODAY) == message


@pytest.fixture(scope="module")
def digests() -> Law:
    return read_law(ROOT / "corpus")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("Art. 114 KI-VO", "Art. 114 KI-VO gibt es nicht: Die KI-VO endet mit Art. 113."),
        ("Anhang XV KI-VO", "Anhang XV KI-VO gibt es nicht: Die Anhänge enden mit Anhang XIV."),
        ("Art. 22a DSGVO", "Art. 22a DSGVO gibt es nicht. Am nächsten liegt Art. 22 DSGVO."),
        ("§ 87 BDSG", "§ 87 BDSG gibt es nicht: Das BDSG endet mit § 86."),
        ("Art. 4a KI-VO", None),
        ("Art. 75d KI-VO", None),
        ("Anhang XIV KI-VO", None),
        ("§ 3a VwVfG", None),
        ("§ 999 GO NRW", None),
    ],
)
def test_the_digests_alone_know_where_an_act_ends_and_what_was_inserted(
    digests: Law, written: str, message: str | None
) -> None:
    assert digests.missing(digests.acts.parse(written), TODAY) == message
