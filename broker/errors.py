"""The broker's expected failures. Each becomes an RFC 9457 problem document in one place, `broker/api/problems.py`.

No message carries a credential, a URL with a lease id, or the text of a Vault answer.
"""

from __future__ import annotations

from secretguard.errors import SecretguardError


class BrokerError(SecretguardError):
    """Base class, never raised itself. `status` is the HTTP status, `rule` the id of the deciding rule."""

    status = 500
    title = "Internal error"

    def __init__(self, message: str, fix: str = "", *, rule: str = "") -> None:
        super().__init__(message, fix)
        self.rule = rule


class BadRequest(BrokerError):
    """The request is malformed, oversized or names something that does not exist in its own terms."""

    status, title = 400, "Bad request"


class Unauthenticated(BrokerError):
    """No identity could be established from the transport, token or proof. `challenge` is what the answer's
    WWW-Authenticate header says (RFC 9110, 11.6.1)."""

    status, title = 401, "Unauthenticated"
    challenge = "Bearer"


class Refused(BrokerError):
    """Policy says no. `fix` names the nearest request that would pass, or who may ask."""

    status, title = 403, "Refused by policy"


class NotFound(BrokerError):
    """No such task, lease or approval for this caller."""

    status, title = 404, "Not found"


class Conflict(BrokerError):
    """The state does not allow it: the task has ended, the approval was already used."""

    status, title = 409, "Conflict"


class TooMany(BrokerError):
    """A rate, use or concurrent-lease cap was reached."""

    status, title = 429, "Too many requests"


class SourceFailed(BrokerError):
    """The credential source said no: nothing was issued, and that is certain."""

    status, title = 502, "Credential source failed"


class MaybeIssued(BrokerError):
    """The source's answer was lost or unclear: a credential may exist and will be found and revoked by recovery."""

    status, title = 503, "Credential source did not answer"


class RecordFailed(BrokerError):
    """The record could not be written, so nothing was done."""

    status, title = 503, "Record could not be written"


class Unreachable(BrokerError):
    """Raised by the client: the broker could not be reached, or its answer was lost, too long or not understood.

    Whether the call took effect is unknown unless the message says that nothing was sent.
    """

    status, title = 504, "Broker not reached"
