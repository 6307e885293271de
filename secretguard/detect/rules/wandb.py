"""Weights & Biases: API keys, versioned API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, WORD, Rule, named, near, one_off, shown, token

_EXAMPLE_1 = made_up.hexadecimal(40, "wandb-api-key")
_EXAMPLE_2 = "wandb_v1_" + made_up.alnum(70, "wandb-api-key-v1")

RULES = (
    Rule(
        id="wandb-api-key",
        description="Weights & Biases API key",
        patterns=(near("(?:wandb|weights.?and.?biases)", f"{HEX}{{40}}"),),
        url="https://docs.wandb.ai/quickstart",
        revoke="Delete the API key in Weights & Biases's settings, and make a new one.",
        examples=named("wandb", _EXAMPLE_1),
        near_misses=one_off("wandb", _EXAMPLE_1),
        judge="beside",
    ),
    Rule(
        id="wandb-api-key-v1",
        description="Weights & Biases versioned API key",
        patterns=(token("wandb_v1_", WORD, 70, 90),),
        url="https://docs.wandb.ai/quickstart",
        revoke="Delete the versioned API key in Weights & Biases's settings, and make a new one.",
        examples=shown(_EXAMPLE_2),
        near_misses=("wandb_v1_" + made_up.alnum(69, "short"), "wandb_v1_" + "x" * 70),
    ),
)
