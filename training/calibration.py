"""Draws how often sentences of each probability are true: an SVG that reads in light and dark."""

from __future__ import annotations

from qa.evaluation.metrics import Calibration

SIDE, EDGE = 320, 48
_STYLE = (
    "<style>text{font:12px sans-serif;fill:#555}.grid{stroke:#8884}.even{stroke:#888;stroke-dasharray:4 4}"
    ".line{fill:none;stroke:#2a7ab8;stroke-width:2}circle{fill:#2a7ab8}"
    "@media (prefers-color-scheme:dark){text{fill:#bbb}.line{stroke:#6cb4ee}circle{fill:#6cb4ee}}</style>"
)


def picture(found: Calibration, title: str) -> str:
    """The SVG; the area of a dot goes with its number of sentences."""

    def x(share: float) -> float:
        return round(EDGE + share * SIDE, 1)

    def y(share: float) -> float:
        return round(EDGE / 2 + (1 - share) * SIDE, 1)

    most = max(bin.n for bin in found.bins)
    marks = [
        f'<path class="grid" d="M{x(0)} {y(at)}H{x(1)}M{x(at)} {y(0)}V{y(1)}"/>'
        f'<text x="{x(0) - 8}" y="{y(at) + 4}" text-anchor="end">{at:g}</text>'
        f'<text x="{x(at)}" y="{y(0) + 18}" text-anchor="middle">{at:g}</text>'
        for at in (0, 0.25, 0.5, 0.75, 1)
    ]
    line = " ".join(f"{x(bin.confidence)},{y(bin.right)}" for bin in found.bins)
    circles = [
        f'<circle cx="{x(bin.confidence)}" cy="{y(bin.right)}" r="{3 + 6 * (bin.n / most) ** 0.5:.1f}">'
        f"<title>{bin.n} of {bin.confidence:.2f}: {bin.right:.0%} true</title></circle>"
        for bin in found.bins
    ]
    width, height = SIDE + EDGE + 20, SIDE + EDGE + 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{title}">'
        f"{_STYLE}{''.join(marks)}"
        f'<path class="even" d="M{x(0)} {y(0)}L{x(1)} {y(1)}"/><polyline class="line" points="{line}"/>'
        f"{''.join(circles)}"
        f'<text x="{x(0.5)}" y="{y(0) + 36}" text-anchor="middle">support</text>'
        f'<text x="{x(0) + 8}" y="{y(1) - 8}">share that is true</text></svg>\n'
    )
