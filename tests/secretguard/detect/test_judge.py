"""The judges: placeholders, templates and references are no secrets; structure raises or lowers confidence."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.detect import judge, made_up
from secretguard.detect.finding import HIGH, LOW, MEDIUM


def whole(judging: str, value: bytes, after: bytes = b"") -> str | None:
    """The confidence that a judge gives to a value that stands alone, or None."""
    answer = judge.JUDGES[judging](value + after, 0, len(value), HIGH)
    return answer[0] if answer else None


def test_entropy_is_that_of_shannon() -> None:
    """One character has none, two in equal parts have one bit, 256 different bytes have eight."""
    assert judge.entropy(b"") == 0
    assert judge.entropy(b"aaaa") == 0
    assert judge.entropy(b"abab") == 1
    assert judge.entropy(bytes(range(256))) == 8


def test_github_checksum_decides_confidence() -> None:
    """A right checksum is high, a wrong one medium, a placeholder nothing."""
    token = made_up.github("ghp_").encode()
    assert whole("github", token) == HIGH
    assert whole("github", token[:-1] + (b"0" if token[-1:] != b"0" else b"1")) == MEDIUM
    assert whole("github", b"ghp_" + b"x" * 36) is None


def test_jwt_needs_a_header() -> None:
    """The first part must be JSON with an algorithm; `none` is no signature and less of a secret."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').rstrip(b"=")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=")
    assert whole("jwt", head + b".eyJh.sig") == HIGH
    assert whole("jwt", none + b".eyJh.sig") == LOW
    assert whole("jwt", b"e.eyJh.sig") is None
    assert whole("jwt", b"eyJmYWtl.eyJh.sig") is None


def test_pem_spans_the_block() -> None:
    """From BEGIN to the end of the END line; without one as far as the base64 goes; a header alone is nothing."""
    begin, end = b"-----BEGIN RSA PRIVATE" + b" KEY-----", b"-----END RSA PRIVATE" + b" KEY-----"
    body = b"\n" + made_up.base64(64).encode() + b"\n"
    block = begin + body + end
    assert judge.pem(block + b"\nrest", 0, len(begin), HIGH) == (HIGH, 0, len(block))
    assert judge.pem(begin + body + b"?? no end", 0, len(begin), HIGH) == (HIGH, 0, len(begin + body) - 1)
    assert judge.pem(begin + body + begin, 0, len(begin), HIGH) == (HIGH, 0, len(begin + body) - 1)
    assert judge.pem(begin + b"\n...\n" + end, 0, len(begin), HIGH) is None
    assert judge.pem(begin, 0, len(begin), HIGH) is None


@pytest.mark.parametrize(
    ("value", "after", "expected"),
    [
        (b"hunter2x", b"@db.internal/x", HIGH),
        (b"hunter2x", b"@localhost:5432/x", LOW),
        (b"hunter2x", b"@db.example.com/x", LOW),
        (b"postgres", b"@db.internal/x", None),
        (b"${DB_PASSWORD}", b"@db/x", None),
        (b"{{ password }}", b"@db/x", None),
        (b"********", b"@db/x", None),
    ],
)
def test_url_password(value: bytes, after: bytes, expected: str | None) -> None:
    """Templates, masks and trivial defaults are no finding; local and documentation hosts are less sure."""
    assert whole("url_password", value, after) == expected


def test_basic_is_decoded() -> None:
    """Only base64 of printable `user:password` counts."""
    assert whole("basic", base64.b64encode(b"admin:Tr0ub4dor")) == HIGH
    assert whole("basic", base64.b64encode(b"no colon here")) is None
    assert whole("basic", base64.b64encode(b"user:${PASSWORD}")) is None
    assert whole("basic", base64.b64encode(b"\x00\xff:\x01")) is None
    assert whole("basic", b"A") is None


@pytest.mark.parametrize(
    "value",
    [b"changeme-1", b"your_token_1", b"<token-12>", b"${TOKEN_1}", b"process.env.KEY1", b"config.secret1", b"op://v/i1",
     b"aaaaaaaa1", b")[1].split(", b"vault_{name1}",
     b"#0C7441", b"password", b"bearer", b"hello-world", b"123456789", b"sha256-abc123"],
)  # fmt: skip
def test_assigned_value_that_is_none(value: bytes) -> None:
    """Placeholders, references, words and numbers in an assignment are not secrets."""
    assert whole("assigned", value) is None
    assert whole("bare", value) is None


@pytest.mark.parametrize(
    ("value", "after"),
    [
        (b"get_token2", b"("),
        (b"hashlib.sha256", b""),
        (b"Ed25519PrivateKey", b")"),
        (b"std::hash2x", b""),
        (b"./run1/x2", b""),
    ],
)
def test_bare_value_that_reads_as_code(value: bytes, after: bytes) -> None:
    """An unquoted call, dotted name, type or path is code."""
    assert whole("bare", value, after) is None


@pytest.mark.parametrize(
    "name", [b'"nextToken": "', b'request_token="', b'"hashed_secret": "', b"[[secret:aws-password:"]
)
def test_name_of_what_is_no_secret(name: bytes) -> None:
    """Cursors, digests and our own placeholders are called tokens and secrets, and are none."""
    data = name + b"kJ8vvQ2mPx71"
    assert judge.assigned(data, len(name), len(data), HIGH) is None


@pytest.mark.parametrize("value", [b"kJ8vvQ2mPx71", b"9f2k-Qx71Lm!", b"Tr0ub4dor&3"])
def test_assigned_value_that_is_one(value: bytes) -> None:
    """Mixed characters that name nothing are taken for a secret."""
    assert whole("assigned", value) in (LOW, HIGH)


@given(st.sampled_from(sorted(judge.JUDGES)), st.binary(max_size=300), st.data())
def test_no_judge_fails(name: str, data: bytes, draw: st.DataObject) -> None:
    """Whatever the bytes: a judge answers None or a span within the data, and never raises."""
    start = draw.draw(st.integers(0, len(data)))
    end = draw.draw(st.integers(start, len(data)))
    if name == "github":  # its shape is fixed by the pattern: 36 base62 characters after the prefix
        data, start, end = b"ghp_" + made_up.alnum(36).encode(), 0, 40
    answer = judge.JUDGES[name](data, start, end, HIGH)
    assert answer is None or (answer[0] in (LOW, MEDIUM, HIGH) and 0 <= answer[1] <= answer[2] <= len(data))


@pytest.mark.parametrize(
    "before",
    ["secret_name: prod\n", "token_uri: https://a.example/token\r\n", '{"public_key": "abc", ', "a?next_token=1&",
     "password_hash = None\n", '"token_url: /t\\n', "f(next_token=None, "],
)  # fmt: skip
def test_a_harmless_name_excuses_its_own_value_alone(before: str) -> None:
    """What an earlier assignment is called says nothing about this one; the same name before it does."""
    value = made_up.alnum(24).encode()
    for name, expected in ((b'client_secret: "', MEDIUM), (b'"next_token" : "', None)):
        data = before.encode() + name + value + b'"'
        start = data.index(value)
        answer = judge.assigned(data, start, start + len(value), MEDIUM)
        assert (answer[0] if answer else None) == expected


def test_counted_values_are_less_sure() -> None:
    """A token of the full form that goes through the alphabet is a level less sure, and still found."""
    assert whole("token", b"tok_" + b"0123456789abcdef") == MEDIUM
    assert whole("token", b"tok_" + b"x" * 20) is None
    assert whole("random", b"0123456789" + b"abcdef0123") == MEDIUM
    assert whole("github", b"ghp_" + b"0123456789" + b"abcdefghijklmnopqrstuvwxyz") == MEDIUM


@pytest.mark.parametrize("name", [b"sha256: ", b'"integrity": "', b"commit ", b'"id": "', b"resolved: "])
def test_digest_beside_a_vendors_name(name: bytes) -> None:
    """What its own line calls a digest or an id is no key; what it calls a key is one."""
    value = made_up.hexadecimal(32).encode()
    for before, expected in ((name, None), (name + b"key=", HIGH)):
        data = before + value
        answer = judge.beside(data, len(before), len(data), HIGH)
        assert (answer[0] if answer else None) == expected


def test_names_in_programs_are_no_keys() -> None:
    """Fields of a variable `s`, names of several words and keys that open nothing; a drawn value is one."""
    drawn = made_up.alnum(24, "j").encode()
    assert whole("legacy", b"s." + drawn) == HIGH
    for field in (b"s.ReadUint16LengthPrefixed", b"r.previousSessionVariables", b"s.onceSetNextProtoDefaults"):
        assert whole("legacy", field) is None
    for name in (b"public_key = ", b"cacheKey: ", b"ssh-host-key="):
        data = name + drawn
        assert judge.keyish(data, len(name), len(data), LOW) is None
    data = b"mailer_key = " + drawn
    assert judge.keyish(data, 13, len(data), LOW) is not None


def test_a_verifier_key_is_public() -> None:
    """The text by which others verify a log (C2SP signed-note) is a name, a hash and a public key."""
    data = b"LOG_KEY = log.example+c74f20a3+" + made_up.base64(44, "v").encode()
    assert judge.keyish(data, 10, len(data), LOW) is None


def test_what_a_person_types_for_a_password_counts() -> None:
    """Under a name that ends in password a sign among letters is enough; under another it is not."""
    for value in (b"super$ecret", b"hunter!two"):
        assert judge.assigned(b'password = "' + value + b'"', 12, 12 + len(value), MEDIUM) is not None
        assert judge.assigned(b'the_secret = "' + value + b'"', 14, 14 + len(value), MEDIUM) is None


def test_published_examples_and_patterns_are_no_secrets() -> None:
    """What RFCs print, and regular expressions that find secrets."""
    assert whole("assigned", b"2YotnFZFEjr1z" + b"CsicMWpAA") is None
    assert whole("assigned", rb"([a-f0-9]{48}(?![a-f0-9]))") is None
    data = b'credentialsId = "' + made_up.uuid().encode()
    assert judge.assigned(data, 17, len(data), MEDIUM) is None
