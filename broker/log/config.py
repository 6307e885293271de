"""The `[log]` table of the broker's configuration: who signs the record's checkpoints, and who witnesses them.

[log]
origin = "broker.example.org/log"              # the log's name, unique in the world where a public witness is used
signer = "transit"                             # or "file", the default: a key in keys.directory
key = "secretguard-log"                        # transit: the key's name, and `mount` where it is not "transit"

[[log.witness]]
url = "https://witness.example.org"            # its submission prefix
key = "witness.example.org/w1+d6b29a6a+BF..."  # its verifier key (Ed25519)
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from broker.log.cosignature import parse_witness
from broker.log.witness import WitnessClient
from broker.toml_file import StrictModel
from secretguard.audit.checkpoint import CheckpointError

LOG_ORIGIN = "secretguard/broker"
Url = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^https?://[^/?#\s]+(/[^?#\s]*[^/?#\s])?$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class WitnessTable(StrictModel):
    """`[[log.witness]]`. Plain http is allowed: nothing secret is sent, and the answer is signed."""

    url: Url
    key: Annotated[str, Field(max_length=400)]
    ca_file: str = ""

    @field_validator("key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        try:
            parse_witness(value)
        except CheckpointError as error:
            raise ValueError(error.message) from None
        return value

    def client(self) -> WitnessClient:
        """The client of this witness; nothing is sent yet."""
        return WitnessClient(self.url, parse_witness(self.key), self.ca_file)


class LogTable(StrictModel):
    """`[log]`; all of it may be left out."""

    origin: Annotated[str, Field(pattern=r"^[!-*,-~]{1,200}$")] = LOG_ORIGIN
    signer: Literal["file", "transit"] = "file"
    mount: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,4}$")] = "transit"
    key: Name = "secretguard-log"
    witness: list[WitnessTable] = Field(default_factory=list, max_length=10)

    @property
    def transit(self) -> tuple[str, str] | None:
        """Mount and name of the key that Vault keeps, where one signs."""
        return (self.mount, self.key) if self.signer == "transit" else None
