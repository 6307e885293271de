"""Commands that carry data off the machine: uploads, remote copies, raw sockets, tunnels, public pastes.

Fetching is not sending. Loopback addresses are this machine.
"""

from __future__ import annotations

from secretguard.shell.words import UNKNOWN, Command, Observation, Step, first_fit

EFFECT = "send"
_UPLOAD = "it uploads data"

STEPS = (
    Step("gh gist create", "paste", "it publishes a file"),
    Step("gh release upload", "paste", "it publishes a file"),
    Step("aws s3api put-object", "cloud", _UPLOAD),
    Step("az storage blob upload*", "cloud", _UPLOAD),
    Step("docker push", "registry", "it publishes an image"),
    Step("podman push", "registry", "it publishes an image"),
    Step("sftp", "copy", "it copies to another machine"),
    Step("ftp", "copy", "it copies to another machine"),
    Step("lftp", "copy", "it copies to another machine"),
    Step("tftp", "copy", "it copies to another machine"),
    Step("mail", "mail", "it sends mail"),
    Step("mailx", "mail", "it sends mail"),
    Step("mutt", "mail", "it sends mail"),
    Step("sendmail", "mail", "it sends mail"),
    Step("ngrok", "tunnel", "it opens this machine to the internet"),
    Step("cloudflared tunnel", "tunnel", "it opens this machine to the internet"),
    Step("wormhole send", "copy", "it copies to another machine"),
    Step("croc send", "copy", "it copies to another machine"),
    Step("transfer", "paste", "it publishes a file"),
)
"""Each known sending command by its words; curl, copies and raw sockets are judged below."""

_CLOUD_COPIES = tuple(
    Step(call, "cloud", _UPLOAD)
    for call in (
        "aws s3 cp", "aws s3 mv", "aws s3 sync", "gsutil cp", "gsutil rsync", "gcloud storage cp", "rclone copy*",
        "rclone sync", "mc cp",
    )
)  # fmt: skip
"""Copies whose last word says whether data leaves (`s3://bucket`) or comes in."""
_CURL = (
    "-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--data-ascii", "-F", "--form", "--form-string",
    "-T", "--upload-file", "--json",
)  # fmt: skip
_WGET = ("--post-file", "--post-data", "--body-file", "--body-data")
_SOCKETS = frozenset({"nc", "ncat", "netcat", "socat", "telnet", "openssl"})
_LOCAL = ("localhost", "127.", "[::1]", "::1", "0.0.0.0")  # noqa: S104 - recognised, not bound
_NAMES = frozenset({"dig", "nslookup", "host", "ping"})


def observe(command: Command) -> Observation | None:
    """What `command` would send off this machine, if anything."""
    return _http(command) or _copy(command) or _socket(command) or first_fit(command, STEPS, EFFECT)


def _http(command: Command) -> Observation | None:
    name = command.name
    body = (name == "curl" and command.has(*_CURL)) or (name == "wget" and command.has(*_WGET))
    if name in ("http", "https", "xh"):
        body = "POST" in command.plain or "PUT" in command.plain
    if body and not _only_local(command.plain):
        return Observation(EFFECT, "http", "it sends data to another host")
    return None


def _copy(command: Command) -> Observation | None:
    if any(step.fits(command) for step in _CLOUD_COPIES) and _remote(command.plain[-1]):
        return Observation(EFFECT, "cloud", _UPLOAD)
    if command.name in ("scp", "rsync") and command.plain and _remote(command.plain[-1]):
        return Observation(EFFECT, "copy", "it copies to another machine")
    if command.name in ("python", "python3") and "http.server" in command.words:
        return Observation(EFFECT, "tunnel", "it serves the files of a folder to the network")
    if command.name in _NAMES and any(UNKNOWN in word and "." in word for word in command.plain):
        return Observation(EFFECT, "name", "it can carry data in a name look-up")
    return None


def _socket(command: Command) -> Observation | None:
    if any(word.startswith(("/dev/tcp/", "/dev/udp/")) for word in (*command.outputs, *command.inputs)):
        return Observation(EFFECT, "socket", "it opens a raw connection to another host")
    if command.name == "openssl" and "s_client" not in command.plain:
        return None
    if command.name in _SOCKETS and not _only_local(command.plain) and not command.has("-z", "-h"):
        return Observation(EFFECT, "socket", "it opens a raw connection to another host")
    return None


def _remote(word: str) -> bool:
    host, colon, _ = word.partition(":")
    return bool(colon) and "/" not in host and not _is_local(host.rsplit("@", 1)[-1])


def _only_local(words: list[str]) -> bool:
    """Whether every host named in `words` is this machine; True only when at least one is named."""
    hosts = [h for h in map(host_of, words) if h]
    return bool(hosts) and all(map(_is_local, hosts))


def _is_local(host: str) -> bool:
    return host.startswith(_LOCAL)


def host_of(word: str) -> str:
    """The host that a word names: of a URL, of `user@host`, of `host:port` or a bare name with a dot; else empty."""
    if " " in word or len(word) > 2048:
        return ""
    rest = word.partition("://")[2] or word
    if "://" not in word and ("/" in word.split(":", 1)[0] or ("." not in word and not word.startswith("localhost"))):
        return ""
    authority = rest.split("/", 1)[0].split("?", 1)[0].rsplit("@", 1)[-1]
    if authority.startswith("["):
        return authority.split("]", 1)[0] + "]"
    return authority.split(":", 1)[0].lower()
