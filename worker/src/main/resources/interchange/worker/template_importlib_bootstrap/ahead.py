"""What is imported ahead: what the script imports at its top, and what jobs were found to import."""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from learnt import Learnt, Module, content_of, keep, origin_of
from shared import quiet, seen_by_fork
from traces import Globals, difference, picture

# Then modules are set apart together with all that came with them, so that it comes to an end.
ROUNDS_MAX = 6
SHARED = "what forks would share"


class AgainError(Exception):
    """A new template would be better than this one can become."""


class ApartError(BaseException):
    """A module would import one that is apart: no failure for one who tries several ways."""


class Guard:
    """Finds which modules would import what is apart.

    Without it what is apart would be imported with the first of them, unseen with all others, and these would
    be found one by one, each by a template of its own.

    Parameters
    ----------
    names : `frozenset` [`str`]
        What must not be imported.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self.hit: str | None = None

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> None:
        """Be asked for a module before all others.

        Parameters
        ----------
        name : `str`
            With dots.

        Raises
        ------
        ApartError
            Raised if it is apart.
        """
        if name in self._names:
            self.hit = name
            raise ApartError(name)

    def __enter__(self) -> Guard:
        sys.meta_path.insert(0, self)
        return self

    def __exit__(self, *_raised: object) -> None:
        sys.meta_path.remove(self)


class Ahead(NamedTuple):
    """What has been found out about modules.

    Parameters
    ----------
    there : `frozenset` [`str`]
        All that are imported.
    undecided : `frozenset` [`str`]
        Names of modules that are not imported, of which jobs are to tell whether they import them.
    tried : `frozenset` [`str`]
        Names that were to be imported ahead, also where that was not possible.
    trouble : `str` or `None`
        What forks would share or miss.
    """

    there: frozenset[str]
    undecided: frozenset[str]
    tried: frozenset[str]
    trouble: str | None


def statements_at_top(source: bytes) -> list[ast.stmt]:
    """Return the imports with which a script begins: every job of it does the same.

    Parameters
    ----------
    source : `bytes`
        Of the script.

    Returns
    -------
    statements : `list` [`ast.stmt`]
        Up to the first that is neither an import nor a mere text.
    """
    found: list[ast.stmt] = []
    for statement in body_of(source):
        if is_import(statement):
            found.append(statement)
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            break
    return found


def body_of(source: bytes) -> list[ast.stmt]:
    """Return the statements of a script.

    Parameters
    ----------
    source : `bytes`
        Of the script.

    Returns
    -------
    statements : `list` [`ast.stmt`]
        None at all where it can't be read: the jobs will tell.
    """
    # It is compiled as well, which says all that there is to say.
    with quiet(), contextlib.suppress(SyntaxError, ValueError):
        return ast.parse(source).body
    return []


def is_import(statement: ast.stmt) -> bool:
    """Whether a statement imports something.

    Parameters
    ----------
    statement : `ast.stmt`
        Of any kind.

    Returns
    -------
    is_import : `bool`
        In either form.
    """
    return isinstance(statement, (ast.Import, ast.ImportFrom))


def trouble_of_script(source: bytes) -> str | None:
    """Look whether a script prepares its environment for what it imports: ahead that would come too early.

    Parameters
    ----------
    source : `bytes`
        Of the script.

    Returns
    -------
    trouble : `str` or `None`
        What was found, in words.
    """
    has_set = False
    for statement in body_of(source):
        if has_set and is_import(statement):
            return "the script changes its environment before it imports"
        words = {getattr(node, "attr", getattr(node, "id", None)) for node in ast.walk(statement)}
        has_set |= not words.isdisjoint(("environ", "putenv", "environb"))
    return None


def import_top(source: bytes) -> None:
    """Import what a script does at its top; what fails is left to the jobs, to fail as they would cold.

    Parameters
    ----------
    source : `bytes`
        Of the script.
    """
    for statement in statements_at_top(source):
        code = compile(ast.Module([statement], []), "<top>", "exec", dont_inherit=True)
        try:
            exec(code, {"__name__": "__main__", "__builtins__": builtins})
        except (Exception, SystemExit):
            return


def import_learnt(learnt: Learnt, file: str, trouble: Callable[[], str | None]) -> Ahead:
    """Import what jobs have imported, each singly, to see what that changes.

    Parameters
    ----------
    learnt : `Learnt`
        What is known; what no longer holds leaves it.
    file : `str`
        Where it is kept.
    trouble : `collections.abc.Callable`
        Returns what forks would share or miss by now. It takes long, so it is asked after each module only by
        a careful template, which comes after one that has found trouble at its end.

    Returns
    -------
    ahead : `Ahead`
        What has come of it.

    Raises
    ------
    AgainError
        Raised if a module that not every job imports has changed what all would see.
    """
    kept = content_of(learnt)
    is_careful, learnt.careful = learnt.careful, False
    by_fork, held = seen_by_fork(), Globals()
    before = {**picture(), **(hidden(trouble) if is_careful else {})}
    imported: list[Module] = []
    spoilt = before.get(SHARED)
    chosen = [module for module in learnt.modules.values() if module.is_ahead()]
    refused = frozenset(learnt.modules) - {module.name for module in chosen}
    for module in [] if spoilt else chosen:
        if module.name in sys.modules or not is_there(module, learnt):
            continue
        loaded = frozenset(sys.modules)
        # What a module that every job imports brings along every job has.
        with Guard(frozenset() if module.apart else refused) as guard:
            can = can_import(module.name)
        module.lost = not can and guard.hit is None
        imported.append(module)
        if guard.hit:
            spoilt = spoilt or f"importing {module.name} would import {guard.hit}, which not every job does"
            set_apart(module, loaded, learnt)
        after = {**picture(), **(hidden(trouble) if is_careful else {})}
        part = difference(before, after) or (is_careful and held.changed())
        before = after
        if part and not module.apart:
            spoilt = spoilt or f"importing {module.name} has changed {part}"
            set_apart(module, loaded, learnt)
    found = trouble()
    # Of a module that every job imports all of it would be as it has to be.
    if imported and not spoilt and not is_careful and not any(module.apart for module in imported):
        part = difference(by_fork, seen_by_fork()) or held.changed()
        spoilt = found or (f"importing has changed {part}" if part else None)
        learnt.careful = spoilt is not None
    if spoilt and imported:
        learnt.rounds += 1
        keep(learnt, file)
        raise AgainError(spoilt)
    if content_of(learnt) != kept:
        keep(learnt, file)
    there = frozenset(sys.modules)
    undecided = {name for name, module in learnt.modules.items() if module.is_undecided()}
    return Ahead(there, frozenset(undecided - there), frozenset(module.name for module in chosen), found)


def hidden(trouble: Callable[[], str | None]) -> dict[str, Any]:
    """Look for what a mere picture doesn't show.

    Parameters
    ----------
    trouble : `collections.abc.Callable`
        Returns what forks would share or miss.

    Returns
    -------
    parts : `dict` [`str`, `object`]
        To be compared.
    """
    return {**seen_by_fork(), SHARED: trouble()}


def is_there(module: Module, learnt: Learnt) -> bool:
    """Whether a module is where jobs have found it; if it can't be any more, it is forgotten.

    Parameters
    ----------
    module : `Module`
        Not imported yet.
    learnt : `Learnt`
        What is known.

    Returns
    -------
    is_there : `bool`
        False also where the package that it belongs to is not imported.
    """
    package = module.name.rpartition(".")[0]
    if package and package not in sys.modules:
        return False
    spec: Any = None
    with contextlib.suppress(Exception, SystemExit):
        spec = importlib.util.find_spec(module.name)
    module.lost = spec is None or origin_of(spec) != module.origin
    if module.lost and not any(map(os.path.exists, module.origin.split(os.pathsep))):
        del learnt.modules[module.name]
    return not module.lost


def can_import(name: str) -> bool:
    """Import a module.

    Parameters
    ----------
    name : `str`
        With dots.

    Returns
    -------
    can_import : `bool`
        What fails is left to the jobs, to fail as they would cold.
    """
    try:
        importlib.import_module(name)
    except (Exception, SystemExit, ApartError):
        return False
    return True


def set_apart(module: Module, loaded: frozenset[str], learnt: Learnt) -> None:
    """Remember that importing a module changes something.

    Parameters
    ----------
    module : `Module`
        Just imported.
    loaded : `frozenset` [`str`]
        What was imported before.
    learnt : `Learnt`
        What is known.
    """
    names = [module.name]
    if learnt.rounds >= ROUNDS_MAX:
        names += [name for name in sys.modules if name not in loaded and name in learnt.modules]
    for name in names:
        learnt.modules[name].apart = True
