"""Days of publication as numbers, and how near they are to the time that a question is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from qa.types import Article

Days = NDArray[np.float64]
"""Days of publication as ordinals; nan for an undated article."""
Nearness = Callable[[Days], NDArray[np.float32]]
"""What the nearness of days to the time asked about adds to a score."""


def days_of(articles: Iterable[Article]) -> Days:
    """The day of each article, shape (articles,)."""
    dates = (article.date for article in articles)
    return np.array([date.toordinal() if date else np.nan for date in dates], np.float64)
