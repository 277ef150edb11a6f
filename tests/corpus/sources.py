"""The wording of each article straight from a publisher's file, without the product's readers.

Deliberately simple: the text content of the element, block by block, with footnotes, marks of changes and headings
taken out. Labels are written in one form (``a)``, ``1)``), because every format and the readers write them in their own.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

_BREAK = "\x1e"
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_LABEL = re.compile(r"^\(?(\d{1,3}[a-z]{0,2}|[a-z]{1,4}|\d{1,2}\.\d{1,2})(?:\.\)?|\))(?=\s|$)")
_LABEL_OF_TWO = re.compile(r"^(\d{1,2}\.\d{1,2})(?=\s|$)")


def canonical(text: str) -> str:
    """Lines with labels in one form, joined and folded; superscripts as plain digits; no space before a mark."""
    lines = (" ".join(line.translate(_RAISED).split()) for line in re.split(rf"[\n{_BREAK}]", text))
    joined = " ".join(_LABEL_OF_TWO.sub(r"\1)", _LABEL.sub(r"\1)", line)) for line in lines if line)
    return re.sub(r" (?=[.,;’”])", "", re.sub(r"\b((?:Section|Abschnitt) \w+):", r"\1", joined))


def _content(node: Any, blocks: frozenset[str]) -> str:
    parts = [node.text or ""]
    for child in node:
        if isinstance(child.tag, str):
            inner = _content(child, blocks)
            parts.append(f"{_BREAK}{inner}{_BREAK}" if etree.QName(child).localname in blocks else inner)
        parts.append(child.tail or "")
    # A line break of the file is a space; only blocks make lines.
    return "".join(parts).replace("\n", " ")


def _emptied(root: Any, unwanted: Any) -> None:
    for node in [n for n in root.iter(etree.Element) if unwanted(n)]:
        for child in list(node):
            node.remove(child)
        node.text = ""


# ---------------------------------------------------------------- EUR-Lex pages

_HEADINGS = {
    "note", "modref", "disclaimer", "ti-art", "sti-art", "title-article-norm", "stitle-article-norm", "doc-ti",
    "title-annex-1", "title-annex-2",
}  # fmt: skip


def _classes(node: Any) -> set[str]:
    return {name.removeprefix("oj-") for name in (node.get("class") or "").split()}


def eurlex(data: bytes, short: str) -> dict[str, str]:
    """Articles, recitals and annexes of a page, by norm."""
    data = re.sub(rb"\(\s*(<a [^>]*id=\"(?:ntc|src\.)[^>]*>.*?</a>)\s*\)", rb"\1", data, flags=re.DOTALL)
    root = etree.fromstring(data, etree.XMLParser(remove_comments=True))
    units = {"art": "Art.", "rct": "ErwG", "anx": "Anhang"}
    found = {}
    for division in root.iter("{*}div"):
        match = re.fullmatch(r"(art|rct|anx)_(\w+)", division.get("id") or "")
        if match:
            _emptied(division, lambda n: _classes(n) & _HEADINGS or re.match(r"ntc|src\.", n.get("id") or ""))
            text = _content(division, frozenset({"p", "div", "td", "tr", "table"}))
            text = re.sub(r"[▼►][A-Z]\d*|◄|—————", "", text)
            text = re.sub(r"^\s*\x1e*\s*\(\d+\)", "", text) if match[1] == "rct" else text
            found[f"{short} {units[match[1]]} {match[2]}"] = canonical(text)
    return found


# ---------------------------------------------------------------- Formex

_FORMEX_BLOCKS = frozenset({
    "ALINEA", "CELL", "ITEM", "LIST", "NO.P", "NO.PARAG", "NP", "P", "PARAG", "QUOT.S", "ROW", "STI", "TI", "TXT",
})  # fmt: skip


def formex(data: bytes, short: str) -> dict[str, str]:
    """Articles, recitals and annexes of a file, by norm; deleted text cut out of the bytes by its marks."""
    text = data.decode()
    text = re.sub(
        r'<\?CLG\.MDFO ID="(\w+)"[^>]*ACTION="DELETED".*?<\?CLG\.MDFC ID="\w+" IDREF="\1"\?>', "", text, flags=re.DOTALL
    )
    text = re.sub(r"\s*<NOTE .*?</NOTE>", "", text, flags=re.DOTALL)
    text = re.sub(r'<QUOT\.START CODE="(\w+)"[^>]*/>\s*', lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r'\s*<QUOT\.END CODE="(\w+)"[^>]*/>(\n(?=[^\s\w]))?', lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r'<FT TYPE="NUMBER">(\d+)</FT>', lambda m: f"{int(m[1]):,}".replace(",", " "), text)
    text = re.sub(r"\((?:\n\s*)+", "(", text)
    text = re.sub(r'<LIST TYPE="DASH">.*?</LIST>', lambda m: m[0].replace("<ITEM>", "<ITEM>— "), text, flags=re.DOTALL)
    root = etree.fromstring(text.encode(), etree.XMLParser(remove_comments=True, remove_pis=True))
    found = {}
    for node in root.iter("CONSID", "ARTICLE", "CONS.ANNEX"):
        unit, heading = {
            "CONSID": ("ErwG", ["NO.P"]),
            "ARTICLE": ("Art.", ["TI.ART"]),
            "CONS.ANNEX": ("Anhang", ["P"]),
        }[node.tag]
        named = " ".join("".join(next(node.iter(*heading)).itertext()).split())
        number = re.search(r"(\d+[a-z]?|(?<=ANNEX )[IVX]+)\)?$", named)
        for title in [next(node.iter("NO.P"))] if unit == "ErwG" else [*node.iterfind("*")]:
            if title.tag in ("NO.P", "TI.ART", "STI.ART", "TITLE"):
                title.getparent().remove(title)
        found[f"{short} {unit} {number[1] if number else named}"] = canonical(_content(node, _FORMEX_BLOCKS))
    return found


# ---------------------------------------------------------------- gesetze-im-internet and plain Markdown

_GII_BLOCKS = frozenset({"DD", "DL", "DT", "LA", "P", "entry", "row", "table", "Title", "pre"})


def gii(data: bytes, short: str) -> dict[str, str]:
    """Paragraphs and articles in force of a statute, by norm."""
    found = {}
    for norm in etree.fromstring(data, etree.XMLParser(remove_comments=True)).iterfind("norm"):
        number = re.fullmatch(r"(§|Art) (\d+[a-z]?)", norm.findtext("metadaten/enbez") or "")
        content = norm.find("textdaten/text/Content")
        if number and content is not None:
            _emptied(content, lambda n: n.tag in ("FnR", "kommentar"))
            for line_break in content.iter("BR"):
                line_break.tail = " " + (line_break.tail or "")
            text = canonical(_content(content, _GII_BLOCKS))
            title = norm.findtext("metadaten/titel") or ""
            if text not in ("", "(weggefallen)") and (text != "-" or title not in ("", "(weggefallen)")):
                found[f"{short} {'§' if number[1] == '§' else 'Art.'} {number[2]}"] = text
    return found


def contents(data: bytes) -> tuple[set[str], set[str]]:
    """What the statute's own table of contents lists: numbers in force, and numbers it calls repealed."""
    root = etree.fromstring(data)
    listed: set[str] = set()
    repealed: set[str] = set()
    for norm in root.iterfind("norm"):
        if "Inhalts" not in (norm.findtext("metadaten/enbez") or ""):
            continue
        for row in norm.iter("row"):
            cells = [" ".join("".join(cell.itertext()).split()) for cell in row.iter("entry")]
            numbers = next(
                (m for c in cells if (m := re.fullmatch(r"§§? ?(\d+[a-z]?)(?: (bis|und|,) (\d+[a-z]?))?", c))), None
            )
            if numbers:
                (repealed if "weggefallen" in cells[-1] else listed).add(numbers[1])
    return listed, repealed


def markdown(data: bytes, short: str) -> dict[str, str]:
    """Articles, recitals and annexes of plain law Markdown, by norm."""
    body = data.decode().partition("\n---\n")[2]
    body = re.sub(r"\nGeschehen zu (?:(?!#).*\n)*", "\n", body)  # place, day and signatures are no provision
    found: dict[str, str] = {}
    norm = ""
    for line in body.splitlines():
        heading = re.match(r"(# Erwägungsgründe|# KAPITEL|# ANHANG|## |### Artikel) ?(\w*)", line)
        recital = re.match(r"\((\d+)\) (.*)", line) if norm.startswith("ErwG") else None
        if heading and not (heading[1] == "## " and norm.startswith("Anhang")):
            norm = {"# Erwägungsgründe": "ErwG", "# ANHANG": "Anhang", "### Artikel": "Art."}.get(heading[1], "")
            norm = f"{norm} {heading[2]}" if norm else ""
        elif recital:
            found[f"ErwG {recital[1]}"] = recital[2]
        elif norm:
            found[norm] = f"{found.get(norm, '')}\n{line.removeprefix('## ')}"
    return {f"{short} {place}": canonical(text) for place, text in found.items() if text.strip()}
