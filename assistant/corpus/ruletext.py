"""A rule as text: its section of a chapter read into a form, and the form written back with as few changes as possible.

Only what differs is written anew: a field that keeps its value keeps its bytes, its quoting and the comment behind it;
list items that stay keep their lines. Everything outside the rule's section is untouched. The places of fields are those
that PyYAML reports; whatever a careful splice cannot do exactly (flow mappings, anchors) ends in a block in standard form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from assistant.corpus.rules import FIELDS, HEADING, chapter_blocks, load_block, split_fence

Values = Mapping[str, str | tuple[str, ...]]
RULE_LEVEL = 2
_ON_LINES = ("bedingungen", "fragen")
"""Lists of sentences, one a line; the other lists stand in brackets."""
_BARE = re.compile(r"[a-z][a-z0-9_-]*")
_BREAKS = re.compile(r"[ \t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class RuleForm:
    """One rule as a person edits it: heading, prose, and ``values`` by the keys of ``rules.FIELDS``, text or texts."""

    title: str
    prose: str
    values: Values

    def text(self, name: str) -> str:
        """A field that holds one text."""
        value = self.values[name]
        assert isinstance(value, str), name  # noqa: S101 - which field holds what is fixed by FIELDS
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A field that holds a list."""
        value = self.values[name]
        assert isinstance(value, tuple), name  # noqa: S101 - as above
        return value


EMPTY = RuleForm("", "", {name: () if kind is list else "" for name, kind in FIELDS.items()})
"""What the form of a new rule starts from."""


def tidy(form: RuleForm) -> RuleForm:
    """The form as it is written: one line per text, no blank list items, line feeds only; every field present."""
    values: dict[str, str | tuple[str, ...]] = {}
    for name, kind in FIELDS.items():
        value = form.values.get(name, () if kind is list else "")
        values[name] = _line(value) if isinstance(value, str) else tuple(t for item in value if (t := _line(item)))
    prose = re.sub(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", form.prose).strip()
    return RuleForm(_line(form.title), prose, values)


def _line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule stands: ``lines[start:end]`` is its section, ``block`` its yaml text from line ``first`` (from 1)."""

    start: int
    end: int
    title: str
    block: str
    first: int
    prose: str


def places(text: str) -> Iterator[Place]:
    """The rule sections of a chapter in order."""
    for _, number, title, body in chapter_blocks(text.splitlines()):
        block, offset, prose = split_fence(body)
        if block is not None:
            yield Place(number - 1, number + len(body), title, block, number + offset + 1, prose)


def find_place(text: str, rule_id: str, file: str) -> Place | None:
    """The section of the rule with this id. Raises RuleError if a block that names it cannot be read."""
    for place in places(text):
        if rule_id in place.block and load_block(place.block, place.title, file, place.first).get("id") == rule_id:
            return place
    return None


def form_of(place: Place, file: str) -> RuleForm:
    """The rule as it stands there; fields that are missing or of the wrong kind are empty. Raises RuleError."""
    raw = load_block(place.block, place.title, file, place.first)
    values: dict[str, str | tuple[str, ...]] = {}
    for name, kind in FIELDS.items():
        value = raw.get(name)
        if kind is list:
            values[name] = tuple(str(item) for item in value) if isinstance(value, list) else ()
        else:
            values[name] = "" if value is None else str(value)
    return RuleForm(place.title, place.prose, values)


# ---------------------------------------------------------------- writing


def replaced(text: str, place: Place, form: RuleForm) -> str:
    """The chapter with the section of one rule changed to what a tidied ``form`` says."""
    lines = text.splitlines(keepends=True)
    section = [line.rstrip("\r\n") for line in lines[place.start : place.end]]
    level = len(match[1]) if (match := HEADING.match(section[0])) else RULE_LEVEL
    opening = next(i for i, line in enumerate(section) if line.strip() == "```yaml")
    closing = next(i for i in range(opening + 1, len(section)) if section[i].strip() == "```")
    heading = section[:1] if form.title == place.title else [f"{'#' * level} {form.title}"]
    block = edited_block(place.block, form.values).splitlines()
    if form.prose == place.prose:
        before, after = section[1:opening], section[closing + 1 :]
    else:
        empty = len(section) - len("\n".join(section).rstrip().splitlines())
        before, after = [""], (["", *form.prose.split("\n")] if form.prose else []) + [""] * empty
    wanted = [*heading, *before, section[opening], *block, section[closing], *after]
    end = "\r\n" if lines[place.start].endswith("\r\n") else "\n"
    written = end.join(wanted) + (end if lines[place.end - 1].endswith(("\r", "\n")) else "")
    if wanted == section:  # also where its lines end in different ways
        return text
    return "".join([*lines[: place.start], written, *lines[place.end :]])


def appended(text: str, form: RuleForm) -> str:
    """The chapter with a new rule at its end."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = [f"{'#' * RULE_LEVEL} {form.title}", "", "```yaml", *standard_block(form.values).splitlines(), "```"]
    lines += ["", *form.prose.split("\n")] if form.prose else []
    between = "" if not text else end if text.endswith(("\n", "\r")) else end * 2
    return text + between + end.join([*lines, ""])


def removed(text: str, place: Place) -> str:
    """The chapter without one rule's section."""
    lines = text.splitlines(keepends=True)
    rest = "".join([*lines[: place.start], *lines[place.end :]])
    if place.end == len(lines) and place.start:  # the blank line that stood before it
        return rest.rstrip() + ("\r\n" if "\r\n" in rest else "\n")
    return rest


def standard_block(values: Values) -> str:
    """The yaml text of a rule as the template writes it."""
    return "\n".join(line for name in FIELDS for line in _field(name, values[name]))


def _field(name: str, value: str | Sequence[str]) -> Iterator[str]:
    if isinstance(value, str):
        yield f"{name}: {_scalar(value, bare=name in ('id', 'urteil'))}"
    elif name in _ON_LINES and value:
        yield f"{name}:"
        yield from (f"  - {_scalar(item)}" for item in value)
    else:
        yield f"{name}: [{', '.join(_scalar(item, bare=True) for item in value)}]"


def _scalar(value: str, *, bare: bool = False) -> str:
    if bare and _BARE.fullmatch(value) and yaml.safe_load(value) == value:
        return value
    quoted: str = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=float("inf"))
    return quoted.rstrip("\n")


def edited_block(block: str, values: Values) -> str:
    """``block`` with the fields that differ from ``values`` changed."""
    wanted = {name: value if isinstance(value, str) else list(value) for name, value in values.items()}
    current = yaml.safe_load(block)
    if current == wanted:
        return block
    spliced = _spliced(block, wanted, current)
    try:
        done = spliced is not None and yaml.safe_load(spliced) == wanted
    except yaml.YAMLError:
        done = False
    return spliced if done and spliced is not None else standard_block(values)


def _spliced(block: str, wanted: Mapping[str, str | list[str]], current: Mapping[str, object]) -> str | None:
    root = yaml.compose(block, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style or wanted.keys() != current.keys():
        return None
    below = len(block)
    for key, node in reversed(root.value):
        if key.start_mark.column:
            return None
        name = key.value
        if wanted[name] != current[name]:
            region = block[key.start_mark.index : below]
            region = _changed(region, name, node, key.start_mark.index, wanted[name])
            block = block[: key.start_mark.index] + region + block[below:]
        below = key.start_mark.index
    return block


def _changed(region: str, name: str, node: yaml.Node, offset: int, value: str | list[str]) -> str:
    """The text from one key to the next with another value; comments that stand before the next key stay."""
    start, end = node.start_mark.index - offset, node.end_mark.index - offset
    if isinstance(value, list) and isinstance(node, yaml.SequenceNode):
        if node.flow_style and (value == [] or name not in _ON_LINES or node.value):
            written = {
                item.value: region[item.start_mark.index - offset : item.end_mark.index - offset] for item in node.value
            }
            items = ", ".join(written.get(item) or _scalar(item, bare=True) for item in value)
            return f"{region[:start]}[{items}]{region[end:]}"
        if not node.flow_style and value:
            return _changed_items(region, node, offset, value)
    elif isinstance(node, yaml.ScalarNode) and node.style not in ("|", ">"):
        bare = node.style is None
        return region[:start] + _scalar(str(value), bare=bare) + region[end:]
    lines = region.splitlines(keepends=True)
    kept = len(lines)
    while kept > 1 and re.match(r"#|\s*$", lines[kept - 1]):
        kept -= 1
    # The last field of a block is not followed by a line feed.
    written_lines = "\n".join(_field(name, value)) + ("\n" if region.endswith("\n") or kept < len(lines) else "")
    return written_lines + "".join(lines[kept:])


def _changed_items(region: str, node: yaml.SequenceNode, offset: int, value: Sequence[str]) -> str:
    """A list with one item a line: items that stay keep their lines, with the comments above them."""
    lines = region.splitlines()
    starts: list[int] = []
    for item in node.value:
        at = region[: item.start_mark.index - offset].count("\n")
        floor = starts[-1] + 1 if starts else 1
        while at > floor and re.match(r"\s*#", lines[at - 1]):
            at -= 1
        starts.append(at)
    end = len(lines)
    while re.match(r"#|\s*$", lines[end - 1]):
        end -= 1
    written: dict[str, list[list[str]]] = {}
    for item, first, last in zip(node.value, starts, [*starts[1:], end], strict=True):
        written.setdefault(item.value, []).append(lines[first:last])
    indent = " " * node.start_mark.column
    body = [
        line
        for item in value
        for line in (written[item].pop(0) if written.get(item) else [f"{indent}- {_scalar(item)}"])
    ]
    result = "\n".join([*lines[: starts[0]], *body, *lines[end:]])
    return result + ("\n" if region.endswith("\n") else "")
