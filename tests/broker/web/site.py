"""The pages of a broker with a past, behind a real server on loopback; a browser's part is played by httpx."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx

from broker.api.app import create_app
from broker.authenticate.bearer_jwt import BearerVerifier
from broker.issue.identity import IdentitySource
from broker.issue.signing_keys import SigningKeys
from broker.web.activity import Activity, make
from broker.web.origin import Origin
from tests.broker.authenticate.tokens import verifier_of
from tests.broker.serving import serving
from tests.broker.web.sample import Sample, story

ORIGIN = Origin("http", "activity-test.localhost:8420")


class Site:
    """A sample, its pages, and where they are served."""

    def __init__(self, sample: Sample, activity: Activity, url: str, incident: str) -> None:
        self.sample, self.activity, self.url, self.incident = sample, activity, url, incident

    def stranger(self, **headers: str) -> httpx.Client:
        """A browser that nobody has signed in."""
        return httpx.Client(base_url=self.url, headers={"Host": ORIGIN.host, **headers}, timeout=20)

    @contextlib.contextmanager
    def reviewer(self) -> Iterator[httpx.Client]:
        """A browser with a session."""
        with self.stranger() as client:
            code = self.activity.sessions.link("jwt:corp:olga").reveal()
            answer = client.post("/activity/login", data={"code": code})
            assert answer.status_code == 303, answer.text
            client.headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]  # httpx's jar goes by the URL
            client.cookies.clear()
            yield client

    def page(self, path: str) -> str:
        """The text of a page that must be there."""
        with self.reviewer() as client:
            answer = client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


@contextlib.contextmanager
def served(
    folder: Path, journals: dict[str, str] | None = None, origin: Origin = ORIGIN, filled: bool = True
) -> Iterator[Site]:
    """A site over a new SQLite store in `folder`, with the whole sample in it or with nothing."""
    sample = Sample(str(folder / "store"))
    incident = story(sample).id if filled else ""
    sample.number()
    broker = sample.broker
    key = broker.signer.key.public_key()
    activity = make(origin, broker.database, key, broker.signer.origin, sample.clock, journals or {})
    identity = IdentitySource("http://127.0.0.1:1", SigningKeys(str(folder / "keys")))
    proofs = verifier_of(broker)
    app = create_app(broker, BearerVerifier(()), proofs, identity, activity)
    try:
        with serving(app) as url:
            yield Site(sample, activity, url, incident)
    finally:
        activity.watch.close()
        broker.database.close()
