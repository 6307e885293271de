"""detect-secrets 1.5: how each of its 27 plugins is served by our rules, and the plugins themselves for who asks.

By default its regular expressions are not run: several are unbounded, cross line ends or look around, which stage 1
refuses. Each is ported to bounded rules of the pack; `tests/.../test_detect_secrets.py` draws strings from the plugins'
own expressions and holds the two together. `DetectSecrets` runs the real ones, some hundred times slower.
"""

from __future__ import annotations

import io
import re
import signal
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from secretguard.detect.finding import LOW, MEDIUM, Finding
from secretguard.detect.peer_lines import Sieve

PLUGINS: dict[str, tuple[str, ...]] = {
    "ArtifactoryDetector": ("artifactory-key",),
    "AWSKeyDetector": ("aws-access-key-id", "aws-secret-access-key"),
    "AzureStorageKeyDetector": ("azure-storage-key",),
    "Base64HighEntropyString": ("generic-secret-quoted", "generic-secret-bare", "env-secret"),
    "BasicAuthDetector": ("url-basic-auth", "connection-string-password"),
    "CloudantDetector": ("cloudant-key",),
    "DiscordBotTokenDetector": ("discord-bot-token",),
    "GitHubTokenDetector": ("github-token",),
    "GitLabTokenDetector": ("gitlab-token",),
    "HexHighEntropyString": ("generic-secret-quoted", "generic-secret-bare", "env-secret"),
    "IbmCloudIamDetector": ("ibm-cloud-iam-key",),
    "IbmCosHmacDetector": ("ibm-cos-hmac-key",),
    "IPPublicDetector": (),
    "JwtTokenDetector": ("jwt",),
    "KeywordDetector": ("generic-secret-quoted", "generic-secret-bare", "env-secret"),
    "MailchimpDetector": ("mailchimp-api-key",),
    "NpmDetector": ("npm-token",),
    "OpenAIDetector": ("openai-api-key",),
    "PrivateKeyDetector": ("private-key", "putty-private-key"),
    "PypiTokenDetector": ("pypi-token",),
    "SendGridDetector": ("sendgrid-api-key",),
    "SlackDetector": ("slack-token", "slack-webhook"),
    "SoftlayerDetector": ("softlayer-api-key",),
    "SquareOAuthDetector": ("square-token",),
    "StripeDetector": ("stripe-secret-key",),
    "TelegramBotTokenDetector": ("telegram-bot-token",),
    "TwilioKeyDetector": ("twilio-api-key", "twilio-account-sid"),
}
"""Plugin class → the rules that serve it.

IPPublicDetector has none: a public address is no secret, and a guard that hides every address and four-part version
from an agent would be switched off within the hour. The two entropy plugins and the keyword plugin read any quoted
string; here the name beside the value has to say secret, which the generic rules do with the same entropy idea.
"""

PREFIX = "detect-secrets:"
"""What the rule ids of the plugins' findings start with."""

LINE_SECONDS = 1.0
"""CPU seconds for one line: a filter of detect-secrets takes time cubic in the blanks of a line, 6 s for 990."""

PARSE_SECONDS, PARSE_SECONDS_PER_MIB = 3.0, 20.0
"""CPU seconds to take a fragment apart as YAML or INI, as detect-secrets does; 300 bytes of YAML can take for ever."""

SECONDS, SECONDS_PER_MIB = 20.0, 40.0
"""CPU seconds for a fragment; ordinary text takes seven a MiB."""

FILTERED = "left out by detect-secrets' own filters"
READ_AS_LINES = "takes detect-secrets too long to parse; read as plain lines"
_SLOW = "detect-secrets' plugins took too long; the rest was not looked at"

_MIB = 1 << 20
_T = TypeVar("_T")
_LOW = re.compile(r"entropy|keyword|public-ip")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class _Slow(BaseException):
    """CPU time is up. Not an Exception, which detect-secrets would catch here and there."""


class _Text(io.StringIO):
    """A file in memory with a name and line ends as `open` gives them, which is what the transformers take."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text, newline=None)
        self.name = name


class DetectSecrets:
    """The plugins and filters of detect-secrets on text in memory, as its own `scan_file` runs them on a file.

    `settings` is the head of a baseline (see `baseline_head.settings`), and perhaps `disabled_filters`. No secret is
    ever tried over the network. For the main thread only: its settings are a global of the process, which stay as they
    are put here until somebody else puts them elsewhere, and the CPU time of a line is held by a signal.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._active: _Active | None = None

    def scan(self, path: str, data: bytes) -> tuple[list[Finding], list[tuple[str, int]]]:
        """Findings in `data`, sorted, and what was not looked at: reason and bytes.

        `path` is for filters and file types; nothing is read from it. A value that stands in the text as it is has its
        exact span; one that YAML or INI put together has its line's. What is no UTF-8 is read byte by byte.
        """
        run = self._run(path, data)
        findings = [run.finding(*one) for one in run.found]
        findings.sort(key=lambda finding: (finding.start, finding.end, finding.rule_id))
        return findings, run.missed

    def secrets(self, path: str, data: bytes) -> tuple[list[tuple[str, bytes, int]], list[tuple[str, int]]]:
        """Type, value and line of each secret in the order in which detect-secrets finds them, and what was missed."""
        run = self._run(path, data)
        return [(kind, run.encoded(value), line) for kind, value, line in run.found], run.missed

    def json(self) -> dict[str, Any]:
        """`plugins_used` and `filters_used` as detect-secrets writes these settings into a baseline."""
        from detect_secrets.settings import get_settings

        self._activate()
        written: dict[str, Any] = get_settings().json()
        return written

    def _run(self, path: str, data: bytes) -> _Run:
        run = _Run(self._activate(), path, data)
        with _cpu_alarm():
            run.all_lines()
        return run

    def _activate(self) -> _Active:
        from detect_secrets.settings import get_settings

        if self._active is None or self._active.settings is not get_settings():
            self._active = _Active(self._settings)
        return self._active


class _Active:
    """Settings that are in force in this process: what detect-secrets made of them, made once for many files."""

    def __init__(self, settings: dict[str, Any]) -> None:
        from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
        from detect_secrets.core.scan import get_filters_with_parameter
        from detect_secrets.settings import cache_bust, configure_settings_from_baseline, get_plugins
        from detect_secrets.util.inject import call_function_with_arguments

        cache_bust()
        get_mapping_from_secret_type_to_class.cache_clear()  # it knows plugins of other files by the settings before
        self.settings = configure_settings_from_baseline(settings)
        self.settings.disable_filters(  # one asks the disk for a path, the other the vendor for the secret
            "detect_secrets.filters.common.is_invalid_file",
            "detect_secrets.filters.common.is_ignored_due_to_verification_policies",
            *settings.get("disabled_filters", ()),
        )
        self.call = call_function_with_arguments
        self.plugins = get_plugins()
        self.sieve = Sieve(self.plugins)
        wanted = ("filename", "line", "secret", "context")
        self.filters = {name: get_filters_with_parameter(name) for name in wanted}


class _Run:
    """One fragment under the settings in force."""

    def __init__(self, active: _Active, path: str, data: bytes) -> None:
        self._active, self._path, self._data = active, path, data
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(data))]
        try:
            self._text, self._codec = data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            self._text, self._codec = data.decode("latin-1"), "latin-1"
        self.found: list[tuple[str, str, int]] = []
        self.missed: list[tuple[str, int]] = []

    def all_lines(self) -> None:
        """Every line, read as YAML or INI where it is; if there is nothing in it, once more as INI without a head."""
        name = partial(self._filtered, "filename", filename=self._path)
        if self._within(LINE_SECONDS, name, "a filter of file names takes too long: not left out", 0):
            self.missed.append((FILTERED, len(self._data)))
            return
        until = time.process_time() + SECONDS + SECONDS_PER_MIB * len(self._data) / _MIB
        self._pass(self._transformed(False) or _Text(self._path, self._text).readlines(), until)
        if not self.found and (eager := self._transformed(True)):
            self._pass(eager, until)

    def _transformed(self, eager: bool) -> list[str] | None:
        from detect_secrets.transformers import get_transformed_file

        def parse() -> list[str] | None:
            try:
                lines: list[str] | None = get_transformed_file(_Text(self._path, self._text), eager)  # type: ignore[arg-type]
            except Exception:  # a parser's error is no reason to look at nothing: the lines are scanned as they are
                return None
            return lines

        seconds = PARSE_SECONDS + PARSE_SECONDS_PER_MIB * len(self._data) / _MIB
        return self._within(seconds, parse, READ_AS_LINES, 0)

    def _pass(self, lines: list[str], until: float) -> None:
        for number, asked in self._candidates(lines):
            if time.process_time() > until:
                left = len(self._data) - self._starts[min(number, len(self._starts)) - 1]
                self.missed.append((_SLOW, left))
                return
            reason, size = "a line takes detect-secrets' plugins too long", len(self.encoded(lines[number - 1]))
            try:
                found = self._within(LINE_SECONDS, partial(self._line, lines, number, asked), reason, size)
            except Exception:  # a line that breaks a plugin must not hide the others
                found = None
                self.missed.append(("a line that detect-secrets' plugins fail on", size))
            self.found += [(kind, value, number) for kind, value in found or ()]

    def _candidates(self, lines: list[str]) -> list[tuple[int, list[int]]]:
        seconds = PARSE_SECONDS + PARSE_SECONDS_PER_MIB * len(self._data) / _MIB
        return self._within(seconds, lambda: list(self._active.sieve.candidates(lines)), _SLOW, len(self._data)) or []

    def _line(self, lines: list[str], number: int, asked: list[int]) -> list[tuple[str, str]]:
        """Type and value of each secret that the plugins see in a line and no filter takes away.

        The filters of the line, on which detect-secrets spends most of its time, are asked when there is something.
        """
        from detect_secrets.util.code_snippet import get_code_snippet

        line = lines[number - 1].rstrip()
        asked = [one for one in asked if self._active.sieve.may_see(one, line)]
        if not asked:
            return []
        around = {"filename": self._path, "line": line, "context": get_code_snippet(lines, number)}
        seen = [
            (self._active.plugins[one], secret)
            for one in asked
            for secret in self._active.call(self._active.plugins[one].analyze_line, line_number=number, **around) or ()
        ]
        if not seen or self._filtered("line", **around):
            return []
        return [
            (secret.type, secret.secret_value) for plugin, secret in seen if not self._left_out(plugin, secret, around)
        ]

    def _left_out(self, plugin: Any, secret: Any, around: dict[str, Any]) -> bool:
        near = {"filename": self._path, "secret": secret.secret_value, "plugin": plugin, "line": around["line"]}
        return self._filtered("secret", **near) or self._filtered("context", context=around["context"], **near)

    def _filtered(self, kind: str, **given: Any) -> bool:
        for function in self._active.filters[kind]:
            try:
                if self._active.call(function, **given):
                    return True
            except TypeError:
                continue  # it wants to know more than is known at this point: detect-secrets asks it later
        return False

    def finding(self, kind: str, text: str, number: int) -> Finding:
        """What was found, with its span."""
        value = self.encoded(text)
        start, end = self._span(value, number)
        rule = PREFIX + re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-")
        confidence = LOW if _LOW.search(rule) else MEDIUM
        return Finding(rule, kind, confidence, MEDIUM, start, end, value)

    def encoded(self, text: str) -> bytes:
        """A value as it stands in the file."""
        try:
            return text.encode(self._codec)
        except UnicodeEncodeError:  # an escape of YAML can stand for what the file itself could not hold
            return text.encode("utf-8", "surrogatepass")

    def _span(self, value: bytes, number: int) -> tuple[int, int]:
        """Where `value` is: in its line, else in a line after it (a YAML block), else the text of the line itself."""
        number = min(number, len(self._starts))
        line = self._starts[number - 1]
        start = self._data.find(value, line)
        if start < 0 or bisect_right(self._starts, start) > number + 50:
            match = _LINE_END.search(self._data, line)
            whole = self._data[line : match.start() if match else len(self._data)]
            start = line + len(whole) - len(whole.lstrip())
            return start, max(start, line + len(whole.rstrip()))
        return start, start + len(value)

    def _within(self, seconds: float, work: Callable[[], _T], reason: str, size: int) -> _T | None:
        """What `work` gives, or None and an entry in `missed` when it takes more CPU time than `seconds`."""
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
            try:
                return work()
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        except _Slow:
            self.missed.append((reason, size))
            return None


@contextmanager
def _cpu_alarm() -> Iterator[None]:
    """While inside, the end of the virtual timer raises `_Slow`, in the middle of a regular expression too."""

    def up(*_: object) -> None:
        raise _Slow

    before = signal.signal(signal.SIGVTALRM, up)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
