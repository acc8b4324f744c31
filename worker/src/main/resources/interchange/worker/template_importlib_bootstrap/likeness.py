"""What makes a fork look like a fresh process, from within and from outside."""

from __future__ import annotations

import ctypes
import os
import stat
import sys
import threading
import time
import types
from collections.abc import Callable
from typing import Any

from line import ColdError, Job, Successor, read
from words import AT_START, interpreter_of, is_by_env, level_below_shell, words_of

# O_APPEND: two descriptors of one file don't write over each other. They are emptied later.
OUTPUT = os.O_WRONLY | os.O_CREAT | os.O_APPEND
TOKEN = "INTERCHANGE_ATTEMPT_TOKEN"
# Positions in /proc/self/stat behind the name.
ARGUMENTS_START, ARGUMENTS_END, ENVIRONMENT_START, ENVIRONMENT_END = 45, 46, 47, 48


def set_variables(job: Job) -> None:
    """Give a fork the variables of its attempt.

    Parameters
    ----------
    job : `Job`
        What it becomes.

    Raises
    ------
    ColdError
        Raised if one of them would have been read already.
    """
    wanted: dict[str, str | None] = {**dict.fromkeys(job.unset), **job.set}
    for name, value in wanted.items():
        if name.startswith(AT_START) and os.environ.get(name) != value:
            raise ColdError(f"{name} is not that of the template")
    for name in job.unset:
        os.environ.pop(name, None)
    os.environ.update(job.set)


def become(job: Job, outside: Outside, times: Times) -> list[str]:
    """Give a fork all that a fresh process has, but for what would be seen of it or lost without a go.

    Parameters
    ----------
    job : `Job`
        What it becomes.
    outside : `Outside`
        What is seen of this process.
    times : `Times`
        What is renewed.

    Returns
    -------
    argv : `list` [`str`]
        The words of the command.

    Raises
    ------
    ColdError, OSError
        Raised if it can't be had.
    """
    set_variables(job)
    os.chdir(job.directory)
    argv = words_of(job, outside.script, outside.level)
    open_outputs(job)
    outside.show(argv)
    renew()
    times.renew()
    return argv


def open_outputs(job: Job | Successor) -> None:
    """Lead standard output and error to the files of a fork, which stay as they are for now.

    Parameters
    ----------
    job : `Job` or `Successor`
        Whose they are.
    """
    outputs = [opened(job.stdout)]
    outputs.append(outputs[0] if job.stderr == job.stdout else opened(job.stderr))
    for target, output in enumerate(outputs, start=1):
        os.dup2(output, target)
    for output in set(outputs):
        os.close(output)


def opened(path: str) -> int:
    """Open an output file, and make its directory where that is missing.

    Parameters
    ----------
    path : `str`
        Of the file.

    Returns
    -------
    descriptor : `int`
        To write to.
    """
    try:
        return os.open(path, OUTPUT, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return os.open(path, OUTPUT, 0o666)


def begin_outputs(texts: list[bytes]) -> None:
    """Empty the files of a job, and write there what importing has printed.

    Parameters
    ----------
    texts : `list` [`bytes`]
        On standard output, and on standard error.
    """
    for target in (1, 2):
        if stat.S_ISREG(os.fstat(target).st_mode):
            os.ftruncate(target, 0)
    for target, text in enumerate(texts, start=1):
        while text:
            text = text[os.write(target, text) :]


class Times:
    """The times of their import that modules have kept.

    A module's variable between two readings of a clock is one of its readings.
    """

    CLOCKS = (time.time, time.monotonic, time.time_ns)

    def __init__(self) -> None:
        self._begun: list[float] = []
        self._kept: list[tuple[dict[str, Any], str, Callable[[], float]]] = []

    def begin(self) -> None:
        """Read the clocks, before the imports."""
        self._begun = [clock() for clock in self.CLOCKS]

    def find(self) -> None:
        """Look for what the imports have kept, after them."""
        spans = [(begun, clock(), clock) for begun, clock in zip(self._begun, self.CLOCKS)]
        for module in list(sys.modules.values()):
            if isinstance(module, types.ModuleType):
                held = object.__getattribute__(module, "__dict__")
                for name, value in list(held.items()):
                    if type(value) in (float, int):
                        clocks = [clock for begun, end, clock in spans if begun <= value <= end]
                        self._kept += [
                            (held, name, clock) for clock in clocks if type(clock()) is type(value)
                        ]

    def renew(self) -> None:
        """Read the clocks again, in a fork."""
        for held, name, clock in self._kept:
            held[name] = clock()


def renew() -> None:
    """Renew what modules have kept of the process that imported them."""
    main_thread: Any = threading.main_thread()
    # Not in all versions, and nowhere else.
    if hasattr(main_thread, "_set_native_id"):
        main_thread._set_native_id()
    # Python's own generator and that of tempfile are seeded anew in each fork by themselves.
    if numpy_random := sys.modules.get("numpy.random"):
        numpy_random.seed()
    if process := sys.modules.get("multiprocessing.process"):
        process.current_process().authkey = os.urandom(32)
        process.ORIGINAL_DIR = os.getcwd()  # type: ignore[attr-defined]
    logging: Any = sys.modules.get("logging")
    if logging:
        logging._startTime = time.time_ns() if isinstance(logging._startTime, int) else time.time()


class Outside:
    """What is seen of this process: its name, its words, and the token in its first environment.

    Parameters
    ----------
    script : `str`
        Its first line says how a process of it begins; where it does not, one begins as this has.
    """

    def __init__(self, script: str) -> None:
        self.script = script
        self.level = level_below_shell()
        words = getattr(sys, "orig_argv", [sys.executable])
        ours = next((at for at, word in enumerate(words) if word.endswith("__main__.py")), 1)
        beginning = interpreter_of(script)
        self._is_of_script = bool(beginning) and not is_by_env(script)
        self._beginning = beginning or list(words[:ours])
        fields = read("/proc/self/stat").rpartition(")")[2].split()
        self._arguments = int(fields[ARGUMENTS_START]), int(fields[ARGUMENTS_END])
        start, end = int(fields[ENVIRONMENT_START]), int(fields[ENVIRONMENT_END])
        at = (b"\0" + ctypes.string_at(start, end - start)).find(b"\0" + TOKEN.encode() + b"=")
        size = len(ctypes.string_at(start + at)) + 1 if at >= 0 else 0
        self._token = start + at, start + at + size

    def set_words(self, argv: list[str]) -> None:
        """Let modules see the words of a command, also those that have kept the lists.

        Parameters
        ----------
        argv : `list` [`str`]
            Beginning with the script.
        """
        sys.argv[:] = argv
        if hasattr(sys, "orig_argv"):
            sys.orig_argv[:] = [*self._beginning, *argv]

    def show(self, argv: list[str]) -> None:
        """Let modules and /proc see the words of a command, as far as there is room.

        Parameters
        ----------
        argv : `list` [`str`]
            Beginning with the script.
        """
        self.set_words(argv)
        name = argv[0] if self._is_of_script else self._beginning[0]
        with open("/proc/self/comm", "wb") as comm:
            comm.write(os.fsencode(os.path.basename(name)))
        overwrite(*self._arguments, [*self._beginning, *argv])

    def show_token(self) -> None:
        """Let /proc show the token of the attempt, by which all that comes of it is found."""
        if self._token[0] != self._token[1] and TOKEN in os.environ:
            overwrite(*self._token, [f"{TOKEN}={os.environ[TOKEN]}"])


def overwrite(start: int, end: int, words: list[str]) -> None:
    """Write words over a part of this process's memory, each with its end, as far as there is room.

    Parameters
    ----------
    start, end : `int`
        Addresses.
    words : `list` [`str`]
        What is to be there.
    """
    text = b"".join(os.fsencode(word) + b"\0" for word in words)[: end - start - 1]
    ctypes.memmove(start, text.ljust(end - start, b"\0"), end - start)
