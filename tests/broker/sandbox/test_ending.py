"""The bell, the heartbeat and the repeated end, without a broker."""

from __future__ import annotations

import select
import signal
import threading

import pytest

from broker.errors import BrokerError, NotFound, Unauthenticated, Unreachable
from broker.receipt import Line, Receipt, Revocation
from broker.sandbox.ending import Bell, Heartbeat, end_task, unsettled


def receipt(*words: Revocation) -> Receipt:
    return Receipt("t", tuple(Line(f"l-{at}", "g", "s", word, 0) for at, word in enumerate(words)), 1)


class Answers:
    """Gives these answers in turn, the last one for ever."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked = threading.Event()
        self.count = 0

    def next(self) -> object:
        self.count += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if len(self.answers) == 1:
            self.asked.set()
        if isinstance(answer, BrokerError):
            raise answer
        return answer

    def end(self, task_id: str) -> Receipt:
        return self.next()  # type: ignore[return-value]

    def task(self) -> dict[str, object]:
        return self.next()  # type: ignore[return-value]


def rung(bell: Bell, seconds: float) -> bool:
    return bool(select.select([bell], [], [], seconds)[0])


def test_the_first_ring_counts() -> None:
    """Whatever rings later does not change the reason or the status."""
    bell = Bell()
    assert not rung(bell, 0)
    bell.ring("one", 1)
    bell.ring("two", 2)
    assert rung(bell, 0)
    assert (bell.why, bell.status) == ("one", 1)


def test_a_signal_rings() -> None:
    """SIGHUP becomes a reason and 128+N instead of the process's end."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    bell = Bell()
    try:
        bell.on_signals()
        signal.raise_signal(signal.SIGHUP)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert (bell.why, bell.status) == ("signal SIGHUP", 129)


@pytest.mark.parametrize("last", [{"state": "ended"}, {"state": "killed"}, NotFound("gone"), Unauthenticated("no")])
def test_the_heartbeat_rings_when_the_task_is_over(last: object) -> None:
    """A final state rings, and so does an answer that there is no such session any more."""
    bell = Bell()
    heart = Heartbeat(Answers({"state": "active"}, last), bell, 0.01)
    assert rung(bell, 10)
    heart.stop()
    assert bell.status == 137


def test_a_broker_that_does_not_answer_is_no_reason() -> None:
    """An unreachable broker does not ring: that would let an outage of the broker end all work."""
    bell = Bell()
    answers = Answers({"state": "active"}, Unreachable("no answer"))
    heart = Heartbeat(answers, bell, 0.01)
    assert answers.asked.wait(10)
    assert not rung(bell, 0.1)
    heart.stop()


def test_a_confirmed_end_is_asked_for_once() -> None:
    """One good answer is enough; an expiring credential does not change by asking again."""
    for words in ((), (Revocation.CONFIRMED, Revocation.NOTHING), (Revocation.EXPIRES,)):
        answers = Answers(receipt(*words))
        assert end_task(answers, "t", 10) == (receipt(*words), "")
        assert answers.count == 1


def test_an_uncertain_end_is_asked_for_again() -> None:
    """Failures and queued revocations are tried again until confirmed."""
    good = receipt(Revocation.CONFIRMED)
    answers = Answers(Unreachable("no answer"), receipt(Revocation.QUEUED), good)
    assert end_task(answers, "t", 30) == (good, "")
    assert answers.count == 3


def test_the_last_failure_counts() -> None:
    """A receipt followed by a failure is not a confirmed end; the wait has a deadline."""
    seen = receipt(Revocation.QUEUED)
    assert end_task(Answers(seen, Unreachable("no answer")), "t", 0.5) == (seen, "no answer")
    assert end_task(Answers(Unreachable("no answer")), "t", 0.0) == (None, "no answer")
    assert unsettled(seen)
