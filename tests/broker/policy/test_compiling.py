"""Compiling what was sent: bounded, its faults named by file and line, its examples run."""

from __future__ import annotations

import subprocess

import pytest

from broker.errors import BadRequest, RecordFailed
from broker.policy import compiling
from broker.policy.compiling import checked, compiled
from broker.policy.files import PolicyFiles
from secretguard.errors import ConfigError
from tests.broker.policy.sets import TASK, files


def test_a_good_policy_is_compiled() -> None:
    """By the child first, then here from the table that it left."""
    made = checked(files())
    assert made.digest == files().digest
    assert list(made.tasks) == ["work"]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (files(rules="\n\npermit (principal"), r"^rules\.cedar:\d+: not Cedar"),
        (files(facts="\n[nope]\n"), r"^facts\.toml:\d+: unknown"),
        (files(task=TASK + "x = 1\n"), r"^tasks/work\.toml:9: grants\.plain\.x"),
        (files(task=TASK.replace("work", "other")), r"^tasks/work\.toml:1: name"),
        (files(owners='[owners]\nsecurity = ["jwt:*"]\n'), r"^facts\.toml:\d+: owners\.security: .*names nobody"),
    ],
)
def test_a_fault_is_named_by_file_and_line(found: PolicyFiles, told: str) -> None:
    """As the proposer knows the files, without the broker's own folder."""
    with pytest.raises(BadRequest, match=told) as refused:
        checked(found)
    assert refused.value.rule == "policy-set"
    assert "/tmp" not in str(refused.value)


def test_an_example_that_fails_refuses_the_policy() -> None:
    """Also when a table of the same rules stands compiled already: examples are not part of it."""
    checked(files())
    wrong = '\n[[example]]\nrequest = "run/destroy/production/customer"\noutcome = "allow"\n'
    texts = {**files().texts, "examples.toml": files().texts["examples.toml"] + wrong}
    with pytest.raises(BadRequest, match=r"^examples\.toml:\d+: run/destroy/production/customer should be allow"):
        checked(PolicyFiles(texts))
    with pytest.raises(ConfigError, match=r"^examples\.toml"):
        compiled(PolicyFiles(texts), examples=True)


def test_a_child_that_takes_too_long_or_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No word of it is needed to know that there is no policy."""
    monkeypatch.setattr(compiling, "SECONDS", 0.001)
    with pytest.raises(BadRequest, match="took longer"):
        checked(files())
    monkeypatch.setattr(compiling, "SECONDS", 30)
    died = subprocess.CompletedProcess([], -9, b"", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: died)
    with pytest.raises(BadRequest, match="without a word"):
        checked(files())


def test_without_a_process_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is out of processes refuses; it does not skip the check."""

    def none(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "run", none)
    with pytest.raises(RecordFailed):
        checked(files())


def test_what_compiles_to_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is not of these very files is never taken for theirs."""
    other = compiled(files(rules="\n// other\n")).rules
    monkeypatch.setattr(compiling, "load", lambda _place: other)
    with pytest.raises(ConfigError, match="something else"):
        compiled(files())
