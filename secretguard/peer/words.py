"""The words of a `--word-list`: a secret that holds one of them is none. In the place of the C extension
`pyahocorasick`, without which detect-secrets has no word lists; it offers what its filter asks for."""

from __future__ import annotations

from collections.abc import Iterator


class Words:
    """A set of words, each looked for in each secret: lists are short and secrets few."""

    def __init__(self) -> None:
        self._words: list[str] = []

    def add_word(self, word: str, _: str) -> None:
        """Take up a word, in lower case."""
        self._words.append(word)

    def make_automaton(self) -> None:
        """Nothing is left to be made."""

    def iter(self, string: str) -> Iterator[str]:
        """The words that `string` holds."""
        return (word for word in self._words if word in string)
