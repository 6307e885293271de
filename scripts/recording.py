"""`docs/img/redaction.svg`: a file as it is on disk and as the model sees it, from the real redaction.

    python -m scripts.recording      writes the picture again

The right-hand side is what `secretguard redact` printed for the sample project's `.env`; on the left all but the first
characters of each secret are dots, so that the picture holds none.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from scripts import sample_project

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "img" / "redaction.svg"
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
LINE, CHARACTER, EDGE, SHOWN = 22, 8.45, 20, 7
TITLES = ("$ cat .env", "what the model sees")
RED, GREEN, PLAIN, DIM = "#ff7b72", "#7ee787", "#e6edf3", "#8b949e"


def main() -> int:
    """Redact the sample file for real and draw both sides."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "shop"
        planted = sample_project.plant(project)
        environment = {**os.environ, "SECRETGUARD_HOME": str(Path(folder) / "home")}
        command = [sys.executable, "-m", "secretguard", "redact", ".env"]
        done = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        original = (project / ".env").read_text()
    if any(value in done.stdout for value in planted.values()):
        print("recording: the redaction left a planted credential; no picture is made of that", file=sys.stderr)
        return 1
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(draw(dotted(original, planted).splitlines(), done.stdout.splitlines()))
    return 0


def dotted(text: str, planted: dict[str, str]) -> str:
    """The text with all but the first characters of each planted value as dots, marked for colour by a zero byte."""
    for value in planted.values():
        text = text.replace(value, f"\0{value[:SHOWN]}{'•' * 12}\0")
    return text


def draw(left: list[str], right: list[str]) -> str:
    """An SVG of two terminal panes, one above the other, that needs no font, script or style from elsewhere."""
    rows: list[str] = []
    y = EDGE + LINE
    for title, lines, colour in ((TITLES[0], left, RED), (TITLES[1], right, GREEN)):
        rows.append(_row(y, [(title, DIM)]))
        for line in lines:
            y += LINE
            rows.append(_row(y, _pieces(line, colour)))
        y += 2 * LINE
    widest = max(len(line) for line in [*left, *right, *TITLES])
    width, height = int(widest * CHARACTER) + 2 * EDGE, y - LINE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="A file with secrets, and the same file with placeholders in their places">\n'
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>\n'
        f'<g font-family="{FONT}" font-size="14" xml:space="preserve">\n' + "\n".join(rows) + "\n</g>\n</svg>\n"
    )


def _pieces(line: str, colour: str) -> list[tuple[str, str]]:
    """Split a line into coloured runs: placeholders and marked secrets in `colour`, the rest plain."""
    runs = re.split(r"(\0[^\0]*\0|\[\[secret:[^\]]*\]\])", line)
    return [(run.strip("\0"), colour if number % 2 else PLAIN) for number, run in enumerate(runs) if run]


def _row(y: int, pieces: list[tuple[str, str]]) -> str:
    spans = "".join(f'<tspan fill="{colour}">{escape(text)}</tspan>' for text, colour in pieces)
    return f'<text x="{EDGE}" y="{y}">{spans}</text>'


if __name__ == "__main__":
    sys.exit(main())
