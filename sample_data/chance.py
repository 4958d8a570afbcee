"""Seeded chance: the one source of randomness, the same on every machine and Python version.

Only ``random.Random.random`` is used underneath, whose sequence Python guarantees for a given seed;
``choice``, ``shuffle`` and NumPy's generators may change between versions.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Values to draw from in proportion to their weights."""

    def __init__(self, values: Sequence[T], weights: Sequence[float]) -> None:
        self.values = list(values)
        self.cumulative = list(accumulate(weights))


class Chance:
    """Draws that depend on nothing but the key given and the order of the calls."""

    def __init__(self, *key: object) -> None:
        self._draw = random.Random("|".join(str(part) for part in key)).random  # noqa: S311 (not for secrets)

    def happens(self, probability: float) -> bool:
        """True with the given probability."""
        return self._draw() < probability

    def uniform(self) -> float:
        """A number from 0 up to but not including 1."""
        return self._draw()

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + int(self._draw() * (high - low + 1))

    def pick(self, values: Sequence[T]) -> T:
        """One of the values, all equally likely."""
        return values[int(self._draw() * len(values))]

    def weighted(self, table: Weighted[T]) -> T:
        """One of the table's values, by weight."""
        cumulative = table.cumulative
        return table.values[min(bisect_right(cumulative, self._draw() * cumulative[-1]), len(cumulative) - 1)]

    def digits(self, count: int) -> str:
        """A string of random digits."""
        return str(int(self._draw() * 10**count)).zfill(count) if count else ""

    def moment(self, start: datetime, end: datetime) -> datetime:
        """A whole second from ``start`` to ``end``; ``start`` itself when the span is empty."""
        span = int((end - start).total_seconds())
        return start + timedelta(seconds=int(self._draw() * span)) if span > 0 else start

    def shuffled(self, values: Sequence[T]) -> list[T]:
        """A copy in random order (Fisher and Yates)."""
        result = list(values)
        for last in range(len(result) - 1, 0, -1):
            other = int(self._draw() * (last + 1))
            result[last], result[other] = result[other], result[last]
        return result
