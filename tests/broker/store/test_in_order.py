"""Writers of one process, in the order in which they came."""

from __future__ import annotations

import threading
import time

from broker.store.in_order import InOrder


def test_whoever_waits_longest_is_next() -> None:
    """One that takes it again at once comes after those who asked before."""
    order, came = InOrder(), list[int]()

    def take(number: int) -> None:
        with order.turn(60) as held:
            came.append(number if held else -1)

    waiting = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    with order.turn(60):
        for number, thread in enumerate(waiting):
            thread.start()
            while len(order._waiting) <= number:
                time.sleep(0.001)
    take(8)
    for thread in waiting:
        thread.join(60)
    assert came == list(range(9))
    with order.turn(0) as held:
        assert held


def test_one_at_a_time() -> None:
    """However many ask, never two of them hold it."""
    order, inside, most = InOrder(), 0, list[int]()

    def work() -> None:
        nonlocal inside
        for _ in range(200):
            with order.turn(60) as held:
                assert held
                inside += 1
                most.append(inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(most), max(most)) == (1600, 1)


def test_whoever_gives_up_leaves_the_queue() -> None:
    """Its block runs without the lock, and those behind it still get theirs; an error inside passes it on."""
    order = InOrder()
    with order.turn(60), order.turn(0.01) as second:
        assert not second
        assert not order._waiting
    try:
        with order.turn(60):
            raise KeyError
    except KeyError:
        pass
    with order.turn(0) as held:
        assert held
