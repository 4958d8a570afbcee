"""Accuracy, seconds and memory on labelled sets, beside plain Splink with its demo settings.

    python -m benchmarks.accuracy.run --data FOLDER [--sets febrl3 senzing ...] [--people people.parquet ...]
        [--demo data] [--companies 1 2] [--varied pairs:1 2 ...] [--plain] [--saved-model] [--wrong-pairs] [--blocking]
        [--memory 2GB]

Prints a table: pairwise precision, recall and F1 after clustering, B-cubed F1, the share of true pairs among the
candidates, seconds (without loading; golden IDs included) and peak memory. Every line is a process of its own. Nothing is
set per data set: what is printed is what a user gets. Belongs here: running and printing. Does not belong here: reading
the sets (``datasets``), linking (``linkers``).
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.accuracy.datasets import SETS, load_companies, load_demo, load_people, load_varied
from benchmarks.accuracy.measure import Loader, Measured, measure
from benchmarks.accuracy.varied import FAMILIES

HEADER = f"{'set':28} {'way':14} {'precision':>9} {'recall':>9} {'F1':>9} {'B-cubed':>9} {'ceiling':>8} {'seconds':>8} {'MB':>6}"


def add_sets(parser: argparse.ArgumentParser) -> None:
    """The options that name the sets."""
    parser.add_argument("--data", type=Path, help="folder with FEBRL's, Splink's and Senzing's files")
    parser.add_argument("--sets", nargs="*", choices=sorted(SETS), default=list(SETS))
    parser.add_argument("--people", nargs="*", type=Path, default=[], help="parquet files of generated people")
    parser.add_argument("--demo", type=Path, help="data folder of a run: warehouse.duckdb and demo_truth/")
    parser.add_argument("--companies", nargs="*", default=[], metavar="SEED", help="made-up companies of these seeds")
    parser.add_argument(
        "--varied",
        nargs="*",
        type=_family_and_seed,
        default=[],
        metavar="FAMILY:SEED",
        help=f"made-up sets; a seed alone means every family: {', '.join(FAMILIES)}",
    )
    parser.add_argument("--memory", default="2GB", help="DuckDB's memory limit")


def _family_and_seed(text: str) -> list[tuple[str, int]]:
    family, _, seed = text.rpartition(":")
    if family and family not in FAMILIES:
        raise argparse.ArgumentTypeError(f"no family {family!r}; there are {', '.join(FAMILIES)}")
    return [(name, int(seed)) for name in ([family] if family else FAMILIES)]


def chosen_sets(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> list[tuple[str, Loader, Path]]:
    """(name, loader, path) of every set asked for; none is an error of usage."""
    jobs: list[tuple[str, Loader, Path]] = []
    if arguments.data:
        jobs += [(name, SETS[name], arguments.data) for name in arguments.sets]
    jobs += [(path.stem, load_people, path) for path in arguments.people]
    jobs += [(f"companies {seed}", load_companies, Path(seed)) for seed in arguments.companies]
    varied = [chosen for chosens in arguments.varied for chosen in chosens]
    jobs += [(f"{family} {seed}", load_varied, Path(family, str(seed))) for family, seed in varied]
    if arguments.demo:
        jobs.append(("demo", load_demo, arguments.demo))
    if not jobs:
        parser.error("nothing to do: give --data, --people, --companies, --varied or --demo")
    return jobs


def print_line(name: str, way: str, result: Measured) -> None:
    """One line of the table per slice; seconds and memory are those of the whole set."""
    ceiling = "" if result.ceiling is None else f"{result.ceiling:.4f}"
    for part in result.accuracy:
        cost = f"{ceiling:>8} {result.seconds:8.1f} {result.megabytes:6.0f}" if not part.name else ""
        title = f"{name}: {part.name}" if part.name else name
        print(
            f"{title:28} {way:14} {part.precision:9.5f} {part.recall:9.5f} {part.f1:9.5f} {part.b_cubed_f1:9.5f} {cost}",
            flush=True,
        )


def main() -> None:
    """Run the sets asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser)
    parser.add_argument("--plain", action="store_true", help="run plain Splink beside")
    parser.add_argument("--saved-model", action="store_true", help="run once more with the model just trained")
    parser.add_argument(
        "--wrong-pairs", action="store_true", help="list every wrong pair, with the values of both records"
    )
    parser.add_argument("--blocking", action="store_true", help="print the share of true pairs any rule could propose")
    parser.add_argument("--steps", action="store_true", help="print the seconds of each step")
    arguments = parser.parse_args()
    ways = ["this project"] + ["saved model"] * arguments.saved_model + ["plain Splink"] * arguments.plain
    print(HEADER, flush=True)
    for name, load, path in chosen_sets(arguments, parser):
        with tempfile.TemporaryDirectory() as model:
            for way in ways:
                wrong = arguments.wrong_pairs and way == "this project"
                wider = arguments.blocking and way == "this project"
                result = measure(way, load, path, memory=arguments.memory, model=Path(model), wrong=wrong, wider=wider)
                print_line(name, way, result)
                if arguments.steps and result.steps:
                    print("    " + ", ".join(f"{step} {seconds:.1f} s" for step, seconds in result.steps.items()))
                if result.wider is not None:
                    print(
                        f"    true pairs among the candidates {result.ceiling:.4f}, without budgets {result.wider:.4f}"
                    )
                for pair in result.wrong:
                    print(pair)


if __name__ == "__main__":
    main()
