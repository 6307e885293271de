"""Word lists do what detect-secrets does with its C extension."""

from __future__ import annotations

from secretguard.peer.words import Words


def test_a_secret_with_a_word() -> None:
    """The first word that is inside is given; none where there is none."""
    words = Words()
    for word in ("example", "test"):
        words.add_word(word, word)
    words.make_automaton()
    assert list(words.iter(string="an-example-test")) == ["example", "test"]
    assert list(words.iter(string="random")) == []
