"""From a command to the words that a fresh process would be given."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Mapping, Sequence

from line import ColdError, Job, read_all

SHELL = "/bin/bash"
# What a shell says of itself is not what the shell of the cold start would.
OF_THE_SHELL = re.compile(r"\$(\$|!|\{?(BASHPID|PPID|RANDOM|SRANDOM|SECONDS|EPOCH\w*|BASH_\w*|_\b))")
# Says where the words begin, should something that the shell reads at its start print as well.
MARK = "words:"
# The shell's own variables, which its commands inherit.
KEPT = ("PWD", "SHLVL", "OLDPWD")
FUNCTIONS = ("printf", "builtin")
# Read when a process starts or a library is loaded: too late for a fork.
AT_START = (
    "PYTHON",
    "LC_",
    "LD_",
    "LANG",
    "TZ",
    "GLIBC_",
    "MALLOC_",
    "OMP_",
    "OPENBLAS_",
    "MKL_",
    "NUMEXPR_",
)


def interpreter_of(script: str) -> list[str]:
    """Return how the kernel begins the words of a script's process.

    Parameters
    ----------
    script : `str`
        A path.

    Returns
    -------
    words : `list` [`str`]
        The interpreter, and all that follows it in the first line as one word; without ``env``, whose place
        the interpreter takes. Empty where the first line is of another kind.
    """
    with open(script, "rb") as opened:
        first = os.fsdecode(opened.readline(4096).rstrip(b"\n"))
    if not first.startswith("#!"):
        return []
    words = first[2:].strip(" \t").split(None, 1)
    if words and os.path.basename(words[0]) == "env":
        words = words[1:]
        if len(words) != 1 or words[0].startswith("-") or "=" in words[0]:
            return []
    return [word.rstrip(" \t") for word in words] if words and "python" in words[0] else []


def is_by_env(script: str) -> bool:
    """Whether ``env`` finds the interpreter of a script, so that a process is named as that is.

    Parameters
    ----------
    script : `str`
        A path.

    Returns
    -------
    is_by_env : `bool`
        False for another first line.
    """
    with open(script, "rb") as opened:
        words = opened.readline(4096)[2:].split()
    return bool(words) and os.path.basename(words[0]) == b"env"


def level_below_shell() -> int:
    """Return how deep the command of a shell is in shells, seen from there: some don't count themselves.

    Returns
    -------
    level : `int`
        0 or -1.
    """
    try:
        code, out, _ = told_by_shell("env -0", {**os.environ, "SHLVL": "5"})
    except OSError:
        return 0
    return -1 if code == 0 and b"SHLVL=5" in out.split(b"\0") else 0


def words_of(job: Job, script: str, level: int) -> list[str]:
    """Return the words of a job in this process's directory and with its environment.

    Parameters
    ----------
    job : `line.Job`
        Where its command goes through a shell, the variables of one are set as well.
    script : `str`
        What the first of them must lead to.
    level : `int`
        See `level_below_shell`.

    Returns
    -------
    argv : `list` [`str`]
        The first is the path by which the kernel is asked for the script.

    Raises
    ------
    ColdError
        Raised if the first is something else, or the shell has trouble.
    """
    if (job.argv is None) == (job.command is None):
        raise ColdError("a job has either words or a command")
    words = list(job.argv or ())
    if job.command is not None:
        words = expanded(job.command, level, job.exports, job.exported)
    if not words:
        raise ColdError("the command has no words")
    if job.shell and f"BASH_FUNC_{words[0]}%%" in os.environ:
        raise ColdError(f"{words[0]} is a function of the shell")
    path = found(words[0])
    if path != script and not (os.path.isabs(path) and is_same(path, script)):
        raise ColdError(f"{words[0]} leads to {path}, not to {script}")
    if job.shell:
        os.environ["_"] = path
        if job.command is None:
            pass_shell(level)
    return [path, *words[1:]]


def pass_shell(level: int) -> None:
    """Change the variables that a shell does between its start and that of its command.

    Parameters
    ----------
    level : `int`
        See `level_below_shell`.

    Raises
    ------
    ColdError
        Raised if it would have to be known better what the shell does.
    """
    here = os.environ.get("PWD", "")
    if not (os.path.isabs(here) and os.path.isdir(here) and os.path.samefile(here, ".")):
        os.environ["PWD"] = os.getcwd()
    if not os.path.isdir(os.environ.get("OLDPWD", "")):
        os.environ.pop("OLDPWD", None)
    depth = os.environ.get("SHLVL", "0")
    if not re.fullmatch(r"[0-9]{1,2}", depth):
        raise ColdError(f"SHLVL is {depth}")
    os.environ["SHLVL"] = str(int(depth) + 1 + level)


def is_same(path: str, script: str) -> bool:
    """Whether two paths lead to one file, and modules are looked for beside the same.

    Parameters
    ----------
    path, script : `str`
        The two.

    Returns
    -------
    is_same : `bool`
        Links followed.
    """
    return os.path.realpath(path) == os.path.realpath(script)


def found(word: str) -> str:
    """Return what a shell runs for the first word of a command.

    Parameters
    ----------
    word : `str`
        With a slash, or a name to be found in PATH.

    Returns
    -------
    path : `str`
        As the shell gives it to the kernel.

    Raises
    ------
    ColdError
        Raised if nothing is found.
    """
    if "/" in word:
        return word
    for place in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(place or ".", word)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise ColdError(f"no command {word} in PATH")


def expanded(command: str, level: int, exports: str = "", exported: Sequence[str] = ()) -> list[str]:
    """Let a shell expand a simple command, and take its variables over as the command would.

    Parameters
    ----------
    command : `str`
        One that has been found simple: with substitutions or separators this would run it.
    level : `int`
        See `level_below_shell`.
    exports : `str`
        Lines before it that set variables.
    exported : `collections.abc.Sequence` [`str`]
        Their names.

    Returns
    -------
    words : `list` [`str`]
        Of the command.

    Raises
    ------
    ColdError
        Raised if the shell has trouble.
    """
    if late := [name for name in exported if name.startswith(AT_START)]:
        raise ColdError(f"{late[0]} differs from attempt to attempt, and is read when a process starts")
    if OF_THE_SHELL.search(exports + command):
        raise ColdError("the command asks its shell for something of its own")
    if any(f"BASH_FUNC_{name}%%" in os.environ for name in FUNCTIONS):
        raise ColdError("the environment changes what a shell does")
    own = " ".join(f'"${{{name}-}}"' for name in (*KEPT, *exported))
    # What a shell reads at its start has been read before the template was started.
    environment = {name: value for name, value in os.environ.items() if name != "BASH_ENV"}
    # -u: a variable that the shell of the cold start has, and has not exported, is not known here.
    text = f"set -u\n{exports}builtin printf '%s\\0' {MARK} {own} {command}"
    code, out, err = told_by_shell(text, environment)
    words = [os.fsdecode(word) for word in out.split(b"\0")[:-1]]
    if code or err or words[:1] != [MARK]:
        said = os.fsdecode(err).strip() or f"exit code {code}"
        raise ColdError(f"the shell can't expand the command: {said}")
    for name, value in zip((*KEPT, *exported), words[1:]):
        if value or name in exported:
            os.environ[name] = value
    os.environ["SHLVL"] = str(int(os.environ["SHLVL"]) + level)
    return words[1 + len(KEPT) + len(exported) :]


def told_by_shell(text: str, environment: Mapping[str, str]) -> tuple[int, bytes, bytes]:
    """Run a text in a shell.

    Parameters
    ----------
    text : `str`
        For its option ``-c``.
    environment : `collections.abc.Mapping`
        That of the shell.

    Returns
    -------
    code : `int`
        With which it ended.
    out, err : `bytes`
        What it said.
    """
    pipes = [os.pipe(), os.pipe()]
    actions = [(os.POSIX_SPAWN_DUP2, writing, 1 + at) for at, (_, writing) in enumerate(pipes)]
    shell = os.posix_spawn(
        SHELL,
        [SHELL, "-c", text],
        environment,
        file_actions=actions,
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
    )
    for _, writing in pipes:
        os.close(writing)
    out, err = read_all(*(reading for reading, _ in pipes))
    return os.waitstatus_to_exitcode(os.waitpid(shell, 0)[1]), out, err
