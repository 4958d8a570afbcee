"""What each comparison adds to the match weight of a pair, in bits, so that prior and contributions add up to the weight.

Belongs here: the division of a weight among comparisons, as a pure function of arrays. Does not belong here: which pair,
its values and its cluster (``explain``).

The mixture's weight is no sum of weights per comparison: in a household, surname and street are one fact, and what the
second of them says depends on the first. The weight is divided by fading all evidence in evenly. With the share ``t`` of
the evidence in, every comparison's log-likelihood counts ``t`` times: at 0 the weight is the prior's, at 1 the pair's.
The contribution of a comparison is what it moves the weight on the whole way,

    integral over t from 0 to 1 of (mean log-likelihood under the match classes - under the other classes) / ln 2

with the means taken over the classes' posterior at ``t``. Contributions add up to the weight, depend on no order of the
comparisons, and a comparison that says nothing has none (Aumann & Shapley 1974; as integrated gradients: Sundararajan,
Taly & Yan 2017). With two classes they are the usual log2(m / u).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dagster_project.linkage.mixture import SMALLEST, indicators, weights_from_classes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dagster_project.linkage.mixture import Layout, Mixture

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# Points at which the integral is taken (Gauss-Legendre): exact to far below a thousandth of a bit.
_POINTS = 128
_PATTERNS_AT_A_TIME = 1000


def prior_weight(mixture: Mixture) -> float:
    """Match weight in bits of a pair of which nothing is known but that it is a candidate."""
    return float(weights_from_classes(np.log(np.maximum(mixture.prior, SMALLEST)), mixture.is_match))


def contributions(mixture: Mixture, layout: Layout, gammas: Integers) -> Floats:
    """Bits that each comparison adds, patterns x comparisons, for comparison vectors (patterns x comparisons, -1 null).

    The sum of a row plus ``prior_weight`` is the weight of the vector. A null comparison adds 0.
    """
    points, shares = np.polynomial.legendre.leggauss(_POINTS)
    points, shares = (points + 1) / 2, shares / 2
    logs = np.log(np.maximum(mixture.levels, SMALLEST))
    prior = np.log(np.maximum(mixture.prior, SMALLEST))
    result = np.zeros(gammas.shape)
    for start in range(0, len(gammas), _PATTERNS_AT_A_TIME):
        part = slice(start, start + _PATTERNS_AT_A_TIME)
        rows = indicators(gammas[part], layout)
        evidence = np.stack([rows[:, columns] @ logs[:, columns].T for columns in layout.slices()], axis=1)
        faded_in = prior + points[:, None] * evidence.sum(axis=1)[:, None, :]
        direction = np.zeros((len(rows), len(prior)))
        for classes, sign in ((mixture.is_match, 1.0), (~mixture.is_match, -1.0)):
            own = np.exp(faded_in[..., classes] - faded_in[..., classes].max(axis=-1, keepdims=True))
            posterior = own / own.sum(axis=-1, keepdims=True)
            direction[:, classes] = sign * np.einsum("ptc,t->pc", posterior, shares)
        result[part] = np.einsum("pkc,pc->pk", evidence, direction) / np.log(2)
    return result
