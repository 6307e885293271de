"""One event of a coding agent, in the guard's own words, and the guard's answer. Hot path: imports nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from secretguard.detect.finding import Finding
    from secretguard.verdict import Verdict
    from secretguard.worktree.start import Look

BEFORE = "before"  # a tool is about to run
AFTER = "after"  # a tool ran; its result is on its way to the model
FAILED = "failed"  # a tool ran and failed; the client shows its error text to the model unchanged
PROMPT = "prompt"  # a person's prompt is on its way to the model
SETTINGS = "settings"  # the client's settings changed while it runs
START = "start"  # a session begins
TURN = "turn"  # the agent ended its turn
END = "end"  # a session ends
REQUEST = "request"  # a request to the model's API is about to leave; the client's mod alone sees it

TASK = "BROKER_TASK_ID"
"""The environment variable that says which task a sandbox of `broker run` is for; `guard/task.py` reads it."""
WALL = "SECRETGUARD_WALL"
"""The environment variable by which the client's mod says that it has seen a request of the session that it names."""


class Event:
    """What the client said. `kind` is one of the constants above; ids are the client's, empty where it gave none.

    `input` is the tool's input as the client sent it; `response` its result (any JSON value), on AFTER alone; `text`
    is the prompt (PROMPT), the error text (FAILED), the body (REQUEST) or why a session begins (START); `path` the
    settings file (SETTINGS) or the session's record (PROMPT, START, TURN, END).
    """

    __slots__ = ("cwd", "ids", "input", "kind", "path", "response", "text", "tool")

    def __init__(
        self,
        kind: str,
        cwd: str,
        ids: dict[str, str],
        tool: str = "",
        input: dict[str, object] | None = None,  # noqa: A002 - the client's own word
        response: object = None,
        text: str = "",
        path: str = "",
    ) -> None:
        self.kind = kind
        self.cwd = cwd
        self.ids = ids
        self.tool = tool
        self.input = input or {}
        self.response = response
        self.text = text
        self.path = path


class Outcome:
    """What the guard decided about one event, before it is recorded and answered.

    `event` and `fields` make the audit record. `response` is the tool result to show instead of the original (AFTER,
    None: unchanged). `notice` is for the person at the terminal, `advice` for the model. `found` are the secrets that
    it is about: the person hears of each once a session (`guard/lines.py`). `given` is the whole input that the tool is
    to run with instead of its own (BEFORE, None: unchanged).
    """

    __slots__ = ("advice", "event", "fields", "found", "given", "notice", "response", "verdict")

    def __init__(
        self,
        verdict: Verdict,
        event: str,
        fields: dict[str, object],
        response: object = None,
        notice: str = "",
        advice: str = "",
        found: Collection[Finding] = (),
    ) -> None:
        self.verdict = verdict
        self.event = event
        self.fields = fields
        self.response = response
        self.notice = notice
        self.advice = advice
        self.found = found
        self.given: dict[str, object] | None = None


class Answer:
    """What the hook process says to the client: bytes for each stream and the exit status.

    `look`: the look at the project's files that is to be started once it is said. `left`: secrets that reached, or may
    have reached, the model, in memory alone.
    """

    __slots__ = ("left", "look", "status", "stderr", "stdout")

    def __init__(self, stdout: str = "", stderr: str = "", status: int = 0) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.status = status
        self.look: Look | None = None
        self.left: tuple[bytes, ...] = ()


class UnreadableEvent(Exception):
    """The client's event cannot be read; the message says which part and never quotes it."""
