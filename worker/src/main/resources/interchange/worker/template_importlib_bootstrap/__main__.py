"""A process that has imported what a console script needs, and of which jobs are forks.

    PYTHON [OPTIONS] template_importlib_bootstrap/__main__.py SOCKET SCRIPT MODULES [PADDING]

SOCKET is a Unix domain socket on which the worker listens, in a directory that has no other use; SCRIPT the
absolute path of the console script; MODULES a file that tells what jobs have imported (see `learnt`), which
need not exist; PADDING blanks, which give room for what /proc/PID/cmdline shows of a fork. OPTIONS are those
of the script's first line, in one word as the kernel gives them. INTERCHANGE_ATTEMPT_TOKEN in the environment
is the template's own token, followed by blanks for room. PWD, OLDPWD, SHLVL and _ are taken away: a shell has
begun the template, and what jobs have of them is theirs to set. Standard input is /dev/null; standard output
and error are two regular files, empty at first: what importing prints there, each fork prints first. The
umask is that of the jobs. The standard library alone is used, of Python 3.9 or newer. We say lines of a word
and what belongs to it, the worker lines of JSON:

    ready KIB      from us, once, with the memory that we take
    cold REASON    from us, instead, when no fork of us could be like a fresh process; then we end
    again WHY      from us, instead, when a new template would be a better one; then we end
    job            to us: what to run, see `line.Job`
    successor      to us: the template that a fork is to become, see `line.Successor`. It is answered as a job
                   is; the fork connects with its own socket, and says there what a new template says
    changed PATH   from us, instead of an answer, when a file of which we consist has changed; then we end
    busy REASON    the answer, when it would take us long to say whether one has. Ready or changed follows
    pid N [more]   the answer; it is the worker's child: we fork twice, and the worker is a subreaper. More: a
                   new template would import more ahead
    cold REASON    the answer, when this job can't be a fork, which has ended then; we go on
    "go"           to the fork, which has changed nothing before: without it, at the end of the connection or
                   by anything else, it ends. Until then its environment shows the template's token

So whatever dies in between, no job runs that the worker does not know of: it closes its end, and once ours is
closed too nothing of us is left that could become a job. What can fail has been done before the answer.

The name of this directory has a purpose: warnings, when they look for who has called, pass over files with
these two words in their path. Below a job's frames are ours, where a fresh process has none.
"""

from __future__ import annotations

import os
import sys
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))


def ours() -> Any:
    """Import our own files in such a way that nothing of them is seen by what is imported afterwards.

    Returns
    -------
    forks : `types.ModuleType`
        The template.
    """
    names = {name[:-3] for name in os.listdir(HERE) if name.endswith(".py")} - {"__main__"}
    theirs = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    path, is_unwritten = list(sys.path), sys.dont_write_bytecode
    sys.path.insert(0, HERE)
    sys.dont_write_bytecode = True
    import forks

    sys.path[:], sys.dont_write_bytecode = path, is_unwritten
    sys.path_importer_cache.pop(HERE, None)
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(theirs)
    return forks


def main() -> None:
    """Be a template, and in a fork the job."""
    forks = ours()
    socket, script, modules = sys.argv[1:4]
    # As if the script had been started: its directory, links followed, is where modules are looked for first.
    if not (getattr(sys.flags, "safe_path", False) or sys.flags.isolated):
        sys.path[0] = os.path.dirname(os.path.realpath(script))
    forks.main(socket, script, modules)


if __name__ == "__main__":
    main()
