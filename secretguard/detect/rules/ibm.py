"""IBM Cloud, COS HMAC, Cloudant and SoftLayer keys, known by the name they are assigned to."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Pattern, Rule, keyed

_IAM = made_up.alnum(44)
_HMAC = made_up.hexadecimal(48)
_HEX64 = made_up.hexadecimal(64)

RULES = (
    Rule(
        id="ibm-cloud-iam-key",
        description="IBM Cloud IAM API key",
        patterns=(keyed("ibm[_-]?(?:cloud|iam|api)?|cloud[_-]?iam|iam[_-]?api", "[A-Za-z0-9_-]{44}"),),
        url="https://cloud.ibm.com/docs/account?topic=account-userapikey",
        revoke="Delete the API key under Manage, Access (IAM).",
        examples=((f"ibm_cloud_iam_api_key = {_IAM}", _IAM), (f'"ibmcloud_api_key": "{_IAM}"', _IAM)),
        near_misses=(f"ibm_cloud_iam_api_key = {_IAM[:-1]}", f"other_setting = {_IAM}"),
        judge="random",
        peer_type="IBM Cloud IAM Key",
    ),
    Rule(
        id="ibm-cos-hmac-key",
        description="IBM COS HMAC secret access key",
        patterns=(keyed("secret[_-]?(?:access[_-]?)?key|cos[_-]?hmac", "[0-9a-f]{48}"),),
        url="https://cloud.ibm.com/docs/cloud-object-storage?topic=cloud-object-storage-uhc-hmac-credentials-main",
        revoke="Delete the service credential that holds the HMAC key.",
        examples=((f"cos_hmac_secret_access_key={_HMAC}", _HMAC), (f"secret_access_key: '{_HMAC}'", _HMAC)),
        near_misses=(f"cos_hmac_secret_access_key={_HMAC[:-1]}", f"digest={_HMAC}"),
        judge="random",
        peer_type="IBM COS HMAC Credentials",
    ),
    Rule(
        id="cloudant-key",
        description="Cloudant password or API key",
        patterns=(
            keyed("cloudant[_-]?(?:api)?[_-]?(?:key|pwd|pw|password|pass|token)", "(?:[0-9a-f]{64}|[a-z]{24})"),
            Pattern(
                r"https?://[A-Za-z0-9_-]{1,64}:(?P<secret>[0-9a-f]{64}|[a-z]{24})@[A-Za-z0-9_-]{1,64}\.cloudant\.com"
            ),
        ),
        url="https://cloud.ibm.com/docs/Cloudant",
        revoke="Delete the service credential.",
        examples=(
            (f"cloudant_password={_HEX64}", _HEX64),
            (f"https://svc:{_HEX64}@acct.cloudant.com/db", _HEX64),
        ),
        near_misses=(f"cloudant_password={_HEX64[:-1]}", "cloudant_password=$CLOUDANT"),
        peer_type="Cloudant Credentials",
    ),
    Rule(
        id="softlayer-api-key",
        description="SoftLayer API key",
        patterns=(
            keyed("(?:softlayer|sl)[_-]?(?:api)?[_-]?(?:key|pwd|password|pass|token)", "[0-9a-z]{64}"),
            Pattern(r"https?://api\.softlayer\.com/soap/v3(?:\.1)?/(?P<secret>[0-9a-z]{64})"),
        ),
        url="https://sldn.softlayer.com/article/authenticating-softlayer-api/",
        revoke="Delete the classic infrastructure API key.",
        examples=(
            (f"softlayer_api_key: '{_HEX64}'", _HEX64),
            (f"http://api.softlayer.com/soap/v3/{_HEX64}", _HEX64),
        ),
        near_misses=(f"softlayer_api_key: '{_HEX64[:-1]}'", f"asset_digest: '{_HEX64}'"),
        judge="random",
        peer_type="SoftLayer Credentials",
    ),
)
