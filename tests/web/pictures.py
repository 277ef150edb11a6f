"""Takes the pictures in ``docs/bilder``: the page in every outcome, and the administration from edit to publication.

``python tests/web/pictures.py HOME [seite] [verwaltung]`` takes both, or only the part named. HOME is an installation
whose index is built; it is only read. The administration works on a copy that is removed afterwards, and its build and
report take some minutes. Questions are asked of the real assistant without a language model. Three outcomes cannot be
had from a sound installation and are brought about: passages without a verdict (as a guideline without rules gives
them), an unreadable index, and a second question while the only place is taken.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "web"), str(ROOT / "tests" / "admin")]

from admin_page import NAME, PASSWORD, make_office, serving  # noqa: E402
from page_browser import Browser, missing  # noqa: E402
from PIL import Image  # noqa: E402

from assistant.admin.app import create_app as create_admin  # noqa: E402
from assistant.ask.service import AssistantService  # noqa: E402
from assistant.ask.texts import STATUS_TEXT  # noqa: E402
from assistant.errors import LeitplankeError  # noqa: E402
from assistant.types import Answer, Question, Status  # noqa: E402
from assistant.web.app import build_app, site_of  # noqa: E402
from assistant.web.desk import Backend  # noqa: E402

FOLDER = ROOT / "docs" / "bilder"
DAY = dt.date(2026, 11, 22)
COLOURS = 48
"""A palette is enough for a page of few colours, and a third of the size."""
HIGHEST = 1400
"""Pixels; what stands further down a page is not needed in a picture of it."""
PARTIAL = "Was sagt unsere Dienstanweisung zu Textentwürfen mit KI?"
BROKEN = "Darf ich eine Niederschrift mit KI glätten?"
SLOW = "Wer berät mich zur KI-Leitlinie?"
BUSY = "Darf ich ein KI-Bild auf der Homepage zeigen?"
OUTCOMES = {
    "erlaubt": "Darf ich Texte in Leichte Sprache übertragen lassen?",
    "bedingt": "Muss ich ein KI-Bild auf der Homepage kennzeichnen?",
    "verboten": "Darf ich Bewerbungen mit KI bewerten lassen?",
    "auskunft": "Was steht in Art. 50 Abs. 4 KI-VO?",
    "rueckfrage": "Darf ich ein Rundschreiben mit dem städtischen Sprachmodell entwerfen?",
    "nicht-geregelt": "Darf eine Kamera mit KI die Füllstände der Mülleimer erkennen?",
    "ausserhalb": "Wie wird das Wetter morgen?",
    "personenbezug": "Darf ich die Akte von Frau Petra Schneider, geb. 12.03.1981, zusammenfassen lassen?",
    "teilweise": PARTIAL,
    "fehler": BROKEN,
}
PHONE = ("bedingt", "verboten", "personenbezug", "nicht-geregelt")
DARK = ("bedingt", "verboten")
ZOOMED = ("bedingt", "personenbezug")


class Arranged:
    """The real assistant, except for the three outcomes that have to be brought about."""

    def __init__(self, service: AssistantService) -> None:
        self._service = service
        self.release = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def answer(self, question: Question, **how: Any) -> Answer:
        if question.text == BROKEN:
            raise LeitplankeError("Der Index ist beschädigt. Mit „leitplanke index build“ neu bauen.")
        if question.text == SLOW:
            self.release.wait(60)
        if question.text != PARTIAL:
            return self._service.answer(question, **how)
        found = self._service.answer(replace(question, text=OUTCOMES["erlaubt"]), **how)
        text = f"**{STATUS_TEXT[Status.TEILWEISE]}**\n\nDazu steht in der Leitlinie: [1]"
        return replace(
            found, question=question.text, status=Status.TEILWEISE, verdict=None, text=text, rules=(), conditions=(),
            considered=(), citations=found.citations[:1],
        )  # fmt: skip


class Camera:
    """One browser window whose pictures get small files. ``zoom`` enlarges like Ctrl and plus."""

    def __init__(self, base: str, *, width: int = 1280, height: int = 900, dark: bool = False, zoom: int = 1) -> None:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.browser = Browser(base, Path(self._profile.name), width=width // zoom, height=height // zoom, dark=dark)
        self.zoom = zoom
        size = {"width": width // zoom, "height": height // zoom, "deviceScaleFactor": zoom, "mobile": width < 500}
        self.browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.close()
        self._profile.cleanup()

    def take(self, name: str, highest: int = HIGHEST) -> None:
        """The page from its top as ``docs/bilder/<name>.png``."""
        self.browser.script("document.activeElement.blur(); scrollTo(0, 0)")
        time.sleep(0.3)  # movements end
        file = FOLDER / f"{name}.png"
        whole = self.browser.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        part = {"x": 0, "y": 0, "width": whole["width"], "height": min(whole["height"], highest), "scale": 1}
        answer = self.browser.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": part})
        with Image.open(io.BytesIO(base64.b64decode(answer["data"]))) as shot:
            cut = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        cut.save(file, optimize=True)
        print(f"{file.relative_to(ROOT)}: {cut.width} x {cut.height}, {file.stat().st_size // 1024} KiB", flush=True)  # noqa: T201

    def ask(self, question: str) -> None:
        """A question in a new conversation, until its answer stands still."""
        browser = self.browser
        browser.open_chat()
        browser.ask(question)
        browser.until(lambda: browser.all("#lp-abschluss *") or browser.all(".lp-antwort"))
        time.sleep(1.0)  # what would change the verdict comes on its own

    def press(self, selector: str) -> None:
        element = self.browser.one(selector)
        self.browser.script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()


def page_pictures(home: Path) -> None:
    """The page: every outcome on a desk, some on a phone, dark, and enlarged; the pages to read in."""
    service = AssistantService.open(home, with_model=False)
    arranged = Arranged(service)
    try:
        app = build_app(Backend(arranged), today=lambda: DAY, concurrent=1, site=site_of(home))
        with serving(app) as base:
            _outcomes(base, "", OUTCOMES)
            _outcomes(base, "handy-", PHONE, width=390, height=844)
            _outcomes(base, "dunkel-", DARK, dark=True)
            _outcomes(base, "gross-", ZOOMED, zoom=2)
            _busy(base, arranged)
            _reading(base)
    finally:
        arranged.release.set()
        service.close()


def _outcomes(base: str, prefix: str, names: Any, **options: Any) -> None:
    with Camera(base, **options) as camera:
        camera.browser.open_chat()
        camera.take(f"{prefix}start")
        for name in names:
            camera.ask(OUTCOMES[name])
            camera.take(prefix + name)
            if name == "bedingt" and not prefix:
                _opened(camera)


def _opened(camera: Camera) -> None:
    """The same answer with a condition ticked, a quotation and both reasons open, and the note saved."""
    camera.press(".lp-liste input")
    camera.press(".lp-fundstelle summary")
    camera.take("zitat", 2200)


def _busy(base: str, arranged: Arranged) -> None:
    with Camera(base) as first, Camera(base) as second:
        first.browser.open_chat()
        first.browser.one("#frage textarea").send_keys(SLOW + "\n")
        first.browser.until(lambda: "wird beantwortet" in first.browser.text("#lp-lage"))
        second.ask(BUSY)
        second.take("ausgelastet")
        arranged.release.set()


def _reading(base: str) -> None:
    with Camera(base) as camera:
        for name, address in {
            "leitlinie": "leitlinie", "recht": "recht", "artikel": "recht/ki-vo/art-50", "so-geht-es": "so-geht-es",
            "barrierefreiheit": "barrierefreiheit", "versionen": "versionen",
        }.items():  # fmt: skip
            camera.browser.open(address)
            camera.take(name, 1000)
        camera.browser.open("en/")
        camera.browser.until(lambda: camera.browser.all("#lp-beispiele button"))
        camera.take("englisch")


@contextmanager
def _copied(home: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "heim"
        shutil.copytree(home, copy)
        yield copy


def admin_pictures(home: Path) -> None:
    """The administration: a rule is changed, built, compared, published, and the way back."""
    with _copied(home) as copy:
        office = make_office(copy, now=lambda: dt.datetime.now().astimezone())
        try:
            with serving(create_admin(office)) as base, Camera(base) as camera:
                _administration(camera)
        finally:
            office.worker.close()


def _administration(camera: Camera) -> None:
    browser = camera.browser
    browser.open("anmelden")
    camera.take("verwaltung-anmelden")
    browser.one("#name").send_keys(NAME)
    browser.one("#kennwort").send_keys(PASSWORD)
    camera.press("form.va-formular button")
    browser.until(lambda: browser.all("form.va-abmelden"))
    for name, address in {
        "uebersicht": "", "regeln": "regeln?suche=Leichte+Sprache", "kontakte": "kontakte", "positivliste": "positivliste",
        "einspielen": "einspielen", "entwuerfe": "entwuerfe", "wartung": "wartung",
    }.items():  # fmt: skip
        browser.open(address)
        camera.take(f"verwaltung-{name}", 1100)
    browser.open("regeln/leichte-sprache")
    camera.press("input[name=urteil][value=bedingt]")
    camera.take("verwaltung-regel", 1800)
    camera.press("main form button.va-haupt")
    browser.until(lambda: browser.all(".va-meldung") or browser.all(".va-feldfehler"))
    camera.take("verwaltung-gespeichert", 900)
    browser.open("bauen")
    camera.take("verwaltung-bauen", 900)
    camera.press("main form button.va-haupt")
    time.sleep(3)
    camera.take("verwaltung-vorgang", 700)
    _finished(browser, "the build")
    camera.press("#vorgang a.va-haupt")
    camera.press("main form button.va-haupt")
    _finished(browser, "the report")
    camera.press("#vorgang a.va-haupt")
    browser.until(lambda: browser.all("iframe.va-bericht"))
    time.sleep(1)
    camera.take("verwaltung-bericht", 1200)
    camera.press("a[href^='/veroeffentlichen?']")
    camera.take("verwaltung-veroeffentlichen", 1200)
    browser.open("suche")
    browser.one("#eingabe").send_keys(OUTCOMES["erlaubt"])
    camera.press("main form button.va-haupt")
    browser.until(lambda: browser.all("#spuren"))
    camera.take("verwaltung-suche", 1200)
    browser.open("protokoll")
    camera.take("verwaltung-protokoll", 900)


def _finished(browser: Browser, what: str, minutes: float = 40) -> None:
    """Waits for a piece of work in the background."""
    end = time.monotonic() + 60 * minutes
    while "Fertig." not in browser.text("#vorgang"):
        if time.monotonic() > end or "gescheitert" in browser.text("#vorgang"):
            raise SystemExit(f"{what}: {browser.text('#vorgang')}")
        time.sleep(2)


PARTS: dict[str, Callable[[Path], None]] = {"seite": page_pictures, "verwaltung": admin_pictures}


def main(arguments: list[str]) -> None:
    """Takes the parts named after the home, or both."""
    home, *named = arguments or [""]
    if not (Path(home) / "index" / "CURRENT").is_file() or not set(named) <= set(PARTS):
        raise SystemExit("Aufruf: python tests/web/pictures.py HEIM [seite] [verwaltung]; HEIM mit gebautem Index")
    if reason := missing():
        raise SystemExit(reason)
    FOLDER.mkdir(exist_ok=True)
    for part in named or PARTS:
        PARTS[part](Path(home))


if __name__ == "__main__":
    main(sys.argv[1:])
