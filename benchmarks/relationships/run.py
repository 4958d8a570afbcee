"""Relationships and attributed visits of a finished run on the demo company, against its truth.

    python -m benchmarks.relationships.run [--warehouse data/warehouse.duckdb] [--truth data/demo_truth]

Prints precision and recall of household pairs and of people of organisations, and which share of the anonymous page views
found its customer, and the right one. Belongs here: printing. Does not belong here: the measures (``measures``).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.relationships.measures import Pairs, household_pairs, open_run, people_of_organisations, visits


def _print_pairs(title: str, pairs: Pairs) -> None:
    print(
        f"{title:<14}{pairs.stated:>8}{pairs.right:>8}{pairs.of_one_entity:>12}{pairs.precision:>11.3f}"
        f"{pairs.true:>8}{pairs.found:>8}{pairs.recall:>9.3f}"
    )


def main() -> None:
    """Read the run and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warehouse", type=Path, default=Path("data/warehouse.duckdb"))
    parser.add_argument("--truth", type=Path, default=Path("data/demo_truth"))
    arguments = parser.parse_args()
    with open_run(arguments.warehouse, arguments.truth) as con:
        print(
            f"{'pairs':<14}{'stated':>8}{'right':>8}{'one person':>12}{'precision':>11}{'true':>8}{'found':>8}{'recall':>9}"
        )
        _print_pairs("household", household_pairs(con))
        addressed = household_pairs(con, with_address=True)
        print(
            f"{'  where the records of both have a street':<61}{addressed.true:>8}{addressed.found:>8}{addressed.recall:>9.3f}"
        )
        _print_pairs("employee_of", people_of_organisations(con))
        _print_pairs("contact_of", people_of_organisations(con, "contact_of"))
        found = visits(con)
    print(f"\n{'page views without a customer':<34}{found.anonymous:>8}")
    print(f"{'  made by somebody who is known':<34}{found.by_customers:>8}")
    for way, attributed in found.attributed.items():
        print(f"{'  ' + way:<34}{attributed:>8}   right {found.right[way] / attributed:.4f}")
    print(f"{'attributed':<34}{found.share:>8.3f}   right {found.precision:.4f}")
    print(f"{'by a device that others used too':<34}{found.by_device_on_shared_ones:>8}")


if __name__ == "__main__":
    main()
