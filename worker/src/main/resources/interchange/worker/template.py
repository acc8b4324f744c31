"""A process that has imported what a console script needs, and of which jobs are forks.

    python template.py SOCKET SCRIPT MODULES

SOCKET is a Unix domain socket on which the worker listens, SCRIPT the absolute path of the console script and
MODULES a file with names of modules, one a line, that are imported ahead: it need not exist. Standard output
and error are two regular files: what importing prints there, each fork prints first. The standard library
alone is used, of Python 3.9 or newer. What is said on the socket are lines of JSON:

    ready    from us, once, with the memory that we take: {"ready": {"memoryKib": N}}
    cold     from us, instead, when no fork of us could be like a fresh process: {"cold": REASON}; then we end
    job      to us: what to run, see `Job`
    changed  from us, when a file of which we consist has changed: {"changed": PATH}; then we end
    pid      from the fork: {"pid": N}; it is the worker's child: we fork twice, and the worker is a subreaper
    failed   from the fork, when its directory or files can't be had: {"failed": WORDS, "errno": N}; it ends
    go       to the fork, which does nothing before: without it, at the end of the connection, it ends

So whatever dies in between, no job runs that the worker does not know of: it closes its end, and once ours is
closed too nothing of us is left that could become a job.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import gc
import importlib
import importlib.machinery
import json
import os
import socket
import sys
import threading
import time
import types
import warnings
from typing import Any, NamedTuple

# O_APPEND: two descriptors of one file don't write over each other.
OUTPUT = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
TOKEN = "INTERCHANGE_ATTEMPT_TOKEN"
# Between two looks at all the files of modules; a look takes some milliseconds.
LOOK_SECONDS = 1.0
# Positions in /proc/self/stat behind the name.
ARGUMENTS_START, ARGUMENTS_END, ENVIRONMENT_START, ENVIRONMENT_END = 45, 46, 47, 48
ALLOCATORS = ("jemalloc_bg_thd",)


class Job(NamedTuple):
    """What a fork becomes.

    Parameters
    ----------
    argv : `list` [`str`]
        The command as it is run cold; its first is the script.
    directory : `str`
        Where it runs.
    stdout, stderr : `str`
        Files, made where they are not there, emptied where they are; they may be the same.
    umask : `int`
        Of the files that it makes.
    set : `dict` [`str`, `str`]
        Variables of this attempt, over those of the template.
    unset : `list` [`str`]
        Variables of the template that this attempt lacks.
    modules : `str`
        Where to write, at its end, the names of the modules that it has imported, if more than are there.
    """

    argv: list[str]
    directory: str
    stdout: str
    stderr: str
    umask: int
    set: dict[str, str]
    unset: list[str]
    modules: str


def read(file: str) -> str:
    """Return the text of a small file.

    Parameters
    ----------
    file : `str`
        Its path.

    Returns
    -------
    text : `str`
        Without white space around it.
    """
    with open(file, encoding="utf-8") as opened:
        return opened.read().strip()


class NotAliveError(Exception):
    """The worker has closed its end."""


class Line:
    """One of the two ends of the connection with the worker."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)

    def say(self, message: dict[str, Any]) -> None:
        """Send a message.

        Parameters
        ----------
        message : `dict`
            Anything that JSON can say.
        """
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def hear(self) -> Any:
        """Return the next message; byte for byte, since what comes behind it may be for a fork.

        Returns
        -------
        message : `object`
            What JSON said.

        Raises
        ------
        NotAliveError
            Raised if the worker has closed its end.
        """
        text = bytearray()
        while not text.endswith(b"\n"):
            piece = self._peeked_line()
            text += piece
        return json.loads(text)

    def _peeked_line(self) -> bytes:
        seen = self._socket.recv(1 << 16, socket.MSG_PEEK)
        if not seen:
            raise NotAliveError
        return self._socket.recv(seen.find(b"\n") + 1 or len(seen))

    def close(self) -> None:
        """Close it in this process alone."""
        self._socket.close()


# ---- before the forks


def import_ahead(file: str) -> None:
    """Import what is named in a file; what can't be imported is left to the jobs, to fail as they would cold.

    Parameters
    ----------
    file : `str`
        Names of modules, one a line.
    """
    for name in known_modules(file):
        with contextlib.suppress(Exception, SystemExit):
            importlib.import_module(name)


def known_modules(file: str) -> list[str]:
    """Return what an earlier fork has written.

    Parameters
    ----------
    file : `str`
        Names of modules, one a line; it need not exist.

    Returns
    -------
    names : `list` [`str`]
        In the order in which they were imported.
    """
    try:
        return read(file).split()
    except FileNotFoundError:
        return []


def trouble_of_threads() -> str | None:
    """Look for threads that a fork would lack.

    Returns
    -------
    trouble : `str` or `None`
        What was found, in words. The pools of OpenBLAS and the threads of allocators are no trouble: their
        libraries make them anew in a fork.
    """
    others = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if others:
        return f"importing has started a thread: {others[0]}"
    mine = read("/proc/self/comm")
    names = []
    for task in os.listdir("/proc/self/task"):
        if int(task) != os.getpid():
            names.append(read(f"/proc/self/task/{task}/comm"))
    unknown = [name for name in names if name != mine and name not in ALLOCATORS]
    if unknown:
        return f"importing has started a thread that is no thread of Python: {unknown[0]}"
    pooled = names.count(mine)
    expected = sum(max(0, count - 1) for count in openblas_threads())
    if pooled > expected:
        return (
            f"importing has started {pooled - expected} threads beside OpenBLAS's, such as a pool of OpenMP"
        )
    return None


def openblas_threads() -> list[int]:
    """Return how many threads each loaded OpenBLAS has, the calling one counted.

    Returns
    -------
    counts : `list` [`int`]
        One for each library.
    """
    libraries = set()
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps:
            path = line.rstrip("\n").partition("/")[2]
            if "openblas" in path.rpartition("/")[2]:
                libraries.add("/" + path)
    counts = []
    for library in sorted(libraries):
        loaded = ctypes.CDLL(library)
        for prefix in ("", "scipy_"):
            for suffix in ("", "64_"):
                with contextlib.suppress(AttributeError):
                    counts.append(int(getattr(loaded, f"{prefix}openblas_get_num_threads{suffix}")()))
    return counts


class Files:
    """The files of all modules as they were when they were imported, and where modules are looked for."""

    def __init__(self) -> None:
        self._looked = time.monotonic()
        paths = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        paths.update(sys.path)
        self._known = {path: self._look(path) for path in paths if isinstance(path, str) and path}

    @staticmethod
    def _look(path: str) -> tuple[int, int, int] | None:
        try:
            status = os.stat(path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def changed(self) -> str | None:
        """Look whether anything differs.

        Returns
        -------
        path : `str` or `None`
            What has changed; `None` where nothing has, or it was looked for a moment ago.
        """
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return None
        self._looked = now
        return next((path for path, known in self._known.items() if self._look(path) != known), None)


def printed() -> list[bytes]:
    """Return what importing has printed, as a fresh process would; what is in buffers goes with the fork.

    Returns
    -------
    texts : `list` [`bytes`]
        On standard output, and on standard error.
    """
    texts = []
    for descriptor in (1, 2):
        with open(f"/proc/self/fd/{descriptor}", "rb") as file:
            texts.append(file.read() if os.path.isfile(file.fileno()) else b"")
    return texts


def memory_kib() -> int:
    """Return what this process has in memory.

    Returns
    -------
    size : `int`
        KiB.
    """
    return int(read("/proc/self/statm").split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


# ---- the fork


def begin(job: Job, texts: list[bytes]) -> None:
    """Give a fork what a fresh process has from its parent.

    Parameters
    ----------
    job : `Job`
        What it becomes.
    texts : `list` [`bytes`]
        What comes first in its outputs.

    Raises
    ------
    OSError
        Raised if the directory or a file can't be had.
    """
    os.umask(job.umask)
    os.chdir(job.directory)
    outputs = [os.open(job.stdout, OUTPUT, 0o666)]
    outputs.append(outputs[0] if job.stderr == job.stdout else os.open(job.stderr, OUTPUT, 0o666))
    for target, output in enumerate(outputs, start=1):
        os.dup2(output, target)
    for output in set(outputs):
        os.close(output)
    for target, text in enumerate(texts, start=1):
        while text:
            text = text[os.write(target, text) :]


def become(job: Job) -> None:
    """Let a fork look like a fresh process, from within and from outside.

    Parameters
    ----------
    job : `Job`
        What it becomes.
    """
    for name in job.unset:
        os.environ.pop(name, None)
    os.environ.update(job.set)
    show(job)
    sys.argv = list(job.argv)
    if hasattr(sys, "orig_argv"):
        sys.orig_argv = [*interpreter(), *job.argv]
    # Not in all versions, and nowhere else.
    main_thread: Any = threading.main_thread()
    if hasattr(main_thread, "_set_native_id"):
        main_thread._set_native_id()
    # Python's own generator and that of tempfile are seeded anew in each fork by themselves.
    if numpy_random := sys.modules.get("numpy.random"):
        numpy_random.seed()
    if process := sys.modules.get("multiprocessing.process"):
        process.current_process().authkey = os.urandom(32)
    logging: Any = sys.modules.get("logging")
    if logging:
        logging._startTime = time.time_ns() if isinstance(logging._startTime, int) else time.time()


def show(job: Job) -> None:
    """Show in /proc what a fresh process would: its name, its arguments and its token, by which it is found.

    Parameters
    ----------
    job : `Job`
        What it becomes.
    """
    with open("/proc/self/comm", "w", encoding="utf-8") as comm:
        comm.write(os.path.basename(job.argv[0]))
    fields = read("/proc/self/stat").rpartition(")")[2].split()
    overwrite(int(fields[ARGUMENTS_START]), int(fields[ARGUMENTS_END]), [*interpreter(), *job.argv])
    start, end = int(fields[ENVIRONMENT_START]), int(fields[ENVIRONMENT_END])
    begin_of_token = ctypes.string_at(start, end - start).find(TOKEN.encode() + b"=")
    if begin_of_token >= 0 and TOKEN in job.set:
        entry = ctypes.string_at(start + begin_of_token)
        overwrite(
            start + begin_of_token, start + begin_of_token + len(entry) + 1, [f"{TOKEN}={job.set[TOKEN]}"]
        )


def interpreter() -> list[str]:
    """Return how Python was started: as the first line of the script says.

    Returns
    -------
    words : `list` [`str`]
        Its path, and perhaps options.
    """
    words = sys.orig_argv if hasattr(sys, "orig_argv") else [sys.executable, __file__]
    return words[: words.index(__file__)] if __file__ in words else words[:1]


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


def learn(file: str) -> None:
    """Write the names of the modules that are imported by now, if there are more than others have written.

    Parameters
    ----------
    file : `str`
        Replaced as a whole.
    """
    known = known_modules(file)
    mine = [
        name
        for name, module in list(sys.modules.items())
        if name not in ("__main__", "__mp_main__")
        and getattr(getattr(module, "__spec__", None), "name", None) == name
    ]
    if set(mine) <= set(known):
        return
    fresh = f"{file}.{os.getpid()}"
    with contextlib.suppress(OSError):
        with open(fresh, "w", encoding="utf-8") as lines:
            lines.write("\n".join([*known, *(name for name in mine if name not in set(known))]) + "\n")
        os.replace(fresh, file)


def main_module(script: str) -> types.ModuleType:
    """Make the module in which a script runs, as Python does.

    Parameters
    ----------
    script : `str`
        Its path.

    Returns
    -------
    module : `types.ModuleType`
        Called ``__main__``.
    """
    module = types.ModuleType("__main__")
    path = os.path.abspath(script)
    module.__dict__.update(
        __file__=path,
        __builtins__=builtins,
        __loader__=importlib.machinery.SourceFileLoader("__main__", path),
        __cached__=None,
    )
    # From 3.14 on they are made when they are asked for.
    if sys.version_info < (3, 14):
        module.__annotations__ = {}
    return module


def run(job: Job, code: types.CodeType) -> None:
    """Run the script; what it raises goes on, so that Python ends as it always does.

    Parameters
    ----------
    job : `Job`
        What is run.
    code : `types.CodeType`
        The script.
    """
    module = main_module(job.argv[0])
    # Whose names this function still needs.
    ours = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        exec(code, module.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        flush()
        # Without our own frame.
        tell(error.with_traceback(error.__traceback__.tb_next if error.__traceback__ else None))
        # Python ends by the signal then, and with 1 for all else.
        if isinstance(error, KeyboardInterrupt):
            sys.excepthook = lambda *_: None
            raise
        raise SystemExit(1) from None
    finally:
        learn(job.modules)
        flush()
        del ours


def flush() -> None:
    """Write what is in the buffers, as Python does at the end of a script before it tells what was raised."""
    for stream in (sys.stderr, sys.stdout):
        with contextlib.suppress(Exception):
            stream.flush()


def tell(error: BaseException) -> None:
    """Print an exception that nobody has caught.

    Parameters
    ----------
    error : `BaseException`
        It, with the traceback that is to be seen.
    """
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit:
        raise
    except BaseException as again:
        flush()
        print("Error in sys.excepthook:", file=sys.stderr)
        trace = again.__traceback__.tb_next if again.__traceback__ else None
        # As Python tells it: without that it came up while the other was looked at.
        again.__context__ = None
        sys.__excepthook__(type(again), again.with_traceback(trace), trace)
        print("\nOriginal exception was:", file=sys.stderr)
        sys.__excepthook__(type(error), error, error.__traceback__)


# ---- the loop


def fork_of(line: Line, job: Job, texts: list[bytes]) -> bool:
    """Make a fork and wait until it does not need the connection any more.

    Parameters
    ----------
    line : `Line`
        The connection.
    job : `Job`
        What it is to become.
    texts : `list` [`bytes`]
        What comes first in its outputs.

    Returns
    -------
    is_fork : `bool`
        Whether this is the fork, which has become the job.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Of the threads that were found to do no harm.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
        if child == 0:
            between = os.getpid()
            if os.fork() != 0:
                os._exit(0)
    if child != 0:
        os.close(writing)
        os.waitpid(child, 0)
        os.read(reading, 1)
        os.close(reading)
        return False
    os.close(reading)
    try:
        os.setsid()
        begin(job, texts)
    except OSError as error:
        line.say({"failed": str(error), "errno": error.errno})
        os._exit(1)
    try:
        # Not before the worker is our parent and may wait for us.
        while os.getppid() == between:
            time.sleep(0.0001)
        line.say({"pid": os.getpid()})
        gone = line.hear() != "go"
    except (NotAliveError, OSError, ValueError):
        gone = True
    if gone:
        os._exit(1)
    line.close()
    os.close(writing)
    become(job)
    return True


def serve(line: Line, modules: str) -> Job | None:
    """Make forks until the worker has had enough.

    Parameters
    ----------
    line : `Line`
        The connection.
    modules : `str`
        The file with what is imported ahead.

    Returns
    -------
    job : `Job` or `None`
        In a fork: what it has become.
    """
    import_ahead(modules)
    if trouble := trouble_of_threads():
        line.say({"cold": trouble})
        return None
    files = Files()
    texts = printed()
    gc.collect()
    gc.freeze()
    line.say({"ready": {"memoryKib": memory_kib()}})
    while True:
        job = Job(**line.hear())
        if changed := files.changed():
            line.say({"changed": changed})
            return None
        if fork_of(line, job, texts):
            return job


def main() -> None:
    """Be a template, and in a fork the job."""
    path, script, modules = sys.argv[1:4]
    # As if the script had been started: its directory, links followed, is where modules are looked for first.
    safe = getattr(sys.flags, "safe_path", False) or sys.flags.isolated
    if not safe:
        sys.path[0] = os.path.dirname(os.path.realpath(script))
    with open(script, "rb") as source:
        code = compile(source.read(), os.path.abspath(script), "exec", dont_inherit=True)
    try:
        job = serve(Line(path), modules)
    except NotAliveError:
        job = None
    if job is None:
        # Nothing that the modules want to do at the end is ours.
        os._exit(0)
    run(job, code)


if __name__ == "__main__":
    main()
