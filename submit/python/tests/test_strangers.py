"""Command lines with other keys than the daemon's, or of another version, are told so at once."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from living import Home, living_home

from interchange_runtime import launcher

pytestmark = pytest.mark.end_to_end

# Seconds are enough; a busy machine takes longer. It was minutes once.
PROMPTLY_SECONDS = 30.0

KEY_CHARACTERS = 40


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Give a home with a daemon, which none of these tests harms."""
    with living_home(tmp_path_factory.mktemp("strangers") / "home") as home:
        home.run("interchange", "start")
        yield home


@pytest.mark.parametrize("key", ["server-key", "public-key"])
@pytest.mark.parametrize("command", ["list", "start", "ensure", "stop", "info"])
def test_another_key_than_the_daemons_is_said_promptly(
    home: Home, tmp_path: Path, key: str, command: str
) -> None:
    connection = home.directory / "client.connection"
    right = tmp_path / "right"
    shutil.copy2(connection, right)
    pid = home.daemon_pid()
    connection.write_text(with_other_keys(connection.read_text(), key))
    began = time.monotonic()
    try:
        done = home.run("interchange", command, check=False)
    finally:
        shutil.copy2(right, connection)
    assert time.monotonic() - began < PROMPTLY_SECONDS
    assert done.returncode == 3, done
    assert str(connection) in done.stderr, done.stderr
    assert "key" in done.stderr, done.stderr
    if command != "info":
        assert f"belongs to process {pid} on " in done.stderr, done.stderr
    assert home.daemon_pid() == pid, "the daemon was not replaced"


def with_other_keys(text: str, which: str) -> str:
    """Return a connection file with keys that are none of this daemon's."""
    others = {"server-key": ["server-key"], "public-key": ["public-key", "secret-key"]}[which]
    lines = []
    for line in text.splitlines():
        name, _, value = line.partition("=")
        # Another valid key: Z85 has no order, so the same characters turned around are one.
        lines.append(f"{name}={value[::-1]}" if name in others else line)
        assert name not in others or len(value) == KEY_CHARACTERS
    return "\n".join(lines) + "\n"


def test_a_command_line_of_another_version_is_refused_with_both_versions(home: Home, tmp_path: Path) -> None:
    version = str(home.ask("version")["version"])
    newer = f"{int(version.split('.')[0]) + 1}.0.0"
    place = tmp_path / "newer" / "interchange" / "submit"
    place.mkdir(parents=True)
    (place / "version.txt").write_text(f"{newer}\n")
    line = launcher.command(["list", "--json"])
    classes = line.index("-cp") + 1
    line[classes] = f"{tmp_path / 'newer'}:{line[classes]}"
    line = [part for part in line if not part.startswith("-XX:AOTCache=")]
    began = time.monotonic()
    done = subprocess.run(line, env=home.environment, capture_output=True, text=True, timeout=600)
    assert time.monotonic() - began < PROMPTLY_SECONDS
    assert done.returncode == 5, done
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == "VERSION"
    assert f"has version '{newer}', the daemon {version}: " in error["messages"][0]
    assert "Install the same version" in error["messages"][0]


def test_every_jar_of_ours_says_its_version_which_daemon_and_worker_read(home: Home) -> None:
    version = home.ask("version")["version"]
    assert home.ask("info")["version"] == version
    ours = sorted(Path(launcher.jar_directory()).glob("interchange-*.jar"))
    assert len(ours) == 4, ours
    for jar in ours:
        with zipfile.ZipFile(jar) as content:
            manifest = content.read("META-INF/MANIFEST.MF").decode().splitlines()
        assert f"Implementation-Version: {version}" in manifest, jar
