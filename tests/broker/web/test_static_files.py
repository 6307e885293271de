"""The files that pages load."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import broker.web.static_files
from broker.web.static_files import FILES

STATIC = Path(broker.web.static_files.__file__).parent / "static"
HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
"""SHA-256 of `dist/htmx.min.js` in htmx.org 2.0.11, see `docs/adr/0011-htmx-is-vendored.md`."""


def test_htmx_is_the_one_that_was_taken() -> None:
    """The vendored file is byte for byte that of the release."""
    assert hashlib.sha256((STATIC / "htmx.min.js").read_bytes()).hexdigest() == HTMX


def test_the_table_names_every_file() -> None:
    """What lies in the folder is what is served."""
    assert {path.name for path in STATIC.iterdir()} == set(FILES)


def test_our_script_makes_no_markup() -> None:
    """It sets text and attributes, and never parses what it got from elsewhere."""
    script = (STATIC / "activity.js").read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function|setTimeout", script)


def test_contrast_is_at_least_that_of_wcag_aa() -> None:
    """4.5 to 1 for every colour of text on every ground, in both schemes, by WCAG 2's formula."""
    style = (STATIC / "style.css").read_text()
    blocks = re.findall(r":root \{.*?\}", style, re.DOTALL)
    schemes = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block)) for block in blocks]
    assert len(schemes) == 2
    for colours in schemes:
        for text in ("text", "quiet", "link", "alarm", "caution", "good"):
            for ground in ("ground", "raised", "marked"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        assert contrast(colours["ground"], colours["link"]) >= 4.5  # the button


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two `#rrggbb` colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
