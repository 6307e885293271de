"""What is handed around."""

from __future__ import annotations

import pickle

from secretguard.fleet.task import Outcome, Target, Task


def test_a_printed_task_does_not_give_its_key_away() -> None:
    """A scheduler prints tasks in its log; they travel whole, and print without key and findings."""
    key = b"\xab" * 32
    task = Task(Target("x", "x-1", place="/x"), {"history": False}, key)
    assert pickle.loads(pickle.dumps(task)) == task
    assert repr(key) not in repr(task)
    assert "finding" not in repr(Outcome(task.target, b"finding"))
