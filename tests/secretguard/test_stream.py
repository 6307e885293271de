"""Redaction while the text is still being printed: any chunks, any pauses, bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretguard.detect.engine import Engine
from secretguard.pack import open_engine
from secretguard.placeholder import Placeholders
from secretguard.redact import redact
from secretguard.stream import WINDOW, Stream, redact_stream

TAGS = Placeholders(b"k" * 32, "/project")
BODY = b"Zk3Qm8Lw0Rt5Yp2" + b"Hn7Vb4Xc9Ds6Fg1Aj1Ku3"
TOKEN = b"ghp_" + BODY
KEY = (
    b"-----BEGIN RSA " + b"PRIVATE KEY-----\n" + b"".join(b"Mq%02d" % i + b"aB3dE5fG7h" * 6 + b"\n" for i in range(20))
)
KEY += b"-----END RSA " + b"PRIVATE KEY-----"
URL = b"postgres://app:" + b"Rt5Yp2Hn7Vb4Xc" + b"@db.internal/app"
LINES = (
    b"a neutral line\n", b"\n", b"na\xc3\xafve caf\xc3\xa9 \xf0\x9f\x94\x91 ", b"\x00\xff\xfe\x80 binary ",
    b"Password: ",
    b"TOKEN=" + TOKEN + b"\n", b"see " + TOKEN + b" there ", KEY + b"\n", b"url " + URL + b"\n",
    b'{"password": "' + BODY[:12] + b'"}\n', b"x" * 300,
)  # fmt: skip
SECRETS = (TOKEN, b"aB3dE5fG7haB3dE5fG7h", b"Rt5Yp2Hn7Vb4Xc", b'Zk3Qm8Lw0Rt5"')
texts = st.lists(st.sampled_from(LINES), max_size=20).map(b"".join)
property_test = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRETGUARD_HOME", str(tmp_path_factory.mktemp("engine")))
        return open_engine()


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    """`data` in chunks of the given sizes, repeated."""
    chunks, at, turn = [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        chunks.append(data[at : at + size])
        at, turn = at + size, turn + 1
    return chunks


@property_test
@given(texts, st.lists(st.integers(1, 400), min_size=1, max_size=4))
def test_any_chunks_give_the_text_of_the_whole(engine: Engine, data: bytes, sizes: list[int]) -> None:
    """However a text is cut into reads, even inside a character, what comes out is the redacted whole."""
    assert b"".join(redact_stream(cut(data, sizes), engine, TAGS)) == redact(data, engine.scan(data), TAGS)


@pytest.mark.parametrize("size", [65_521, 1_000_003, 3_000_000])
def test_so_do_texts_longer_than_what_is_held(engine: Engine, size: int) -> None:
    """Secrets across the borders of windows are found, and not a byte is lost between them."""
    neutral = b"a neutral line of forty bytes, no more...\n"
    data = b"".join(neutral * (4_000 + 1_531 * turn) + (TOKEN, KEY, URL)[turn % 3] + b"\n" for turn in range(12))
    assert b"".join(redact_stream(cut(data, [size]), engine, TAGS)) == redact(data, engine.scan(data), TAGS)


@property_test
@given(texts, st.lists(st.tuples(st.integers(1, 60), st.sampled_from([None, False, True])), min_size=1, max_size=6))
def test_a_pause_anywhere_lets_no_secret_pass(
    engine: Engine, data: bytes, steps: list[tuple[int, bool | None]]
) -> None:
    """Wherever the program pauses, and however long, no secret comes out, nor more of one than a word's beginning."""
    stream, written, at, turn = Stream(engine.scan, TAGS), b"", 0, 0
    while at < len(data):
        size, pause = steps[turn % len(steps)]
        written += stream.feed(data[at : at + size])
        if pause is not None:
            written += stream.pause(pause)
        at, turn = at + size, turn + 1
    written += stream.close()
    for secret in SECRETS:
        assert secret[-12:] not in written
    assert BODY[:6] not in written
    if all(secret not in data for secret in SECRETS):
        assert written == data


@pytest.mark.parametrize("prompt", [b"Password: ", b"Continue? [y/N] ", b"line\npartial line ", b"Loading"])
def test_a_prompt_appears_when_the_program_waits(engine: Engine, prompt: bytes) -> None:
    """What a person must see to answer comes out, without a line end."""
    stream = Stream(engine.scan, TAGS)
    assert stream.feed(prompt) + stream.pause() + stream.pause(patient=True) == prompt


def test_only_an_unfinished_word_is_held(engine: Engine) -> None:
    """After a short pause all but the last word is out; after a long one a harmless word is, too."""
    stream = Stream(engine.scan, TAGS)
    stream.feed(b"Overwrite the file? [y/N]")
    assert stream.pause() == b"Overwrite the file? "
    assert stream.pause(patient=True) == b"[y/N]"


@pytest.mark.parametrize("at", range(1, len(TOKEN)))
def test_a_token_cut_by_a_long_pause_stays_inside(engine: Engine, at: int) -> None:
    """A program that prints a token slowly shows the placeholder all the same: at most its public mark comes first."""
    stream = Stream(engine.scan, TAGS)
    written = stream.feed(b"got " + TOKEN[:at]) + stream.pause() + stream.pause(patient=True)
    assert BODY[:2] not in written
    written += stream.feed(TOKEN[at:] + b"\n") + stream.pause()
    assert BODY[-4:] not in written
    assert TAGS.tag("github-token", TOKEN).encode() in written


@pytest.mark.parametrize("text", [TOKEN, b"TOKEN=" + TOKEN, URL, b'"password": "' + BODY[:12] + b'"'])
def test_a_secret_printed_letter_by_letter_stays_inside(engine: Engine, text: bytes) -> None:
    """A long wait after each byte gives no more away than the first few: the word is seen whole every time."""
    stream, written = Stream(engine.scan, TAGS), b""
    for byte in b"see " + text + b" there\n":
        written += stream.feed(bytes((byte,))) + stream.pause() + stream.pause(patient=True)
    written += stream.close()
    assert b"[[secret:" in written
    for secret in (BODY, BODY[:12], b"Rt5Yp2Hn7Vb4Xc"):
        assert secret[2:8] not in written


def test_a_key_printed_line_by_line_is_one_placeholder(engine: Engine) -> None:
    """However slowly its lines come, nothing of a private key is shown, and the lines after it are."""
    stream, written = Stream(engine.scan, TAGS), b""
    for line in (b"before\n" + KEY + b"\nafter\n").splitlines(keepends=True):
        written += stream.feed(line) + stream.pause() + stream.pause(patient=True)
    assert written.startswith(b"before\n[[secret:private-key:")
    assert written.endswith(b"\nafter\n")
    assert b"aB3dE5fG7h" not in written


def test_a_header_without_a_key_holds_nothing_back_for_long(engine: Engine) -> None:
    """A text that mentions a key's first line, and goes on with something else, is shown."""
    stream = Stream(engine.scan, TAGS)
    text = KEY[: KEY.index(b"\n") + 1] + b"is how such a file begins\n"
    assert stream.feed(text) + stream.pause() == text


def test_what_a_pause_cut_is_hidden_from_there_on(engine: Engine) -> None:
    """A secret whose beginning was let go is found when the rest comes: the rest does not follow."""
    stream = Stream(engine.scan, TAGS)
    stream.feed(b"-----BEGIN RSA ")
    written = stream.pause(patient=True) + stream.feed(KEY[len(b"-----BEGIN RSA ") :] + b"\nafter\n") + stream.close()
    assert b"aB3dE5fG7h" not in written
    assert written.endswith(b"\nafter\n")


def test_memory_is_bounded(engine: Engine) -> None:
    """However long the stream, or one line of it, a piece is no longer than a chunk and what is held back."""
    for line in (b"line of text\n", b"x", b"\x80"):
        pieces = [len(piece) for piece in redact_stream((line * 60_000 for _ in range(20)), engine, TAGS)]
        assert max(pieces) <= 2 * WINDOW + 60_000 * len(line)
        assert sum(pieces) == 20 * 60_000 * len(line)


def test_an_endless_line_lets_no_secret_through(engine: Engine) -> None:
    """Without any line end the borders of windows are as safe."""
    data = (b"x" * 299_990 + b" " + TOKEN + b" ") * 5
    assert TOKEN not in b"".join(redact_stream(cut(data, [70_000]), engine, TAGS))


def test_it_knows_what_it_replaced(engine: Engine) -> None:
    """Each replaced secret is told once, before its placeholder is written by whoever asks."""
    stream = Stream(engine.scan, TAGS)
    stream.feed(b"a " + TOKEN + b"\nb ")
    stream.pause()
    assert [finding.rule_id for finding in stream.found] == ["github-token"]
    stream.close()
    assert len(stream.found) == 1
    assert stream.held == 0


def test_an_empty_stream_is_empty(engine: Engine) -> None:
    """Nothing in, nothing out."""
    assert b"".join(redact_stream([], engine, TAGS)) == b""
