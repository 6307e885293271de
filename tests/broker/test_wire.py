"""Endpoints, problem documents, and which calls may be made twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from broker import errors, wire
from broker.errors import BadRequest, BrokerError, Unreachable
from broker.exchange import Answer, NoAnswerError, NotSentError
from broker.wire import ATTEMPTS, Wire, integer, problem, text, texts
from secretguard.secret import Secret


class Script:
    """Stands in for the exchange: plays one outcome a call, the last one for ever, and keeps what was sent."""

    def __init__(self, *outcomes: Answer | Exception) -> None:
        self.outcomes = list(outcomes)
        self.sent: list[dict[str, str]] = []

    def __call__(self, method: str, url: str, **arguments: Any) -> Answer:
        self.sent.append(arguments["headers"] | {"url": url, "seconds": str(arguments["seconds"])})
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Wire, Script]]:
    monkeypatch.setattr(wire, "PAUSE", 0.001)

    def make(*outcomes: Answer | Exception, timeout: float = 5) -> tuple[Wire, Script]:
        made = Wire("unix:/run/launch.sock", timeout)
        script = Script(*outcomes)
        monkeypatch.setattr(made, "_exchange", script)
        return made, script

    return make


def ok(value: object = None, status: int = 200) -> Answer:
    return Answer(status, {}, json.dumps({} if value is None else value).encode())


@pytest.mark.parametrize(
    ("endpoint", "base"),
    [
        ("unix:/run/launch.sock", "http://broker"),
        ("http://127.0.0.1:8200", "http://127.0.0.1:8200"),
        ("http://127.8.8.8:1/", "http://127.8.8.8:1"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("http://localhost:1", "http://localhost:1"),
        ("https://broker.example", "https://broker.example"),
        ("https://broker.example:8443", "https://broker.example:8443"),
    ],
)
def test_endpoints(endpoint: str, base: str) -> None:
    """Unix sockets, https anywhere, http on loopback."""
    assert Wire(endpoint, 1).base == base


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "broker",
        "unix:relative.sock",
        "/run/launch.sock",
        "ftp://h",
        "https://",
        "https://h:99999",
        "https://h:x",
        "https://[::1",
        "https://user@h",
        "https://h/path",
        "https://h?q",
        "https://h#f",
        "http://broker.example",
        "http://10.0.0.1",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://2130706433",
    ],
)
def test_an_endpoint_that_is_none_or_would_leak_is_refused(endpoint: str) -> None:
    """Not an address, or plain http to what is not certainly this machine."""
    with pytest.raises(BadRequest):
        Wire(endpoint, 1)


@pytest.mark.parametrize(
    "kind",
    [
        errors.BadRequest,
        errors.Unauthenticated,
        errors.Refused,
        errors.NotFound,
        errors.Conflict,
        errors.TooMany,
        errors.SourceFailed,
        errors.MaybeIssued,
        errors.RecordFailed,
    ],
)
def test_a_problem_document_becomes_the_exception_it_was(kind: type[BrokerError]) -> None:
    """Class, message, fix and rule survive the way over HTTP, for two classes of one status too."""
    document = {"title": kind.title, "status": kind.status, "detail": "d", "fix": "f", "rule": "r"}
    error = problem(kind.status, document)
    assert type(error) is kind
    assert (error.message, error.fix, error.rule) == ("d", "f", "r")


def test_a_problem_of_no_class_is_still_told() -> None:
    """Unknown statuses and empty documents give a BrokerError with what there is."""
    assert type(problem(418, {})) is BrokerError
    assert "418" in str(problem(418, {}))
    assert type(problem(503, {})) is errors.MaybeIssued  # the cautious reading of an unexplained 503
    assert type(problem(403, {"title": ["x"], "detail": 7})) is errors.Refused


def test_a_problem_cannot_play_with_the_terminal() -> None:
    """Control characters are dropped, and length is capped."""
    error = problem(403, {"detail": "a\x1b[2J\nb\u202e" + "x" * 5000, "fix": "\x07"})
    assert error.message.startswith("a[2Jb")
    assert len(error.message) <= 2000
    assert error.fix == ""


def test_what_was_not_sent_is_sent_again(scripted: Callable[..., tuple[Wire, Script]]) -> None:
    """A broker that starts late is reached, even by a call that must not be repeated."""
    made, script = scripted(NotSentError("ConnectError"), NotSentError("ConnectError"), ok({"a": 1}, 201))
    assert made.call("POST", "/x", {}, repeat=False) == (201, {"a": 1})
    assert len(script.sent) == 3
    made, script = scripted(NotSentError("ConnectError"))
    with pytest.raises(Unreachable, match="nothing was sent"):
        made.call("POST", "/x", {}, repeat=False)
    assert len(script.sent) == ATTEMPTS


def test_a_lost_answer_is_asked_for_again_only_where_that_is_harmless(
    scripted: Callable[..., tuple[Wire, Script]],
) -> None:
    """`repeat` decides, and only about lost answers."""
    made, script = scripted(NoAnswerError("ReadTimeout"), ok())
    assert made.call("POST", "/x", {}, repeat=True)[0] == 200
    made, script = scripted(NoAnswerError("ReadTimeout"), ok())
    with pytest.raises(Unreachable, match="lost"):
        made.call("POST", "/x", {}, repeat=False)
    assert len(script.sent) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 409, 429, 500, 503])
def test_a_refusal_is_not_argued_with(scripted: Callable[..., tuple[Wire, Script]], status: int) -> None:
    """An answer is an answer: no status makes the client ask again."""
    made, script = scripted(ok({"title": "t", "detail": "d"}, status))
    with pytest.raises(BrokerError):
        made.call("GET", "/x", None, repeat=True)
    assert len(script.sent) == 1


def test_every_attempt_is_proved_anew_and_all_share_one_deadline(
    scripted: Callable[..., tuple[Wire, Script]],
) -> None:
    """A proof works once, so a repeated request carries another; later attempts have less time left."""
    made, script = scripted(NoAnswerError("x"), NoAnswerError("x"), ok())
    proofs = iter("abc")
    made.call("POST", "/x", {}, repeat=True, prove=lambda method, path: {"DPoP": f"{method} {path} {next(proofs)}"})
    assert [sent["DPoP"] for sent in script.sent] == ["POST /x a", "POST /x b", "POST /x c"]
    left = [float(sent["seconds"]) for sent in script.sent]
    assert left == sorted(left, reverse=True)
    assert left[0] <= 5


def test_a_call_can_ask_for_more_time(scripted: Callable[..., tuple[Wire, Script]]) -> None:
    """`at_least` lengthens the deadline and never shortens it."""
    for timeout, at_least, most in ((5, 60, 60), (5, 1, 5), (5, 0, 5)):
        made, script = scripted(ok(), timeout=timeout)
        made.call("POST", "/x", {}, repeat=True, at_least=at_least)
        assert most - 1 < float(script.sent[0]["seconds"]) <= most


def test_no_attempt_begins_after_the_deadline(scripted: Callable[..., tuple[Wire, Script]]) -> None:
    """A call whose time is over does not sleep and try again."""
    made, script = scripted(NotSentError("x"), timeout=0.0)
    with pytest.raises(Unreachable):
        made.call("GET", "/x", None, repeat=True)
    assert len(script.sent) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b"{", b'{"a":1,"a":2}', b"\xff", b"null"])
def test_an_answer_that_is_no_json_object_is_not_understood(
    scripted: Callable[..., tuple[Wire, Script]], body: bytes
) -> None:
    """A 2xx answer must be a JSON object (or empty); a failure without a document is told by its status."""
    made, _ = scripted(Answer(200, {}, body))
    if body:
        with pytest.raises(Unreachable):
            made.call("GET", "/x", None, repeat=True)
    else:
        assert made.call("GET", "/x", None, repeat=True) == (200, {})
    made, _ = scripted(Answer(502, {}, body))
    with pytest.raises(errors.SourceFailed):
        made.call("GET", "/x", None, repeat=True)


@pytest.mark.parametrize("status", [100, 301, 307, 399, 600])
def test_a_redirect_is_a_failure(scripted: Callable[..., tuple[Wire, Script]], status: int) -> None:
    """Only 2xx is good."""
    made, _ = scripted(ok({"task_id": "t"}, status))
    with pytest.raises(Unreachable):
        made.call("GET", "/x", None, repeat=True)


def test_a_bearer_token_goes_into_its_header(scripted: Callable[..., tuple[Wire, Script]]) -> None:
    """And nowhere else."""
    made, script = scripted(ok())
    made.call("GET", "/x", None, repeat=True, bearer=Secret("abc"))
    assert script.sent[0]["Authorization"] == "Bearer abc"
    assert "abc" not in script.sent[0]["url"]


def test_members_of_an_answer_have_their_type() -> None:
    """A missing or mistyped member is a failure that names it, not a crash."""
    assert (text({"a": "x"}, "a"), integer({"a": 1}, "a"), texts({"a": ["x"]}, "a")) == ("x", 1, ("x",))
    for reader, values in ((text, [None, 1, ["x"]]), (integer, [None, "1", True, 1.5]), (texts, [None, "x", [1]])):
        for value in values:
            with pytest.raises(Unreachable, match="'a'"):
                reader({"a": value}, "a")
        with pytest.raises(Unreachable):
            reader({}, "a")


def wanted(nonce: str) -> Answer:
    """The refusal of a proof that has no current nonce."""
    headers = {"dpop-nonce": nonce, "www-authenticate": 'DPoP error="use_dpop_nonce"'}
    return Answer(401, headers, json.dumps({"title": "Unauthenticated", "rule": "use_dpop_nonce"}).encode())


def test_a_proof_is_made_again_with_the_nonce_that_the_broker_sent(
    scripted: Callable[..., tuple[Wire, Script]],
) -> None:
    """Once and at once, also where a lost answer would not be asked for again; each answer's nonce is the next one."""
    made, script = scripted(wanted("n1"), Answer(200, {"dpop-nonce": "n2"}, b"{}"))
    made.call("POST", "/x", {}, repeat=False, prove=lambda *_: {"DPoP": made.nonce})
    made.call("POST", "/x", {}, repeat=False, prove=lambda *_: {"DPoP": made.nonce})
    assert [sent["DPoP"] for sent in script.sent] == ["", "n1", "n2"]


def test_a_broker_that_goes_on_asking_for_nonces_is_not_obeyed_for_ever(
    scripted: Callable[..., tuple[Wire, Script]],
) -> None:
    """The second refusal is the answer; and where nothing is proved, so is the first."""
    made, script = scripted(wanted("n1"), wanted("n2"), wanted("n3"))
    with pytest.raises(errors.Unauthenticated):
        made.call("GET", "/x", None, repeat=True, prove=lambda *_: {"DPoP": made.nonce})
    assert len(script.sent) == 2
    made, script = scripted(wanted("n1"))
    with pytest.raises(errors.Unauthenticated):
        made.call("GET", "/x", None, repeat=True)
    assert len(script.sent) == 1
