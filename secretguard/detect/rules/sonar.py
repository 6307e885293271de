"""SonarQube: legacy tokens, tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off, shown, token

_SONARQUBE_TOKEN = "squ_" + made_up.hexadecimal(40, "sonarqube-token")
_SONARQUBE_LEGACY_TOKEN = made_up.hexadecimal(40, "sonarqube-legacy-token")

RULES = (
    Rule(
        id="sonarqube-token",
        description="SonarQube token",
        patterns=(token("sq[apu]_", HEX, 40),),
        url="https://docs.sonarsource.com/sonarqube-server/latest/user-guide/managing-tokens/",
        revoke="Delete the token in SonarQube's settings, and make a new one.",
        examples=shown(_SONARQUBE_TOKEN),
        near_misses=(_SONARQUBE_TOKEN[:-1], "squ_" + "x" * 40),
    ),
    Rule(
        id="sonarqube-legacy-token",
        description="SonarQube legacy token",
        patterns=(near("sonar(?:qube|cloud|[._]?login|[._]?token|[._]?api)", f"{HEX}{{40}}"),),
        url="https://docs.sonarsource.com/sonarqube-server/latest/user-guide/managing-tokens/",
        revoke="Delete the legacy token in SonarQube's settings, and make a new one.",
        examples=named("sonarcloud", _SONARQUBE_LEGACY_TOKEN),
        near_misses=one_off("sonarcloud", _SONARQUBE_LEGACY_TOKEN),
        judge="beside",
    ),
)
