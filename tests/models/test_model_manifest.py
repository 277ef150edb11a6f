"""The list of models, choosing one, and believing a file."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from assistant.errors import ModelError
from assistant.models import manifest as subject
from assistant.models.listing import list_models, recommended, verify_models
from assistant.models.manifest import (
    ModelEntry,
    Purpose,
    check_folder,
    find_generator,
    folder_fingerprint,
    read_manifest,
    verify_file,
)

REPOSITORY = Path(__file__).resolve().parents[2]

GENERATOR = """
[[modell]]
name = "gross"
zweck = "generator"
datei = "gross.gguf"
lizenz = "MIT"
[[modell]]
name = "klein"
zweck = "generator"
datei = "klein.gguf"
lizenz = "MIT"
speicher_gb = 2
"""


def make_home(tmp_path: Path, text: str = GENERATOR) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "manifest.toml").write_text(text, encoding="utf-8")
    return tmp_path


def put_model(home: Path, name: str, content: bytes = b"GGUF rest") -> tuple[Path, str]:
    path = home / "models" / name
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def test_manifest_of_the_checkout_is_complete() -> None:
    manifest = read_manifest(REPOSITORY)
    generators = [e for e in manifest.entries if e.purpose is Purpose.GENERATOR]
    assert len(generators) >= 4
    assert all(e.sha256 and e.repository and e.bytes and e.memory_gb and not e.thinking for e in generators)
    assert all(e.licence in ("Apache-2.0", "MIT") for e in generators)
    assert all(e.template and e.cores > 1 and e.revision for e in generators)
    assert manifest.get("eingebaut", Purpose.EMBEDDER).folder == "eingebaut"


def test_auto_takes_the_first_of_the_list_that_is_there(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    manifest = read_manifest(home)
    assert find_generator(home, manifest, "auto") is None
    put_model(home, "klein.gguf")
    assert find_generator(home, manifest, "auto") == manifest.entries[1]
    put_model(home, "gross.gguf")
    assert find_generator(home, manifest, "auto") == manifest.entries[0]


def test_aus_means_no_model_even_if_one_is_there(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    put_model(home, "klein.gguf")
    assert find_generator(home, read_manifest(home), "aus") is None


def test_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    with pytest.raises(ModelError, match=r"„kleyn“.*Gemeint war vermutlich „klein“"):
        find_generator(home, read_manifest(home), "kleyn")


def test_named_model_without_its_file_says_where_it_belongs(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    with pytest.raises(ModelError, match=r"gross\.gguf fehlt.*leitplanke models pull gross"):
        find_generator(home, read_manifest(home), "gross")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[modell]]\nname = 'a'\nzweck = 'generator'\nlizenz = 'MIT'\ndatei = 'a.bin'", "Programmcode"),
        ("[[modell]]\nname = 'a'\nzweck = 'generator'\nlizenz = 'MIT'\ndatei = 'a.pt'", "Programmcode"),
        ("[[modell]]\nname = 'a'\nzweck = 'generator'\nlizenz = 'MIT'\ndatei = '../a.gguf'", "ohne Ordner"),
        ("[[modell]]\nname = 'a'\nzweck = 'embedder'\nlizenz = 'MIT'\nordner = '../a'", "ordner"),
        ("[[modell]]\nname = 'a'\nzweck = 'embedder'\nlizenz = 'MIT'\nordner = '/a'", "ordner"),
        ("[[modell]]\nname = 'a'\nzweck = 'ding'\nlizenz = 'MIT'", "zweck"),
        ("[[modell]]\nname = 'a'\nzweck = 'generator'", "„lizenz“ fehlt"),
        ("[[modell]]\nname = 'a'\nzwek = 'generator'", "Gemeint war vermutlich „zweck“"),
        ("[[modell]]\nname = 'a'\nzweck = 'generator'\nlizenz = 'MIT'\nkontext = 'viel'", "eine ganze Zahl"),
        ("[[modell]]\nname = 'a'\nzweck = 'generator'\nlizenz = 'MIT'\ndenken = 1", "true oder false"),
        ("[[modell]]\nname = 'a'\nzweck = 'generator'\nlizenz = 'MIT'\nbytes = true", "eine ganze Zahl"),
        ("[[modell]]\nname='a'\nzweck='generator'\nlizenz='MIT'\ndatei='a.gguf'\nsha256='xyz'", "64 Zeichen"),
        ("[[modell]]\nname='a'\nzweck='generator'\nlizenz='MIT'\ndatei='a.gguf'\nkontext=10", "mindestens 512"),
        (GENERATOR + GENERATOR, "kommt zweimal vor"),
        ("[[modelle]]\nname = 'a'", "nur Abschnitte"),
        ("modell = 3", "nur Abschnitte"),
        ("kein toml", "keine gültige TOML-Datei"),
    ],
)
def test_mistakes_in_the_manifest_are_one_german_line(tmp_path: Path, text: str, expected: str) -> None:
    home = make_home(tmp_path, text)
    with pytest.raises(ModelError, match=expected) as caught:
        read_manifest(home)
    assert "manifest.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"manifest\.toml fehlt"):
        read_manifest(tmp_path)


def entry(sha256: str) -> ModelEntry:
    return ModelEntry(name="m", purpose=Purpose.GENERATOR, licence="MIT", file="m.gguf", sha256=sha256)


def test_right_sum_is_accepted_and_progress_reported(tmp_path: Path) -> None:
    path, digest = put_model(make_home(tmp_path), "m.gguf", b"GGUF" + b"x" * 3_000_000)
    seen: list[tuple[int, int]] = []
    assert verify_file(path, entry(digest), lambda done, total: seen.append((done, total))) == digest
    assert seen[-1] == (3_000_004, 3_000_004)
    assert len(seen) == 3


def test_wrong_sum_shows_both_and_what_to_do(tmp_path: Path) -> None:
    path, digest = put_model(make_home(tmp_path), "m.gguf")
    with pytest.raises(
        ModelError, match=rf"Erwartet {'0' * 64}, gefunden {digest}.*leitplanke models pin \w+ --kommentar"
    ):
        verify_file(path, entry("0" * 64))


def test_without_a_sum_the_found_one_is_offered(tmp_path: Path) -> None:
    path, digest = put_model(make_home(tmp_path), "m.gguf")
    with pytest.raises(ModelError, match=digest):
        verify_file(path, entry(""))


def test_download_page_in_place_of_weights_is_recognised(tmp_path: Path) -> None:
    path, digest = put_model(make_home(tmp_path), "m.gguf", b"<html>Anmeldung</html>")
    with pytest.raises(ModelError, match="keine GGUF-Datei"):
        verify_file(path, entry(digest))


def test_sum_is_computed_once_per_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, digest = put_model(make_home(tmp_path), "m.gguf")
    verify_file(path, entry(digest))
    with monkeypatch.context() as patch:
        patch.setattr(subject, "_compute_sum", lambda *_: pytest.fail("computed again"))
        verify_file(path, entry(digest))
    path.write_bytes(b"GGUF andere Gewichte")
    with pytest.raises(ModelError, match="Prüfsumme stimmt nicht"):
        verify_file(path, entry(digest))


def test_same_size_but_later_change_is_noticed(tmp_path: Path) -> None:
    path, digest = put_model(make_home(tmp_path), "m.gguf", b"GGUF 1")
    verify_file(path, entry(digest))
    path.write_bytes(b"GGUF 2")
    os.utime(path, ns=(0, 12345))
    with pytest.raises(ModelError, match="Prüfsumme stimmt nicht"):
        verify_file(path, entry(digest))


@pytest.mark.parametrize("record", ["", "[]", "{", '{"sha256": 3}', json.dumps({"bytes": "x"})])
def test_damaged_record_only_costs_time(tmp_path: Path, record: str) -> None:
    path, digest = put_model(make_home(tmp_path), "m.gguf")
    path.with_name("m.gguf.geprueft").write_text(record, encoding="utf-8")
    assert verify_file(path, entry(digest)) == digest


@pytest.mark.parametrize("name", ["pytorch_model.bin", "x.pt", "x.PKL", "tief/modeling_neu.py", "x.so"])
def test_embedder_folder_with_code_or_pickles_is_refused(tmp_path: Path, name: str) -> None:
    embedder = ModelEntry(name="e", purpose=Purpose.EMBEDDER, licence="MIT", folder="e")
    (tmp_path / "model.safetensors").write_bytes(b"x")
    check_folder(tmp_path, embedder)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ModelError, match="Programmcode"):
        check_folder(tmp_path, embedder)


def test_rows_of_list_and_verify(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    _, digest = put_model(home, "klein.gguf")
    put_model(home, "gross.gguf", b"GGUF falsch")
    text = GENERATOR.replace('datei = "klein.gguf"', f'datei = "klein.gguf"\nsha256 = "{digest}"')
    text = text.replace('datei = "gross.gguf"', f'datei = "gross.gguf"\nsha256 = "{"0" * 64}"')
    (home / "models" / "manifest.toml").write_text(text, encoding="utf-8")
    assert [(r.name, r.state, r.memory_gb) for r in list_models(home, free_gb=8.0, cores=2)] == [
        ("gross", "vorhanden", None), ("klein", "vorhanden", 2.0),
    ]  # fmt: skip
    assert [(r.name, r.state, bool(r.detail)) for r in verify_models(home)] == [
        ("gross", "fehlerhaft", True), ("klein", "in Ordnung", False),
    ]  # fmt: skip


def test_verify_does_not_trust_an_old_record(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    path, digest = put_model(home, "klein.gguf")
    text = GENERATOR.replace('datei = "klein.gguf"', f'datei = "klein.gguf"\nsha256 = "{digest}"')
    (home / "models" / "manifest.toml").write_text(text, encoding="utf-8")
    verify_models(home)
    before = path.stat().st_mtime_ns
    path.write_bytes(b"GGUF krumm")
    path.write_bytes(b"GGUF rusf")
    os.utime(path, ns=(before, before))
    assert [r.state for r in verify_models(home)] == ["fehlerhaft"]


@pytest.mark.parametrize(
    ("free_gb", "cores", "name"),
    [
        (64.0, 16, "qwen3-30b-a3b"), (14.0, 8, "qwen3-8b"), (14.0, 2, "qwen3-4b"), (5.0, 8, "qwen3-4b"),
        (2.0, 8, None), (64.0, 1, None), (None, 8, None),
    ],
)  # fmt: skip
def test_the_best_model_that_fits_memory_and_cores_is_recommended(
    free_gb: float | None, cores: int, name: str | None
) -> None:
    best = recommended(read_manifest(REPOSITORY).entries, free_gb, cores)
    assert (best.name if best else None) == name
    marked = [r.name for r in list_models(REPOSITORY, free_gb=free_gb, cores=cores) if "empfohlen" in r.line()]
    assert marked == ([name] if name else [])


def test_a_folder_is_bound_to_its_sum(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"x")
    embedder = ModelEntry(
        name="e", purpose=Purpose.EMBEDDER, licence="MIT", folder="e", sha256=folder_fingerprint(tmp_path)
    )
    check_folder(tmp_path, embedder)
    (tmp_path / "model.safetensors").write_bytes(b"y")
    with pytest.raises(subject.SumDiffers, match=rf"Erwartet {embedder.sha256}, gefunden [0-9a-f]{{64}}.*models pin e"):
        check_folder(tmp_path, embedder)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", '{"auto_map": {"AutoModel": "modeling.Neu"}}'),
        ("tief/tokenizer_config.json", '{"auto_map": {}}'),
        ("modules.json", '[{"idx": 0, "name": "0", "path": "", "type": "custom_st.Transformer"}]'),
    ],
)
def test_configuration_that_asks_for_foreign_code_is_refused(tmp_path: Path, file: str, content: str) -> None:
    embedder = ModelEntry(name="e", purpose=Purpose.EMBEDDER, licence="MIT", folder="e")
    (tmp_path / "tief").mkdir()
    (tmp_path / "modules.json").write_text('[{"type": "sentence_transformers.models.Transformer"}]', encoding="utf-8")
    (tmp_path / "config.json").write_text('{"model_type": "xlm-roberta"}', encoding="utf-8")
    check_folder(tmp_path, embedder)
    (tmp_path / file).write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match="Programmcode"):
        check_folder(tmp_path, embedder)
