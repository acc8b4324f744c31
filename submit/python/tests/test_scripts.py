"""The scripts of the checkout find what they need, and leave alone what they use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[3]
TOOLS = TOP / "scripts" / "lib" / "tools.sh"


def shell(text: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    line = ["bash", "-euo", "pipefail", "-c", text]
    return subprocess.run(line, cwd=TOP, env=environment, capture_output=True, text=True)


def test_a_python_of_a_virtual_environment_is_not_taken_to_make_another(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", "--without-pip", str(venv)], check=True)
    named = venv / "bin" / "python3"
    assert shell(f'. {TOOLS}; python_fitness "{named}"').stdout == "none\n"
    # As in a shell where the environment is activated.
    path = f"{venv / 'bin'}:{Path(base).parent}:{os.environ['PATH']}"
    found = shell(f'. {TOOLS}; find_python; echo "$PYTHON"', PATH=path, PYTHON=str(named))
    assert found.returncode == 0, found.stderr
    assert not found.stdout.startswith(str(tmp_path))


def test_an_older_jdk_is_passed_over(tmp_path: Path) -> None:
    javac = tmp_path / "bin" / "javac"
    javac.parent.mkdir()
    javac.touch(mode=0o755)
    for version, fits in (("17.0.15", False), ("25.0.1", True)):
        (tmp_path / "release").write_text(f'JAVA_VERSION="{version}"\n')
        variables = {"JAVA_HOME": str(tmp_path), "PATH": f"{javac.parent}:{os.environ['PATH']}"}
        found = shell(f'. {TOOLS}; find_jdk; echo "$JAVA_HOME"', **variables).stdout.strip()
        assert (found == str(tmp_path)) == fits


def test_the_scripts_of_nodes_are_linted() -> None:
    text = "main() { :; }; . <(sed '/^main \"/d; /^cd /d; /^\\. /d' scripts/test); shell_scripts"
    listed = shell(text).stdout.split()
    names = {Path(script).name for script in listed}
    assert {"keeper.sh", "localbatch.sh", "supervisor.sh", "run", "test", "tools.sh", "pipetask"} <= names


def test_the_command_of_the_build_tree_is_the_launcher_of_the_wheel(tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text('#!/bin/sh\nprintf \'%s\\n\' "$@"\necho "PYTHONPATH=${PYTHONPATH-unset}"\n')
    java.chmod(0o755)
    (tmp_path / "release").write_text('JAVA_VERSION="25"\n')
    variables = {"INTERCHANGE_JAVA": str(java), "INTERCHANGE_HOME": str(tmp_path)}
    done = shell("env -u PYTHONPATH scripts/interchange-dev list --all", **variables)
    printed = done.stdout.splitlines()
    assert printed[-4:] == ["interchange.submit.Main", "list", "--all", "PYTHONPATH=unset"], done.stderr
    assert f"{TOP}/submit/target/jars/interchange-submit-" in done.stdout
