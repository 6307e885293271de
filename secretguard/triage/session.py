"""`secretguard baseline review`, step by step: show a finding, take a decision, write it down at once, go on.

Every decision is in the file before the next finding is shown, so that whatever ends the session loses nothing, and the
next session goes on with what is not decided.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field

from secretguard.acceptance import Acceptance, given, today
from secretguard.accepted import Baseline, Place, digests, entries, normal, save
from secretguard.baseline_entries import accepted, real
from secretguard.errors import ConfigError
from secretguard.pipeline import Scanner
from secretguard.report.located import Located
from secretguard.triage import screen
from secretguard.triage.context import Context, look
from secretguard.triage.keys import BACKSPACE, CLEAR, END, ENTER, ESCAPE, LEFT, RIGHT
from secretguard.triage.terminal import REDRAW, Terminal

OPEN, ENTERED, ACCEPTED, REAL, EXPIRED = "open", "in the baseline, not looked at", "accepted", "real", "expired"
_WITH_LINE = frozenset({"vi", "vim", "nvim", "view", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "ne", "mg"})
"""Editors that take +LINE before a file."""


@dataclass(slots=True)
class Item:
    """One value in one file: its first finding, in how many places it is, and what the baseline holds of it."""

    finding: Located
    places: int
    label: str
    said: str = ""


def items(baseline: Baseline, found: list[Located], everything: bool) -> list[Item]:
    """What there is to decide: a value in a file that no person has called accepted or real, or no longer."""
    looked_at: dict[Place, bool] = {}
    for name, entry in entries(baseline.path, baseline.document):
        place = (name, entry["hashed_secret"])
        looked_at[place] = looked_at.get(place, False) or entry.get("is_secret") is False
    kept: dict[Place, Item] = {}
    for finding in found:
        if finding.accepted == "pragma":
            continue
        places = [(normal(finding.path), digest) for digest in digests(finding)]
        item = kept.setdefault(places[0], Item(finding, 0, _label(baseline, places, looked_at)))
        item.said = next((str(baseline.said[place]) for place in places if place in baseline.said), "")
        item.places += 1
    return [item for item in kept.values() if everything or item.label not in (ACCEPTED, REAL)]


def _label(baseline: Baseline, places: list[Place], looked_at: dict[Place, bool]) -> str:
    """What a baseline holds of a finding, by the places of its digests."""
    if any(place in baseline.real for place in places):
        return REAL
    if any(place in baseline.expired for place in places):
        return EXPIRED
    if any(looked_at.get(place) for place in places):
        return ACCEPTED
    return ENTERED if any(place in looked_at for place in places) else OPEN


@dataclass(slots=True)
class Session:
    """One person at one terminal. `reload` gives the baseline as it is on disk now, `by` is who decides."""

    reload: Callable[[], Baseline]
    scanner: Scanner
    items: list[Item]
    by: str
    terminal: Terminal
    colour: bool
    secrets: tuple[str, ...] = ()
    at: int = 0
    message: str = ""
    _seen: tuple[int, int, Context] | None = field(default=None)

    def run(self) -> None:
        """Until the last finding is passed, or the person quits. Raises ConfigError when nothing can be written."""
        actions = {"a": self._accept, "r": self._real, "e": self._edit, "s": self._next, RIGHT: self._next}
        actions |= {"b": self._back, LEFT: self._back}
        while self.at < len(self.items):
            self._draw()
            key = self.terminal.key()
            if key in ("q", END):
                return
            if key != REDRAW:
                self.message = ""
                actions.get(key, self._unknown)()

    @property
    def counts(self) -> tuple[int, int]:
        """How many are accepted, and how many are real."""
        labels = [item.label for item in self.items]
        return labels.count(ACCEPTED), labels.count(REAL)

    def _draw(self, prompt: str = "") -> None:
        columns, rows = self.terminal.size
        item, context = self.items[self.at], self._context(screen.around(rows))
        view = screen.View(
            os.path.basename(self.scanner.baseline.path) if self.scanner.baseline else "",
            self.at + 1,
            len(self.items),
            *self.counts,
            finding=context.found or item.finding,
            places=item.places,
            status=_status(item, context),
            context=context,
            message=prompt or self.message,
        )
        self.terminal.draw(screen.picture(view, columns, rows, self.colour))

    def _context(self, around: int) -> Context:
        if self._seen is None or self._seen[:2] != (self.at, around):
            found = look(self.scanner, self.items[self.at].finding, around, self.secrets)
            self._seen = (self.at, around, found)
        return self._seen[2]

    def _next(self) -> None:
        self.at += 1

    def _back(self) -> None:
        self.message = "" if self.at else "this is the first one"
        self.at = max(0, self.at - 1)

    def _unknown(self) -> None:
        self.message = "one of the keys above"

    def _accept(self) -> None:
        if not self._there():
            return
        why = self._asked("why may it stay? ")
        until = self._asked("until which day? (2027-01-31, Enter: no end) ", empty=True) if why else None
        if not why or until is None:
            self.message = "not accepted"
            return
        try:
            said = given(self.by, why, until, today())
        except ConfigError as error:
            self.message = error.message
            return
        if said.tells(self.items[self.at].finding.secret.reveal()):
            self.message = "the reason holds the secret itself; it was not written"
            return
        self._write(ACCEPTED, said)

    def _real(self) -> None:
        if self._there():
            self._write(REAL, Acceptance(by=self.by))

    def _there(self) -> bool:
        there = self._context(screen.around(self.terminal.size[1])).found is not None
        self.message = "" if there else "it is gone: s goes on, `baseline update` drops its entry"
        return there

    def _write(self, decision: str, said: Acceptance) -> None:
        """Into the file as it is now: another program may have written it since."""
        item, baseline = self.items[self.at], self.reload()
        document = (real if decision == REAL else accepted)(baseline, item.finding, said)
        save(baseline.path, document)
        item.label, item.said = decision, str(said)
        self.at += 1

    def _asked(self, question: str, empty: bool = False) -> str | None:
        """A line that is typed; None when the person leaves it, or leaves it empty where that means nothing."""
        typed = ""
        while True:
            self._draw(f"{question}{typed}_")
            key = self.terminal.key()
            if key in (ESCAPE, END):
                return None
            if key == ENTER:
                return typed if typed.strip() or empty else None
            if key == CLEAR:
                typed = ""
            elif key == BACKSPACE:
                typed = typed[:-1]
            elif len(key) == 1 and len(typed) < 500:
                typed += key

    def _edit(self) -> None:
        command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
        finding = self._context(screen.around(self.terminal.size[1])).found or self.items[self.at].finding
        if not command or not os.path.isfile(finding.path):
            self.message = "set VISUAL or EDITOR" if not command else "there is no such file to edit"
            return
        place = [f"+{finding.line}"] if os.path.basename(command[0]) in _WITH_LINE else []
        with self.terminal.lent():
            try:
                status = subprocess.run([*command, *place, os.path.abspath(finding.path)], check=False).returncode
            except OSError as error:
                self.message = f"{command[0]}: {error.strerror}"
            else:
                self.message = f"{command[0]} ended with {status}" if status else ""
        self._seen = None


def _status(item: Item, context: Context) -> str:
    status = f"{item.label}: {item.said}" if item.said else item.label
    if context.found is None:
        return f"{status}; gone"
    return f"{status}; a pragma in the file accepts it now" if context.found.accepted == "pragma" else status
