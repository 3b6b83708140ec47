"""The trees that lightgbm fits, as qa.models.trees reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import lightgbm


def exported(models: Sequence[lightgbm.Booster], slope: float = 1.0, base: float = 0.0) -> dict[str, Any]:
    """The JSON form of `base + slope * (sum of the models)`: lists of nodes per tree; a leaf points at itself."""
    trees = [_nodes(tree["tree_structure"]) for model in models for tree in model.dump_model()["tree_info"]]
    return {
        "base": base,
        "depth": max(node["depth"] for nodes in trees for node in nodes),
        "feature": [[node["feature"] for node in nodes] for nodes in trees],
        "threshold": [[_short(node["threshold"], 8) for node in nodes] for nodes in trees],
        "left": [[node["left"] for node in nodes] for nodes in trees],
        "right": [[node["right"] for node in nodes] for nodes in trees],
        "value": [[_short(slope * node["value"], 5) for node in nodes] for nodes in trees],
    }


def _nodes(root: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes of one tree, parents before children."""
    nodes: list[dict[str, Any]] = []

    def add(tree: dict[str, Any], depth: int) -> int:
        at = len(nodes)
        node = {"feature": 0, "threshold": 0.0, "left": at, "right": at, "value": 0.0, "depth": depth}
        nodes.append(node)
        if "left_child" not in tree:
            node["value"] = tree["leaf_value"]
            return at
        node["feature"], node["threshold"] = tree["split_feature"], tree["threshold"]
        node["left"] = add(tree["left_child"], depth + 1)
        node["right"] = add(tree["right_child"], depth + 1)
        return at

    add(root, 0)
    return nodes


def _short(number: float, digits: int) -> float:
    return float(f"{number:.{digits}g}")
