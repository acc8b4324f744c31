"""The template: gets ready, and makes forks until the worker has had enough."""

from __future__ import annotations

import contextlib
import gc
import os
import random
import sys
import time
from typing import Any, NamedTuple

import ahead
import learnt
import likeness
import looks
import script
import shared
from chance import trouble_of_generators
from line import ColdError, Job, Line, NotAliveError, Successor, read

# So much more that could be imported ahead is worth a new template; less where there is little.
AGAIN_MODULES, AGAIN_PART = 25, 10
# Of a shell, which begins each template; the worker sets those that jobs have.
OF_SHELLS = ("PWD", "OLDPWD", "SHLVL", "_")
# For so long the files of a template are looked at while its worker waits.
LOOK_SECONDS_MAX = 1.0
# What a pipe takes at once.
ANSWER_MAX = 4000


class Fork(NamedTuple):
    """What a fork has become.

    Parameters
    ----------
    argv : `list` [`str`]
        The words of its command.
    modules : `str`
        Where to write which modules it has imported.
    pid : `int`
        The process that it is.
    """

    argv: list[str]
    modules: str
    pid: int


class Template:
    """A process of which jobs are forks.

    Parameters
    ----------
    line : `line.Line`
        The connection.
    path : `str`
        Of the script.
    source : `bytes`
        The script.
    modules : `str`
        The file with what jobs have imported.
    """

    def __init__(self, line: Line, path: str, source: bytes, modules: str) -> None:
        self._line = line
        self._pid = os.getpid()
        self._script = path
        self._source = source
        self._modules = modules
        self.outside = likeness.Outside(path)
        self._worker = line.worker()
        self._list = looks.look_at(modules)
        # These follow when the imports are done.
        self.ahead = ahead.Ahead(frozenset(), frozenset(), frozenset(), None)
        self._looks = looks.Looks()
        self._times = likeness.Times()
        self._texts = [b"", b""]
        self._has_more = False

    def get_ready(self) -> tuple[str, object]:
        """Import what jobs need, and look whether forks can be like fresh processes then.

        Returns
        -------
        word : `str`
            For the worker: ready, cold or again.
        what : `object`
            What belongs to it.
        """
        start = shared.Start(self._worker, self._line.descriptor())
        trouble = start.trouble_before() or ahead.trouble_of_script(self._source) or shared.trouble_of_path()
        if trouble:
            return "cold", trouble
        return self._import(start, self._source)

    def grow(self, successor: Successor) -> tuple[str, object]:
        """Take, in a fork, the place of the template, and import what jobs have imported since.

        Parameters
        ----------
        successor : `line.Successor`
            What it becomes.

        Returns
        -------
        word : `str`
            For the worker: ready, or again, since one that begins anew may do what this can't.
        what : `object`
            What belongs to it.
        """
        self._line, self._pid = Line(successor.socket), os.getpid()
        try:
            self._modules = successor.modules
            self._list, self._has_more = looks.look_at(self._modules), False
            start = shared.Start(self._worker, self._line.descriptor())
            if trouble := start.trouble_before():
                return "again", trouble
            word, what = self._import(start)
        except Exception as error:
            return "again", f"it could not import more: {error!r}"
        return "again" if word == "cold" else word, what

    def _import(self, start: shared.Start, top: bytes = b"") -> tuple[str, object]:
        seed = random.getstate()
        known = learnt.known(self._modules)
        files = [module.origin for module in known.modules.values() if os.path.isabs(module.origin)]
        self._looks.begin([self._script, *files])
        self._times.begin()
        ahead.import_top(top)

        def trouble_now() -> str | None:
            return start.trouble_after([self._script]) or trouble_of_generators(seed)

        try:
            self.ahead = ahead.import_learnt(known, self._modules, trouble_now)
        except ahead.AgainError as again:
            return "again", again
        if self.ahead.trouble:
            return "cold", self.ahead.trouble
        if changed := self._looks.complete():
            return "again", f"{changed} has changed while it was imported"
        self._times.find()
        self._texts = [before + more for before, more in zip(self._texts, printed())]
        gc.collect()
        # Their pages stay shared with the forks.
        gc.freeze()
        return "ready", memory_kib()

    def fail(self, error: BaseException) -> None:
        """Tell the worker that this is the end.

        Parameters
        ----------
        error : `BaseException`
            What has happened.
        """
        # Not a process in between, whose answer the template gives.
        if os.getpid() == self._pid:
            say_failed(self._line, error)

    def serve(self) -> Fork | None:
        """Make forks until the worker has had enough.

        Returns
        -------
        fork : `Fork` or `None`
            In a fork: what it has become.
        """
        word, what = self.get_ready()
        while True:
            self._line.say(word, what)
            if word != "ready":
                return None
            fork = self._make_forks()
            if not isinstance(fork, Successor):
                return fork
            word, what = self.grow(fork)

    def _make_forks(self) -> Fork | Successor | None:
        while True:
            asked = self._line.hear()
            # For a fork that has died before it heard it.
            if not isinstance(asked, dict):
                continue
            try:
                changed, is_busy = self._looks.changed(LOOK_SECONDS_MAX), False
            except looks.UnfinishedError:
                # The worker waits for us, and has others to care for.
                self._line.say("busy", "to look at the files of the template takes long")
                changed, is_busy = self._looks.changed(), True
            if changed:
                self._line.say("changed", changed)
                return None
            if is_busy:
                self._line.say("ready", memory_kib())
            elif fork := self._answer(asked):
                return fork

    def _could_have_more(self) -> bool:
        look = looks.look_at(self._modules)
        if look == self._list:
            return self._has_more
        self._list = look
        had = self.ahead.there | self.ahead.tried
        known = learnt.known(self._modules).modules.values()
        undecided = [each for each in known if each.is_undecided() and each.name not in self.ahead.there]
        # So that forks read the list no longer than they have something to tell.
        self.ahead = self.ahead._replace(undecided=frozenset(each.name for each in undecided))
        # What jobs are to tell first is what most of the others may depend on.
        if any(each.apart and each.name not in had for each in undecided):
            self._has_more = False
            return False
        more = [each for each in known if each.is_ahead() and not each.lost and each.name not in had]
        enough = min(AGAIN_MODULES, len(self.ahead.there) // AGAIN_PART)
        self._has_more = bool(more) and (len(more) >= enough or any(module.apart for module in more))
        return self._has_more

    def _answer(self, asked: dict[str, Any]) -> Fork | Successor | None:
        try:
            job = Successor(**asked["successor"]) if "successor" in asked else Job(**asked)
            reading, writing = os.pipe()
        except (TypeError, OSError) as error:
            self._line.say("cold", f"the template can't make a fork: {error}")
            return None
        try:
            child = shared.fork_quietly()
        except OSError as error:
            os.close(reading)
            os.close(writing)
            self._line.say("cold", f"the template can't make a fork: {error}")
            return None
        if child == 0:
            return self._become(job, leave_between(reading), writing)
        os.close(writing)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, 0)
        # Said here, for the fork, so that there is an answer whatever happens to it.
        answer = os.read(reading, ANSWER_MAX) or b"cold the fork has ended before its start"
        is_fork = answer.startswith(b"pid ")
        self._line.say(
            answer.decode(errors="replace"), *(["more"] if is_fork and self._could_have_more() else [])
        )
        # Until the fork has heard its go: what comes then is for us.
        os.read(reading, 1)
        os.close(reading)
        return None

    def _become(self, job: Job | Successor, between: int, writing: int) -> Fork | Successor:
        argv: list[str] = []
        try:
            os.setsid()
            if isinstance(job, Job):
                argv = likeness.become(job, self.outside, self._times)
            else:
                likeness.open_outputs(job)
                os.environ[likeness.TOKEN] = job.token
            self._await_worker(between)
            os.write(writing, b"pid %d" % os.getpid())
        except BaseException as error:
            with contextlib.suppress(BaseException):
                os.write(writing, f"cold {error}".encode(errors="replace")[:ANSWER_MAX])
            os._exit(1)
        try:
            if self._line.hear() != "go":
                os._exit(1)
            with contextlib.suppress(OSError):
                self.outside.show_token()
                if isinstance(job, Job):
                    likeness.begin_outputs(self._texts)
            self._line.close()
            os.close(writing)
        except BaseException:
            os._exit(1)
        return Fork(argv, job.modules, os.getpid()) if isinstance(job, Job) else job

    def _await_worker(self, between: int) -> None:
        while os.getppid() == between:
            time.sleep(0.0001)
        # It must be able to wait for us.
        if os.getppid() != self._worker:
            raise ColdError(f"process {os.getppid()} is the fork's parent, not the worker")


def leave_between(reading: int) -> int:
    """Fork once more, and end the process in between, so that the worker becomes the parent of the fork.

    Parameters
    ----------
    reading : `int`
        Of the pipe that only the template reads.

    Returns
    -------
    between : `int`
        The process that has ended.
    """
    try:
        os.close(reading)
        between = os.getpid()
        is_between = os.fork() != 0
    except BaseException:
        os._exit(1)
    if is_between:
        os._exit(0)
    return between


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
            texts.append(file.read())
    return texts


def memory_kib() -> int:
    """Return what this process has in memory.

    Returns
    -------
    size : `int`
        KiB.
    """
    return int(read("/proc/self/statm").split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


def main(socket: str, path: str, modules: str) -> None:
    """Be a template, and in a fork the job.

    Parameters
    ----------
    socket : `str`
        On which the worker listens. Its directory is ours, and in no other use.
    path : `str`
        Of the script.
    modules : `str`
        The file with what jobs have imported.
    """
    for name in OF_SHELLS:
        os.environ.pop(name, None)
    os.chdir(os.path.dirname(socket))
    try:
        line = Line(socket)
    except OSError:
        os._exit(1)
    fork = None
    try:
        with open(path, "rb") as opened:
            source = opened.read()
        template = Template(line, path, source, modules)
    except Exception as error:
        say_failed(line, error)
        os._exit(0)
    try:
        template.outside.set_words([path])
        sys.modules["__main__"] = script.main_module(path)
        code = script.code_of(source, path)
        fork = template.serve()
    except NotAliveError:
        pass
    except BaseException as error:
        template.fail(error)
    if fork is None:
        # Nothing that the modules want to do at the end is ours.
        os._exit(0)
    if fork.argv[0] != path:
        with shared.quiet():
            code = script.code_of(source, fork.argv[0])
        sys.modules["__main__"].__dict__.update(script.main_module(fork.argv[0]).__dict__)
    script.run(code, lambda: finish(fork, template.ahead))


def say_failed(line: Line, error: BaseException) -> None:
    """Tell the worker that no job can be made of this process, if it can be told.

    Parameters
    ----------
    line : `line.Line`
        The connection.
    error : `BaseException`
        Why.
    """
    with contextlib.suppress(BaseException):
        line.say("cold", f"the template has failed: {error!r}")


def finish(fork: Fork, known: ahead.Ahead) -> None:
    """Do what is to be done when the script has ended.

    Parameters
    ----------
    fork : `Fork`
        Whose it was; in its own forks there is nothing to do.
    known : `ahead.Ahead`
        What was imported ahead.
    """
    # Whatever the job has done to Python meanwhile.
    with contextlib.suppress(Exception):
        if os.getpid() == fork.pid:
            learnt.learn(fork.modules, known.there, known.undecided)
