"""The documents say what the program is: every name is explained, and nothing is explained that is not there."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import datetime as dt
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from assistant.ask.proof import Reason
from assistant.cli import parser
from assistant.corpus.questions import JUDGING
from assistant.settings import NOT_SETTINGS, Settings
from assistant.types import Answer, Citation, GuidelineInfo, Kind, Status, Validity, Verdict

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
DAY = dt.date(2026, 11, 22)
GENERATED = "entsteht"
"""Marks an entry of the README's file tree that only exists after set-up."""


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next heading of the same or a higher level."""
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"(?ms)^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text)
    assert found, f"„{heading}“ fehlt"
    return found[1]


def first_column(text: str) -> list[str]:
    """The quoted names in the first column of all tables in a text."""
    return re.findall(r"(?m)^\| `([^`]+)`[^|]* \|", text)


def leaves(
    parser: argparse.ArgumentParser, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that can be run, as its full name and parser."""
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not below:
        yield " ".join(path), parser
    for action in below:
        for name, sub in action.choices.items():
            yield from leaves(sub, (*path, name))


COMMANDS = dict(leaves(parser()))


def python_files() -> list[Path]:
    return sorted((ROOT / "assistant").rglob("*.py"))


def calls(name: str, position: int, files: str = "**/*.py") -> set[str]:
    """The literal strings passed at ``position`` to functions or methods of this name in these files of the program."""
    found = set()
    for path in sorted((ROOT / "assistant").glob(files)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) <= position:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            argument = node.args[position]
            if called == name and isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                found.add(argument.value)
    return found


# --- commands


def test_every_command_has_a_section_and_no_other() -> None:
    headings = re.findall(r"(?m)^## leitplanke (.+)$", read("docs/befehle.md"))
    assert sorted(headings) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_argument_of_a_command_is_explained_in_its_section(name: str) -> None:
    text = section(read("docs/befehle.md"), f"## leitplanke {name}")
    named = set(re.findall(r"`(--?[a-z-]+|[a-z]+)(?: [A-ZÄÖÜ]+)?`", text))
    arguments = [a for a in COMMANDS[name]._actions if not isinstance(a, argparse._HelpAction)]
    expected = {a.option_strings[0] if a.option_strings else a.dest for a in arguments}
    assert expected <= named
    assert {option for option in named if option.startswith("-")} <= expected, "eine Option gibt es nicht"
    for choice in (c for a in arguments for c in a.choices or ()):
        assert f"`{choice}`" in text


def test_the_exit_statuses_of_the_program_are_the_documented_ones() -> None:
    main = next(
        n for n in ast.parse(read("assistant/cli/__init__.py")).body if isinstance(n, ast.FunctionDef) and n.name == "main"
    )
    values = [node.value for node in ast.walk(main) if isinstance(node, ast.Return) and node.value]
    returned = {str(n.value) for v in values for n in ast.walk(v) if isinstance(n, ast.Constant)}
    table = section(read("docs/befehle.md"), "## Rückgabewert")
    assert set(re.findall(r"(?m)^\| (\d+) \|", table)) == returned


# --- settings


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"(?m)^\| `([a-z_]+)` \| `([^`]+)` \|", read("docs/einstellungen.md"))
    assert {name: json.loads(default) for name, default in rows} == dataclasses.asdict(Settings())


def test_every_setting_is_used() -> None:
    program = "\n".join(p.read_text(encoding="utf-8") for p in python_files() if p.name != "settings.py")
    unused = [
        f.name for f in dataclasses.fields(Settings) if not re.search(rf"settings(?:\(home\))?\.{f.name}\b", program)
    ]
    assert unused == []


def test_the_other_variables_are_documented() -> None:
    named = first_column(section(read("docs/einstellungen.md"), "## Umgebungsvariablen, die keine Einstellungen sind"))
    assert set(named) >= NOT_SETTINGS
    assert "LEITPLANKE_HOME" in read("docs/betrieb.md")


# --- answers


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("## Status", {s.value for s in Status}),
        ("## Urteil", {v.value for v in Verdict}),
        ("## Hinweise", calls("Note", 0) | calls("_noted", 1)),
    ],
)
def test_every_closed_list_is_explained_and_nothing_else(heading: str, values: set[str]) -> None:
    assert set(first_column(section(read("docs/antworten.md"), heading))) == values


def answer_json() -> dict[str, object]:
    return Answer("", Status.FEHLER, DAY, "", GuidelineInfo("", "", False), "").to_json()


def citation_json() -> dict[str, object]:
    return Citation(1, "", "", "", Kind.GESETZ, "", DAY, None, None, Validity.GILT, None).to_json()


def test_every_field_of_the_answer_is_explained() -> None:
    fields, citation = section(read("docs/antworten.md"), "## Felder").split("### Fundstelle")
    assert first_column(fields) == list(answer_json())
    assert first_column(citation) == list(citation_json())


def test_kinds_validity_steps_and_reasons_are_named() -> None:
    text = read("docs/antworten.md")
    names = (
        {k.value for k in Kind} | {v.value for v in Validity} | {r.value for r in Reason} | calls("step", 0, "ask/*.py")
    )
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_every_kind_of_personal_data_is_named() -> None:
    text = section(read("docs/antworten.md"), "## Arten von Angaben zu Personen")
    listed = set(re.split(r", |: |\. ", text.replace("\n", " ")))
    found = calls("Finding", 0, "ask/*.py") | {"Aktenzeichen", "Personalnummer"}
    assert {"IBAN", "Name", "Anschrift"} <= found
    assert found <= listed


def test_the_guide_for_staff_shows_every_word_of_the_page() -> None:
    from assistant.web.texts import OUTCOMES, VERDICTS

    words = {look.word for look in (*VERDICTS.values(), *OUTCOMES.values())} - {OUTCOMES[Status.BEANTWORTET].word}
    assert {word for word in words if f"| **{word}** |" not in read("docs/anleitung.md")} == set()


# --- README and the files around it


def tree() -> list[tuple[str, bool]]:
    """(path, must exist) of every entry of the README's file tree."""
    block = re.search(r"```\n(.*?)```", section(read("README.md"), "## Dateien"), re.DOTALL)
    assert block
    entries, folder = [], ""
    for line in block[1].splitlines():
        name, _, note = line.strip().partition(" ")
        if not line.startswith(" "):
            folder = name if name.endswith("/") else ""
        entries.append((name if not line.startswith(" ") else folder + name, GENERATED not in note))
    return entries


def test_the_file_tree_is_the_one_on_disk() -> None:
    entries = dict(tree())
    assert [path for path, needed in entries.items() if needed and not (ROOT / path).exists()] == []
    ignored = {line.strip("/\n") for line in read(".gitignore").splitlines()} | {".git"}
    folders = {f"{p.name}/" for p in ROOT.iterdir() if p.is_dir() and p.name not in ignored and p.suffix != ".egg-info"}
    assert folders <= set(entries)
    packages = {f"assistant/{p.parent.name}/" for p in (ROOT / "assistant").glob("*/__init__.py")}
    assert packages <= set(entries)


def test_the_two_commands_of_the_readme_are_targets() -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", read("Makefile")))
    named = set(re.findall(r"(?m)(?:^|`)make ([a-z]+)", "".join(read(n) for n in ("README.md", "docs/betrieb.md"))))
    assert {"chat", "test"} <= named <= targets
    for switch in ("PORT", "OFFLINE", "WHEELS", "PYTHON"):
        assert re.search(rf"(?m)^{switch} \?=", read("Makefile"))
        assert f"make chat {switch}=" in read("README.md")


@pytest.mark.parametrize(
    "path", [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "corpus/fragen/LIESMICH.md"], ids=str
)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [t for t in targets if not (path.parent / t).exists()] == []


def test_every_document_is_linked_from_the_readme() -> None:
    assert [p.name for p in DOCS.glob("*.md") if f"(docs/{p.name})" not in read("README.md")] == []


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert yaml.safe_load(read("publiccode.yml"))["softwareVersion"] == version
    assert re.search(r"(?m)^## (\S+)", read("CHANGELOG.md"))[1] == version


def test_the_licence_is_named_alike() -> None:
    licence = tomllib.loads(read("pyproject.toml"))["project"]["license"]
    assert read("LICENSE").splitlines()[0] == f"SPDX-License-Identifier: {licence}"
    assert yaml.safe_load(read("publiccode.yml"))["legal"]["license"] == licence


def test_publiccode_has_what_the_standard_demands() -> None:
    data = yaml.safe_load(read("publiccode.yml"))
    needed = {"publiccodeYmlVersion", "name", "url", "releaseDate", "platforms", "categories", "developmentStatus",
              "softwareType", "description", "legal", "maintenance", "localisation"}  # fmt: skip
    assert needed <= set(data)
    german = data["description"]["de"]
    assert len(german["shortDescription"]) <= 150
    assert 150 <= len(german["longDescription"]) <= 10_000
    assert german["features"]
    assert data["developmentStatus"] in ("concept", "development", "beta", "stable", "obsolete")
    assert data["maintenance"]["type"] == "none" or data["maintenance"]["contacts"]
    assert dt.date.fromisoformat(data["releaseDate"])
    assert (ROOT / data["logo"]).is_file()


def test_every_dependency_has_an_exact_version() -> None:
    path = ROOT / "constraints.txt"
    if not path.is_file():
        pytest.skip("constraints.txt fehlt")
    project = tomllib.loads(read("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    lines = [line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    pinned = {re.sub(r"[-_.]+", "-", name).lower() for line in lines if "==" in line for name in [line.split("==")[0]]}
    assert [d for d in wanted if re.sub(r"[-_.]+", "-", d).lower() not in pinned] == []


def test_the_question_bank_is_described_as_it_is() -> None:
    text = read("corpus/fragen/LIESMICH.md")
    documented = set(first_column(section(text, "## Format")))
    styles = set(re.findall(r"`([a-z]+)`", re.search(r"(?m)^\| `stil` \|(.*)$", text)[1]))
    for path in sorted((ROOT / "corpus" / "fragen").glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        assert {key for row in rows for key in row} <= documented, path.name
        assert {row["stil"] for row in rows} <= styles, path.name
        assert len({row["runde"] for row in rows}) == 1, path.name
        assert re.search(rf"-{rows[0]['runde']}[a-z]?\.jsonl", path.name), path.name
    assert {int(n) for n in re.findall(r"(?m)^\| (\d) \|.*\*\*nur messen\*\*", text)} == JUDGING


# --- what must not stand anywhere


def project_files() -> list[Path]:
    """Text files of the project; what git tracks or would track where there is a repository."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode()
        paths = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        paths = [p for top in ("assistant", "corpus", "docs", "tests") for p in (ROOT / top).rglob("*")]
        paths += [p for p in ROOT.iterdir() if p.is_file()]
    binary = {".safetensors", ".pyc", ".gguf", ".png"}
    return [p for p in paths if p.is_file() and p.suffix not in binary and "__pycache__" not in p.parts]


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    machine = re.compile(r"/(?:work|farm)/[a-z.]|/tmp/(?:w)/")
    found = [
        f"{p.relative_to(ROOT)}"
        for p in project_files()
        if machine.search(p.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


ADDRESS = re.compile(r"https?:(?:\\?/){2}((?:[A-Za-z0-9-]+\\?\.)+[A-Za-z]{2,})")
FETCHERS = {"assistant/corpus/fetch.py", "assistant/corpus/download.py"}
"""Set-up only: these may name a publisher's store besides ``quellen.toml``."""


def hosts(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    return {host.replace("\\", "").lower() for host in ADDRESS.findall(text)} - {"www.w3.org"}


def test_the_program_and_the_corpus_name_no_other_host() -> None:
    publishers = hosts(ROOT / "corpus" / "quellen.toml") | {"publications.europa.eu"}
    assert publishers >= {"eur-lex.europa.eu", "www.gesetze-im-internet.de"}
    assert all(
        re.fullmatch(r"(?:.+\.)?(?:europa\.eu|gesetze-im-internet\.de|recht\.nrw\.de|nrw\.de|bund\.de)", h)
        for h in publishers
    )
    for path in project_files():
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(("assistant/", "corpus/")) and name != "corpus/quellen.toml":
            allowed = publishers if name in FETCHERS else set()
            assert hosts(path) <= allowed, name
