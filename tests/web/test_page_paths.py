"""Every norm has one readable address that leads back to exactly this norm."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.web.paths import PREFIX, norm_from_path, provision_path

SHORTS = ["KI-Leitlinie", "DSGVO", "KI-VO", "SGB X", "VwVfG NRW", "BITV 2.0", "BGG NRW", "UrhG", "GG"]
READABLE = {
    "KI-VO Art. 50 Abs. 4": "/recht/ki-vo/art-50/abs-4",
    "KI-VO Art. 50 Abs. 4 UAbs. 2": "/recht/ki-vo/art-50/abs-4/uabs-2",
    "KI-VO Anhang III Nr. 4 lit. a": "/recht/ki-vo/anhang-iii/nr-4/lit-a",
    "KI-VO Anhang VIII Abschnitt A Nr. 1": "/recht/ki-vo/anhang-viii/abschnitt-a/nr-1",
    "KI-VO Art. 4a": "/recht/ki-vo/art-4a",
    "DSGVO ErwG 26": "/recht/dsgvo/erwg-26",
    "DSGVO Art. 5 Abs. 1 lit. c": "/recht/dsgvo/art-5/abs-1/lit-c",
    "SGB X § 67 Abs. 2 Satz 1": "/recht/sgb-x/par-67/abs-2/satz-1",
    "VwVfG NRW § 35a": "/recht/vwvfg-nrw/par-35a",
    "BITV 2.0": "/recht/bitv-2.0",
    "BGG NRW": "/recht/bgg-nrw",
    "KI-Leitlinie platzhalter": "/recht/ki-leitlinie/platzhalter",
    "KI-Leitlinie begriffe.rollen-und-recht": "/recht/ki-leitlinie/begriffe.rollen-und-recht",
}


@pytest.mark.parametrize(("norm", "path"), READABLE.items())
def test_a_norm_has_a_readable_address_and_back(norm: str, path: str) -> None:
    assert provision_path(norm) == path
    assert norm_from_path(path.removeprefix(PREFIX), SHORTS) == norm


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_an_address_never_has_characters_that_mean_something_in_html_or_a_query(norm: str) -> None:
    assert re.fullmatch(r"/recht/[A-Za-z0-9._~%/-]*", provision_path(norm))


@pytest.mark.parametrize("norm", ["DSGVO Art. 5 ff.", "KI-VO Art. 3 (1)", 'DSGVO " onclick="x', "Ü Art. 1"])
def test_any_other_norm_keeps_its_written_form(norm: str) -> None:
    path = provision_path(norm)
    assert "%20" in path
    assert norm_from_path(unquote(path.removeprefix(PREFIX)), SHORTS) == norm


def test_a_written_norm_is_understood_too() -> None:
    assert norm_from_path("KI-VO Art. 50 Abs. 4", SHORTS) == "KI-VO Art. 50 Abs. 4"


@pytest.mark.parametrize("path", ["", "unbekannt/art-1", "ki-vo/quatsch_1", "ki-vo/../..", "%00"])
def test_nonsense_is_no_address(path: str) -> None:
    assert norm_from_path(path, SHORTS) is None
