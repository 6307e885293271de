"""The embedded issuer's keys on disk."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from broker.issue.signing_keys import SigningKeys
from secretguard.errors import ConfigError, GuardError


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "identity"


def test_the_first_use_makes_a_private_key(folder: Path) -> None:
    """Readable by its owner alone, in a folder that is as well; nothing half-written is left."""
    SigningKeys(str(folder))
    assert [path.name for path in folder.iterdir()] == ["0001.pem"]
    assert stat.S_IMODE((folder / "0001.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_restart_keeps_the_key(folder: Path) -> None:
    """The same key id before and after."""
    assert SigningKeys(str(folder)).active.thumbprint() == SigningKeys(str(folder)).active.thumbprint()


def test_two_first_uses_at_once_agree(folder: Path) -> None:
    """Whoever links the file first wins; everyone signs with that key."""
    found: list[str] = []
    barrier = threading.Barrier(4)

    def start() -> None:
        barrier.wait(10)
        found.append(SigningKeys(str(folder)).active.thumbprint())

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 4
    assert len(set(found)) == 1


def test_the_published_keys_are_public(folder: Path) -> None:
    """The JWKS names key, id, use and algorithm, and no private part."""
    keys = SigningKeys(str(folder))
    assert keys.jwks() == {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": keys.active.as_dict(private=False)["x"],
                "kid": keys.active.thumbprint(),
                "use": "sig",
                "alg": "EdDSA",
            }
        ]
    }


def test_rotation_keeps_the_key_before(folder: Path) -> None:
    """After a rotation both keys are published, the new one first; after two the first is gone, from disk too."""
    keys = SigningKeys(str(folder))
    ids = [keys.active.thumbprint()]
    for _ in range(2):
        keys.rotate()
        ids.append(keys.active.thumbprint())
        assert [key["kid"] for key in keys.jwks()["keys"]] == [ids[-1], ids[-2]]  # type: ignore[attr-defined]
    assert len(set(ids)) == 3
    assert keys.find(ids[0]) is None
    assert keys.find(ids[1]) is not None
    assert sorted(path.name for path in folder.iterdir()) == ["0002.pem", "0003.pem"]
    assert SigningKeys(str(folder)).active.thumbprint() == ids[2]


@pytest.mark.parametrize("content", [b"", b"key", pem(ec.generate_private_key(ec.SECP256R1()))])
def test_a_damaged_key_is_an_error_not_a_new_key(folder: Path, content: bytes) -> None:
    """A silent replacement would hide that someone was there."""
    folder.mkdir(0o700)
    (folder / "0001.pem").write_bytes(content)
    (folder / "0001.pem").chmod(0o600)
    with pytest.raises(ConfigError, match=r"0001\.pem"):
        SigningKeys(str(folder))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_can_read_is_refused(folder: Path, mode: int) -> None:
    """It is no secret any more."""
    SigningKeys(str(folder))
    (folder / "0001.pem").chmod(mode)
    with pytest.raises(ConfigError, match="readable by others"):
        SigningKeys(str(folder))


def test_a_folder_that_others_can_write_is_refused(folder: Path) -> None:
    """Whoever can write it can put their own key there."""
    folder.mkdir(0o700)
    folder.chmod(0o770)
    with pytest.raises(GuardError):
        SigningKeys(str(folder))


def test_a_link_in_place_of_a_key_is_not_followed(folder: Path, tmp_path: Path) -> None:
    """The key must be the file itself."""
    elsewhere = tmp_path / "elsewhere.pem"
    elsewhere.write_bytes(pem(ed25519.Ed25519PrivateKey.generate()))
    elsewhere.chmod(0o600)
    folder.mkdir(0o700)
    os.symlink(elsewhere, folder / "0001.pem")
    with pytest.raises(OSError):
        SigningKeys(str(folder))
