"""Command line of the demo generator: arguments and progress lines, nothing else."""

import argparse
import sys
from pathlib import Path

from sample_data.generator import DEFAULT_CUSTOMERS, generate


def main() -> None:
    """Parse the arguments, write the deliveries, print what was written."""
    parser = argparse.ArgumentParser(prog="python -m sample_data", description="Write the demo company's deliveries.")
    parser.add_argument("--landing", type=Path, default=Path("data/landing"), help="folder of the deliveries")
    parser.add_argument("--truth", type=Path, default=Path("data/demo_truth"), help="folder that only evaluation reads")
    parser.add_argument("--customers", type=int, default=DEFAULT_CUSTOMERS, help="customers with orders")
    parser.add_argument("--seed", type=int, default=7, help="same seed and size, same bytes")
    arguments = parser.parse_args()
    summary = generate(
        arguments.landing,
        arguments.truth,
        customers=arguments.customers,
        seed=arguments.seed,
        progress=lambda message: sys.stderr.write(message + "\n"),
    )
    sys.stdout.write(summary.describe() + "\n")


if __name__ == "__main__":
    main()
