"""Settings that are switches or numbers: from the file and from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import Settings, read_settings


@pytest.mark.parametrize(("written", "value"), [("true", True), ("false", False)])
def test_a_switch_is_read_from_file_and_environment(tmp_path: Path, written: str, value: bool) -> None:
    assert read_settings(tmp_path, {"LEITPLANKE_GENERATOR_OEFFENTLICH": written}).generator_oeffentlich is value
    (tmp_path / "leitplanke.toml").write_text(f"generator_oeffentlich = {written}\n", encoding="utf-8")
    assert read_settings(tmp_path, {}).generator_oeffentlich is value


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("generator_oeffentlich = 1", "true oder false"), ('generator_oeffentlich = "ja"', "true oder false"),
        ("generator_kontext = true", "eine ganze Zahl"), ("generator_url = true", "ein Text"),
        ("generator_gleichzeitig = -1", "ab 0"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_named_with_what_was_expected(tmp_path: Path, line: str, expected: str) -> None:
    (tmp_path / "leitplanke.toml").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=expected):
        read_settings(tmp_path, {})


def test_the_key_of_a_model_server_is_no_setting(tmp_path: Path) -> None:
    assert read_settings(tmp_path, {"LEITPLANKE_GENERATOR_KEY": "sk-geheim"}) == Settings()
