"""Hand the log's checkpoints to witnesses and keep what they sign: C2SP `tlog-witness` (https://c2sp.org).

    POST URL/add-checkpoint     old SIZE, up to 63 hashes of the consistency proof, an empty line, the checkpoint
    200   its cosignatures      the one of the configured key is verified and stored; others are ignored
    409   a size                it knows another size of this log: asked again from there, once or twice
    422, or a size that this log does not have: the histories differ, or this log went back. An alarm, and recorded
    403, 404, anything else     it does not know the log's key, or the log, or fails: told, tried again later

Nothing secret is sent. An answer is believed only as far as its signature carries it.
"""

from __future__ import annotations

import base64
import dataclasses
import logging
import threading
from collections.abc import Callable, Sequence

import requests
import sqlalchemy as sa

from broker import vault_http
from broker.errors import BrokerError
from broker.log.cosignature import Witness, cosigned_at
from broker.log.tree import Tree, size_of
from broker.store.database import Database
from broker.store.log import append
from broker.store.tables import checkpoints, cosignatures
from secretguard.audit.checkpoint import CheckpointError

ANSWER_CAP = 64 * 1024
SECONDS = 10.0
TRIES = 3
EVERY_SECONDS = 5.0
MAX_PROOF = 63
SLACK_SECONDS = 86_400
"""A cosignature from further in the future is not believed: it could stand for any later one."""


log = logging.getLogger("broker.log")


class WitnessFailed(BrokerError):
    """No cosignature now. The next round tries again."""

    status, title = 502, "The witness did not cosign"


class WitnessContradicts(WitnessFailed):
    """The witness has signed a history of this log that is not the one here: somebody was shown another."""

    title = "The witness knows another history"


@dataclasses.dataclass(frozen=True, slots=True)
class Cosigned:
    """What came of asking: checkpoint of `size` entries, signed by the witness at (Unix seconds)."""

    size: int
    at: int


class WitnessClient:
    """One witness at one submission prefix. `problem` says why the newest checkpoint has no cosignature of it."""

    def __init__(self, url: str, witness: Witness, ca_file: str = "") -> None:
        self.url, self.witness = url.rstrip("/"), witness
        self.problem = ""
        self._session = vault_http.session(SECONDS, ca_file or None)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Drop the connections."""
        self._session.close()

    def cosign(self, database: Database, now: Callable[[], float]) -> Cosigned | None:
        """Have the newest checkpoint cosigned; None when it is already, or when there is none.

        Raises WitnessFailed, WitnessContradicts (recorded where it is news), RecordFailed.
        """
        with self._lock:
            try:
                done = self._ask(database, now)
            except WitnessContradicts as error:
                self._alarm(database, now, error)
                raise
            except WitnessFailed as error:
                self.problem = error.message
                raise
            self.problem = ""
            return done

    def _ask(self, database: Database, now: Callable[[], float]) -> Cosigned | None:
        with database.read() as tx:
            row = tx.execute(sa.select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).first()
            mine = cosignatures.c.witness == self.witness.name
            old = int(tx.execute(sa.select(sa.func.max(cosignatures.c.size)).where(mine)).scalar() or 0)
        if row is None or row.size == old:
            return None
        for _ in range(TRIES):
            status, body = self._post(self._request(database, old, row.size, row.note))
            if status == 200:
                return self._keep(database, row.size, row.note, body, now)
            if status != 409:
                break
            known = self._known(body, old)
            self._require_ours(database, known)
            old = known
        raise self._refused(status)

    def _request(self, database: Database, old: int, size: int, note: str) -> bytes:
        with database.read() as tx:
            proof = Tree(tx, size).consistency(old)
        if len(proof) > MAX_PROOF:
            raise WitnessFailed(f"a proof of {len(proof)} hashes is longer than a witness takes")
        lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof), ""]
        return ("\n".join(lines) + f"\n{note}").encode()

    def _post(self, body: bytes) -> tuple[int, str]:
        try:
            response = self._session.post(
                f"{self.url}/add-checkpoint",
                data=body,
                headers={"Content-Type": "text/plain; charset=utf-8"},
                timeout=(vault_http.CONNECT_SECONDS, SECONDS),
                allow_redirects=False,
                stream=True,
            )
            return response.status_code, vault_http.read_capped(response, ANSWER_CAP).decode("utf-8")
        except (*vault_http.FAILURES, requests.RequestException) as error:
            told = f"{self.witness.name} did not answer ({type(error).__name__})"
        raise WitnessFailed(told, "checkpoints go on without it; it is asked again")

    def _keep(self, database: Database, size: int, note: str, body: str, now: Callable[[], float]) -> Cosigned:
        """Store the line that is the witness's own; every other line is passed over."""
        for line in body.split("\n"):
            try:
                at = cosigned_at(note, line, self.witness)
            except CheckpointError as error:
                raise WitnessFailed(error.message, "check the witness's key in [[log.witness]]") from None
            if at is not None and at > now() + SLACK_SECONDS:
                raise WitnessFailed(f"{self.witness.name} signed for a time that is more than a day ahead")
            if at is not None:
                values = {"size": size, "witness": self.witness.name, "line": line, "at": at}
                database.insert_once(cosignatures.insert().values(**values))  # another replica may have been first
                return Cosigned(size, at)
        fix = "check the witness's key in [[log.witness]]: only its Ed25519 cosignatures count"
        raise WitnessFailed(f"the answer has no cosignature of {self.witness.name}", fix)

    def _known(self, body: str, old: int) -> int:
        text = body.removesuffix("\n")
        if not (text.isascii() and text.isdigit()) or len(text) > 18 or text != str(int(text)):
            raise WitnessFailed(f"{self.witness.name} answered 409 without the size that it knows")
        known = int(text)
        if known == old:
            raise WitnessContradicts(f"{self.witness.name} knows other {known} entries than the first {known} here")
        return known

    def _require_ours(self, database: Database, known: int) -> None:
        """The witness is ahead of the checkpoint in hand: fine where another replica was faster, an alarm where the
        log does not have that many entries."""
        with database.read() as tx:
            here = size_of(tx)
            newest = int(tx.execute(sa.select(sa.func.max(checkpoints.c.size))).scalar() or 0)
        if known > here:
            raise WitnessContradicts(
                f"{self.witness.name} has signed {known} entries of this log, and {here} are here",
                "the store went back: look for what was lost before anything else is recorded",
            )
        if known >= newest:
            raise WitnessFailed(f"{self.witness.name} knows {known} entries already", "it is asked again")

    def _refused(self, status: int) -> WitnessFailed:
        if status == 422:
            return WitnessContradicts(f"{self.witness.name} says that the log here is not the one that it has signed")
        why = {
            403: ("does not accept the log's key", "give it the log's verifier key (log.vkey)"),
            404: ("does not know this log", "have its operator add the log's origin and verifier key"),
            409: ("keeps answering with another size", "is another broker using this log's origin?"),
        }.get(status, (f"answered {status}", "it is asked again"))
        return WitnessFailed(f"{self.witness.name} {why[0]}", why[1])

    def _alarm(self, database: Database, now: Callable[[], float], error: WitnessContradicts) -> None:
        """Record a contradiction when it is news: said every ten seconds it would be a flood."""
        if self.problem != error.message:
            with database.write() as tx:
                told = {"witness": self.witness.name, "reason": error.message}
                append(tx, "broker:log:contradicted", "", now(), told)
        self.problem = error.message


def ask_all(witnesses: Sequence[WitnessClient], database: Database, now: Callable[[], float]) -> None:
    """Have the newest checkpoint cosigned by each, if it is not yet. What fails is told by `problem` (readyz), and by
    the record where it contradicts."""
    for one in witnesses:
        try:
            one.cosign(database, now)
        except BrokerError:
            pass
        except Exception as fault:  # one witness's answer must not end the others'
            log.error("asking a witness failed with %s", type(fault).__name__)  # noqa: TRY400  # a traceback quotes values


def keep_asking(
    witnesses: Sequence[WitnessClient], database: Database, now: Callable[[], float], stop: threading.Event
) -> None:
    """Ask all every few seconds until `stop` is set."""
    while not stop.wait(EVERY_SECONDS):
        ask_all(witnesses, database, now)
