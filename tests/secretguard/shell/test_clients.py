"""The table of programs that call: each row can be seen at work, and none contradicts itself."""

from __future__ import annotations

import pytest

from secretguard.shell import hosts
from secretguard.shell.clients import CLIENTS, LOCAL, LOCAL_CALLS
from tests.secretguard.shell.place import words


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_every_program_of_the_table_can_be_seen_calling(name: str) -> None:
    """A row that never yields a call is a hole: each has words with which it does."""
    client = CLIENTS[name]
    verbs = ["get"] if client.calls == " * " else client.calls.split()[:1]
    option = client.hosts.split()[:1]
    given_words = [*option, *(["x.example:80"] if option else []), *verbs, "tcp:x.example:80", "https://x.example/a"]
    assert hosts.calls(words(name, *given_words))


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_an_option_is_read_in_one_way(name: str) -> None:
    """An option that names a host is not also one that takes some other value; each is an option."""
    client = CLIENTS[name]
    named, valued = set(client.hosts.split()), set(client.valued.split())
    assert not named & valued
    assert all(option.startswith("-") for option in named | valued | set(client.silent.split()))


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_help_calls_nobody(name: str) -> None:
    """Asking a program what it can do is no call, where it has subcommands and where it has none."""
    verbs = CLIENTS[name].calls.split()[:1] if CLIENTS[name].calls != " * " else ["get"]
    assert hosts.calls(words(name, *verbs, "--help")) == []


def test_no_program_is_in_both_lists() -> None:
    """One that calls nobody is no client."""
    assert not set(LOCAL.split()) & set(CLIENTS)
    assert LOCAL_CALLS.split()
