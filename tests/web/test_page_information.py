"""The pages about the page: how it works, data protection, accessibility, versions, in both languages."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import Page, running
from page_fake import DAY, FakeAssistant
from test_page_app import fetch

from assistant.models.manifest import folder_fingerprint
from assistant.prove import Proof as Run
from assistant.prove import Way
from assistant.provereport import report
from assistant.web.app import Site, site_of
from assistant.web.appearance import STATEMENTS, Town
from assistant.web.information import ADDRESSES, TEXTS, Installed, Proof, page
from assistant.web.installed import installed_in
from assistant.web.origins import in_html
from assistant.web.shell import PLAIN, Frame
from assistant.web.texts import GERMAN
from assistant.web.texts_english import ENGLISH

ROOT = Path(__file__).resolve().parents[2]


def shown(path: str, frame: Frame = PLAIN, installed: Installed | None = None) -> str:
    return page(path, frame, FakeAssistant(), lambda: installed or Installed(), DAY)


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_has_its_address_its_language_and_no_script(page: Page, address: str, prefix: str) -> None:
    response = fetch(page, prefix + address)
    assert response.status == 200
    assert response.text.startswith(f'<!doctype html><html lang="{"en" if prefix else "de"}">')
    assert "script" not in response.headers["content-security-policy"]
    assert "<script" not in response.text
    for other in ADDRESSES:
        assert f'href="{prefix}{other}"' in response.text


@pytest.mark.parametrize("address", ["/", "/leitlinie", "/recht", "/recht/dsgvo/art-5", "/recht/gibt/es-nicht"])
def test_they_are_linked_from_every_other_page(page: Page, address: str) -> None:
    text = fetch(page, address).text
    assert all(f'href="{target}"' in text for target in ADDRESSES)


@pytest.mark.parametrize(
    "address", ["/en/", "/en/leitlinie?suche=Fall", "/en/recht", "/en/recht/dsgvo/art-5/abs-1/lit-c"]
)
def test_the_english_pages_are_marked_english_with_german_sources(page: Page, address: str) -> None:
    response = fetch(page, address)
    assert response.status == 200
    assert 'lang="en"' in response.text.split("<body")[0]
    assert address == "/en/" or 'lang="de"' in response.text.split("</header>")[1]


def test_the_english_start_is_found_without_its_slash_and_hardened_alike(page: Page) -> None:
    moved = fetch(page, "/en")
    assert (moved.status, moved.headers["location"]) == (307, "/en/")
    assert "'sha256-" in fetch(page, "/en/").headers["content-security-policy"]
    for path in ("/en/gradio_api/info", "/en/docs", "/en/gradio_api/file=/etc/hostname", "/en/en/", "/fr/"):
        assert fetch(page, path).status == 404
    assert fetch(page, "/en/gradio_api/upload", "POST", b"x").status == 404


def test_what_the_town_has_not_said_is_marked_and_what_it_has_is_escaped() -> None:
    assert shown("/datenschutz").count(GERMAN.to_fill_in) == 5
    said = {"datenschutz.rechtsgrundlage": "Art. 6 <b> DSGVO {datenschutz.aufsicht}"}
    text = shown("/datenschutz", Frame(town=Town(statements=said)))
    assert text.count(GERMAN.to_fill_in) == 4
    assert "Art. 6 &lt;b&gt; DSGVO" in text


def test_an_obstacle_is_reported_by_a_prepared_mail_or_on_the_town_s_own_page() -> None:
    contact = "barriere_frei@stadt.example oder https://stadt.example/hindernis?x=1&y=_2_."
    text = shown("/barrierefreiheit", Frame(town=Town(statements={"barrierefreiheit.kontakt": contact})))
    mail = re.search(r'<a href="(mailto:[^"]*)">barriere&#95;frei@stadt.example</a> oder ', text)
    assert mail is not None
    target = urlsplit(unescape(mail[1]))
    fields = parse_qs(target.query, strict_parsing=True)
    assert target.path == "barriere_frei@stadt.example"
    assert fields["subject"] == ["Hindernis auf den Seiten des Assistenten Leitplanke"]
    assert "Was nicht ging:" in fields["body"][0]
    assert 'href="https://stadt.example/hindernis?x=1&amp;y=&#95;2&#95;" rel="noopener noreferrer external"' in text
    assert "(externer Link zu stadt.example, neues Fenster)</span>." in text
    assert in_html(text, "http://127.0.0.1/") == ()


@pytest.mark.parametrize("said", ['"><script>@x.de', "https://a.b/<img src=x onerror=1>", "javascript:alert(1)", "https://", "@@", "a@b"])
def test_what_only_looks_like_an_address_is_text(said: str) -> None:
    text = shown("/datenschutz", Frame(town=Town(statements={"datenschutz.beauftragte": said})))
    assert "<script" not in text
    assert "<img" not in text
    assert 'href="javascript' not in text
    assert "mailto:" not in text


def test_every_place_in_the_texts_is_a_key_of_the_town_s_file() -> None:
    known = {f"{table}.{key}" for table, keys in STATEMENTS.items() for key in keys}
    texts = [file.read_text(encoding="utf-8") for file in TEXTS.glob("*.md")]
    assert {name for text in texts for name in re.findall(r"\{([^}]*)\}", text)} == known
    for path in ADDRESSES[:-1]:
        assert "&#123;" not in shown(path)


def test_a_page_without_an_english_text_says_so_and_is_marked_german() -> None:
    text = shown("/barrierefreiheit", Frame(ENGLISH))
    assert ENGLISH.german_only in text
    assert '<div lang="de"><h1>Erklärung zur Barrierefreiheit' in text


def test_versions_name_program_texts_models_and_the_last_proof() -> None:
    installed = Installed(
        "1.2.3",
        ("eingebaut", "SHA-256 abc"),
        ("Qwen3-4B", "SHA-256 def"),
        Proof("nachweis.html", "1.11.2026", passed=True),
    )
    text = shown("/versionen", installed=installed)
    for said in (
        "1.2.3",
        "SHA-256 abc",
        "Qwen3-4B",
        "SHA-256 def",
        "bestanden, 1.11.2026 (nachweis.html)",
        "DSGVO",
        "27.7.2026",
    ):
        assert said in text
    assert GERMAN.version_rows["kein_nachweis"] in shown("/versionen")


def test_versions_are_there_while_the_index_loads() -> None:
    with running(FakeAssistant(), loaded=False) as page:
        response = fetch(page, "/versionen")
        assert response.status == 200
        assert "Der Index wird geladen" in response.text


def test_what_is_installed_is_read_from_the_home(tmp_path: Path) -> None:
    assert installed_in(tmp_path).embedder == ("", "")
    (tmp_path / "models").mkdir()
    shutil.copy(ROOT / "models" / "manifest.toml", tmp_path / "models")
    shutil.copytree(ROOT / "models" / "eingebaut", tmp_path / "models" / "eingebaut")
    (tmp_path / "nachweis-kaputt.html").write_bytes(b"\xff\xfe")
    (tmp_path / "nachweis.html").write_text(
        "<p>Durchgeführt am 20.11.2026, 10:15 Uhr (UTC) mit dem Befehl</p><p class=\"gut\">", encoding="utf-8"
    )  # fmt: skip
    found = installed_in(tmp_path)
    name, checksum = found.embedder
    assert name == "eingebaut"
    assert checksum.removeprefix("SHA-256 ") == folder_fingerprint(tmp_path / "models" / "eingebaut")
    assert found.model == ("", "")
    assert found.proof == Proof("nachweis.html", "20.11.2026, 10:15 Uhr (UTC)", passed=True)
    assert found.program


def test_the_report_of_prove_local_is_understood(tmp_path: Path) -> None:
    run = Run(Way.SOCKETS, dt.datetime(2026, 11, 22, 9, 5, tzinfo=dt.UTC), (), (), 0, (), None, ())
    (tmp_path / "nachweis-2026.html").write_text(report(run), encoding="utf-8")
    found = installed_in(tmp_path).proof
    assert found is not None
    assert (found.day, found.passed) == ("22.11.2026, 09:05 Uhr (UTC)", run.holds)


def test_a_town_s_colours_and_arms_are_served_so_that_nothing_can_run(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "wappen.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>')
    (corpus / "erscheinung.toml").write_text(
        '[stadt]\nname = "Stadt Kempen"\nwappen = "wappen.svg"\n[farben]\nkopf = "#8a0f1e"\n', encoding="utf-8"
    )
    with running(FakeAssistant(), site=site_of(tmp_path)) as page:
        start, reading = fetch(page, "/").text, fetch(page, "/recht").text
        for text in (start, reading):
            assert "Stadt Kempen" in text
            assert "/eigen/stadt.css?v=" in text
            assert '<img src="/eigen/wappen.svg?v=' in text
        arms = fetch(page, "/eigen/wappen.svg")
        assert arms.headers["content-type"].startswith("image/svg+xml")
        assert arms.headers["content-security-policy"].startswith("default-src 'none'")
        colours = fetch(page, "/eigen/stadt.css")
        assert colours.headers["content-type"].startswith("text/css")
        assert "--lp-akzent: #8a0f1e" in colours.text


def test_without_a_town_s_file_neither_is_served() -> None:
    with running(FakeAssistant(), site=Site()) as page:
        assert fetch(page, "/eigen/stadt.css").status == 404
        assert fetch(page, "/eigen/wappen.svg").status == 404
        assert "stadt.css" not in fetch(page, "/").text
