"""What GitLab demands of a secret detection report, as models: its schema 15.1.4; 15.2.1 says the same of them.

Source: gitlab-org/security-products/security-report-schemas, `secret-detection-report-format.json`. Every constraint
on a field that we write is here; fields that the schema allows and we do not write are refused: none comes unseen.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$")]


class Strict(BaseModel):
    """No field beyond those named, no value of another JSON type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Vendor(Strict):
    """Who makes the scanner."""

    name: Text


class Tool(Strict):
    """The analyzer, and the scanner."""

    id: Text
    name: Text
    version: Text
    vendor: Vendor


class Message(Strict):
    """What the person who started the scan should read."""

    level: Literal["info", "warn", "fatal"]
    value: Text


class Run(Strict):
    """The scan itself."""

    analyzer: Tool
    scanner: Tool
    type: Literal["secret_detection"]
    start_time: Moment
    end_time: Moment
    status: Literal["success", "failure"]
    messages: list[Message]


class Commit(Strict):
    """Where it came in; only `sha` is demanded."""

    sha: Text
    author: str | None = None
    date: str | None = None


class Location(Strict):
    """Where it stands."""

    file: str
    commit: Commit
    start_line: int
    end_line: int


class Identifier(Strict):
    """What kind of secret it is."""

    type: Text
    name: Text
    value: Text


class Vulnerability(Strict):
    """One finding."""

    id: Text
    name: Annotated[str, Field(max_length=255)]
    description: Annotated[str, Field(max_length=1_048_576)]
    severity: Literal["Info", "Unknown", "Low", "Medium", "High", "Critical"]
    solution: Annotated[str, Field(max_length=7000)]
    identifiers: Annotated[list[Identifier], Field(min_length=1)]
    location: Location


class Report(Strict):
    """The whole document."""

    version: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
    scan: Run
    vulnerabilities: list[Vulnerability]
