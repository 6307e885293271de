"""Every text that the guard says to the person, as it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import secretguard.guard
from secretguard.guard import broken, texts
from secretguard.guard.outcomes import by_policy
from secretguard.policy.request import Decision

SNAPSHOT = {
    "hidden": "secretguard: GitHub token in .env did not leave: the model sees a placeholder. "
    "No secret? `secretguard accept 7f3a9c41d0`",
    "stopped": "secretguard: GitHub token in .env did not leave: Write was stopped. "
    "No secret? `secretguard accept 7f3a9c41d0`",
    "exposed": "secretguard: GitHub token in .env left to the provider: the guard is paused. "
    "Replace it: https://github.com/settings/tokens. No secret? `secretguard accept 7f3a9c41d0`",
    "unknown": "secretguard: GitHub token in .env: cannot tell whether it left. "
    "Replace it to be safe: https://github.com/settings/tokens. No secret? `secretguard accept 7f3a9c41d0`",
    "accept": "secretguard:  No secret? `secretguard accept 7f3a9c41d0`",
    "more": "secretguard: 7 more secrets in .env: `secretguard status` lists them.",
    "again": "secretguard:  (7 more since, of secrets already told)",
    "failing": "secretguard: the client lets no hook change what a failing Bash prints",
    "paused": "secretguard: the guard is paused",
    "observed": "secretguard: the policy only observes",
    "prompt": "secretguard: The prompt was not sent: it holds what looks like a secret (github-token), which did not "
    "leave. Send it again as it stands below, with a placeholder for the value, or name the variable or file that "
    "holds it. No secret? `secretguard accept 7f3a9c41d0` in a terminal of your own, or `# pragma: "
    "allowlist secret` at the end of that line.\n\nuse [[secret:github-token:7f3a9c41d0]]\n\n",
    "pause": "secretguard: PAUSED until 14:05 (8 min): secrets go to the provider as they are. dev@example.org: a "
    "demo. `secretguard pause --end` ends it.",
    "pause over": "secretguard: the pause is over, the guard is back.",
}
WORDS = {
    "what": "GitHub token", "where": ".env", "action": "Write", "cause": "the guard is paused", "count": 7,
    "rotate": "https://github.com/settings/tokens", "tag": "7f3a9c41d0", "tool": "Bash", "rules": "github-token",
    "accept": " No secret? `secretguard accept 7f3a9c41d0`", "prompt": "use [[secret:github-token:7f3a9c41d0]]",
    "until": "14:05", "left": "8 min", "by": "dev@example.org", "why": "a demo",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted({*texts.TEXTS, *SNAPSHOT}))
def test_each_text_is_as_it_is(name: str) -> None:
    """A changed text is a changed snapshot: nobody rewords what a person reads by the way."""
    words = {**WORDS, "accept": "`secretguard accept 7f3a9c41d0`"} if name == "prompt" else WORDS
    assert texts.line(name, **words) == SNAPSHOT[name]


def test_the_words_of_a_question_and_of_a_broken_policy() -> None:
    """What is made of a policy's reason: two readers, the person at the dialog and the model where there is none."""
    asked = by_policy("command", Decision("ask", "destroy-asks", "It cannot be undone."), "This command deletes.", {})
    assert asked
    assert asked.verdict.reason == (
        "This command deletes. It cannot be undone. Yes in the client's dialog approves it this once; where nobody can "
        "be asked, it is refused. [secretguard: destroy-asks]"
    )
    assert broken.reason(["/p/rules.cedar:7: not Cedar"]) == (
        "The policy is broken (/p/rules.cedar:7: not Cedar), so nothing is released until it is mended; what it last "
        "forbade stays forbidden. Way on: ask the person to mend the policy (`secretguard policy check` says where), "
        "or go on with work that neither uses secrets nor sends."
    )


def test_a_text_fits_a_line_of_the_clients_screen() -> None:
    """What is said in passing is short; only the prompt, which is handed back whole, may be long."""
    assert all(len(text) < 250 for name, text in SNAPSHOT.items() if name != "prompt")


def test_a_working_guard_never_says_error() -> None:
    """The word is in no text of the guard but where it itself failed."""
    folder = Path(secretguard.guard.__file__ or "").parent
    said = []
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text())
        documentation = {id(node.body[0].value) for node in ast.walk(tree) if _documented(node)}  # type: ignore[attr-defined]
        said += [
            (path.name, node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
        ]
    assert len(said) > 500
    found = [(name, text) for name, text in said if "error" in text.lower().replace("internal error", "")]
    assert [(name, text) for name, text in found if " " in text] == []


def _documented(node: ast.AST) -> bool:
    body = getattr(node, "body", None)
    return isinstance(body, list) and bool(body) and isinstance(body[0], ast.Expr)
