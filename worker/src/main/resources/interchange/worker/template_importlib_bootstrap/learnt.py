"""Which modules jobs have imported: what a template imports ahead is found out by itself, and kept in a file.

The file is replaced as a whole; when two write at once the last one stays, and what is lost is learnt again.
A damaged one is as good as none.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import types
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = 1
# A file cannot grow beyond this, whatever jobs import.
MODULES_MAX = 20_000
# After so many jobs that all have imported it a module is taken for one that every job imports.
ALL = 5
NOT_LEARNT = ("__main__", "__mp_main__")


@dataclass
class Module:
    """A module that a job has imported.

    Parameters
    ----------
    name : `str`
        With dots.
    origin : `str`
        Where it was found. Another of this name is not it, and is not imported ahead.
    apart : `bool`
        Whether importing it changes something that jobs see which never import it.
    had, of : `int`
        How many jobs have imported it, of how many that were asked.
    lost : `bool`
        Whether a template has not found it there.
    """

    name: str
    origin: str
    apart: bool = False
    had: int = 0
    of: int = 0
    lost: bool = False

    def is_for_all(self) -> bool:
        """Whether every job imports it, as far as it is known.

        Returns
        -------
        is_for_all : `bool`
            Then its effects are those that a fresh process would have as well.
        """
        return self.had == self.of >= ALL

    def is_ahead(self) -> bool:
        """Whether templates import it, if they find it.

        Returns
        -------
        is_ahead : `bool`
            False for what is apart.
        """
        return not self.apart or self.is_for_all()

    def is_undecided(self) -> bool:
        """Whether jobs are still to tell if all of them import it.

        Returns
        -------
        is_undecided : `bool`
            It matters for what is apart, or is found to be when it is imported ahead.
        """
        return self.had == self.of < ALL


@dataclass
class Learnt:
    """What the file holds.

    Parameters
    ----------
    modules : `dict` [`str`, `Module`]
        By name, in the order in which they were imported.
    rounds : `int`
        How often a template has begun again to find out which modules are apart.
    careful : `bool`
        Whether the next template looks after each module for what only a fork shows.
    """

    modules: dict[str, Module]
    rounds: int = 0
    careful: bool = False


def known(file: str) -> Learnt:
    """Read what is known.

    Parameters
    ----------
    file : `str`
        It need not exist.

    Returns
    -------
    learnt : `Learnt`
        Empty where the file can't be understood.
    """
    try:
        with open(file, encoding="utf-8") as opened:
            content = json.load(opened)
        if content["format"] != FORMAT:
            return Learnt({})
        modules = [checked(Module(**each)) for each in content["modules"]]
        by_name = {module.name: module for module in modules}
        return Learnt(by_name, int(content["rounds"]), bool(content["careful"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Learnt({})


def checked(module: Module) -> Module:
    """Refuse a module that isn't one.

    Parameters
    ----------
    module : `Module`
        As it was read.

    Returns
    -------
    module : `Module`
        The same.

    Raises
    ------
    TypeError
        Raised if a value is of another type.
    """
    texts, numbers = (module.name, module.origin), (module.apart, module.had, module.of, module.lost)
    if all(isinstance(text, str) for text in texts) and all(isinstance(number, int) for number in numbers):
        return module
    raise TypeError(module)


def content_of(learnt: Learnt) -> dict[str, Any]:
    """Return what the file is to hold.

    Parameters
    ----------
    learnt : `Learnt`
        What is known.

    Returns
    -------
    content : `dict`
        For JSON.
    """
    modules = [asdict(module) for module in list(learnt.modules.values())[:MODULES_MAX]]
    return {**vars(learnt), "format": FORMAT, "modules": modules}


def keep(learnt: Learnt, file: str) -> None:
    """Write what is known.

    Parameters
    ----------
    learnt : `Learnt`
        All of it.
    file : `str`
        Replaced as a whole, or left as it is where that can't be done.
    """
    fresh = f"{file}.{os.uname().nodename}.{os.getpid()}"
    try:
        with open(fresh, "w", encoding="utf-8") as opened:
            json.dump(content_of(learnt), opened)
        os.replace(fresh, file)
    except (OSError, ValueError):
        with contextlib.suppress(OSError):
            os.unlink(fresh)


def origin_of(spec: Any) -> str:
    """Return where a module comes from.

    Parameters
    ----------
    spec : `object`
        Of the module.

    Returns
    -------
    origin : `str`
        A file, a word for those that Python has in itself, or the directories of a package without a file.
    """
    if isinstance(spec.origin, str):
        return spec.origin
    return os.pathsep.join(map(str, spec.submodule_search_locations or ()))


def own_spec(name: str) -> Any:
    """Return the specification of a module that is imported, without waking one that loads itself later.

    Parameters
    ----------
    name : `str`
        Of the module.

    Returns
    -------
    spec : `object` or `None`
        None for what was put there under another name, or was not imported from anywhere.
    """
    module = sys.modules.get(name)
    if not isinstance(module, types.ModuleType) or name in NOT_LEARNT:
        return None
    spec = object.__getattribute__(module, "__dict__").get("__spec__")
    return spec if getattr(spec, "name", None) == name else None


def learn(file: str, there: frozenset[str], undecided: frozenset[str]) -> None:
    """Write what a job has imported that its template had not; says nothing.

    Parameters
    ----------
    file : `str`
        Read and replaced only where there is something new.
    there : `frozenset` [`str`]
        What the template had imported.
    undecided : `frozenset` [`str`]
        Names of what the template knew jobs are to tell whether they import it. Of what others have learnt
        since they tell it as well.
    """
    mine = [name for name in list(sys.modules) if name not in there]
    if not mine and not undecided:
        return
    learnt = known(file)
    asked = [module for name, module in learnt.modules.items() if name not in there and module.is_undecided()]
    for module in asked:
        module.of += 1
        module.had += module.name in sys.modules
    if add(learnt, mine) or asked:
        keep(learnt, file)


def add(learnt: Learnt, names: list[str]) -> bool:
    """Add modules that are imported by now.

    Parameters
    ----------
    learnt : `Learnt`
        Where to.
    names : `list` [`str`]
        Their names, in the order of their imports.

    Returns
    -------
    is_new : `bool`
        Whether anything was not known.
    """
    is_new = False
    for name in names:
        spec = own_spec(name)
        if spec is None:
            continue
        origin, old = origin_of(spec), learnt.modules.get(name)
        if old is None or old.origin != origin:
            apart = old is not None and is_of_two(old)
            learnt.modules[name] = Module(name, origin, apart, had=0 if apart else 1, of=1)
            is_new = True
    return is_new


def is_of_two(old: Module) -> bool:
    """Whether jobs find different modules under one name: then each job is left to find its own.

    Parameters
    ----------
    old : `Module`
        That of another job.

    Returns
    -------
    is_of_two : `bool`
        False where the other is no longer there, as after an upgrade.
    """
    return any(map(os.path.exists, old.origin.split(os.pathsep)))
