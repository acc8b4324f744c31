"""What importing a module may change for others, who never import it: a picture of it that costs little."""

from __future__ import annotations

import _locale
import atexit
import gc
import logging
import os
import random
import signal
import sys
import threading
import types
import warnings
from typing import Any

# What modules of Python itself register for the end of a process: it does nothing where they were not used.
HARMLESS_AT_EXIT = ("logging", "multiprocessing.util")
HOOKS = ("excepthook", "displayhook", "unraisablehook", "breakpointhook", "stdin", "stdout", "stderr")
ALLOCATORS = ("jemalloc_bg_thd",)


def picture() -> dict[str, Any]:
    """Take a picture; two of them are compared part by part.

    Returns
    -------
    parts : `dict` [`str`, `object`]
        Each by what it is called in a message.
    """
    mask = os.umask(0o077)
    os.umask(mask)
    return {
        "the environment": dict(os.environ),
        "the directory": os.getcwd(),
        "the file mode mask": mask,
        "descriptors": tuple(os.listdir("/proc/self/fd")),
        "something printed": (os.fstat(1).st_size, os.fstat(2).st_size),
        "threads": threads(),
        "dispositions of signals": tuple(map(signal.getsignal, range(1, signal.NSIG))),
        "filters of warnings": (*warnings.filters, warnings.showwarning, warnings.formatwarning),
        "logging": loggers(),
        "what is done at the end": at_exit(),
        "the search for modules": (*sys.path, *sys.meta_path, *sys.path_hooks),
        "hooks": (
            *(getattr(sys, name) for name in HOOKS),
            threading.excepthook,
            sys.gettrace(),
            sys.getprofile(),
        ),
        "garbage collection": (gc.isenabled(), gc.get_threshold(), len(gc.callbacks)),
        "limits of Python": (sys.getrecursionlimit(), sys.getswitchinterval()),
        "the locale": _locale.setlocale(_locale.LC_ALL),
        "random": random.getstate(),
        "temporary names": getattr(sys.modules.get("tempfile"), "_name_sequence", None) is not None,
        "ways to start processes": start_method(),
        "the timeout of sockets": timeout(),
    }


def difference(before: dict[str, Any], after: dict[str, Any]) -> str | None:
    """Compare two pictures.

    Parameters
    ----------
    before, after : `dict` [`str`, `object`]
        The two.

    Returns
    -------
    part : `str` or `None`
        The first part that differs.
    """
    return next((part for part, value in after.items() if value != before[part]), None)


def threads() -> tuple[Any, ...]:
    """Return the threads that are told by name.

    Returns
    -------
    threads : `tuple`
        Not those of OpenBLAS and allocators, which forks do without.
    """
    with open("/proc/self/comm", encoding="utf-8") as opened:
        mine = opened.read()
    found: list[Any] = threading.enumerate()
    for task in os.listdir("/proc/self/task"):
        try:
            with open(f"/proc/self/task/{task}/comm", encoding="utf-8") as opened:
                name = opened.read()
        except OSError:
            continue
        if name != mine and name.strip() not in ALLOCATORS:
            found.append(name.strip())
    return tuple(found)


def loggers() -> tuple[Any, ...]:
    """Return how logging is set up.

    Returns
    -------
    setting : `tuple`
        Of all loggers that are not as they were made.
    """
    manager = logging.root.manager
    setting: list[Any] = [manager.disable, manager.loggerClass]
    setting += [logging.getLoggerClass(), logging.getLogRecordFactory()]
    setting += [logging.raiseExceptions, logging.lastResort, tuple(logging._levelToName.items())]
    for logger in [logging.root, *manager.loggerDict.values()]:
        # Others are only places in the tree.
        if isinstance(logger, logging.Logger) and (logger.handlers or logger.filters or logger.level):
            setting += [logger, tuple(logger.handlers), tuple(logger.filters), logger.level]
    return tuple(setting)


def at_exit() -> int:
    """Return how many functions wait for the end.

    Returns
    -------
    count : `int`
        Without those that do nothing.
    """
    return atexit._ncallbacks() - sum(name in sys.modules for name in HARMLESS_AT_EXIT)


def start_method() -> Any:
    """Return how multiprocessing starts processes.

    Returns
    -------
    method : `object`
        None where it is left to its default.
    """
    context = getattr(sys.modules.get("multiprocessing.context"), "_default_context", None)
    return getattr(context, "_actual_context", None)


def timeout() -> Any:
    """Return how long sockets wait.

    Returns
    -------
    timeout : `float` or `None`
        None where nobody has said.
    """
    return sys.modules["_socket"].getdefaulttimeout()


class Globals:
    """What the modules that are loaded hold, to find out whether another changes them."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, ...]] = {}
        self.changed()

    def changed(self) -> str | None:
        """Compare with the last time.

        Returns
        -------
        name : `str` or `None`
            Of a module that something has been changed in. That it has got modules below it is no change.
        """
        found = None
        for name, module in list(sys.modules.items()):
            if type(module) is not types.ModuleType:
                continue
            held = object.__getattribute__(module, "__dict__")
            known, now = self._known.get(name), tuple(map(id, held.values()))
            self._known[name] = now
            if found is None and known is not None and now != known:
                is_same = now[: len(known)] == known
                found = (
                    name if not is_same or any(map(is_foreign, list(held.items())[len(known) :])) else None
                )
        return found


def is_foreign(item: tuple[str, Any]) -> bool:
    """Whether something new in a module is not what Python puts there.

    Parameters
    ----------
    item : `tuple`
        Name and value.

    Returns
    -------
    is_foreign : `bool`
        False for modules below it, and for what it has warned of.
    """
    return not isinstance(item[1], types.ModuleType) and item[0] != "__warningregistry__"
