"""A real Chromium for the page's tests: requests and console are recorded, nothing of the user's profile is touched."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 30.0
"""Seconds to wait for the page; generous, because test machines are slow and shared."""


def missing() -> str:
    """Why there can be no browser test here; empty if there can."""
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            return f"{program} fehlt (Debian: apt-get install chromium chromium-driver)"
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "das Paket selenium fehlt"
    return ""


class Browser:
    """One window. ``base`` is the address of the page under test, with a slash at the end."""

    def __init__(self, base: str, profile: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        from selenium import webdriver

        self.base = base
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
            options.add_argument(flag)
        if dark:
            options.add_argument("--blink-settings=preferredColorScheme=0")
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        self.driver: Any = webdriver.Chrome(options=options, service=service)
        # The headless window has no frame, but phones are narrower than the smallest window: set the viewport itself.
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        self._log: list[dict[str, Any]] = []

    def close(self) -> None:
        self.driver.quit()

    def open(self, path: str = "") -> None:
        self.driver.get(self.base + path)

    def open_chat(self) -> None:
        """Opens the page and waits until a question can be typed and the examples are there."""
        self.open()
        self.until(lambda: self.all("#frage textarea") and self.all("#lp-beispiele button"))

    def all(self, selector: str) -> list[Any]:
        from selenium.webdriver.common.by import By

        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def one(self, selector: str) -> Any:
        """The first element, as soon as it is there."""
        self.until(lambda: self.all(selector), selector)
        return self.all(selector)[0]

    def text(self, selector: str) -> str:
        return str(self.one(selector).text)

    def until(self, condition: Callable[[], Any], what: str = "") -> None:
        """Waits for ``condition``; elements may be exchanged while it looks."""
        from selenium.common.exceptions import StaleElementReferenceException

        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except StaleElementReferenceException:
                pass
            time.sleep(0.05)
        raise AssertionError(f"waited {PATIENCE:.0f} s in vain {what}")

    def ask(self, question: str) -> None:
        """Types a question, presses Enter and waits for its answer."""
        from selenium.webdriver.common.keys import Keys

        before = self.script("return document.querySelector('.lp-antwort')?.getAttribute('aria-labelledby') ?? ''")
        box = self.one("#frage textarea")
        box.clear()
        box.send_keys(question + Keys.ENTER)
        now = "return document.querySelector('.lp-antwort')?.getAttribute('aria-labelledby') ?? ''"
        self.until(lambda: self.script(now) not in ("", before), "for an answer")

    def script(self, code: str, *args: Any) -> Any:
        return self.driver.execute_script(code, *args)

    def requests(self) -> list[str]:
        """All addresses requested by the page so far, without the browser's own pages."""
        self._log += [json.loads(line["message"])["message"] for line in self.driver.get_log("performance")]
        sent = (m["params"] for m in self._log if m["method"] == "Network.requestWillBeSent")
        own = (p["request"]["url"] for p in sent if not p.get("documentURL", "").startswith("chrome"))
        return [url for url in own if not url.startswith(("chrome:", "data:", "blob:"))]

    def foreign_requests(self) -> list[str]:
        """Requests to any other host than the page's own."""
        return [url for url in self.requests() if urlsplit(url).netloc != urlsplit(self.base).netloc]

    def console(self) -> list[str]:
        """Console errors and warnings since the last call."""
        return [line["message"] for line in self.driver.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]

    def picture(self, file: Path) -> None:
        """The whole page as PNG."""
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot",
            {
                "captureBeyondViewport": True,
                "clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1},
            },
        )
        import base64

        file.write_bytes(base64.b64decode(shot["data"]))
