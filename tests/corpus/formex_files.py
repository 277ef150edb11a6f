"""Miniature files in Formex: the act of ``pages.journal`` and ``pages.consolidated`` once more, place for place."""

from __future__ import annotations

from tests.corpus.pages import zipped

QUOTED = (
    '<ARTICLE IDENTIFIER="004"><TI.ART>Artikel 4</TI.ART><STI.ART><P>Änderungen</P></STI.ART><ALINEA>'
    "<P>Es wird eingefügt:</P>"
    '<QUOT.S LEVEL="1"><ARTICLE IDENTIFIER="009"><TI.ART><QUOT.START CODE="201E"/>Artikel 9</TI.ART>'
    "<STI.ART>Fremdes</STI.ART><PARAG><NO.PARAG>(1)</NO.PARAG><ALINEA>Fremder Satz.</ALINEA></PARAG>"
    '<PARAG><NO.PARAG>(2)</NO.PARAG><ALINEA><P>Fremde Liste:</P><LIST TYPE="alpha"><ITEM><NP><NO.P>a)</NO.P>'
    '<TXT>fremder Punkt.<QUOT.END CODE="201C"/></TXT></NP></ITEM></LIST></ALINEA></PARAG></ARTICLE></QUOT.S>'
    "</ALINEA></ARTICLE>"
)
"""An amending article: the article it quotes is its wording, not an article of the act."""


def _item(label: str, text: str, *more: str) -> str:
    return f"<ITEM><NP><NO.P>{label}</NO.P><TXT>{text}</TXT>{''.join(f'<P>{part}</P>' for part in more)}</NP></ITEM>"


def _terms(word: str, articles: int, extra: str) -> str:
    power = 'zweitens ab 10<HT TYPE="SUP">25</HT>.'
    romans = f'<LIST TYPE="roman">{_item("i)", "dies;")}{_item("ii)", "jenes;")}</LIST>'
    points = (
        f'<LIST TYPE="alpha">{_item("a)", "erstens:", romans)}{_item("b)", power, "Dazu gehört Fernes nicht.")}</LIST>'
    )
    note = '<NOTE NOTE.ID="E1"><P>ABl. L 1 vom <DATE ISO="20240101">1.1.2024</DATE>.</P></NOTE>'
    first = (
        f'<PARAG IDENTIFIER="001.001"><NO.PARAG>(1)</NO.PARAG><ALINEA><P>Verboten ist {note}:</P>{points}</ALINEA>'
        '<ALINEA>Das gilt nicht sonntags.</ALINEA></PARAG><PARAG IDENTIFIER="001.001A"><NO.PARAG>(1a)</NO.PARAG>'
        "<ALINEA>Eingefügt.</ALINEA></PARAG>"
    )
    rest = "".join(
        f'<ARTICLE IDENTIFIER="{n:03}"><TI.ART>Artikel {n}</TI.ART><STI.ART>Titel {n}</STI.ART>'
        f"<PARAG><NO.PARAG>(1)</NO.PARAG><ALINEA>{word} {n}.</ALINEA></PARAG></ARTICLE>"
        for n in range(2, articles + 1)
    )
    return (
        "<ENACTING.TERMS><DIVISION><TITLE><TI><P>KAPITEL I</P></TI><STI><P>ALLGEMEINES</P></STI></TITLE>"
        f'<ARTICLE IDENTIFIER="001"><TI.ART>Artikel 1</TI.ART><STI.ART>Verbote</STI.ART>{first}</ARTICLE>{rest}{extra}'
        "</DIVISION></ENACTING.TERMS><FINAL><P>Geschehen zu Brüssel.</P></FINAL>"
    )


_TITLE = '<TITLE><TI><P><HT TYPE="UC">Verordnung</HT> (EU) {number} DES RATES</P></TI></TITLE>'
_ANNEX = (
    "<TITLE><TI><P>ANHANG I</P></TI><STI><P>Bereiche</P></STI></TITLE><CONTENTS>"
    '<GR.SEQ LEVEL="1"><TITLE><TI><NP><NO.P>1.</NO.P><TXT>Einleitung</TXT></NP></TI></TITLE><P>Worum es geht.</P>'
    f'<LIST TYPE="alpha">{_item("a)", "Fernes.")}</LIST></GR.SEQ></CONTENTS>'
)


def journal(*, articles: int = 3, number: str = "2024/1689", word: str = "Wortlaut", extra: str = "") -> bytes:
    """The act as it stands in the Official Journal, without its annex, which is a file of its own."""
    recitals = "".join(f"<CONSID><NP><NO.P>({n})</NO.P><TXT>Grund {n}.</TXT></NP></CONSID>" for n in (1, 2))
    return f"""<?xml version="1.0" encoding="UTF-8"?><ACT><BIB.INSTANCE><DOCUMENT.REF FILE="L.doc.xml"><LG.OJ>DE</LG.OJ>
</DOCUMENT.REF><DATE ISO="20240613">20240613</DATE><LG.DOC>DE</LG.DOC></BIB.INSTANCE>{_TITLE.format(number=number)}
<PREAMBLE><GR.VISA><VISA>gestützt auf den Vertrag,</VISA></GR.VISA><GR.CONSID>{recitals}</GR.CONSID></PREAMBLE>
{_terms(word, articles, extra)}</ACT>""".encode()


def annex() -> bytes:
    """The file of the annex."""
    return f'<?xml version="1.0" encoding="UTF-8"?><ANNEX>{_ANNEX}</ANNEX>'.encode()


def notice(published: str = "20240712") -> bytes:
    """What lies beside the act in the zip: where and when it was published."""
    return (
        f'<DOC><PUBLICATION.REF><COLL>L</COLL><DATE ISO="{published}">{published}</DATE></PUBLICATION.REF></DOC>'
    ).encode()


def package() -> bytes:
    """Act, annex and notice as they are served."""
    return zipped(("L.doc.xml", notice()), ("L.000101.xml", journal()), ("L.012401.xml", annex()))


def consolidated(
    *, articles: int = 3, date: str = "20260727", number: str = "2024/1689", word: str = "Wortlaut", extra: str = ""
) -> bytes:
    """The consolidated act: one file, no recitals."""
    return f"""<?xml version="1.0" encoding="utf-8"?><CONS.ACT><INFO.CONSLEG CONSLEG.REF="2024R1689" START.DATE="{date}"/>
<CONS.DOC><BIB.INSTANCE><DATE ISO="{date}">{date}</DATE><LG.DOC>DE</LG.DOC></BIB.INSTANCE>{_TITLE.format(number=number)}
<PREAMBLE><PREAMBLE.INIT/></PREAMBLE><?PAGE NO='2'?>{_terms(word, articles, extra)}
<CONS.ANNEX>{_ANNEX}</CONS.ANNEX></CONS.DOC></CONS.ACT>""".encode()


def deletion(content: str, key: str = "D1") -> str:
    """This content, marked as deleted."""
    return (
        f'<?CLG.MDFO ID="O{key}" IDREF="C{key}" ACTION="DELETED" LEVEL="STRUCTURE"?>{content}'
        f'<?CLG.MDFC ID="C{key}" IDREF="O{key}"?>'
    )
