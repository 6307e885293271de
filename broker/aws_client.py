"""The only way to AWS: STS, with the broker's own keys of a file, or those that a platform's identity gets it."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from broker.aws_call import Caller
from broker.aws_config import AwsKeys, AwsTable, read_keys
from broker.errors import MaybeIssued, SourceFailed
from broker.vault_identity import platform_token
from secretguard.errors import ConfigError
from secretguard.secret import Secret

EARLY_SECONDS = 300
"""How long before their end keys of a platform's identity are replaced."""

SESSION_NAME = "secretguard-broker"


class Sts:
    """Calls STS of one region. Safe to share between threads."""

    def __init__(self, table: AwsTable, clock: Callable[[], float] = time.time) -> None:
        """Nothing is sent yet. Raises ConfigError where boto3 is missing, or a file of the table cannot be read."""
        self._caller = Caller(table)
        self._table, self._clock = table, clock
        self._lock = threading.Lock()
        self._until = 0.0
        self._keys: AwsKeys | None = None
        self._client: Any = None
        if table.credentials_file:
            read_keys(table)
        else:
            platform_token(table.web_identity_token_file)

    def close(self) -> None:
        """Close kept connections."""
        self._caller.close()

    def assume_role(self, asked: Mapping[str, object]) -> Mapping[str, Any]:
        """AssumeRole (AWS STS API reference) with exactly these parameters: its parsed answer.

        Raises SourceFailed (certain: nothing issued) or MaybeIssued.
        """
        return self._caller.call(self._current(), "assume_role", asked)

    def _current(self) -> Any:
        """A client with the keys as they are now: a file is read again each time, so rotating it needs no restart."""
        try:
            with self._lock:
                if self._table.credentials_file:
                    self._use(read_keys(self._table))
                elif self._clock() >= self._until - EARLY_SECONDS:
                    self._until = self._log_in()
                return self._client
        except ConfigError as error:
            raise SourceFailed(error.message, error.fix) from None
        except MaybeIssued as unclear:  # the broker's own keys are no credential of a task
            raise SourceFailed(f"the broker has no keys of its own: {unclear.message}", "ask again") from None

    def _use(self, keys: AwsKeys) -> None:
        if self._keys is None or not keys.same(self._keys):
            self._client, self._keys = self._caller.client(keys), keys

    def _log_in(self) -> float:
        """AssumeRoleWithWebIdentity, which takes no keys but the platform's token; when the new keys end."""
        asked = {
            "RoleArn": self._table.web_identity_role,
            "RoleSessionName": SESSION_NAME,
            "WebIdentityToken": platform_token(self._table.web_identity_token_file).reveal(),
        }
        answer = self._caller.call(self._caller.client(None), "assume_role_with_web_identity", asked)
        found = answer.get("Credentials")
        texts = [found.get(name) if isinstance(found, Mapping) else None for name in _PARTS]
        expires = found.get("Expiration") if isinstance(found, Mapping) else None
        if not all(isinstance(one, str) and one for one in texts) or not isinstance(expires, datetime.datetime):
            raise SourceFailed("AWS STS's answer to the broker's own login has no keys", "look at [aws]")
        key_id, secret, token = (str(one) for one in texts)
        self._use(AwsKeys(key_id, Secret(secret), Secret(token)))
        return expires.timestamp()


_PARTS = ("AccessKeyId", "SecretAccessKey", "SessionToken")
