"""Compiling what was sent: bounded, its faults named by file and line, its examples run."""

from __future__ import annotations

import resource
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


def test_the_child_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within its own limits and those of whoever started the broker; a system without one of them is no fault."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(compiling.resource, "getrlimit", lambda _kind: (5, 7))
    monkeypatch.setattr(compiling.resource, "setrlimit", lambda kind, pair: asked.append((kind, pair[1])))
    monkeypatch.setattr(compiling, "compile_set", lambda _place: None)
    monkeypatch.setattr(compiling.task_policy, "load", lambda _place: {})
    assert compiling.child("x") == 0
    assert dict(asked) == {resource.RLIMIT_CPU: 7, resource.RLIMIT_AS: 7, resource.RLIMIT_CORE: 0}

    def none(_kind: int, _pair: tuple[int, int]) -> None:
        raise ValueError

    monkeypatch.setattr(compiling.resource, "setrlimit", none)
    assert compiling.child("x") == 0


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
