"""Files come and go whole, whatever stands there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.githooks import install, shim


def put(folder: Path, text: str = "#!/bin/sh\nexit 0\n", mode: int = 0o755) -> Path:
    hook = folder / "pre-commit"
    hook.write_text(text)
    hook.chmod(mode)
    return hook


def test_an_installation_cut_short_is_gone_on_with(tmp_path: Path) -> None:
    """Killed after the old hook got its second name: the next run finishes, and removing gives it back."""
    hook = put(tmp_path)
    os.link(hook, f"{hook}{shim.KEPT}")
    assert install.install(str(tmp_path)).chained == ["pre-commit"]
    assert install.uninstall(str(tmp_path)).restored == ["pre-commit"]
    assert hook.read_text() == "#!/bin/sh\nexit 0\n"


def test_a_third_hook_is_not_overwritten(tmp_path: Path) -> None:
    """Somebody put another hook over ours: neither it nor the one that is kept is lost."""
    put(tmp_path, "first")
    install.install(str(tmp_path))
    hook = put(tmp_path, "second")
    with pytest.raises(ConfigError, match="is kept from an earlier"):
        install.install(str(tmp_path))
    assert hook.read_text() == "second"
    assert Path(f"{hook}{shim.KEPT}").read_text() == "first"
    assert install.uninstall(str(tmp_path)).left == ["pre-commit"]
    assert hook.read_text() == "second"


def test_a_link_comes_back_as_a_link(tmp_path: Path) -> None:
    """Hooks are often links to a file of the project: that file is neither copied nor written to."""
    target = tmp_path / "project-hook"
    target.write_text("#!/bin/sh\n")
    folder = tmp_path / "hooks"
    folder.mkdir()
    (folder / "pre-push").symlink_to(target)
    install.install(str(folder))
    assert target.read_text() == "#!/bin/sh\n"
    install.uninstall(str(folder))
    assert (folder / "pre-push").readlink() == target


def test_a_lost_execute_bit_is_mended(tmp_path: Path) -> None:
    """Installing again makes a hook of ours executable."""
    install.install(str(tmp_path))
    (tmp_path / "pre-push").chmod(0o644)
    assert install.install(str(tmp_path)).written == ["pre-push"]
    assert os.access(tmp_path / "pre-push", os.X_OK)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """It is an error that names the file."""
    (tmp_path / "hooks").write_text("a file\n")
    with pytest.raises(ConfigError, match="hooks/pre-commit"):
        install.install(str(tmp_path / "hooks"))
