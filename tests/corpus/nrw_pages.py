"""A miniature statute as recht.nrw.de serves it, in both templates."""

from __future__ import annotations

BODY = [
    ("§ 1", "Anwendung", ["(1) Stellen sind", "1. Behörden,", "2. andere, nämlich", "a) Vereine,", "b) Verbände;",
                          "und gelten als eine.", "(2) Ab 10<sup>3</sup> Fällen gilt &amp;&nbsp;bleibt es so."]),
    ("§ 2", "Ohne Absatz", ["Ein Satz. Noch ein Satz vom 2. Mai."]),
    ("§ 2a", "Weg", ["(weggefallen)"]),
    ("§ 3", "Ende", ["(1) bis (3) (aufgehoben)", "(4) Dieses Gesetz tritt in Kraft."]),
]  # fmt: skip

TITLE = "Mustergesetz für das Land Nordrhein-Westfalen (Mustergesetz NRW – MustG NRW)"
NOTE = (
    '<div class="footnote-container"><button>Fußnoten</button><div class="footnote-item"><p>§ 1 geändert durch Gesetz vom '
    "25. April 2023 (GV. NRW. S. 230), in Kraft getreten am 5. Mai 2023.</p></div></div>"
)


def native(
    *, title: str = TITLE, starts: str = "05.05.2023", ends: str = "31.12.2024", body: str | None = None
) -> bytes:
    """A page in the portal's own template."""

    def section(number: str, headline: str, text: str) -> str:
        named = f'<h2><span class="field field--field_num">{number}</span> <span class="field field--field_headline">{headline}</span></h2>'
        return (
            '<section class="legaldoc-article"><div class="paragraph"><div class="alert alert-status"><p>Link kopiert</p></div>'
            f'<div class="paragraph-header">{named if number else ""}<ul><li>Paragraph ausdrucken</li></ul></div>{NOTE}'
            f'<div class="field field--field_text"><div class="tex2jax_process">{text}</div></div></div></section>'
        )

    after = {"§ 2": '<p class="text-align-center"><strong>Teil 2<br>Schluss</strong></p>',
             "§ 3": '<p class="text-align-center">Die Landesregierung<br>Nordrhein-Westfalen</p><p class="text-align-center">Der Innenminister</p><p>Unterschrift</p>'}  # fmt: skip
    first = (
        '<p class="text-align-center">Vom 1. Januar 2000</p><p class="text-align-center"><strong>Teil 1</strong></p>'
        '<p class="text-align-center"><strong>Allgemeines</strong></p><p style="text-align:center"><strong>Abschnitt 1<br>Anfang</strong></p>'
    )
    sections = section("", "", first) + "".join(
        section(n, h, "".join(f"<p>{p}</p>" for p in ps) + after.get(n, "")) for n, h, ps in BODY
    )
    box = "".join(
        f'<div class="info-box-item"><div class="field__label">{label}</div> <div class="field__item"> {day} </div></div>'
        for label, day in (("Gültig ab", starts), ("Gültig bis", ends)) if day
    )  # fmt: skip
    return (
        f'<!DOCTYPE html><html><head><title>{starts} {title} | RECHT.NRW.DE</title></head><body><nav>Menü</nav>{box}'
        f'<h1 class="font-size-h1-small">{title}</h1><div class="field--field_body">{sections if body is None else body}</div>'
        "<footer><p>Impressum</p></footer></body></html>"
    ).encode()  # fmt: skip


def legacy(*, title: str = TITLE, notes: bool = True) -> bytes:
    """The same act as Word once saved it: a table of contents in front, indented lists, footnotes in a table."""

    def paragraph(text: str) -> str:
        indent = 72 if text[0].isdigit() else 144 if text[1] == ")" else 0
        return f"<p style='margin-left:{indent}.0pt'>{text}</p>" if indent else f"<p>{text}</p>"

    articles = ""
    for number, headline, paragraphs in BODY:
        if number == "§ 3":
            articles += "<p align=center style='text-align:center'><b>Teil 2<br>\nSchluss</b> </p>"
        articles += f'<p class=lrdetail>{number} <span>(Fn <a href="#FN2"><b>2</b></a>, <a href="#FN3">3</a>)</span><br>\n{headline}</p>'
        articles += "\n".join(map(paragraph, paragraphs))
    contents = "".join(f"<p>{number} {headline}</p>" for number, headline, _ in BODY)
    table = (
        "<table><tr><td><p><a name=FN1>Fn 1</a></p></td><td><p class=lrfundstelle>GV. NRW. S. 602; geändert durch Gesetz, in\n"
        "Kraft getreten am 19. Februar 2022 und am 1.&nbsp;Januar\n2023; Gesetz, in Kraft getreten am 5. Mai 2023. Es tritt am "
        "1. Januar 2030 außer Kraft.</p></td></tr></table>"
    )
    return f"""<html><head><meta charset="utf-8"><style>p.lrdetail {{margin:0}}</style></head><body lang=DE>
<div class=WordSection1><p class=lrueberschrift>{title.replace(" (", "<br> (")}</p>
<p align=center style='text-align:center'><b>Inhaltsübersicht</b></p>{contents}
<p align=center style='text-align:center'><b>Teil 1<br>
Allgemeines</b></p><p align=center style='text-align:center'>Abschnitt 1<br>
Anfang</p>{articles}<p align=center style='text-align:center'>Der Innenminister</p><p><b>Hinweis:</b><br>Vollzitat: MustG NRW</p>
{table if notes else ""}<p><u6:p>&nbsp;</p></div></body></html>""".encode()
