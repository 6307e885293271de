"""`/v1/exposures`, and the same for a task's own session: a credential was seen where it must not be."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator

from broker.api import models
from broker.api.caller import Callers
from broker.exposure import Exposure, Reporter, expose
from broker.fingerprint import sha256_of
from broker.service import Broker
from broker.toml_file import StrictModel

HIDDEN = "[the value]"
MAX_VALUE = 20_000
"""Characters of a reported value; the longest that is issued is a private key."""


class Expose(StrictModel):
    """The value that was seen, or its SHA-256 (hex, without white space around the value); and where, for people."""

    value: Annotated[str, Field(min_length=1, max_length=MAX_VALUE)] | None = None
    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    where: models.Reason

    @model_validator(mode="after")
    def _one(self) -> Expose:
        if (self.value is None) == (self.fingerprint is None):
            raise ValueError("give either value or fingerprint")
        return self

    @property
    def sha256(self) -> str:
        """What the value is known by."""
        return self.fingerprint or sha256_of(self.value or "")

    @property
    def place(self) -> str:
        """`where` as it is recorded: the value must not be, wherever the reporter put it."""
        value = (self.value or "").strip()
        return self.where.replace(value, HIDDEN) if value else self.where


class ExposeAnswer(BaseModel):
    """What became of each lease with that value, where it is the caller's; none: it is no credential of theirs.
    `reissue`: the same request for it would now get another one."""

    leases: list[models.ReceiptLine]
    reissue: bool


def router(broker: Broker, callers: Callers) -> APIRouter:
    """The routes, over one broker. A value that is nobody's is answered 200, too: see `broker/exposure.py`."""
    api = APIRouter(prefix="/v1")

    @api.post("/exposures")
    def report(body: Expose, request: Request) -> ExposeAnswer:
        caller = callers.identity(request)
        operator, has_value = callers.is_operator(caller), body.value is not None
        reporter = Reporter(caller.id, launcher=caller.id, operator=operator, has_value=has_value)
        return _answer(expose(broker, reporter, body.sha256, body.place))

    @api.post("/tasks/{task_id}/exposures")
    def report_own(task_id: str, body: Expose, request: Request) -> ExposeAnswer:
        task = callers.session(request, task_id)
        return _answer(expose(broker, Reporter(f"session of {task.id}", task.id), body.sha256, body.place))

    return api


def _answer(found: Exposure) -> ExposeAnswer:
    return ExposeAnswer(leases=[models.receipt_line(line) for line in found.lines], reissue=found.reissue)
