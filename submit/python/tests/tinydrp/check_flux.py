"""Compare what a run of the tinydrp pipeline put into the butler with what make_repo.py printed.

usage: python check_flux.py REPO FLUX [--exposures N] [--detectors M]

It ends with 0 if the newest `tiny_summary` holds that flux of that many quanta.
"""

from __future__ import annotations

import argparse
import math
import sys

from lsst.daf.butler import Butler


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repo")
    parser.add_argument("flux", type=float)
    parser.add_argument("--exposures", type=int, default=3)
    parser.add_argument("--detectors", type=int, default=4)
    parser.add_argument("--collection", help="default: the newest run collection of the pipeline")
    args = parser.parse_args()

    butler = Butler.from_config(args.repo)
    collection = args.collection or max(butler.collections.query("u/*/tinydrp/*"), default=None)
    if collection is None:
        sys.exit("the butler has no collection of a tinydrp run")
    summary = butler.get("tiny_summary", instrument="TinyCam", collections=collection)
    quanta = args.exposures * args.detectors
    if summary["n"] != quanta or not math.isclose(summary["flux"], args.flux, rel_tol=1e-9):
        sys.exit(f"{collection}: {summary}, expected n {quanta} and flux {args.flux}")
    print(f"{collection}: flux {summary['flux']} of {summary['n']} detectors, as it must be")


if __name__ == "__main__":
    main()
