"""gesetze-im-internet.de: federal statutes as XML (``dokumente/norm``), served in a zip.

Only norms with a number ("§ 35", "Art 5") become provisions; tables of contents, preambles and annexes ("Anlage") have
no address in this product. What is repealed ("(weggefallen)") is left out, so that asking for it says it is not there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from assistant.corpus.addresses import ActInfo
from assistant.corpus.lawtext import LawText, TreeBuilder
from assistant.corpus.readers.markup import Node, parse_xml, raised
from assistant.errors import ImportRefused
from assistant.types import Kind

_NUMBER = re.compile(r"(§|Art)\.?\s*(\d+)\s*([a-z]{0,2})$")
_REPEALED = "(weggefallen)"
_BLOCKS = frozenset({"P", "DL", "DT", "DD", "LA", "table", "tgroup", "tbody", "row", "entry", "Title", "pre"})
_SKIPPED = frozenset({"FnR", "FnArea", "kommentar", "IMG", "Footnotes"})
_ITEM = re.compile(r"\d{1,3}[a-z]?\.|[a-z]{1,4}\)")
_SEVERAL = re.compile(r"\(\d+[a-z]?\)\s+(?:bis|und|u\.)\s+\(")


def read_gii(data: bytes, name: str, info: ActInfo | None) -> LawText:
    """One statute to an act. Raises ImportRefused: broken, another act, without date or norms."""
    root = parse_xml(data, name)
    if root.tag != "dokumente":
        raise ImportRefused(f"{name}: kein Gesetz von gesetze-im-internet.de. Erwartet wird <dokumente> mit <norm>.")
    names = [_fold(node.text or "") for key in ("amtabk", "jurabk") for node in root.findall(f"norm/metadaten/{key}")]
    _same_act(names, name, info)
    short = info.short if info else next(filter(None, names), "")
    builder = TreeBuilder(short, Kind.GESETZ, info.id if info else "", statute=True)
    divisions: list[str] = []
    found = 0
    for norm in root.findall("norm"):
        division = norm.find("metadaten/gliederungseinheit")
        if division is not None:
            divisions = _division(builder, division, divisions)
        found += _norm(builder, norm)
    if not found:
        raise ImportRefused(f"{name}: keine Paragrafen oder Artikel gefunden. Erwartet wird das ganze Gesetz als XML.")
    return LawText(
        title=info.title if info else _fold(root.findtext("norm/metadaten/langue") or short),
        short=short,
        state=_state(root, name),
        valid_to=None,
        note="; ".join(_fold(node.text or "") for node in root.iter("standkommentar")),
        celex="",
        provisions=builder.provisions(),
    )


def _fold(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _same_act(names: list[str], name: str, info: ActInfo | None) -> None:
    """Refuses a file that names itself as another act: "BDSG 2018" is the BDSG, "AO 1977" the AO."""

    def key(text: str) -> str:
        return re.sub(r"[\s-]+", "", re.sub(r"\s(?:19|20)\d\d$", "", text)).lower()

    known = {key(n) for n in (info.short, *info.names)} if info else set()
    if info and names and not known & {key(n) for n in names}:
        raise ImportRefused(f"{name}: enthält „{names[0]}“, erwartet wird {info.short}.")


def _state(root: Node, name: str) -> dt.date:
    """The day of the last change worked in, else the day on which the file was built."""
    dates = []
    for node in root.iter("standkommentar"):
        text = node.text or ""
        if re.search(r"[Nn]eugefasst|eändert durch|Änderung durch", text) and not re.search(
            r"nicht ausführbar|noch nicht berücksichtigt", text
        ):
            dates += [(m[3], m[2], m[1]) for m in re.finditer(r"v\.\s*(\d{1,2})\.(\d{1,2})\.(\d{4})", text)]
    built = re.match(r"(\d{4})(\d\d)(\d\d)", root.get("builddate") or "")
    if not dates and built:
        dates.append((built[1], built[2], built[3]))
    try:
        return max(dt.date(int(year), int(month), int(day)) for year, month, day in dates)
    except ValueError as error:
        raise ImportRefused(f"{name}: kein Stand (standkommentar oder builddate). Die Datei neu holen.") from error


def _division(builder: TreeBuilder, node: Node, above: list[str]) -> list[str]:
    """Opens a part, chapter or section; every three digits of its key are one level."""
    level = max(len(node.findtext("gliederungskennzahl") or "") // 3, 1)
    parts = (_fold(node.findtext(key) or "") for key in ("gliederungsbez", "gliederungstitel"))
    divisions = [*above[: level - 1], ": ".join(filter(None, parts)).replace(".:", ".")]
    builder.chapter(divisions[0])
    if len(divisions) > 1:
        builder.section(" › ".join(divisions[1:]))
    return divisions


def _norm(builder: TreeBuilder, norm: Node) -> int:
    """One norm into the builder; 1 if it is a numbered provision in force."""
    number = _NUMBER.match(_fold(norm.findtext("metadaten/enbez") or ""))
    content = norm.find("textdaten/text/Content")
    titled = norm.find("metadaten/titel")
    title = _fold(_inline(titled)) if titled is not None else ""
    if number is None or content is None or _repealed(title, _fold(_inline(content))):
        return 0
    builder.top("§" if number[1] == "§" else "Art.", number[2] + number[3], title)
    for text, labelled, depth in _lines(content, 0):
        builder.line(text, labelled=labelled, depth=depth)
    return 1


def _repealed(title: str, text: str) -> bool:
    """True without wording: empty, "(weggefallen)", or the publisher's "-" where no heading says what it stood for."""
    return text in ("", _REPEALED) or (text == "-" and title in ("", _REPEALED))


def _inline(node: Node) -> str:
    if not isinstance(node.tag, str) or node.tag in _SKIPPED:
        return ""
    if node.tag == "BR":
        return " "
    inner = (node.text or "") + "".join(_inline(child) + (child.tail or "") for child in node)
    return raised(inner) if node.tag in ("SUP", "sup") else inner


def _lines(node: Node, depth: int) -> Iterator[tuple[str, bool, int]]:
    """The lines of an element: text, whether its label counts, number of lists around it."""
    run = node.text or ""
    for child in node:
        if child.tag not in _BLOCKS:
            run += _inline(child) + (child.tail or "")
            continue
        yield from _run(run, depth)
        if child.tag == "DL":
            yield from _list(child, depth + 1)
        elif child.tag == "row":
            yield from _run(" ".join(_fold(_inline(cell)) for cell in child), depth, labelled=False)
        else:
            yield from _lines(child, depth)
        run = child.tail or ""
    yield from _run(run, depth)


def _run(text: str, depth: int, *, labelled: bool = True) -> Iterator[tuple[str, bool, int]]:
    folded = _fold(text)
    if folded:
        absatz = depth == 0 and folded.startswith("(") and not _SEVERAL.match(folded)
        yield folded, labelled and absatz, depth


def _list(node: Node, depth: int) -> Iterator[tuple[str, bool, int]]:
    """DT is the label of the first line of the DD behind it."""
    label = ""
    for child in node:
        if child.tag == "DT":
            label = _fold(_inline(child))
            continue
        for text, labelled, inner in _lines(child, depth):
            is_item = bool(_ITEM.fullmatch(label))
            if label and inner == depth:
                yield f"{label} {text}", is_item, depth
            elif label:  # "1. a) …": an item without words of its own
                yield label, is_item, depth
                yield text, labelled, inner
            else:
                yield text, labelled, inner
            label = ""
