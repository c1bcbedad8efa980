"""A real browser: Debian's chromium with its driver, without a window and without a network."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

DRIVER, BROWSER = shutil.which("chromedriver"), shutil.which("chromium")


class Page:
    """What a test does with a page, and what it asks of it."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, path: Path, fragment: str = "", width: int = 1280, height: int = 900) -> Page:
        """Open a file; the logs of earlier pages are forgotten."""
        self.size(width, height)
        self.driver.get("about:blank")
        self.complaints()
        self.requested()
        self.driver.get(path.absolute().as_uri() + fragment)
        return self

    def size(self, width: int, height: int = 900) -> None:
        """The size of the page itself, narrower than a window can be."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def dark(self, dark: bool) -> None:
        """What the page is told of the user's wish."""
        wish = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wish]})

    def complaints(self) -> list[str]:
        """What the console said since the last call, refusals of the content security policy among it."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requested(self) -> list[str]:
        """Addresses asked for since the last call, other than those of the disk and of the page itself."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        urls = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith(("file:", "data:", "about:"))]

    def run(self, script: str, *arguments: Any) -> Any:
        """The value of a script's ``return``."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str) -> Any:
        """The first element."""
        return self.driver.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        """All elements."""
        return list(self.driver.find_elements("css selector", selector))

    def button(self, words: str) -> Any:
        """The button of these words."""
        (found,) = [one for one in self.all("button") if one.text == words]
        return found

    def text(self, selector: str) -> str:
        """The text of the first element, as it is seen."""
        return str(self.find(selector).text)

    def press(self, *keys: str, on: Any = None) -> None:
        """Keys, to an element or to the one that has the focus."""
        (on or self.driver.switch_to.active_element).send_keys(*keys)

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.run("const e = document.documentElement; return e.scrollWidth - e.clientWidth"))

    def picture(self, path: Path) -> None:
        """The whole page as PNG."""
        height = int(self.run("return document.documentElement.scrollHeight"))
        width = int(self.run("return window.innerWidth"))
        self.size(width, min(height, 12000))
        self.driver.save_screenshot(str(path))


@contextmanager
def opened() -> Iterator[Page]:
    """A browser; skips where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.common import exceptions

    if DRIVER is None or BROWSER is None:
        pytest.skip("chromium and its driver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    words = [
        "--headless=new",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ]
    for word in [*words, "--no-sandbox"] if os.geteuid() == 0 else words:
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    try:
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    except exceptions.WebDriverException as error:
        pytest.skip(f"chromium does not start here: {error.msg}")
    try:
        yield Page(driver)
    finally:
        driver.quit()
