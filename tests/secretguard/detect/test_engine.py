"""The engine: exact spans, no overlaps, no lost candidates, bounded work."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.detect import made_up
from secretguard.detect.engine import Engine
from secretguard.detect.registry import RULES
from tests.secretguard.detect import engines

GITHUB = made_up.github("ghp_")
AWS = "AKIA" + made_up.base32(16)
EXAMPLES = [text for rule in RULES for text, _ in rule.examples]
MISSES = [text for rule in RULES for text in rule.near_misses]
PIECES = st.one_of(
    st.sampled_from(EXAMPLES),
    st.sampled_from(MISSES),
    st.sampled_from(["\n", " ", '"', "=", "password", "://", "-----"]),
)


class _Marks:
    """A stage 1 that marks what it is told to: each match of a regular expression."""

    def __init__(self, *patterns: str) -> None:
        self._patterns = [re.compile(pattern.encode()) for pattern in patterns]

    def hits(self, data: bytes) -> list[tuple[int, int]]:
        return [(m.end(), n) for n, pattern in enumerate(self._patterns) for m in pattern.finditer(data)]


def small(*rules: tuple[str, str, str]) -> Engine:
    """An engine of (id, pattern, confidence) rules whose judge takes everything but placeholders."""
    return Engine(
        _Marks(*(pattern for _, pattern, _ in rules)),
        {
            "rules": [(name, name, "high", confidence, "token") for name, _, confidence in rules],
            "shapes": [(n, pattern, 400, 400, 0, None) for n, (_, pattern, _) in enumerate(rules)],
            "version": "",
        },
    )


def test_text_without_secrets() -> None:
    """Nothing is found in nothing, and in plain text."""
    assert engines.hyperscan().scan(b"") == []
    assert engines.hyperscan().scan(b"the quick brown fox\n" * 100) == []


def test_specific_rule_wins_over_generic_one() -> None:
    """A token in an assignment is reported once, by the rule that knows whose it is."""
    found = engines.hyperscan().scan(f'api_token = "{GITHUB}"'.encode())
    assert engines.rows(found) == [("github-token", "high", 13, 13 + len(GITHUB), GITHUB.encode())]


def test_many_secrets_in_one_line() -> None:
    """Neighbouring tokens, the same one twice included, are each found."""
    data = f"{GITHUB},{AWS};{GITHUB}".encode()
    assert [f.rule_id for f in engines.hyperscan().scan(data)] == ["github-token", "aws-access-key-id", "github-token"]


def test_rejected_candidate_does_not_hide_the_next() -> None:
    """A value that is itself the name of the next assignment is looked at again."""
    data = b"secret: password=" + made_up.alnum(16).encode()
    assert [f.value for f in engines.hyperscan().scan(data)] == [made_up.alnum(16).encode()]


def test_invalid_utf8_does_not_hide_a_secret() -> None:
    """Bytes that are no text stand next to a token without harm."""
    data = b"\xff\xfe\x80" + GITHUB.encode() + b"\xc3\x28"
    assert [f.start for f in engines.hyperscan().scan(data)] == [3]


def test_surer_rule_wins_where_two_overlap() -> None:
    """Confidence decides first, then the order of the rules, and disjoint findings are all kept."""
    engine = small(
        ("low-one", "ab[0-9]{6}cd", "low"), ("high-one", "[0-9]{6}cdef", "high"), ("later", "ab[0-9]{6}", "low")
    )
    assert [f.rule_id for f in engine.scan(b"ab123456cdef")] == ["high-one"]
    assert [f.rule_id for f in engine.scan(b"ab123456cd ab654321")] == ["low-one", "later"]


def test_cap_counts_the_rest() -> None:
    """Beyond the cap, candidates of a rule are counted and not judged; without a cap all are found."""
    data = b"\n".join(made_up.github("ghp_", str(n)).encode() for n in range(20))
    found, unexamined = engines.hyperscan().scan_capped(data, 5)
    assert len(found) == 5
    assert unexamined["github-token"] >= 15
    assert len(engines.hyperscan().scan(data)) == 20


def test_finding_never_shows_its_value() -> None:
    """A finding in a traceback or a log gives nothing away."""
    [finding] = engines.hyperscan().scan(GITHUB.encode())
    assert GITHUB not in repr(finding)
    assert GITHUB not in str(finding)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_findings_are_sorted_disjoint_and_in_place(text: str) -> None:
    """Whatever the text: spans lie in it, in order, without overlap, and hold the value."""
    data = text.encode()
    end = 0
    for finding in engines.hyperscan().scan(data):
        assert end <= finding.start < finding.end <= len(data)
        assert data[finding.start : finding.end] == finding.value
        end = finding.end


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_can_be_scanned(data: bytes) -> None:
    """No input makes the engine fail, and a second scan says the same."""
    assert engines.rows(engines.hyperscan().scan(data)) == engines.rows(engines.hyperscan().scan(data))


HOSTILE = ["a", "=", " ", '"', "secret=", "key ", "AKIA", "eyJ", "-----BEGIN RSA PRIVATE" + " KEY-----\n", "://:"]
HOSTILE += ["curl -u ", "password: ", ".eyJaaaaaaaa", "\\n", "sk-"]


@pytest.mark.parametrize("unit", HOSTILE)
def test_repeated_input_stays_cheap(unit: str) -> None:
    """Inputs made to blow up a backtracking engine come to few stage 2 searches, counted and not timed."""
    data = unit.encode() * (200_000 // len(unit))
    calls = 0

    class Counted(Engine):
        def _match(
            self, number: int, data: bytes, at: int, end: int, stride: dict[int, int]
        ) -> tuple[re.Match[bytes] | None, int]:
            nonlocal calls
            calls += 1
            return super()._match(number, data, at, end, stride)

    full = engines.hyperscan()
    engine = Counted.__new__(Counted)
    engine.__dict__.update(full.__dict__)
    engine.scan_capped(data, 1000)
    assert calls <= len(data) // 4


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("size", [300, 5_000, 150_000])
def test_secret_after_hostile_input_is_found(unit: str, size: int) -> None:
    """What was refuted in a long stretch never hides a secret that follows, on the next line or on the same one."""
    for joint in ("\n", " "):
        data = (unit * (size // len(unit)) + joint + f"x {GITHUB} {AWS} y").encode()
        found = [f.rule_id for f in engines.hyperscan().scan(data)]
        assert found[-2:] == ["github-token", "aws-access-key-id"]


def test_last_of_many_assignments_is_found() -> None:
    """A rule whose candidates are refused a thousand times in a row still sees the one that is a secret."""
    word = made_up.alnum(16)
    for refused in ("secret_key = 'aaaa ", 'password = "password" ', "token: ${TOKEN} ", "API_KEY=$KEY\n"):
        data = (refused * 2000 + f"\npassword = '{word}'\n").encode()
        assert [f.value for f in engines.hyperscan().scan(data)] == [word.encode()]


KEY = made_up.hexadecimal(32)


def by_name(reach: int = 40) -> Engine:
    """An engine with one rule: 32 hexadecimal digits in reach of the name `acme`."""
    shape = r"(?<![A-Za-z0-9])(?P<secret>[0-9a-f]{32})(?![A-Za-z0-9])"
    return Engine(
        _Marks("acme"),
        {
            "rules": [("acme-key", "acme key", "high", "high", "random")],
            "shapes": [(0, shape, 4 + reach + 32, 34, reach, None)],
            "version": "",
        },
    )


@pytest.mark.parametrize(
    "text", ["acme {}", "acme:\n  key: {}\n", "{} # for acme", "{}\n\nacme", "acme acme {} acme", "acme" * 30 + " {}"]
)
def test_key_near_a_name(text: str) -> None:
    """A key that only its vendor's name tells is found before it, after it, and some lines away; once."""
    data = text.format(KEY).encode()
    assert [f.value for f in by_name().scan(data)] == [KEY.encode()]


def test_key_out_of_reach_of_the_name() -> None:
    """Beyond the reach on either side, and as a piece of a longer run, nothing is found."""
    for text in (f"acme{' ' * 41}{KEY}", f"{KEY}{' ' * 41}acme", f"acme {KEY}0", f"acme x{KEY}"):
        assert by_name().scan(text.encode()) == []


def test_every_key_near_a_name() -> None:
    """Several keys by one name are all found; what lies between two distant names is not."""
    other = made_up.hexadecimal(32, "b")
    data = f"acme {KEY}\n{other}{' ' * 200}{KEY}{' ' * 200}acme {other}".encode()
    assert [f.start for f in by_name(80).scan(data)] == [5, 38, data.rindex(other.encode())]


def test_names_close_together_cost_one_look() -> None:
    """However many names: each byte is searched once, and the cap holds."""
    data = f"acme {KEY} ".encode() * 2000
    found, unexamined = by_name().scan_capped(data, 10)
    assert len(found) == 10
    assert unexamined == {"acme-key": 1990}
    assert len(by_name().scan(data)) == 2000


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["acme", KEY, " " * 30, "\n", "x", made_up.hexadecimal(32, "c")]), max_size=14))
def test_near_is_what_a_plain_search_says(pieces: list[str]) -> None:
    """The joined search finds what a search round each name by itself finds."""
    data = " ".join(pieces).encode()
    shape = re.compile(rb"(?<![A-Za-z0-9])[0-9a-f]{32}(?![A-Za-z0-9])")
    names = [match.end() for match in re.finditer(b"acme", data)]
    expected = [m.start() for m in shape.finditer(data) if any(end - 76 <= m.start() <= end + 40 for end in names)]
    assert [f.start for f in by_name().scan(data)] == expected
