"""What importing has left that all forks would share, or miss: then jobs run cold, and the cause is told."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import stat
import sys
import threading
import time
import types
import warnings
from collections.abc import Iterator
from typing import Any

from line import read, read_all
from traces import ALLOCATORS

# For threads that a fork has ended to leave the list of the kernel.
THREADS_SECONDS = 0.5
PATHS = ("PosixPath", "PurePosixPath")
# What multiprocessing keeps is mended in each fork.
MENDED = ("multiprocessing.process.ORIGINAL_DIR",)


@contextlib.contextmanager
def quiet(category: type[Warning] = Warning) -> Iterator[None]:
    """Silence warnings, and leave no trace of that.

    Not as catch_warnings does, after which all that were shown once are shown once more.

    Parameters
    ----------
    category : `type`
        Of the warnings.
    """
    filters: Any = warnings.filters
    entry = ("ignore", None, category, None, 0)
    filters.insert(0, entry)
    try:
        yield
    finally:
        filters.remove(entry)


def fork_quietly() -> int:
    """Fork without the warning about threads, which were found to do no harm.

    Returns
    -------
    pid : `int`
        Of the child; 0 in it.
    """
    with quiet(DeprecationWarning):
        return os.fork()


def seen_by_fork() -> dict[str, Any]:
    """Look for what only a fork shows.

    Returns
    -------
    parts : `dict` [`str`, `object`]
        What waits in buffers to be printed, and how many threads named as this process outlive a fork: those
        of OpenBLAS end with it, and are started again where they are needed.
    """
    reading, writing = os.pipe()
    child = fork_quietly()
    if child == 0:
        try:
            os.dup2(writing, 1)
            os.dup2(writing, 2)
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(Exception):
                    stream.flush()
        finally:
            os._exit(0)
    os.close(writing)
    (text,) = read_all(reading)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
    return {"something printed": text, "threads such as a pool of OpenMP": threads_left()}


def threads_left() -> int:
    """Count the threads that are named as this process, after a fork.

    Returns
    -------
    count : `int`
        Without the main thread.
    """
    until = time.monotonic() + THREADS_SECONDS
    mine = read("/proc/self/comm")
    while True:
        count = names_of_threads().count(mine)
        if count == 0 or time.monotonic() > until:
            return count
        time.sleep(0.001)


def names_of_threads() -> list[str]:
    """Return the threads of this process.

    Returns
    -------
    names : `list` [`str`]
        Without the main thread.
    """
    names = []
    for task in os.listdir("/proc/self/task"):
        if int(task) != os.getpid():
            with contextlib.suppress(OSError):
                names.append(read(f"/proc/self/task/{task}/comm"))
    return names


class Start:
    """How this process was when it had imported nothing yet."""

    def __init__(self, worker: int, line: int) -> None:
        self._worker = worker
        self._line = line
        self._given = self._kept()

    def _kept(self) -> dict[str, Any]:
        mask = os.umask(0o077)
        os.umask(mask)
        limits = [getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")]
        return {
            "the file mode mask": mask,
            "the directory": os.getcwd(),
            "the limits of resources": [resource.getrlimit(limit) for limit in limits],
            "the niceness": os.getpriority(os.PRIO_PROCESS, 0),
            "the processors": os.sched_getaffinity(0),
            "the session": (os.getsid(0), os.getpgid(0)),
            "timers": [signal.getitimer(timer) for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF)],
        }

    def trouble_before(self) -> str | None:
        """Look at what was given.

        Returns
        -------
        trouble : `str` or `None`
            What a fork could not be given otherwise, in words.
        """
        if os.fstat(0).st_rdev != os.stat(os.devnull).st_rdev:
            return "standard input is not /dev/null"
        if not all(stat.S_ISREG(os.fstat(output).st_mode) for output in (1, 2)):
            return "standard output or error is not a regular file"
        if not is_ancestor(self._worker):
            return "the worker is not among the parents of the template"
        return self._trouble_of_descriptors("the template was started with")

    def trouble_after(self, argv: list[str]) -> str | None:
        """Look at what is there after the imports.

        Parameters
        ----------
        argv : `list` [`str`]
            The list that modules could have copied.

        Returns
        -------
        trouble : `str` or `None`
            What was found, in words.
        """
        for part, value in self._kept().items():
            if value != self._given[part]:
                return f"importing has changed {part}"
        return (
            trouble_of_path()
            or trouble_of_threads()
            or self._trouble_of_descriptors("importing has opened")
            or trouble_of_maps()
            or trouble_of_processes()
            or trouble_of_temporary_files()
            or trouble_of_globals(argv, self._given["the directory"])
        )

    def _trouble_of_descriptors(self, words: str) -> str | None:
        for name in os.listdir("/proc/self/fd"):
            if int(name) > 2 and int(name) != self._line:
                # The one by which the directory was read is closed by now.
                with contextlib.suppress(OSError):
                    return f"{words} {os.readlink(f'/proc/self/fd/{name}')}"
        return None


def is_ancestor(pid: int) -> bool:
    """Whether a process is among the parents of this one, so that forks can become its children.

    Parameters
    ----------
    pid : `int`
        Of the process.

    Returns
    -------
    is_ancestor : `bool`
        False also for one that can't be seen from here.
    """
    parent = os.getppid()
    while parent not in (0, pid):
        try:
            parent = int(read(f"/proc/{parent}/stat").rpartition(")")[2].split()[1])
        except OSError:
            return False
    return parent == pid != 0


def trouble_of_path() -> str | None:
    """Look for places of modules that depend on a job's directory.

    Returns
    -------
    trouble : `str` or `None`
        What was found, in words.
    """
    text = "" if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "")
    places = [*(text.split(os.pathsep) if text else ()), *sys.path]
    relative = [place for place in places if isinstance(place, str) and not os.path.isabs(place)]
    return f"modules are looked for in a relative directory: '{relative[0]}'" if relative else None


def trouble_of_threads() -> str | None:
    """Look for threads that a fork would lack, after one.

    Returns
    -------
    trouble : `str` or `None`
        What was found, in words. OpenBLAS and allocators are no trouble: they make their threads anew.
    """
    others = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if others:
        return f"importing has started a thread: {others[0]}"
    mine = read("/proc/self/comm")
    unknown = [name for name in names_of_threads() if name != mine and name not in ALLOCATORS]
    if unknown:
        return f"importing has started a thread that is no thread of Python: {unknown[0]}"
    left = seen_by_fork()["threads such as a pool of OpenMP"]
    return f"importing has started {left} threads, such as a pool of OpenMP" if left else None


def trouble_of_maps() -> str | None:
    """Look for memory that is shared and written, such as locks.

    Returns
    -------
    trouble : `str` or `None`
        What was found, in words.
    """
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        for line in maps:
            fields = line.split(None, 5)
            if fields[1][1] == "w" and fields[1][3] == "s":
                return f"importing has made shared memory: {fields[5].strip() if fields[5:] else 'unnamed'}"
    return None


def trouble_of_processes() -> str | None:
    """Look for children.

    Returns
    -------
    trouble : `str` or `None`
        What was found, in words.
    """
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return "importing has started a process"


def trouble_of_temporary_files() -> str | None:
    """Look for temporary files and directories.

    Returns
    -------
    trouble : `str` or `None`
        What was found, in words.
    """
    if getattr(sys.modules.get("tempfile"), "_name_sequence", None) is not None:
        return "importing has made a temporary file or directory"
    return None


def trouble_of_globals(argv: list[str], directory: str) -> str | None:
    """Look for variables of modules that hold what differs from job to job.

    Parameters
    ----------
    argv : `list` [`str`]
        Which they may have copied.
    directory : `str`
        In which they were imported: it is in no other use.

    Returns
    -------
    trouble : `str` or `None`
        What was found, in words.
    """
    pid = os.getpid()
    for module_name, module in list(sys.modules.items()):
        if not isinstance(module, types.ModuleType) or module_name in ("sys", "__main__"):
            continue
        for name, value in list(object.__getattribute__(module, "__dict__").items()):
            kind, what = type(value), None
            if kind is str:
                what = "the directory" if value == directory else None
            elif kind is list:
                what = "the arguments" if value == argv and value is not sys.argv else None
            elif kind is int and value == pid:
                what = "the number of the process" if "pid" in name.lower() else None
            elif kind.__name__ in PATHS:
                what = "the directory" if str(value) == directory else None
            if what is not None and f"{module_name}.{name}" not in MENDED:
                return f"{module_name}.{name} keeps {what} of the time of its import"
    return None
