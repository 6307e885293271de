"""Make the pictures of `docs/guide/activity.md` again: made-up runs, the real pages, a real Chromium.

    python -m scripts.screenshots [FOLDER]      docs/images where none is named

The same runs at the same times each time; ids and hashes differ. Chromium is a part: `make parts`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from scripts import parts
from tests.broker.web.browser import chromium
from tests.broker.web.site import ORIGIN, Site, served

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
WIDE, NARROW = (1180, 700), (360, 720)


def main(folder: Path) -> None:
    """Write the pictures into `folder`."""
    program = parts.find("chromium")
    if program is None:
        raise SystemExit("Chromium is missing: make parts")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, served(Path(scratch)) as site:
        run = f"/runs/{site.incident}"
        with chromium(program, {ORIGIN.host: site.url.removeprefix("http://")}) as browser:
            for name, path, size, scheme in (
                ("runs", "", WIDE, "light"),
                ("run", run, (WIDE[0], 900), "light"),
                ("integrity", "/integrity", WIDE, "light"),
                ("narrow", run, NARROW, "dark"),
            ):
                _shoot(browser, site, path, size, scheme, folder / f"activity-{name}.png")


def _shoot(browser: Browser, site: Site, path: str, size: tuple[int, int], scheme: str, file: Path) -> None:
    """One picture of what a reviewer sees without scrolling."""
    dark = scheme == "dark"
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light", timezone_id="UTC"
    )
    page = context.new_page()
    page.goto(site.activity.link("jwt:https://id.example.org:olga").reveal())
    page.wait_for_url(ORIGIN.url)
    page.goto(ORIGIN.url + path)
    page.screenshot(path=file)
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
