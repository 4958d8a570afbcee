"""Which way of linking is worth its cost: four ways on every set.

    python -m benchmarks.accuracy.methods --data FOLDER [the options of benchmarks.accuracy.run that name sets]

- exact key: same name and birth date, or same email, or same phone (companies: name, registration number, email, phone)
- field rules: the project's deterministic rules alone
- plain Splink: a similarity model of two classes, settings as in Splink's demos
- this project: all together

Prints accuracy, seconds and peak memory of each. Belongs here: running and printing. Does not belong here: the ways
(``linkers``).
"""

from __future__ import annotations

import argparse

from benchmarks.accuracy.measure import measure
from benchmarks.accuracy.run import HEADER, add_sets, chosen_sets, print_line

WAYS = ("exact key", "field rules", "plain Splink", "this project")


def main() -> None:
    """Run every way on the sets asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser)
    arguments = parser.parse_args()
    print(HEADER, flush=True)
    for name, load, path in chosen_sets(arguments, parser):
        for way in WAYS:
            print_line(name, way, measure(way, load, path, memory=arguments.memory))


if __name__ == "__main__":
    main()
