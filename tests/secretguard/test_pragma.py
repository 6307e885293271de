"""Pragmas in every comment style: on a line, for the next one, round a block; in one window and across several."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.detect import made_up
from secretguard.pipeline import Scanner
from secretguard.pragma import MOST_BLOCKS, MOST_NOTES, Blocks, has_pragma
from secretguard.report.located import Scan
from secretguard.source.window import Window, windows
from tests.secretguard.detect import engines

BEGIN, END = "# pragma: allowlist begin secret", "# pragma: allowlist end secret"
COMMENTS = [
    ("#", ""), ("//", ""), ("/*", " */"), ("/**", " */"), ("'", ""), ("--", ""), ("<!--", " -->"), ("<!-- #", " -->"),
    (";", ""), (";;", ""), ("%", ""), ("%%", ""), ("{-", " -}"), ("(*", " *)"), ('"', ""), ("rem", ""), ("REM", ""),
    ("::", ""), ("--[[", " ]]"), ("!", ""), ("dnl", ""), ("[//]: # (", ")"), ("{#", " #}"), ("{{!--", " --}}"),
    ("<%--", " --%>"), ("<#", " #>"), (" *", ""), ("##", ""), ("///", ""),
]  # fmt: skip
"""Shell, C, C++, blocks, VB, SQL, XML, INI, Lisp, TeX, Haskell, OCaml, Vim, batch, Lua, Fortran, m4, Markdown, Jinja,
Handlebars, JSP, PowerShell."""


@pytest.mark.parametrize(("start", "end"), COMMENTS)
def test_every_comment_style(start: str, end: str) -> None:
    """On the line, for the next line and round a block: each accepts its own lines and no others."""
    same = f"a = 1\nkey = VALUE  {start} pragma: allowlist secret{end}\nother = VALUE\n".encode()
    assert has_pragma("f.py", same, same.index(b"VALUE"))
    assert not has_pragma("f.py", same, same.rindex(b"VALUE"))
    assert not has_pragma("f.py", same, 0)
    following = f"  {start} pragma: allowlist nextline secret{end}\nkey = VALUE\nkey = VALUE\n".encode()
    assert has_pragma("f.py", following, following.index(b"VALUE"))
    assert not has_pragma("f.py", following, following.rindex(b"VALUE"))
    first, last = (f"{start} pragma: allowlist {word} secret{end}\n" for word in ("begin", "end"))
    block = f"VALUE\n{first}\nkey = VALUE\n\n  {last}VALUE\n".encode()
    places = [at for at in range(len(block)) if block.startswith(b"VALUE", at)]
    assert [has_pragma("f.py", block, at) for at in places] == [False, True, False]


OTHERS = [
    "gitleaks:allow", "betterleaks:allow", "trufflehog:ignore", "kingfisher:ignore", "kingfisher:allow", "ggignore",
    "secretlint-disable-line", "secretlint-disable-line -- made up",
]  # fmt: skip


@pytest.mark.parametrize("word", OTHERS)
@pytest.mark.parametrize(("start", "end"), [("#", ""), ("//", ""), ("/*", " */"), ("<!--", " -->")])
def test_the_words_of_others(word: str, start: str, end: str) -> None:
    """What another scanner's comment accepts on a line is accepted here, on that line alone, and only in a comment."""
    text = f"a = VALUE\nkey = VALUE  {start} {word}{end}\nother = VALUE\nx{word} = VALUE\n".encode()
    places = [at for at in range(len(text)) if text.startswith(b"VALUE", at)]
    assert [has_pragma("f.py", text, at) for at in places] == [False, True, False, False]


@pytest.mark.parametrize(
    "word",
    [
        "secretlint-disable-line @secretlint/secretlint-rule-github", "ggignore-start", "trufflehog:ignored", "nosec",
        "secretlint-disable", "kingfisher:ignorance", "noqa: S105", "NOSONAR", "gitleaks: allow",
    ],
)  # fmt: skip
def test_words_that_accept_nothing(word: str) -> None:
    """Comments that name single rules, begin a block of another tool, or say nothing about secrets."""
    text = f"key = VALUE  # {word}\n".encode()
    assert not has_pragma("f.py", text, text.index(b"VALUE"))


def test_the_next_line_of_secretlint() -> None:
    """Its comment for the next line is known, unless it names rules or something stands before it."""
    for comment, accepted in [
        ("// secretlint-disable-next-line", True),
        ("// secretlint-disable-next-line @secretlint/secretlint-rule-github", False),
        ("x = 1 // secretlint-disable-next-line", False),
    ]:
        text = f"{comment}\nkey = VALUE\nother = OTHER\n".encode()
        assert has_pragma("f.js", text, text.index(b"VALUE")) is accepted
        assert not has_pragma("f.js", text, text.index(b"OTHER"))


@pytest.mark.parametrize(
    "comment",
    [
        "#pragma:allowlist secret", "# pragma: whitelist secret", "# pragma: allowlist-secret", "# gitleaks:allow",
        "// gitleaks:allow", "# pragma: allowlist secret because it is made up",
    ],
)  # fmt: skip
def test_every_word(comment: str) -> None:
    """The spellings of detect-secrets, and gitleaks' own word."""
    text = f"key = VALUE  {comment}\nother = VALUE\n".encode()
    assert has_pragma("f.py", text, text.index(b"VALUE"))
    assert not has_pragma("f.py", text, text.rindex(b"VALUE"))


@pytest.mark.parametrize(
    "line",
    ["key = VALUE pragma: allowlist secret", "key = VALUE # pragma: allow secret", "key = VALUE # pragma", "VALUE"],
)
def test_no_pragma(line: str) -> None:
    """Outside of a comment, or misspelt, it accepts nothing."""
    assert not has_pragma("f.py", line.encode(), line.index("VALUE"))


@pytest.mark.parametrize("word", ["nextline", "begin"])
def test_pragma_that_hides_what_it_accepts(word: str) -> None:
    """What reaches beyond its line stands alone: text in front of it would hide what is accepted."""
    text = f"x = 1 # pragma: allowlist {word} secret\nkey = VALUE\n{END}\n".encode()
    assert not has_pragma("f.py", text, text.index(b"VALUE"))


def test_next_line_is_the_next_one() -> None:
    """Not the one after an empty line, and not what follows the pragma itself."""
    text = b"# pragma: allowlist nextline secret VALUE\n\nVALUE\n"
    assert not has_pragma("f.py", text, text.index(b"VALUE"))
    assert not has_pragma("f.py", text, text.rindex(b"VALUE"))


def test_yaml_has_one_kind_of_comment() -> None:
    """In YAML `//` is text."""
    assert has_pragma("f.yaml", b"k: VALUE # pragma: allowlist secret", 3)
    assert not has_pragma("f.yml", b"k: VALUE // pragma: allowlist secret", 3)
    block = b"-- pragma: allowlist begin secret\nVALUE\n-- pragma: allowlist end secret\n"
    assert has_pragma("f.sql", block, block.index(b"VALUE"))
    assert not has_pragma("f.yml", block, block.index(b"VALUE"))


def scanned(text: str) -> Scan:
    data = text.encode()
    return Scanner(engines.hyperscan(), b"k").stream("a.py", io.BytesIO(data).read)


def line(letter: str) -> str:
    return f"x = '{made_up.github('ghp_', letter)}'\n"


def test_block() -> None:
    """It accepts what is between its lines, once it is closed; the next one is a block of its own."""
    scan = scanned(f"{line('a')}{BEGIN}\n{line('b')}\n{END}\n{line('c')}{BEGIN}\n{line('d')}{END}\n{line('e')}")
    assert [found.accepted for found in scan.findings] == ["", "pragma", "", "pragma", ""]
    assert scan.notes == []


@pytest.mark.parametrize("end", ["", END.replace("end", "endd"), "x = 1 " + END])
def test_block_that_is_not_closed(end: str) -> None:
    """It accepts nothing, and its line is said; so it is where `end` is misspelt or stands behind text."""
    scan = scanned(f"\n{BEGIN}\n{line('a')}{end}\n")
    assert [found.accepted for found in scan.findings] == [""]
    assert scan.notes == ["a.py:2: `pragma: allowlist begin secret` is never closed: it accepts nothing"]


def test_block_that_begins_again() -> None:
    """The first `begin` is not closed by an `end` that belongs to the second."""
    scan = scanned(f"{BEGIN}\n{line('a')}{BEGIN}\n{line('b')}{END}\n")
    assert [found.accepted for found in scan.findings] == ["", "pragma"]
    assert scan.notes == ["a.py:1: `pragma: allowlist begin secret` is never closed: it accepts nothing"]


def test_block_longer_than_a_window() -> None:
    """A block is one block however far apart its ends are; the lines between are scanned and accepted."""
    filler = "word " * 20 + "\n"
    many = filler * (9 * 1024 * 1024 // len(filler))
    scan = scanned(f"{line('a')}{BEGIN}\n{line('b')}{many}{line('c')}{END}\n{line('d')}")
    assert [found.accepted for found in scan.findings] == ["", "pragma", "pragma", ""]
    left = scanned(f"{BEGIN}\n{line('b')}{many}{line('c')}")
    assert [found.accepted for found in left.findings] == ["", ""]


def test_block_in_utf16() -> None:
    """Offsets of a block are those of the decoded text, as a finding's are."""
    text = f"é\n{line('a')}{BEGIN}\n{line('b')}{END}\n{line('c')}"
    scan = Scanner(engines.hyperscan(), b"k").stream("a.txt", io.BytesIO(text.encode("utf-16")).read)
    assert [found.accepted for found in scan.findings] == ["", "pragma", ""]


@given(st.lists(st.sampled_from([BEGIN, END, "x", "  " + BEGIN, "y " + END, ""]), max_size=30), st.integers(40, 400))
def test_windows_change_nothing(lines: list[str], size: int) -> None:
    """Blocks and notes are the same however the stream is cut into windows."""
    data = "\n".join(lines).encode()
    whole, cut = Blocks("f"), Blocks("f")
    whole.look(Window(data, 0, len(data), 0, 1, 0))
    for part in windows(io.BytesIO(data).read, size, 80, 80):
        cut.look(part)
    for blocks in (whole, cut):
        blocks.finish()
    assert whole.notes == cut.notes
    assert [whole.hold(at, at) for at in range(len(data))] == [cut.hold(at, at) for at in range(len(data))]


def test_many_blocks_are_bounded() -> None:
    """A file that is made of blocks costs a bounded memory; what is not kept accepts nothing, and that is said."""
    one = f"{BEGIN}\nVALUE\n{END}\n".encode()
    data = one * (MOST_BLOCKS + 50)
    blocks = Blocks("f")
    blocks.look(Window(data, 0, len(data), 0, 1, 0))
    blocks.finish()
    assert blocks.hold(data.index(b"VALUE"), data.index(b"VALUE"))
    assert not blocks.hold(data.rindex(b"VALUE"), data.rindex(b"VALUE"))
    assert len(blocks.notes) == MOST_NOTES


@given(st.binary(max_size=400), st.integers(0, 400))
def test_any_bytes_have_a_pragma_or_none(data: bytes, position: int) -> None:
    """No content makes the look-up fail."""
    assert has_pragma("x", data, min(position, len(data))) in (True, False)


def test_note_drives_no_terminal() -> None:
    """A path in a note has no control characters left."""
    blocks = Blocks("a\x1b[2J")
    data = f"{BEGIN}\n".encode()
    blocks.look(Window(data, 0, len(data), 0, 1, 0))
    blocks.finish()
    assert "\x1b" not in blocks.notes[0]
