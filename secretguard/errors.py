"""The errors a person is told about, and the exit code of each.

Anything else that escapes is a bug and ends with exit code 3. Hot path: imports nothing.
"""

CLEAN = 0
FINDINGS = 1
USAGE = 2
INTERNAL = 3


class SecretguardError(Exception):
    """An expected failure: what went wrong and how to go on, in one sentence each. Never carries a secret.

    `fix` is the next step for the person who reads it; it may be empty where the message says it already.
    """

    exit_code = USAGE

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}\n  {self.fix}" if self.fix else self.message


class ConfigError(SecretguardError):
    """A configuration, policy or baseline file is wrong; the message starts with `file:line:` where they are known."""


class GuardError(SecretguardError):
    """The guard could not do its work; the caller must fail closed."""


class RecordError(GuardError):
    """The audit record could not be written, so the action must not happen (record, then act)."""
