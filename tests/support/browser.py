"""Builders for tests in a real browser: Chromium, its pages, what axe-core finds on them, and pictures of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCREENSHOTS = os.environ.get("TALLYSTICK_SCREENSHOTS", "")
"""The folder that pictures of the pages go to, if any."""
LOOKS = tuple((scheme, width) for scheme in ("light", "dark") for width in (1280, 390))
"""In which colours and how wide each page is looked at."""
_PATIENCE_MILLISECONDS = 120_000
"""How long what has to come is waited for: a machine may be slow, and nothing else is."""


def missing() -> str:
    """What tests in a browser lack here; "" where they can run, and where they must."""
    if os.environ.get("TALLYSTICK_BROWSER") == "required":
        return ""
    if find_spec("playwright") is None or find_spec("axe_playwright_python") is None:
        return "Playwright and axe-core are not installed; make test-browser installs them"
    return "" if CHROMIUM else "there is no Chromium; Debian has it as a package"


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Any, url: str, shows_harm: bool = False, **options: Any) -> Iterator[Any]:
    """A page of a mock, in a context of its own; at the end, nothing may have gone wrong in it, nor have left it.

    Something that its policy stops has gone wrong, too, unless the page shows texts that mean harm. What the mock
    refuses is no error: a page shows refusals.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
    context.set_default_timeout(_PATIENCE_MILLISECONDS)
    page = context.new_page()
    origin = "/".join(url.split("/")[:3])
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if _is_error(line, shows_harm) else None)
    page.on("request", lambda request: errors.append(request.url) if _is_foreign(request.url, origin) else None)
    page.goto(url)
    try:
        yield page
    finally:
        context.close()
    assert not errors, "\n".join(errors)


def _is_error(line: Any, shows_harm: bool) -> bool:
    is_stopped = shows_harm and "Content Security Policy" in line.text
    return line.type in ("error", "warning") and not is_stopped and not line.text.startswith("Failed to load resource")


def _is_foreign(url: str, origin: str) -> bool:
    return not url.startswith((f"{origin}/", "data:", "blob:"))


def follow(page: Any, selector: str) -> None:
    """Click what leads to another page, and wait until that is there: a click does not."""
    with page.expect_navigation():
        page.click(selector)


def look_at(page: Any, name: str) -> None:
    """Look at a page as it is, dark and light, narrow and wide: axe-core finds nothing, and nothing is cut off.

    With `SCREENSHOTS`, a picture of each look is kept under the name.
    """
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")  # it is drawn
        if SCREENSHOTS:
            page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{scheme}-{width}.png", full_page=True, caret="initial")
        faults = audited(page)
        assert not faults, f"{name}, {scheme}, {width} px:\n" + "\n".join(map(str, faults))
        overflow = page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{name} is {overflow} px wider than {width} px"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def audited(page: Any) -> list[tuple[str, str, str]]:
    """What axe-core finds on a page: its rule, the element, and why."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text())
    violations = page.evaluate("axe.run()")["violations"]
    return [
        (violation["id"], node["html"][:300], node["failureSummary"])
        for violation in violations
        for node in violation["nodes"]
    ]
