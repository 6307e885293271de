"""Microsoft Azure and Entra: storage keys, SAS, client secrets, DevOps tokens, container registry keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import Pattern, Rule, shown

_STORAGE = made_up.alnum(86) + "=="
_SECRET = made_up.alnum(3) + "8Q~" + made_up.alnum(31)
_DEVOPS = made_up.alnum(76) + "AZDO" + made_up.alnum(4)
_REGISTRY = made_up.alnum(42) + "+ACRA" + made_up.alnum(5) + "A"
_SAS = made_up.alnum(43) + "%3D"

RULES = (
    Rule(
        id="azure-storage-key",
        description="Azure storage or service bus account key",
        patterns=(
            Pattern(
                r"(?:AccountKey|SharedAccessKey)=(?P<secret>[A-Za-z0-9+/]{42,86}={1,2})",
                r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{42}",
            ),
        ),
        url="https://learn.microsoft.com/en-us/azure/storage/common/storage-account-keys-manage",
        revoke="Rotate both account keys.",
        examples=(
            (
                f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={_STORAGE};EndpointSuffix=core.windows.net",
                _STORAGE,
            ),
            (f"SharedAccessKeyName=Root;SharedAccessKey={made_up.alnum(43)}=", made_up.alnum(43) + "="),
        ),
        near_misses=("AccountKey=", "AccountKey=" + made_up.alnum(30), "AccountKey=" + "x" * 86 + "=="),
        judge="random",
        peer_type="Azure Storage Account access key",
    ),
    Rule(
        id="azure-client-secret",
        description="Microsoft Entra client secret",
        patterns=(
            Pattern(
                r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])",
                r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31}",
            ),
        ),
        url="https://learn.microsoft.com/en-us/purview/sit-defn-azure-ad-client-secret",
        revoke="Delete the secret under the app registration's certificates and secrets.",
        examples=(*shown(_SECRET)[:3],),
        near_misses=(_SECRET[:-1], made_up.alnum(3) + "aQ~" + made_up.alnum(31)),
    ),
    Rule(
        id="azure-devops-token",
        description="Azure DevOps personal access token",
        patterns=(
            Pattern(
                r"(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])",
                r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
            ),
        ),
        url="https://learn.microsoft.com/en-us/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate",
        revoke="Revoke the token in the user's settings.",
        examples=shown(_DEVOPS)[:3],
        near_misses=(_DEVOPS[:-1], _DEVOPS + "a"),
    ),
    Rule(
        id="azure-registry-key",
        description="Azure container registry key",
        patterns=(
            Pattern(
                r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9+/]{5}[A-Za-z0-9](?![A-Za-z0-9+/])",
                r"[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9+/]{6}",
            ),
        ),
        url="https://learn.microsoft.com/en-us/purview/sit-defn-azure-container-registry-access-key",
        revoke="Regenerate the registry's passwords.",
        examples=shown(_REGISTRY)[:3],
        near_misses=(_REGISTRY[1:], _REGISTRY + "a"),
    ),
    Rule(
        id="azure-sas-signature",
        description="Azure shared access signature",
        patterns=(Pattern(r"[?&;]sig=(?P<secret>[A-Za-z0-9%]{43,63}%3[dD])", r"[?&;]sig=[A-Za-z0-9%]{43,63}%3[dD]"),),
        url="https://learn.microsoft.com/en-us/azure/storage/common/storage-sas-overview",
        revoke="Rotate the account key that signed it, or the stored access policy behind it.",
        examples=((f"https://a.blob.core.windows.net/c?sv=2022&sig={_SAS}", _SAS), (f"?sp=r&sig={_SAS}&se=2030", _SAS)),
        near_misses=("?sig=abc%3D", f"&sig={made_up.alnum(20)}"),
        severity=MEDIUM,
    ),
)
