"""The picture in the README: both sides drawn, no secret in it, well-formed, and it needs nothing from elsewhere."""

from __future__ import annotations

from xml.etree import ElementTree

from scripts import recording

TAG = "[[secret:github-token:0123456789]]"


def test_both_sides_are_drawn() -> None:
    """Every line of both panes is in the picture, special characters included, placeholders in their colour."""
    picture = recording.draw(["A=1 <&> 2", "T=\0ghp_abc•••\0"], ["A=1 <&> 2", f"T={TAG}"])
    root = ElementTree.fromstring(picture)
    lines = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert lines == ["$ cat .env", "A=1 <&> 2", "T=ghp_abc•••", "what the model sees", "A=1 <&> 2", f"T={TAG}"]
    spans = {span.text: span.get("fill") for span in root.iter("{http://www.w3.org/2000/svg}tspan")}
    assert spans[TAG] == recording.GREEN
    assert spans["ghp_abc•••"] == recording.RED


def test_planted_values_become_dots() -> None:
    """Of a planted value only its first characters are left."""
    value = "ghp_" + "Zx9" * 12
    shown = recording.dotted(f"T={value}\n", {"github_token": value})
    assert value not in shown
    assert shown.replace("\0", "").startswith("T=" + value[: recording.SHOWN] + "•")


def test_the_committed_picture_loads_nothing() -> None:
    """The picture is one file: no link, font, style sheet or script from anywhere."""
    text = recording.PICTURE.read_text()
    assert text.count("http") == 1  # the namespace
    assert not any(word in text for word in ("<script", "<style", "href", "@import", "url("))
    assert "[[secret:" in text
