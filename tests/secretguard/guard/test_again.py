"""A refused prompt, as it can be sent again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.secretguard.guard.events import KEY, OTHER, TOKEN, ask


def refusal(project: Path, prompt: str) -> str:
    """Why the prompt was refused."""
    answer = json.loads(ask("UserPromptSubmit", project, prompt=prompt).stdout)
    assert answer["decision"] == "block"
    return str(answer["reason"])


def again(reason: str) -> str:
    """The prompt inside of a refusal: what stands between its first words and the rule at the end."""
    return reason.split("\n\n", 1)[1].rsplit("\n\n", 1)[0]


def test_the_whole_prompt_is_printed_with_placeholders(project: Path) -> None:
    """Every other character as it was, line ends and Unicode included."""
    prompt = f"Zeile 1 \u00fc\n\n  deploy with {TOKEN}\tand {OTHER}\n\nthen {TOKEN}; bye \U0001f600"
    shown = again(refusal(project, prompt))
    assert TOKEN not in shown
    assert OTHER not in shown
    first, second, third = (part.split("]]")[0] for part in shown.split("[[")[1:])
    assert (first, second.split(":")[1]) == (third, "gitlab-token")
    back = shown.replace(f"[[{first}]]", TOKEN).replace(f"[[{second}]]", OTHER)
    assert back == prompt


@pytest.mark.parametrize(
    "prompt", [f"my token={TOKEN}", f"export T='{TOKEN}' && x", f"key:\n{KEY}", f"https://u:{TOKEN}@h"]
)
def test_it_passes_when_it_is_sent_again(project: Path, prompt: str) -> None:
    """What the refusal hands back is not refused in its turn."""
    assert ask("UserPromptSubmit", project, prompt=again(refusal(project, prompt))).stdout == ""


def test_a_long_prompt_is_handed_back_whole(project: Path) -> None:
    """The client forgets the refused prompt: cutting it would lose a person's work."""
    prompt = "\n".join(f"line {number} of a long prompt" for number in range(5000)) + f"\n{TOKEN}"
    shown = again(refusal(project, prompt))
    assert shown.startswith(prompt.removesuffix(TOKEN))
    assert shown.endswith("]]")


def test_many_secrets_name_the_first_tags(project: Path) -> None:
    """One command accepts several; a row of hundred tags helps nobody."""
    tokens = " ".join("ghp_" + f"Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6Fg1Aj{number:03d}K" for number in range(9))
    command = refusal(project, tokens).split("No secret? `")[1].split("`")[0]
    assert command.startswith("secretguard accept ")
    assert len(command.split()) == 2 + 5 + 1
