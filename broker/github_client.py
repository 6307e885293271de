"""The only way to GitHub: three calls of its REST API, each sent once, under one deadline, to the configured address.

Facts from GitHub's documentation: "Generating a JSON Web Token (JWT) for a GitHub App" and "REST API endpoints for
GitHub Apps" / "... GitHub App installations".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from broker.authenticate import jose
from broker.errors import MaybeIssued, SourceFailed
from broker.exchange import Answer, Exchange, NoAnswerError, NotSentError
from broker.github_config import GitHubTable, read_key
from secretguard import rawjson
from secretguard.errors import ConfigError
from secretguard.secret import Secret

MAX_ANSWER = 8 * 1024 * 1024
"""Bytes; the answer describes each of up to 500 repositories."""

JWT_SECONDS = 300
"""Life of the App's own proof; GitHub takes 600 at most."""

SKEW_SECONDS = 60
"""How far back the proof is dated, as GitHub advises, for a clock of ours that is ahead."""

Json = Mapping[str, object]


class GitHub:
    """Calls GitHub as one App. Safe to share between threads."""

    def __init__(self, table: GitHubTable, clock: Callable[[], float] = time.time) -> None:
        """Nothing is sent yet. Raises ConfigError where the key or `ca_file` cannot be read."""
        read_key(table)
        try:
            self._exchange = Exchange(https=True, ca_file=table.ca_file, max_answer=MAX_ANSWER)
        except OSError as error:
            raise ConfigError(f"github.ca_file: {table.ca_file}: cannot be used ({error.strerror})") from None
        self._table, self._clock = table, clock

    def close(self) -> None:
        """Close kept connections."""
        self._exchange.close()

    def create(self, installation: str, body: Json) -> Json:
        """`POST /app/installations/{installation}/access_tokens`: the answer's document.

        Raises SourceFailed (certain: nothing issued) or MaybeIssued.
        """
        try:
            proof = self._proof()
        except ConfigError as error:
            raise SourceFailed(error.message, error.fix) from None
        path = f"/app/installations/{installation}/access_tokens"
        try:
            answer = self._ask("POST", path, proof, rawjson.dumps(dict(body)).encode())
        except NotSentError:
            raise SourceFailed("GitHub was not reached, so nothing was issued", _NETWORK) from None
        except NoAnswerError as lost:
            raise MaybeIssued(f"GitHub did not answer ({lost})", UNCERTAIN) from None
        if answer.status == 201:
            return _document(answer)
        if 300 <= answer.status < 500:
            raise SourceFailed(f"GitHub refused, status {answer.status}", _FIXES.get(answer.status, _SETTINGS))
        raise MaybeIssued(f"GitHub answered with status {answer.status}", UNCERTAIN)

    def revoke(self, token: Secret) -> bool:
        """`DELETE /installation/token`: True when it was revoked now, False when GitHub did not know it any more.

        Raises SourceFailed when that cannot be told.
        """
        try:
            status = self._ask("DELETE", "/installation/token", token, None).status
        except (NotSentError, NoAnswerError) as lost:
            raise SourceFailed(f"GitHub did not answer ({lost})", _NETWORK) from None
        if status in (204, 401):
            return status == 204
        raise SourceFailed(f"GitHub did not revoke a token, status {status}", "it is tried again")

    def _proof(self) -> Secret:
        now = int(self._clock())
        claims = {"iss": self._table.app, "iat": now - SKEW_SECONDS, "exp": now + JWT_SECONDS}
        return Secret(jose.sign({"typ": "JWT", "alg": "RS256"}, claims, read_key(self._table)))

    def _ask(self, method: str, path: str, bearer: Secret, body: bytes | None) -> Answer:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {bearer.reveal()}",
            "User-Agent": "secretguard-broker",
            "X-GitHub-Api-Version": "2022-11-28",
        } | ({"Content-Type": "application/json"} if body else {})
        url = self._table.api + path
        return self._exchange(method, url, headers=headers, body=body, seconds=float(self._table.seconds))


UNCERTAIN = "a token may exist; it ends by itself, as its receipt says"
_NETWORK = "check [github] and the network"
_SETTINGS = "compare the grant with the App's installation"
_FIXES = {
    401: "github.app and github.private_key_file must be of one App; look at this machine's clock",
    403: "the installation is suspended, or the App has made too many requests",
    404: "scope.installation is none of this App's",
    422: "the installation does not have these repositories or permissions",
    429: "the App has made too many requests; ask again later",
}


def _document(answer: Answer) -> Json:
    try:
        found = rawjson.loads(answer.body)
    except rawjson.JsonError:
        found = None
    if not isinstance(found, dict):
        raise MaybeIssued("GitHub's answer was not understood", UNCERTAIN)
    return found
