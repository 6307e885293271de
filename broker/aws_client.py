"""The only way to AWS: STS through botocore, which builds, signs and reads; the transport is `broker/exchange.py`.

botocore on its own would take a region, an endpoint, a proxy, certificate authorities, plug-in models and keys from the
environment and the home folder, would repeat a call whose answer was lost, and would wait for as long as one byte comes
every so often. Here each of its settings is a constant, its data comes from its own package alone, and what it wants to
send goes out once, under one deadline, to the endpoint of the configuration.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from broker.aws_config import AwsKeys, AwsTable, read_keys
from broker.errors import MaybeIssued, SourceFailed
from broker.exchange import Exchange, NoAnswerError, NotSentError
from secretguard.errors import ConfigError

MAX_ANSWER = 64 * 1024
"""Bytes; an answer with a session token has about 2 KiB."""

_CODE_LENGTH = 64


class Sts:
    """Calls STS of one region. Safe to share between threads."""

    def __init__(self, table: AwsTable) -> None:
        """Nothing is sent yet. Raises ConfigError where boto3 is missing, or the keys or `ca_file` cannot be read."""
        try:
            self._parts = {name: importlib.import_module(f"botocore.{name}") for name in _MODULES}
        except ImportError:
            fix = "pip install 'secretguard[broker,aws]'"
            raise ConfigError("[aws] needs boto3, which is not installed", fix) from None
        for name in ("botocore", "urllib3"):  # at DEBUG botocore logs whole answers, credentials and all
            logging.getLogger(name).setLevel(logging.WARNING)
        try:
            self._exchange = Exchange(https=True, ca_file=table.ca_file, max_answer=MAX_ANSWER)
        except OSError as error:
            raise ConfigError(f"aws.ca_file: {table.ca_file}: cannot be used ({error.strerror})") from None
        self._table = table
        self._lock = threading.Lock()
        self._keys = read_keys(table)
        self._client = self._connect(self._keys)

    def close(self) -> None:
        """Close kept connections."""
        self._exchange.close()

    def assume_role(self, asked: Mapping[str, object]) -> Mapping[str, Any]:
        """Call AssumeRole (AWS STS API reference) with exactly these parameters: its parsed answer.

        Raises SourceFailed (certain: nothing issued) or MaybeIssued. No message has more of an answer than its code.
        """
        client = self._current()
        try:
            answer = client.assume_role(**asked)
        except SourceFailed:
            raise
        except self._parts["exceptions"].ClientError as refusal:
            raise _refused(refusal.response) from None
        except NotSentError:
            raise SourceFailed(
                "AWS STS was not reached, so nothing was issued", "check [aws] and the network"
            ) from None
        except NoAnswerError as lost:
            raise MaybeIssued(f"AWS STS did not answer ({lost})", _UNCERTAIN) from None
        except self._parts["exceptions"].ParamValidationError:
            raise SourceFailed("the grant makes no request that AWS STS takes", "see docs/guide/sources.md") from None
        except Exception as fault:  # such as an answer that cannot be parsed: it may have been carried out
            raise MaybeIssued(f"AWS STS's answer was not understood ({type(fault).__name__})", _UNCERTAIN) from None
        if not isinstance(answer, Mapping):
            raise MaybeIssued("AWS STS's answer was not understood", _UNCERTAIN)
        return answer

    def _current(self) -> Any:
        """A client with the keys as the file has them now: they are rotated without a restart."""
        try:
            keys = read_keys(self._table)
        except ConfigError as error:
            raise SourceFailed(error.message, error.fix) from None
        with self._lock:
            if not keys.same(self._keys):
                self._client, self._keys = self._connect(keys), keys
            return self._client

    def _connect(self, keys: AwsKeys) -> Any:
        session = self._alone()
        client = session.create_client(
            "sts",
            region_name=self._table.region,
            endpoint_url=self._table.endpoint or None,
            verify=True,  # said, so that no variable is asked; certificates are the exchange's matter
            aws_access_key_id=keys.key_id,
            aws_secret_access_key=keys.secret.reveal(),
            aws_session_token=keys.session_token.reveal() or None,
            config=self._parts["config"].Config(
                retries={"total_max_attempts": 1, "mode": "standard"}, proxies={}, ignore_configured_endpoint_urls=True
            ),
        )
        client.meta.events.register_first("before-send.sts.*", self._send)
        return client

    def _alone(self) -> Any:
        """A botocore session that knows nothing of its surroundings."""
        provider = self._parts["configprovider"]
        fixed = {name: row[2] for name, row in provider.BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
        fixed |= {"config_file": os.devnull, "credentials_file": os.devnull}
        store = {name: provider.ConstantProvider(value) for name, value in fixed.items()}
        session = self._parts["session"].Session()
        session.register_component("config_store", provider.ConfigValueStore(mapping=store))
        loaders = self._parts["loaders"]
        built_in = [loaders.Loader.BUILTIN_DATA_PATH]
        session.register_component("data_loader", loaders.Loader(built_in, include_default_search_paths=False))
        return session

    def _send(self, request: Any, **_: object) -> Any:
        """botocore's `before-send`: whoever answers it has sent the request. Raises NotSentError, NoAnswerError, and
        SourceFailed for a redirect: who answers so has carried out nothing, and is not followed."""
        headers = {name: _text(value) for name, value in request.headers.items()}
        body = request.body.encode() if isinstance(request.body, str) else request.body
        answer = self._exchange(
            request.method, request.url, headers=headers, body=body, seconds=float(self._table.seconds)
        )
        if 300 <= answer.status < 400:
            raise SourceFailed(f"AWS STS was not there: a redirect, status {answer.status}", "check aws.endpoint")
        made = self._parts["awsrequest"].AWSResponse
        return made(request.url, answer.status, dict(answer.headers), _Body(answer.body))


class _Body:
    """What botocore wants of a response: its bytes in pieces."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self._content


_MODULES = ("awsrequest", "config", "configprovider", "exceptions", "loaders", "session")
_UNCERTAIN = "a session may exist; it ends by itself, as its receipt says"


def _refused(response: Mapping[str, Any]) -> SourceFailed | MaybeIssued:
    """AWS's own refusal, by its code: the message quotes the request."""
    code = response.get("Error", {}).get("Code", "")
    named = code if isinstance(code, str) and code.isalnum() and len(code) <= _CODE_LENGTH else "an error"
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if not isinstance(status, int) or status >= 500 or status < 300:
        return MaybeIssued(f"AWS STS failed with {named}, status {status}", _UNCERTAIN)
    return SourceFailed(f"AWS STS refused: {named}, status {status}", _FIXES.get(named, _ASK_OWNER))


_ASK_OWNER = "compare the grant with the role's trust policy and the broker's own rights in AWS"
_FIXES = {
    "AccessDenied": "the role's trust policy must let the broker's keys assume it (sts:AssumeRole), tag its sessions "
    "(sts:TagSession) and set their source identity (sts:SetSourceIdentity)",
    "ExpiredToken": "the broker's own keys have expired: renew the file of aws.credentials_file",
    "InvalidClientTokenId": "the broker's own keys are not known to AWS: look at aws.credentials_file",
    "MalformedPolicyDocument": "scope.actions and scope.resources make no session policy that AWS takes",
    "PackedPolicyTooLarge": "shorten scope.actions and scope.resources",
    "RegionDisabledException": "enable STS in this region, or set another aws.region",
    "SignatureDoesNotMatch": "look at aws.credentials_file, and at this machine's clock",
    "ValidationError": "the role's own longest session may be shorter than the grant's ttl",
}


def _text(value: object) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else str(value)
