"""Generators of random numbers that importing has made: each fork must draw its own."""

from __future__ import annotations

import gc
import random
import sys
from typing import Any

# Of how many words of the state a fresh entropy of numpy is at least; what programs seed with is shorter.
ENTROPY_BITS = 96
# How far a generator may have drawn while modules were imported, in steps of its whole state.
STEPS = 64
WORDS = 624


def trouble_of_generators(at_start: Any) -> str | None:
    """Look for generators of which all forks would draw the same, though fresh processes would not.

    Parameters
    ----------
    at_start : `object`
        State of Python's own generator before the imports.

    Returns
    -------
    trouble : `str` or `None`
        What was found, in words. Python's own generator, numpy's and that of tempfile are no trouble: they
        are seeded anew in each fork; nor are those of numpy that are known to have been seeded with a number.
    """
    if not has_only_drawn(at_start):
        return "importing has seeded random"
    types = generator_types()
    exempt = {id(each) for each in known_generators()}
    for each in gc.get_objects():
        if type(each) in types and id(each) not in exempt and not is_seeded_with_a_number(each):
            return f"importing has made a generator of random numbers: {type(each).__name__}"
    return trouble_of_numpy()


def has_only_drawn(at_start: Any) -> bool:
    """Whether Python's own generator has not been seeded since a certain state.

    Parameters
    ----------
    at_start : `object`
        The state.

    Returns
    -------
    has_only_drawn : `bool`
        It may have drawn some ten thousand numbers.
    """
    now = random.getstate()
    if now == at_start:
        return True
    other = random.Random()
    other.setstate(at_start)
    for _ in range(STEPS):
        if other.getstate()[1][:WORDS] == now[1][:WORDS]:
            return True
        for _ in range(WORDS):
            other.getrandbits(32)
    return False


def generator_types() -> set[type]:
    """Return the types of generators that there are.

    Returns
    -------
    types : `set` [`type`]
        Python's and those of numpy, with all that are made from them.
    """
    numpy_random = sys.modules.get("numpy.random")
    names = ("Generator", "BitGenerator", "RandomState")
    waiting = [random.Random, *(getattr(numpy_random, name) for name in names if hasattr(numpy_random, name))]
    types: set[type] = set()
    while waiting:
        each = waiting.pop()
        if each not in types and not issubclass(each, random.SystemRandom):
            types.add(each)
            waiting += each.__subclasses__()
    return types


def known_generators() -> list[Any]:
    """Return the generators that are seeded anew in each fork.

    Returns
    -------
    generators : `list` [`object`]
        Python's own, that of tempfile, and numpy's.
    """
    known: list[Any] = [getattr(random, "_inst", None)]
    names = getattr(sys.modules.get("tempfile"), "_name_sequence", None)
    known.append(getattr(names, "_rng", None))
    state = getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None)
    return [*known, state, getattr(state, "_bit_generator", None)]


def is_seeded_with_a_number(generator: Any) -> bool:
    """Whether a generator is known to draw the same in each fresh process.

    Parameters
    ----------
    generator : `object`
        Of numpy; those of Python keep no record of it.

    Returns
    -------
    is_seeded_with_a_number : `bool`
        False where that can't be told.
    """
    inner = getattr(generator, "_bit_generator", generator)
    if not hasattr(inner, "seed_seq"):
        return False
    # None after the old way of seeding.
    sequence = inner.seed_seq
    entropy = getattr(sequence, "entropy", None)
    return sequence is None or (isinstance(entropy, int) and entropy.bit_length() < ENTROPY_BITS)


def trouble_of_numpy() -> str | None:
    """Look whether numpy's own generator has been seeded.

    Returns
    -------
    trouble : `str` or `None`
        What was found, in words.
    """
    state = getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None)
    inner = getattr(state, "_bit_generator", None)
    if inner is not None and hasattr(inner, "seed_seq") and inner.seed_seq is None:
        return "importing has seeded numpy.random"
    return None
