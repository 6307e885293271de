"""What a destination does, and how it says that it could not."""

from __future__ import annotations

from typing import Protocol

from secretguard.audit.ship.batch import Batch
from secretguard.audit.ship.cursor import Cursor
from secretguard.errors import SecretguardError


class NotTaken(SecretguardError):
    """The receiver did not take a batch, or it is not certain that it did: it is sent again.

    `wait` is how many seconds the receiver asked to be left alone; `lasting`: nothing but a person will change it.
    """

    def __init__(self, message: str, fix: str = "", *, wait: float = 0.0, lasting: bool = False) -> None:
        super().__init__(message, fix)
        self.wait = wait
        self.lasting = lasting


class Sink(Protocol):
    """A destination."""

    def send(self, batch: Batch, cursor: Cursor) -> tuple[int, int]:
        """Hand over one batch and return when the receiver has it; inode and size of an output file then, else zeros.

        `cursor` is where the batch before this one ended. Raises NotTaken.
        """
