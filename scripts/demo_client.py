"""The demo's step with the real client: the product's own `doctor` sends a canary through it."""

from __future__ import annotations

from scripts import parts
from scripts.stage import Stage, check, say


def session(stage: Stage) -> None:
    """The real Claude Code reads a canary with our hooks in place; every request of it is searched for the value."""
    client = parts.find("claude")
    if client is None:
        say("  skipped: the client is not installed here. `make parts` gets it where Node is.", "33")
        return
    done = stage.run("secretguard", "doctor", "--client", str(client), lines=20)
    check("sent a placeholder in place of" in done.stdout, "the canary did not leave through the real client")
