"""A labelled set of commands with the hosts that each would call, and what no text may do to the reader of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.shell import hosts
from secretguard.shell.address import INFERRED, Call
from secretguard.shell.clients import CLIENTS
from secretguard.shell.words import UNKNOWN
from tests.secretguard.shell.place import seen, words

SET = Path(__file__).parents[2] / "data" / "hosts_of_commands.txt"
LABELLED = [line.partition(" =>") for line in SET.read_text().splitlines() if line and not line.startswith("#")]


def told(call: Call) -> str:
    """A call as the labelled set writes it."""
    return f"({call.unknown})" if call.unknown else f"{call.host}:{call.port}" if call.port else call.host


def test_the_set_is_large_enough_to_mean_something() -> None:
    """At least sixty commands, some of which call nobody."""
    assert len(LABELLED) >= 60
    assert sum(not expected.strip() for _, _, expected in LABELLED) >= 10


@pytest.mark.parametrize(("command", "expected"), [(command, expected) for command, _, expected in LABELLED])
def test_the_hosts_of_a_labelled_command(command: str, expected: str) -> None:
    """Exactly the places that the label names, in the order of the words, each of them inferred."""
    found = seen(command).calls
    assert "; ".join(map(told, found)) == expected.strip()
    assert {call.how for call in found} <= {INFERRED}


TEXT = st.text(st.sampled_from("ab.:/@[]-=?#\\% \x00\x1b\u202eé"), max_size=40)


@given(st.sampled_from([*CLIENTS, "git", "unheard-of", "python3"]), st.lists(TEXT, max_size=6), st.booleans())
def test_no_words_break_it_or_come_out_as_a_host_that_none_has(
    name: str, given_words: list[str], wrapper: bool
) -> None:
    """Whatever the words: every call has a host of a host's form or says why not, and names the program."""
    for call in hosts.calls(words(name, *given_words), given_words[:1], wrapper):
        assert bool(call.host) != bool(call.unknown)
        assert call.host == call.host.lower()
        assert len(call.host) <= 255
        assert all(c.isprintable() and not c.isspace() for c in call.host + call.scheme)
        assert UNKNOWN not in call.via + call.unknown
        assert 0 <= call.port < 65536


@pytest.mark.parametrize("name", ["curl", "ssh", "git", "unheard-of", "psql", "rsync", "docker", "dig", "socat"])
@pytest.mark.parametrize("piece", ["https://h{}.example ", "a@", "://", "[", "h{}:", "-", "\x00://"])
def test_what_is_looked_for_and_told_is_bounded(name: str, piece: str) -> None:
    """Words as long as a command may be: at most MOST different places, and each character is looked at a few times."""
    many = [piece.format(number).strip() for number in range(300)]
    long = "".join(piece.format(number) for number in range(10_000 // len(piece)))
    assert len(hosts.calls(words(name, "clone", *many, long), [long])) <= hosts.MOST


def test_a_wrapper_is_not_blamed_for_what_it_runs() -> None:
    """`sudo` calls nobody; the program that it runs does."""
    assert hosts.calls(words("sudo", "make", "https://x.example"), wrapper=True) == []
    assert [call.via for call in seen("sudo make https://x.example").calls] == ["make"]


def test_a_host_that_is_named_in_an_option_has_its_label() -> None:
    """Policy hears of it, whatever the word looks like."""
    assert "db.prod.example" in seen("pg_dump --host=db.prod.example app").hosts
