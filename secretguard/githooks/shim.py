"""The text of a git hook of ours: POSIX sh, which runs what stood there before and then `secretguard git-hook NAME`.

It names the Python that installed it and its package by their full paths and asks PATH for nothing: in a project PATH
may name the project's own programs. Where they are gone it refuses and says how to go on.
"""

from __future__ import annotations

import os
import shlex
import site
import sys

import secretguard

MARK = "# secretguard git hook"
KEPT = ".before-secretguard"
"""Ending of the file that a hook which stood there before is kept in; it is run as before."""

COMMIT, MERGE, PUSH, RECEIVE = "pre-commit", "pre-merge-commit", "pre-push", "pre-receive"
CLIENT = (COMMIT, MERGE, PUSH)
"""The hooks of a developer's repository. A merge without conflicts asks `pre-merge-commit` alone (githooks(5))."""

PASSED_ON = (
    "applypatch-msg", "pre-applypatch", "post-applypatch", "prepare-commit-msg", "commit-msg", "post-commit",
    "pre-rebase", "post-checkout", "post-merge", "pre-auto-gc", "post-rewrite", "sendemail-validate",
    "reference-transaction", "post-index-change", "pre-receive", "update", "post-receive", "post-update",
)  # fmt: skip
"""With a folder of hooks for all repositories git no longer looks into a repository's own: these are passed on to it.
`push-to-checkout` and `proc-receive` are left out: git behaves otherwise where they merely exist."""

_HEAD = """#!/bin/sh
{mark}: {name}. Written by `secretguard {install}`; `secretguard un{install}` gives back what was here.
"""
_GUARD = """{home}python={python}
if [ ! -x "$python" ] || [ ! -f {package} ]; then
    echo "secretguard: the installation that this {name} hook needs is gone, so it refuses." >&2
    echo "  install secretguard again, then run: secretguard {install}" >&2
    echo "  or take the hook out: {take_out}" >&2
    exit 1
fi
before={before}
"""
_AFTER_OTHERS = """# What was here before comes first: it may change what is staged.
[ ! -x "$before" ] || "$before" "$@" || exit
exec "$python" {flags} -m secretguard git-hook {name} "$@"
"""
_BEFORE_OTHERS = """# The scan comes first: what was here before may send something, or record that it let this pass.
updates=$(cat)
feed() {{ [ -z "$updates" ] || printf '%s\\n' "$updates" 2>/dev/null; }}
feed | "$python" {flags} -m secretguard git-hook {name} "$@" || exit
[ -x "$before" ] || exit 0
feed | "$before" "$@"
"""
_HAND_ON = """own={before}
[ ! -x "$own" ] || exec "$own" "$@"
"""
_BESIDE = '"${{0%/*}}/{name}' + KEPT + '"'
_OF_THE_REPOSITORY = '"$(git rev-parse --git-common-dir)/hooks/{name}"'


def text(name: str, install: str = "install git", everywhere: bool = False) -> str:
    """The script for the hook `name`. `install` is the command that writes it; `everywhere`: it stands in a folder for
    all repositories, and what it passes on to is the repository's own hook of that name."""
    before = (_OF_THE_REPOSITORY if everywhere else _BESIDE).format(name=name)
    head = _HEAD.format(mark=MARK, name=name, install=install)
    if name not in (*CLIENT, RECEIVE) or (everywhere and name == RECEIVE):
        return head + _HAND_ON.format(before=before)
    home = os.environ.get("SECRETGUARD_HOME")
    guard = _GUARD.format(
        home=f"SECRETGUARD_HOME={shlex.quote(home)}; export SECRETGUARD_HOME\n" if home else "",
        python=shlex.quote(sys.executable),
        package=shlex.quote(os.path.join(os.path.dirname(os.path.abspath(secretguard.__file__)), "__main__.py")),
        name=name,
        install=install,
        take_out="git config --global --unset core.hooksPath" if everywhere else "rm $0",
        before=before,
    )
    run = _AFTER_OTHERS if name in (COMMIT, MERGE) else _BEFORE_OTHERS
    return head + guard + run.format(flags=" ".join(flags()), name=name)


def flags() -> tuple[str, ...]:
    """How Python is started, so that nothing of the repository is imported: isolated; where secretguard is installed
    for this user alone (`pip install --user`), which isolation leaves out, without the current folder and variables."""
    own = os.path.abspath(secretguard.__file__)
    for_user = bool(site.ENABLE_USER_SITE) and own.startswith(site.getusersitepackages() + os.sep)
    return ("-P", "-E") if for_user else ("-I",)


def is_ours(path: str) -> bool:
    """Whether the file at `path` is a hook that this module wrote."""
    try:
        with open(path, "rb") as file:
            return MARK.encode() in file.read(200)
    except OSError:
        return False
