"""Measures, prints a table, and writes JSON."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .figures import FIGURES, Figure
from .logs import logs
from .plugin import plugin, reports
from .programs import command_line, worker
from .samples import say
from .scheduler import scheduler
from .tinydrp import submitting, tinydrp
from .trivial import chain, throughput
from .warm import quantum, warm
from .workshop import Workshop


@dataclass(frozen=True)
class Group:
    """Figures that are measured together."""

    name: str
    measure: Callable[[Workshop], dict[str, float]]
    figures: tuple[str, ...]


# The scheduler last: it needs the whole machine the longest.
GROUPS = (
    Group("cli", command_line, ("cli_s",)),
    Group("worker", worker, ("worker_connect_s", "worker_rss_mib")),
    Group("submit", submitting, ("submit_cold_s", "submit_warm_s")),
    Group("plugin", plugin, ("plugin_100k_vs_build", "plugin_100k_mib")),
    Group("reports", reports, ("report_million_s", "report_million_plugin_s", "report_million_ended_s")),
    Group("chain", chain, ("chain_ms_over_spawn",)),
    Group("throughput", throughput, ("throughput_vs_limit", "throughput_vs_best_peer")),
    Group("logs", logs, ("pack_files_per_worker", "pack_throughput_vs_files", "pack_lookup_ms")),
    Group("tinydrp", tinydrp, ("tinydrp_vs_bare", "tinydrp_vs_parsl")),
    Group("quantum", quantum, ("warm_quantum_vs_fork",)),
    Group("warm", warm, ("warm_small_vs_parsl", "warm_tinydrp_vs_parsl", "warm_tinydrp_vs_bare")),
    Group(
        "scheduler",
        scheduler,
        ("scheduler_jobs_per_s", "scheduler_cost_growth", "scheduler_bytes_per_job", "turn_p99_ms"),
    ),
)


def main() -> int:
    """Run the benchmarks that were asked for."""
    arguments = _arguments()
    # So that daemons and peers are ended when we are.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    # It has brought us here; what we start must not inherit it.
    os.environ.pop("PYTHONPATH", None)
    wanted = [group for group in GROUPS if _is_wanted(group, arguments.only)]
    workshop = Workshop()
    found: dict[str, float] = {}
    for group in wanted:
        say(f"\n== {group.name}")
        found.update(group.measure(workshop))
        # After each group, so that an hour is not lost with the last of them.
        if arguments.json:
            arguments.json.write_text(json.dumps(_rounded(found), indent=1) + "\n")
    print(_table([figure for figure in FIGURES if figure.name in found], found))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures what docs/benchmarks.md says, prints a table, and writes all numbers as JSON.",
        epilog="groups: " + "; ".join(f"{group.name} ({', '.join(group.figures)})" for group in GROUPS),
    )
    parser.add_argument("--json", type=lambda text: Path(text).absolute(), metavar="FILE")
    names = [name for group in GROUPS for name in (group.name, *group.figures)]
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", choices=names)
    return parser.parse_args()


def _is_wanted(group: Group, only: list[str]) -> bool:
    return not only or group.name in only or any(name in only for name in group.figures)


def _rounded(found: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.5g}") for name, value in found.items()}


def _table(figures: list[Figure], found: dict[str, float]) -> str:
    lines = [
        "| figure | measured | least … most | promise | |  what it is |",
        "|---|---:|---:|---|---|---|",
    ]
    for figure in figures:
        value = found[figure.name]
        spread = [found.get(f"{figure.name}_{end}") for end in ("min", "max")]
        words = " … ".join(_number(end) for end in spread if end is not None)
        verdict = "met" if figure.is_met(value) else "**short**"
        lines.append(
            f"| {figure.name} | {_number(value)} | {words} | {figure.promise} | {verdict} | {figure.words} |"
        )
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
