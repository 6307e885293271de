"""botocore without its surroundings: it builds, signs and reads; the transport is `broker/exchange.py`.

On its own it would take a region, an endpoint, a proxy, certificate authorities, plug-in models and keys from the
environment and the home folder, would repeat a call whose answer was lost, and would wait for as long as one byte comes
every so often. Here each of its settings is a constant, its data comes from its own package alone, and what it wants to
send goes out once, under one deadline, to the endpoint of the configuration.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any

from broker.aws_config import AwsKeys, AwsTable
from broker.errors import MaybeIssued, SourceFailed
from broker.exchange import Exchange, NoAnswerError, NotSentError
from secretguard.errors import ConfigError

MAX_ANSWER = 64 * 1024
"""Bytes; an answer with a session token has about 2 KiB."""

UNCERTAIN = "a session may exist; it ends by itself, as its receipt says"
_MODULES = ("", ".awsrequest", ".config", ".configprovider", ".credentials", ".exceptions", ".loaders", ".session")
_CODE_LENGTH = 64


class Caller:
    """Makes clients of STS and calls them. Safe to share between threads."""

    def __init__(self, table: AwsTable) -> None:
        """Nothing is sent yet. Raises ConfigError where boto3 is missing or `ca_file` cannot be read."""
        try:
            self._parts = {name[1:]: importlib.import_module(f"botocore{name}") for name in _MODULES}
        except ImportError:
            fix = "pip install 'secretguard[broker,aws]'"
            raise ConfigError("[aws] needs boto3, which is not installed", fix) from None
        logging.getLogger("botocore").setLevel(logging.WARNING)  # at DEBUG it logs whole answers, credentials and all
        try:
            self._exchange = Exchange(https=True, ca_file=table.ca_file, max_answer=MAX_ANSWER)
        except OSError as error:
            raise ConfigError(f"aws.ca_file: {table.ca_file}: cannot be used ({error.strerror})") from None
        self._table = table

    def close(self) -> None:
        """Close kept connections."""
        self._exchange.close()

    def client(self, keys: AwsKeys | None) -> Any:
        """A client that signs with `keys`; with None it signs nothing."""
        told: dict[str, object] = {"signature_version": self._parts[""].UNSIGNED} if keys is None else {}
        config = self._parts["config"].Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            proxies={},
            ignore_configured_endpoint_urls=True,
            **told,
        )
        made = self._alone().create_client(
            "sts",
            region_name=self._table.region,
            endpoint_url=self._table.endpoint or None,
            verify=True,  # said, so that no variable is asked; certificates are the exchange's matter
            aws_access_key_id=keys.key_id if keys else None,
            aws_secret_access_key=keys.secret.reveal() if keys else None,
            aws_session_token=(keys.session_token.reveal() or None) if keys else None,
            config=config,
        )
        made.meta.events.register_first("before-send.sts.*", self._send)
        return made

    def call(self, client: Any, method: str, asked: Mapping[str, object]) -> Mapping[str, Any]:
        """Call `method` with exactly these parameters: its parsed answer.

        Raises SourceFailed (certain: nothing issued) or MaybeIssued. No message has more of an answer than its code.
        """
        known = self._parts["exceptions"]
        try:
            answer = getattr(client, method)(**asked)
        except SourceFailed:
            raise
        except known.ClientError as refusal:
            raise _refused(refusal.response) from None
        except NotSentError:
            fix = "check [aws] and the network"
            raise SourceFailed("AWS STS was not reached, so nothing was issued", fix) from None
        except NoAnswerError as lost:
            raise MaybeIssued(f"AWS STS did not answer ({lost})", UNCERTAIN) from None
        except known.ParamValidationError:
            raise SourceFailed("the grant makes no request that AWS STS takes", "see docs/guide/sources.md") from None
        except Exception as fault:  # such as an answer that cannot be parsed: it may have been carried out
            raise MaybeIssued(f"AWS STS's answer was not understood ({type(fault).__name__})", UNCERTAIN) from None
        if not isinstance(answer, Mapping):
            raise MaybeIssued("AWS STS's answer was not understood", UNCERTAIN)
        return answer

    def _alone(self) -> Any:
        """A botocore session that knows nothing of its surroundings."""
        provider = self._parts["configprovider"]
        fixed = {name: row[2] for name, row in provider.BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
        fixed |= {"config_file": os.devnull, "credentials_file": os.devnull}
        store = {name: provider.ConstantProvider(value) for name, value in fixed.items()}
        session = self._parts["session"].Session()
        session.register_component("config_store", provider.ConfigValueStore(mapping=store))
        loader = self._parts["loaders"].Loader
        built_in = loader([loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
        session.register_component("data_loader", built_in)
        session.register_component("credential_provider", self._parts["credentials"].CredentialResolver([]))
        return session

    def _send(self, request: Any, **_: object) -> Any:
        """botocore's `before-send`: whoever answers it has sent the request. Raises NotSentError, NoAnswerError, and
        SourceFailed for a redirect: who answers so has carried out nothing, and is not followed."""
        headers = {name: _text(value) for name, value in request.headers.items()}
        body = request.body.encode() if isinstance(request.body, str) else request.body
        seconds = float(self._table.seconds)
        answer = self._exchange(request.method, request.url, headers=headers, body=body, seconds=seconds)
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


def _refused(response: Mapping[str, Any]) -> SourceFailed | MaybeIssued:
    """AWS's own refusal, by its code: the message quotes the request."""
    code = response.get("Error", {}).get("Code", "")
    named = code if isinstance(code, str) and code.isalnum() and len(code) <= _CODE_LENGTH else "an error"
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if not isinstance(status, int) or status >= 500 or status < 300:
        return MaybeIssued(f"AWS STS failed with {named}, status {status}", UNCERTAIN)
    return SourceFailed(f"AWS STS refused: {named}, status {status}", _FIXES.get(named, _ASK_OWNER))


_ASK_OWNER = "compare the grant with the role's trust policy and the broker's own rights in AWS"
_FIXES = {
    "AccessDenied": "the role's trust policy must let the broker's keys assume it (sts:AssumeRole), tag its sessions "
    "(sts:TagSession) and set their source identity (sts:SetSourceIdentity)",
    "ExpiredToken": "the broker's own keys have expired: look at [aws]",
    "ExpiredTokenException": "the platform's token of aws.web_identity_token_file has expired",
    "InvalidClientTokenId": "the broker's own keys are not known to AWS: look at aws.credentials_file",
    "InvalidIdentityToken": "AWS does not know the issuer of aws.web_identity_token_file, or not its audience",
    "MalformedPolicyDocument": "scope.actions and scope.resources make no session policy that AWS takes",
    "PackedPolicyTooLarge": "shorten scope.actions and scope.resources",
    "RegionDisabledException": "enable STS in this region, or set another aws.region",
    "SignatureDoesNotMatch": "look at aws.credentials_file, and at this machine's clock",
    "ValidationError": "the role's own longest session may be shorter than the grant's ttl",
}


def _text(value: object) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else str(value)
