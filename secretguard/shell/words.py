"""A simple command as the shell would run it: its words, and where it stands. Hot path: imports `os.path` alone."""

from __future__ import annotations

import os.path

UNKNOWN = "\x00"
"""Stands in a word's text for what only the running shell knows: a variable, a substitution, arithmetic."""


class Place:
    """Where a command runs: working folder, project root and home, all absolute. `cwd` None: not known any more."""

    __slots__ = ("cwd", "home", "project")

    def __init__(self, cwd: str | None, project: str, home: str) -> None:
        self.cwd = cwd
        self.project = project
        self.home = home

    def moved(self, cwd: str | None) -> Place:
        """The same place after `cd`."""
        return Place(cwd, self.project, self.home)

    def path(self, word: str) -> str | None:
        """The absolute path that `word` names, None where it depends on something unknown."""
        if UNKNOWN in word:
            return None
        if word.startswith("/"):
            return os.path.normpath(word)
        if word == "~" or word.startswith("~/"):
            return os.path.normpath(self.home + word[1:])
        return None if self.cwd is None else os.path.normpath(os.path.join(self.cwd, word))


class Command:
    """One simple command: `words` with quotes removed, the files it is redirected to and from, and its pipe.

    `piped_from` are the programs whose output it reads, nearest first; `variables` the names that its words expand;
    `body` is here-document or here-string text on its standard input.
    """

    __slots__ = ("body", "inputs", "outputs", "piped_from", "place", "variables", "words")

    def __init__(
        self,
        words: list[str],
        place: Place,
        piped_from: tuple[str, ...] = (),
        outputs: tuple[str, ...] = (),
        inputs: tuple[str, ...] = (),
        variables: tuple[str, ...] = (),
        body: str = "",
    ) -> None:
        self.words = words
        self.place = place
        self.piped_from = piped_from
        self.outputs = outputs
        self.inputs = inputs
        self.variables = variables
        self.body = body

    def with_words(self, words: list[str]) -> Command:
        """The same command without its wrapper (`sudo`, `env`, `xargs` ...)."""
        return Command(words, self.place, self.piped_from, self.outputs, self.inputs, self.variables, self.body)

    @property
    def name(self) -> str:
        """The program's base name; empty where only the running shell knows it."""
        if not self.words:
            return ""
        base = self.words[0].rsplit("/", 1)[-1].lstrip("\\")
        return "" if UNKNOWN in base else base

    @property
    def plain(self) -> list[str]:
        """The words after the program that are no options, in order."""
        return [w for w in self.words[1:] if not w.startswith("-")]

    def has(self, *options: str) -> bool:
        """Whether one of `options` is given: `--long` also as `--long=x`, `-x` also among letters as in `-axe`."""
        return any(_is_option(word, option) for word in self.words[1:] for option in options)


def _is_option(word: str, option: str) -> bool:
    if option.startswith("--"):
        return word == option or word.startswith(option + "=")
    if len(option) == 2 and option[0] == "-":
        return len(word) > 1 and word[0] == "-" and word[1] != "-" and option[1] in word[1:].split("=", 1)[0]
    return word == option


class Observation:
    """One thing a command would do that policy must hear of: its effect, the family that saw it, and why, in words."""

    __slots__ = ("effect", "family", "why")

    def __init__(self, effect: str, family: str, why: str) -> None:
        self.effect = effect
        self.family = family
        self.why = why

    def __repr__(self) -> str:
        return f"Observation({self.effect!r}, {self.family!r})"


class Step:
    """A row of a family table: a program, the words that must follow it, and options of which one must be given.

    A word may end in `*` (any ending); `*` alone is any number of words. Options and their values between the words
    are passed over: `git -C dir push` is `git push`, but `npm run publish` is not `npm publish`.
    """

    __slots__ = ("family", "follows", "options", "program", "why")

    def __init__(self, call: str, family: str, why: str, options: tuple[str, ...] = ()) -> None:
        self.program, *self.follows = call.split(" ")
        self.family = family
        self.why = why
        self.options = options

    def fits(self, command: Command) -> bool:
        """Whether `command` is this step."""
        if not _like(command.name, self.program):
            return False
        return self._followed(command.words[1:]) and (not self.options or command.has(*self.options))

    def _followed(self, words: list[str]) -> bool:
        due, anything, after_option = list(self.follows), False, False
        for word in words:
            if due and due[0] == "*":
                due.pop(0)
                anything = True
            if not due:
                return True
            if word.startswith("-") and len(word) > 1:
                after_option = True
            elif _like(word, due[0]):
                due.pop(0)
                anything = after_option = False
            elif after_option or anything:
                after_option = False
            else:
                return False
        return not due


def _like(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def first_fit(command: Command, steps: tuple[Step, ...], effect: str) -> Observation | None:
    """The observation of the first step that fits `command`."""
    for step in steps:
        if step.fits(command):
            return Observation(effect, step.family, step.why)
    return None
