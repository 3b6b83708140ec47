"""A logistic regression by maximum likelihood."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]


def regression(
    x: Floats, y: NDArray[np.bool_], *, weight: Floats | None = None, penalty: float = 1e-4, least: float | None = None
) -> Floats:
    """The weights of the columns of `x`, of which the last is the constant, shape (columns,).

    `weight` says what each row counts, 1 in all; the same where it is None. `penalty` is that of the squares of all
    weights but the constant, which are `least` at least.
    """
    counts = np.full(len(x), 1 / len(x)) if weight is None else weight

    def loss(w: Floats) -> float:
        return float((counts * np.logaddexp(0, np.where(y, -1, 1) * (x @ w))).sum() + penalty * (w[:-1] ** 2).sum())

    bounds = [(least, None)] * (x.shape[1] - 1) + [(None, None)]
    return np.asarray(minimize(loss, np.zeros(x.shape[1]), bounds=bounds).x)
