"""What several of the tests ask: which functions there are, and valid arguments for each of them."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

import lossact
from lossact import log_softmax, sigmoid
from lossact._declare import Activation, Loss

DTYPES = (np.float32, np.float64)
# Functions of other arguments than the tables here can make, and the module of tests that proves each.
APART: dict[str, str] = {
    **dict.fromkeys(
        [
            "gamma_deviance_loss",
            "gaussian_nll_loss",
            "msle_loss",
            "poisson_deviance_loss",
            "poisson_nll_loss",
            "tweedie_deviance_loss",
        ],
        "test_deviances",
    ),
    "ctc_loss": "test_ctc",
    "ctc_loss_with_logits": "test_ctc",
    "linear_cross_entropy": "test_linear_cross_entropy",
    "multi_margin_loss": "test_margin_losses",
    "multilabel_margin_loss": "test_margin_losses",
    "multilabel_soft_margin_loss": "test_margin_losses",
    "poly_loss": "test_focal_and_poly",
    "sigmoid_focal_loss": "test_focal_and_poly",
    "circle_loss": "test_embedding",
    "contrastive_loss": "test_embedding",
    "cosine_embedding_loss": "test_embedding",
    "cosine_similarity": "test_embedding",
    "hinge_embedding_loss": "test_embedding",
    "info_nce_loss": "test_embedding",
    "margin_ranking_loss": "test_embedding",
    "nt_xent_loss": "test_embedding",
    "pairwise_distance": "test_embedding",
    "triplet_margin_loss": "test_embedding",
    "triplet_margin_with_distance_loss": "test_embedding",
    **dict.fromkeys(
        [
            "dice_loss",
            "distillation_loss",
            "distribution_cross_entropy",
            "entropy",
            "jensen_shannon_divergence",
            "kl_div",
            "tversky_loss",
        ],
        "test_divergence",
    ),
}
APART.update(
    dict.fromkeys(
        [
            "geglu",
            "glu",
            "gumbel_softmax",
            "logit",
            "logsumexp",
            "prelu",
            "reglu",
            "rrelu",
            "softmin",
            "sparsemax",
            "swiglu",
            "threshold",
        ],
        "test_more_activations",
    )
)
FUNCTIONS = {name: getattr(lossact, name) for name in lossact.__all__ if name not in APART}
ACTIVATIONS = [name for name, function in FUNCTIONS.items() if isinstance(function, Activation)]
ELEMENTWISE = [name for name in ACTIVATIONS if FUNCTIONS[name].elementwise]
LOSSES = [name for name, function in FUNCTIONS.items() if isinstance(function, Loss)]
CLASS_LOSSES = ["cross_entropy", "nll_loss"]
PAIRED_LOSSES = [name for name in LOSSES if name not in CLASS_LOSSES]
MARGIN_LOSSES = ["exponential_loss", "hinge_loss", "soft_margin_loss", "squared_hinge_loss"]
WEIGHTED_LOSSES = [name for name in LOSSES if "weight" in inspect.signature(FUNCTIONS[name]).parameters]

# Other values than the defaults, for the functions that have options which are numbers.
OPTIONS = {
    "gelu": [{"approximate": "tanh"}],
    "celu": [{"alpha": 0.8}, {"alpha": 2.7}, {"alpha": 0.01}, {"alpha": 1000.0}],
    "elu": [{"alpha": 0.8}, {"alpha": 2.7}, {"alpha": 0.0}, {"alpha": -100.0}],
    "hardshrink": [{"lambd": 0.0}, {"lambd": 1.3}, {"lambd": -1.0}],
    "hardtanh": [{"min_val": 0.0}, {"min_val": -0.3, "max_val": 2.7}, {"max_val": -1.0}],
    "huber_loss": [{"delta": 0.3}, {"delta": 2.5}, {"delta": 1e-30}],
    "leaky_relu": [{"negative_slope": 0.0}, {"negative_slope": 0.3}, {"negative_slope": 2.5}],
    "softplus": [{"beta": 0.3}, {"beta": 2.5}, {"threshold": 20.0}, {"beta": 2.5, "threshold": 3.0}],
    "squareplus": [{"b": 0.3}, {"b": 1e-6}, {"b": 30.0}],
    "softshrink": [{"lambd": 0.0}, {"lambd": 1.3}],
    "mape_loss": [{"eps": 1e-7}, {"eps": 1.0}],
    "pinball_loss": [{"tau": 0.1}, {"tau": 0.9}, {"tau": 1e-30}],
    "pseudo_huber_loss": [{"delta": 0.3}, {"delta": 2.5}, {"delta": 1e-30}, {"delta": 1e30}],
    "smooth_l1_loss": [{"beta": 0.0}, {"beta": 0.3}, {"beta": 2.5}, {"beta": 1e-30}],
}


def numeric_options(name: str) -> list[dict[str, float]]:
    """The default of every option of `name` that is a number, then the same with each of `OPTIONS`."""
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    defaults = {each.name: each.default for each in parameters if isinstance(each.default, float)}
    return [defaults, *({**defaults, **options} for options in OPTIONS.get(name, []))]


def class_axis(shape: tuple[int, ...]) -> int:
    return 0 if len(shape) == 1 else 1


def without_classes(shape: tuple[int, ...]) -> tuple[int, ...]:
    axis = class_axis(shape)
    return shape[:axis] + shape[axis + 1 :]


def arguments(
    name: str, shape: tuple[int, ...] = (4, 3), dtype: Any = np.float64, seed: int = 0
) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Valid generic arguments of the function `name` for an input of `shape`: positional ones and others."""
    rng = np.random.default_rng([seed, len(name), *shape])
    x = np.asarray(2 * rng.normal(size=shape), dtype)
    if name in ("softmax", "log_softmax"):
        return [x], {"dim": class_axis(shape)}
    if name in ACTIVATIONS:
        return [x], {}
    if name in CLASS_LOSSES:
        labels = rng.integers(0, shape[class_axis(shape)], without_classes(shape))
        return [log_softmax(x, class_axis(shape)) if name == "nll_loss" else x, labels], {}
    if name == "binary_cross_entropy":
        return [np.asarray(sigmoid(x)), np.asarray(rng.uniform(size=shape), dtype)], {}
    if name == "binary_cross_entropy_with_logits":
        return [x, np.asarray(rng.uniform(size=shape), dtype)], {}
    if name in MARGIN_LOSSES:
        return [x, np.asarray(rng.choice([-1, 1], size=shape), dtype)], {}
    return [x, np.asarray(rng.normal(size=shape), dtype)], {}
