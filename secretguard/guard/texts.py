"""What the guard says to the person, one table: short, what and where, what became of it, and the way on. Hot path.

A line names the kind of secret and its place, never the value. The three outcomes are said in the same words always:
*did not leave*, *left to the provider*, *cannot tell*. A guard that works never speaks of an error: the word is for a
program that failed. Tests hold every text as it is.
"""

from __future__ import annotations

TEXTS = {
    # one line a secret and session
    "hidden": "{what} in {where} did not leave: the model sees a placeholder.{accept}",
    "stopped": "{what} in {where} did not leave: {action} was stopped.{accept}",
    "exposed": "{what} in {where} left to the provider: {cause}. Replace it: {rotate}.{accept}",
    "unknown": "{what} in {where}: cannot tell whether it left. Replace it to be safe: {rotate}.{accept}",
    "accept": " No secret? `secretguard accept {tag}`",
    "more": "{count} more secrets in {where}: `secretguard status` lists them.",
    "again": " ({count} more since, of secrets already told)",
    # why one left to the provider
    "failing": "the client lets no hook change what a failing {tool} prints",
    "paused": "the guard is paused",
    "observed": "the policy only observes",
    # a prompt with a secret in it
    "prompt": (
        "The prompt was not sent: it holds what looks like a secret ({rules}), which did not leave. Send it again as "
        "it stands below, with a placeholder for the value, or name the variable or file that holds it. No secret? "
        "{accept} in a terminal of your own, or `# pragma: allowlist secret` at the end of that line.\n\n{prompt}\n\n"
    ),
    # a pause
    "pause": "PAUSED until {until} ({left}): secrets go to the provider as they are. {by}: {why}. "
    "`secretguard pause --end` ends it.",
    "pause over": "the pause is over, the guard is back.",
}
"""Name → text. The lines are said with `secretguard: ` before them."""


def line(name: str, **words: object) -> str:
    """One text for the person, with the program's name before it."""
    return f"secretguard: {text(name, **words)}"


def text(name: str, **words: object) -> str:
    """One text of the table with its words filled in."""
    return TEXTS[name].format(**words)
