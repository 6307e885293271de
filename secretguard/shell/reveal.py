"""Commands whose purpose is to print secret material: the environment, another process's memory, a client's token.

A command that merely reads a secret file is not here: what it prints is redacted. Turning one into a form that
redaction cannot recognise (base64, hexadecimal) is. Families after a survey of 137 commands; every row is tested.
"""

from __future__ import annotations

from secretguard.shell.words import UNKNOWN, Command, Observation, Step, first_fit

EFFECT = "reveal"
_TOKEN = "it prints a token of this tool's login"  # noqa: S105 - words, not a token
_VALUE = "it prints a stored secret"
_ENVIRONMENT = "it prints the environment, where tokens live"

STEPS = (
    Step("compgen", "environment", _ENVIRONMENT, ("-e",)),
    Step("systemctl show-environment", "environment", _ENVIRONMENT),
    Step("launchctl getenv", "environment", _ENVIRONMENT),
    Step("gdb", "process", "it reads another process's memory", ("-p", "--pid")),
    Step("strace", "process", "it reads another process's memory", ("-p", "--attach")),
    Step("ltrace", "process", "it reads another process's memory", ("-p",)),
    Step("gcore", "process", "it writes another process's memory to a file"),
    Step("git credential fill", "git", "it prints a stored password"),
    Step("git credential-store get", "git", "it prints a stored password"),
    Step("git credential-cache get", "git", "it prints a stored password"),
    Step("git credential-manager get", "git", "it prints a stored password"),
    Step("gh auth token", "token", _TOKEN),
    Step("gh auth status", "token", _TOKEN, ("--show-token", "-t")),
    Step("glab auth status", "token", _TOKEN, ("--show-token", "-t")),
    Step("aws configure export-credentials", "token", _TOKEN),
    Step("aws configure get aws_secret_access_key", "token", _TOKEN),
    Step("aws configure get aws_session_token", "token", _TOKEN),
    Step("aws sts get-session-token", "token", _TOKEN),
    Step("aws sts get-federation-token", "token", _TOKEN),
    Step("aws sts assume-role*", "token", _TOKEN),
    Step("aws sso get-role-credentials", "token", _TOKEN),
    Step("aws secretsmanager get-secret-value", "store", _VALUE),
    Step("aws secretsmanager batch-get-secret-value", "store", _VALUE),
    Step("aws ssm get-param*", "store", _VALUE, ("--with-decryption",)),
    Step("aws ecr get-login-password", "token", _TOKEN),
    Step("aws ecr-public get-login-password", "token", _TOKEN),
    Step("aws codeartifact get-authorization-token", "token", _TOKEN),
    Step("aws rds generate-db-auth-token", "token", _TOKEN),
    Step("aws eks get-token", "token", _TOKEN),
    Step("gcloud auth print-access-token", "token", _TOKEN),
    Step("gcloud auth print-identity-token", "token", _TOKEN),
    Step("gcloud auth application-default print-access-token", "token", _TOKEN),
    Step("gcloud config config-helper", "token", _TOKEN),
    Step("gcloud sql generate-login-token", "token", _TOKEN),
    Step("gcloud secrets versions access", "store", _VALUE),
    Step("az account get-access-token", "token", _TOKEN),
    Step("az keyvault secret show", "store", _VALUE),
    Step("az keyvault secret download", "store", _VALUE),
    Step("az acr login", "token", _TOKEN, ("--expose-token",)),
    Step("az storage account keys list", "token", _TOKEN),
    Step("heroku auth:token", "token", _TOKEN),
    Step("heroku config*", "store", _VALUE),
    Step("fly auth token", "token", _TOKEN),
    Step("flyctl auth token", "token", _TOKEN),
    Step("vercel env pull", "store", _VALUE),
    Step("netlify env:*", "store", _VALUE),
    Step("doppler secrets", "store", _VALUE),
    Step("infisical secrets", "store", _VALUE),
    Step("infisical export", "store", _VALUE),
    Step("chamber read", "store", _VALUE),
    Step("chamber export", "store", _VALUE),
    Step("chamber env", "store", _VALUE),
    Step("terraform output", "state", "outputs hold secrets in clear", ("-json", "-raw")),
    Step("terraform state pull", "state", "the state holds secrets in clear"),
    Step("tofu output", "state", "outputs hold secrets in clear", ("-json", "-raw")),
    Step("tofu state pull", "state", "the state holds secrets in clear"),
    Step("pulumi config", "state", _VALUE, ("--show-secrets",)),
    Step("pulumi stack output", "state", _VALUE, ("--show-secrets",)),
    Step("pulumi stack export", "state", _VALUE, ("--show-secrets",)),
    Step("kubectl get secret*", "kubernetes", _VALUE, ("-o", "--output", "--template")),
    Step("oc get secret*", "kubernetes", _VALUE, ("-o", "--output", "--template")),
    Step("oc whoami", "token", _TOKEN, ("-t", "--show-token")),
    Step("kubectl config view", "kubernetes", "it prints cluster credentials", ("--raw",)),
    Step("kubectl create token", "kubernetes", _TOKEN),
    Step("helm get values", "kubernetes", _VALUE),
    Step("docker compose config", "container", _ENVIRONMENT),
    Step("docker-compose config", "container", _ENVIRONMENT),
    Step("vault read", "store", _VALUE),
    Step("vault kv get", "store", _VALUE),
    Step("vault unwrap", "store", _VALUE),
    Step("vault print token", "token", _TOKEN),
    Step("vault token create", "token", _TOKEN),
    Step("vault token lookup", "token", _TOKEN),
    Step("vault login", "token", _TOKEN),
    Step("bao read", "store", _VALUE),
    Step("bao kv get", "store", _VALUE),
    Step("bao unwrap", "store", _VALUE),
    Step("bao print token", "token", _TOKEN),
    Step("bao token create", "token", _TOKEN),
    Step("consul kv get", "store", _VALUE),
    Step("op read", "store", _VALUE),
    Step("op item get", "store", _VALUE),
    Step("op inject", "store", _VALUE),
    Step("op document get", "store", _VALUE),
    Step("pass show", "store", _VALUE),
    Step("gopass show", "store", _VALUE),
    Step("bw get", "store", _VALUE),
    Step("bw list", "store", _VALUE),
    Step("bw export", "store", _VALUE),
    Step("lpass show", "store", _VALUE),
    Step("security find-generic-password", "store", _VALUE),
    Step("security find-internet-password", "store", _VALUE),
    Step("security dump-keychain", "store", _VALUE),
    Step("secret-tool lookup", "store", _VALUE),
    Step("secret-tool search", "store", _VALUE),
    Step("keyctl print", "store", _VALUE),
    Step("keyctl read", "store", _VALUE),
    Step("keyctl pipe", "store", _VALUE),
    Step("gpg", "key", "it prints a private key", ("--export-secret-keys", "--export-secret-subkeys")),
    Step("gpg", "key", "it prints what was encrypted", ("-d", "--decrypt")),
    Step("gpg2", "key", "it prints a private key", ("--export-secret-keys", "-d", "--decrypt")),
    Step("sops", "key", "it prints what was encrypted", ("-d", "--decrypt")),
    Step("sops decrypt", "key", "it prints what was encrypted"),
    Step("sops exec-env", "key", "it hands out what was encrypted"),
    Step("ansible-vault view", "key", "it prints what was encrypted"),
    Step("ansible-vault decrypt", "key", "it writes out what was encrypted"),
    Step("age", "key", "it prints what was encrypted", ("-d", "--decrypt")),
    Step("openssl rsa", "key", "it prints a private key", ("-in", "-text")),
    Step("openssl pkcs12", "key", "it prints a private key", ("-nodes", "-noenc")),
    Step("npm config get *", "token", _TOKEN),
    Step("snyk config get", "token", _TOKEN),
    Step("stripe config", "token", _TOKEN, ("--list",)),
)
"""Each known printing command; a form with an option counts only when the option is given."""

METADATA = (
    "169.254.169.254", "169.254.170.2", "169.254.170.23", "metadata.google.internal", "100.100.100.200",
    "fd00:ec2::254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe",
)  # fmt: skip
"""Addresses at which a cloud machine's own credentials are served, in the spellings that resolve there."""

ENVIRONMENT_IN_CODE = (
    "os.environ", "from os import environ", "process.env", "%env", "$env", "env.each", "env.to_h", "puts env", "p env",
    "getenv()", "phpinfo", "$_env", "environ[", "system.getenv()", "/environ", "deno.env", "`env`", "'env'", '"env"',
)  # fmt: skip
"""How a line of Python, JavaScript, Perl, Ruby, PHP, awk or jq reaches the environment, in lower case."""

ENCODERS = frozenset({
    "base64", "base32", "basenc", "xxd", "od", "hexdump", "uuencode", "rev", "tr", "gzip", "bzip2", "xz", "zstd",
    "openssl", "gpg", "fold", "cut", "tac", "rot13", "ascii85", "qrencode",
})  # fmt: skip
"""Programs that turn text into a form in which a scanner no longer knows a secret."""
ENCODED = Observation(EFFECT, "encoded", "it turns a secret file into a form that redaction cannot recognise")
_SECRET_NAMES = (
    "TOKEN",
    "SECRET",
    "PASSW",
    "APIKEY",
    "API_KEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "CREDENTIAL",
    "_KEY",
    "_PAT",
)
_PRINTERS = frozenset({"echo", "printf", "print"})
_LISTERS = {"export": ("-p",), "declare": ("-p", "-x"), "typeset": ("-p", "-x"), "readonly": ("-p",), "set": ()}


def observe(command: Command) -> Observation | None:
    """What `command` would reveal, if anything."""
    seen = _environment(command) or _variable(command) or _process(command) or _metadata(command)
    return seen or first_fit(command, STEPS, EFFECT)


def observe_code(code: str) -> Observation | None:
    """What a program text given to an interpreter (`python -c`, `node -e`, `jq`, `awk`) would reveal."""
    lowered = code.lower()
    if any(sign in lowered for sign in ENVIRONMENT_IN_CODE):
        return Observation(EFFECT, "environment", _ENVIRONMENT)
    return None


def secret_name(name: str) -> bool:
    """Whether a variable's name says that it holds a secret."""
    upper = name.upper()
    return any(part in upper for part in _SECRET_NAMES) and "PUBLIC" not in upper and not upper.endswith("_KEY_ID")


def _environment(command: Command) -> Observation | None:
    name, plain = command.name, command.plain
    if name == "printenv" and (not plain or any(secret_name(word) or UNKNOWN in word for word in plain)):
        return Observation(EFFECT, "environment", _ENVIRONMENT)  # but `printenv PATH` is harmless
    if name == "env" and not command.words[1:]:
        return Observation(EFFECT, "environment", _ENVIRONMENT)
    if name in _LISTERS:
        options = _LISTERS[name]
        if not command.words[1:] or (options and not plain and command.has(*options)):
            return Observation(EFFECT, "environment", _ENVIRONMENT)
    return None


def _variable(command: Command) -> Observation | None:
    if command.name in _PRINTERS and any(secret_name(v) or v.startswith("!") for v in command.variables):
        return Observation(EFFECT, "environment", "it prints a variable that holds a secret by its name")
    return None


def _process(command: Command) -> Observation | None:
    for word in (*command.words, *command.inputs):
        if "/proc/" in word and word.endswith(("/environ", "/mem", "/auxv")):
            return Observation(EFFECT, "process", "it reads the environment or memory of a process")
    if command.name == "ps" and "e" in "".join(command.words[1:2]) and not command.has("-e", "-a", "-f", "-o", "-p"):
        return Observation(EFFECT, "process", "`ps e` prints the environment of every process")
    return None


def _metadata(command: Command) -> Observation | None:
    for word in command.words:
        lowered = word.lower()
        if any(address in lowered for address in METADATA):
            return Observation(EFFECT, "metadata", "it asks the cloud's metadata service, which hands out credentials")
    return None
