"""compose.yaml, the broker's container file and the Kubernetes manifest: read by rules, and what can run here run.

No container engine and no cluster are where these tests run, so nothing of it is ever started here. Checked are: the
manifest against Kubernetes' own schemas and the *restricted* pod security standard; compose.yaml by its structure; the
configurations in both by the broker's own model; the key files as the init container lays them out, and PostgreSQL's
password file, for real.
"""

from __future__ import annotations

import re
import secrets
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from broker.config import Config
from broker.issue.signing_keys import SigningKeys
from broker.store.database import open_database
from broker.store.sealed import key_file
from tests.servers.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[2]
OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text()))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
IMAGE = (ROOT / "Containerfile.broker").read_text()
VERSIONS = ("1.30", "1.33", "1.36")
BROKER = ("broker", "store-setup")
"""compose's services of our own image."""


def the(kind: str, name: str = "broker") -> dict[str, Any]:
    [found] = [one for one in OBJECTS if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


POD: dict[str, Any] = the("Deployment")["spec"]["template"]["spec"]
CONTAINERS: list[dict[str, Any]] = [*POD["initContainers"], *POD["containers"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_knows_every_field(version: str) -> None:
    """Against the schemas of that version, no unknown fields; the check finds a misspelt one."""
    for one in OBJECTS:
        kubernetes_validate.validate(one, version, strict=True)
    wrong = {**the("Service"), "spec": {**the("Service")["spec"], "selectr": {}}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, version, strict=True)


def test_pods_are_restricted() -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, and read-only beyond it."""
    assert the("Namespace", "secretguard")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["runAsUser"] > 0
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(POD)
    for one in CONTAINERS:
        context = one["securityContext"]
        assert context == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert "memory" in one["resources"]["limits"]
        assert "env" not in one
        assert re.search(r":\d[\w.-]*$", one["image"]), "a version, not what is newest today"
    assert all(set(one) & {"configMap", "secret", "projected", "emptyDir"} for one in POD["volumes"])


def test_the_token_for_vault_is_for_vault_alone() -> None:
    """No token of the API's is in the pod; the one there is has Vault's audience and ten minutes."""
    assert POD["automountServiceAccountToken"] is the("ServiceAccount")["automountServiceAccountToken"] is False
    [source] = [one["projected"]["sources"] for one in POD["volumes"] if "projected" in one]
    assert source == [{"serviceAccountToken": {"audience": "vault", "expirationSeconds": 600, "path": "token"}}]


def test_two_replicas_survive_a_drain_and_a_rollout() -> None:
    """One is always there; each is asked whether it lives and whether it can issue."""
    spec = the("Deployment")["spec"]
    assert (spec["replicas"], the("PodDisruptionBudget")["spec"]["minAvailable"]) == (2, 1)
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    [broker] = [one for one in POD["containers"] if one["name"] == "broker"]
    paths = {name: broker[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert paths == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}


def test_everything_that_is_mounted_and_selected_is_there() -> None:
    """Volumes, labels and ports fit together: what is misspelt would only fail in a cluster."""
    volumes = {one["name"] for one in POD["volumes"]}
    mounted = {one["name"] for container in CONTAINERS for one in container["volumeMounts"]}
    assert mounted == volumes
    labels = {"app.kubernetes.io/name": "broker"}
    assert the("Deployment")["spec"]["template"]["metadata"]["labels"] == labels
    chosen = [the("Deployment")["spec"]["selector"]["matchLabels"], the("Service")["spec"]["selector"]]
    chosen += [the("PodDisruptionBudget")["spec"]["selector"]["matchLabels"]]
    policy = the("NetworkPolicy")["spec"]
    assert [*chosen, policy["podSelector"]["matchLabels"]] == [labels] * 4
    ports = {port["name"] for one in CONTAINERS for port in one.get("ports", ())}
    assert the("Service")["spec"]["ports"][0]["targetPort"] in ports
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert all(rule["from"] and rule["ports"] for rule in policy["ingress"])
    assert the("ConfigMap", "broker-proxy")["data"]["nginx.conf"] == (ROOT / "deploy" / "nginx.conf").read_text()


def paths_of(config: Config) -> set[str]:
    """Folders and files that a configuration names."""
    assert config.vault is not None
    found = {config.policy.directory, config.keys.directory, config.server.socket, config.vault.ca_file or ""}
    for identity in (config.vault.issuer, config.vault.revoker):
        found |= {identity.role_id_file or "", identity.secret_id_file or "", identity.jwt_file or ""}
    return {*found, *re.findall(r"/run/[\w./]+", config.store.url)} - {""}


def test_the_configurations_are_configurations() -> None:
    """Both load by the broker's own model, hold no secret, and name only what is mounted in the container."""
    cluster = Config.model_validate(tomllib.loads(the("ConfigMap")["data"]["broker.toml"]))
    [broker] = [one for one in POD["containers"] if one["name"] == "broker"]
    mounts = [one["mountPath"] for one in broker["volumeMounts"]]
    local = Config.model_validate(tomllib.loads((ROOT / "deploy" / "broker.toml").read_text()))
    service = COMPOSE["services"]["broker"]
    inside = [*(f"/run/secrets/{name}" for name in service["secrets"]), "/run/broker"]
    inside += [one.split(":")[1] for one in service["volumes"]]
    for config, places in ((cluster, mounts), (local, inside)):
        for path in paths_of(config):
            assert any(path == place or path.startswith(f"{place}/") for place in places), path
        assert config.server.log == "json"
        assert ":" not in config.store.url.split("//")[1].split("@")[0], "a password in a URL"


def test_compose_is_closed() -> None:
    """Every name that is used is declared and every declared one used; secrets are files; only TLS is reachable."""
    services = COMPOSE["services"]
    for kind in ("secrets", "configs", "networks"):
        used = [one for service in services.values() for one in service.get(kind, ())]
        assert {one if isinstance(one, str) else one["source"] for one in used} == set(COMPOSE[kind])
    named = {one.split(":")[0] for service in services.values() for one in service.get("volumes", ())}
    assert {one for one in named if not one.startswith(".")} == set(COMPOSE["volumes"])
    assert all(one["file"].startswith("./secrets/") for one in COMPOSE["secrets"].values())
    assert all((ROOT / one["file"]).is_file() for one in COMPOSE["configs"].values())
    assert {name: one["ports"] for name, one in services.items() if "ports" in one} == {
        "proxy": ["127.0.0.1:8443:8443"]
    }
    for name, service in services.items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not service.get("privileged")
        text = str(service.get("environment", {}))
        assert not re.search(r"(?i)(password|token|secret)'?: '(?!/run/secrets/)", text), name
        for other in service.get("depends_on", {}):
            assert other in services
        image = re.fullmatch(r"\$\{[A-Z]+_IMAGE:-(\S+:\d[\w.-]*)\}", service.get("image", "")) or "build" in service
        assert image, name
    for name in (*BROKER, "proxy"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    assert {services[name]["build"]["dockerfile"] for name in BROKER} == {"Containerfile.broker"}


def test_the_image_has_no_root_and_nothing_to_build_with() -> None:
    """One base in two stages, which a build argument pins; what is installed is what the lock names with the extra."""
    lines = [line for line in re.sub(r"\\\n", " ", IMAGE).splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if line.startswith("FROM")] == ["FROM ${PYTHON} AS build", "FROM ${PYTHON}"]
    assert re.fullmatch(r"ARG PYTHON=docker\.io/library/python:3\.\d+-slim-[a-z]+", lines[0])
    final = lines[lines.index("FROM ${PYTHON}") :]
    assert [line.split()[1] for line in final if line.startswith("USER")] == ["65532:65532"]
    assert not any(re.search(r"\b(apt-get|pip|curl|wget|gcc|ADD)\b", line) for line in final)
    assert "ARG EXTRAS=broker" in lines
    assert any("install_base.py /opt/secretguard --extra ${EXTRAS}" in line for line in lines)
    assert 'ENTRYPOINT ["broker"]' in final


def test_the_init_container_lays_keys_out_as_the_broker_wants_them(tmp_path: Path) -> None:
    """Its very commands, in a folder of ours: both replicas get the same keys, private to their user, and none is made;
    a key that is missing ends the pod."""
    given = tmp_path / "run" / "keys-secret"
    made = SigningKeys(str(tmp_path / "made")).active.as_pem(private=True)
    given.mkdir(parents=True)
    (tmp_path / "run" / "keys").mkdir()
    (given / "broker.key").write_bytes(secrets.token_bytes(32))
    for name in ("identity.pem", "log.pem"):
        (given / name).write_bytes(made)
    for one in given.iterdir():
        one.chmod(0o440)
    script = POD["initContainers"][0]["command"][2].replace("/run/", f"{tmp_path}/run/")
    for _ in range(2):  # an init container may run again over the same volume
        subprocess.run(["sh", "-euc", script], check=True, timeout=20)
    keys = tmp_path / "run" / "keys" / "broker"
    assert key_file(str(keys / "broker.key")) == (given / "broker.key").read_bytes()
    for name in ("identity", "log"):
        assert SigningKeys(str(keys / name)).active.as_pem(private=True) == made
    assert all(stat.S_IMODE(one.stat().st_mode) & 0o077 == 0 for one in keys.rglob("*"))
    (given / "log.pem").unlink()
    assert subprocess.run(["sh", "-euc", script], capture_output=True, timeout=20).returncode != 0


@pytest.mark.postgres
def test_the_password_is_read_from_its_file(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """A store URL as in deploy/broker.toml: no password in it, `passfile` names where it is."""
    name = f"deploy_{secrets.token_hex(4)}"
    with postgres_server.connect() as link:
        link.execute(f"CREATE DATABASE {name}")
    passfile = tmp_path / "pgpass"
    passfile.touch(mode=0o600)
    passfile.write_text(f"127.0.0.1:*:*:postgres:{postgres_server.password}\n")
    url = f"postgresql://postgres@127.0.0.1:{postgres_server.port}/{name}?passfile={passfile}"
    database = open_database(url)
    assert database.kind == "postgresql"
    database.close()
