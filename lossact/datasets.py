"""Small public data sets that ship with the package. Nothing is downloaded.

Sources and licences stand beside the files, in `lossact/data/README.md`.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from lossact._arrays import FloatArray


@dataclass(frozen=True)
class Dataset:
    """Features `x` of shape (N, D), targets `y` of shape (N,), and their names.

    `y` is float64, or int64 where it is a class from 0 to K - 1 of more than two.
    """

    x: FloatArray
    y: FloatArray | NDArray[np.int64]
    features: tuple[str, ...]
    target: str
    source: str

    def standardised(self) -> FloatArray:
        """The features with mean 0 and standard deviation 1 in each column."""
        scaled: FloatArray = (self.x - self.x.mean(axis=0)) / self.x.std(axis=0)
        return scaled

    def split(self, test: int, seed: int) -> tuple[Dataset, Dataset]:
        """The rows dealt by lot into those to train on and `test` others.

        Raises
        ------
        ValueError
            If `test` does not leave at least one row on either side.
        """
        if not 0 < test < len(self.y):
            raise ValueError(f"test is {test!r}; a number of rows from 1 to {len(self.y) - 1} is wanted.")
        order = np.random.default_rng(seed).permutation(len(self.y))
        kept, held_out = order[test:], order[:test]
        return replace(self, x=self.x[kept], y=self.y[kept]), replace(
            self, x=self.x[held_out], y=self.y[held_out]
        )


def diabetes() -> Dataset:
    """Disease progression of 442 diabetes patients one year after ten measurements (Efron et al. 2004).

    `y` is an integer score from 25 to 346, here as float64; the features are in their original units.
    """
    return _load(
        "diabetes.csv.gz",
        source="Efron, Hastie, Johnstone, Tibshirani: Least Angle Regression, Annals of Statistics 32, 2004.",
    )


def breast_cancer() -> Dataset:
    """Thirty measurements of 569 breast tumours (Wolberg, Street, Mangasarian 1995).

    `y` is 1 for a benign and 0 for a malignant tumour, as float64.
    """
    return _load(
        "breast_cancer.csv.gz",
        source="Wolberg, Street, Mangasarian: Breast Cancer Wisconsin (Diagnostic), UCI 1995.",
    )


def digits() -> Dataset:
    """Handwritten digits of 43 people as 1797 images of 8 by 8 pixels from 0 to 16 (Alpaydin, Kaynak 1998).

    `y` is the digit, 0 to 9, as int64. Nearly separable by planes: a linear model reaches 96 percent.
    """
    return _load(
        "digits.csv.gz",
        source="Alpaydin, Kaynak: Optical Recognition of Handwritten Digits, UCI 1998.",
        classes=True,
    )


def wine() -> Dataset:
    """Thirteen chemical measurements of 178 wines from three cultivars (Aeberhard, Forina 1992).

    `y` is the cultivar, 0 to 2, as int64; the features are in their original units, from 0.1 to 1680.
    """
    return _load("wine.csv.gz", source="Aeberhard, Forina: Wine, UCI 1992.", classes=True)


def stackloss() -> Dataset:
    """Ammonia lost on 21 days of a plant that oxidises it, with three settings (Brownlee 1965).

    `y` is the loss in tenths of a percent, as float64. Days 1, 3, 4 and 21 are the usual outliers.
    """
    return _load(
        "stackloss.csv.gz",
        source="Brownlee: Statistical Theory and Methodology in Science and Engineering, 2nd ed., 1965.",
    )


def beetles() -> Dataset:
    """Flour beetles killed by carbon disulphide in 8 groups (Bliss 1935).

    `x` holds the log10 of the dose in mg/l and the size of the group, `y` how many of them died.
    """
    return _load(
        "beetles.csv.gz",
        source="Bliss: The Calculation of the Dosage-Mortality Curve, Annals of Applied Biology 22, 1935.",
    )


def counts() -> Dataset:
    """Nine counts by three outcomes and three treatments, the Poisson example of Dobson (1990).

    `x` holds the outcome and the treatment, each 1, 2 or 3; `y` the count, as float64.
    """
    return _load(
        "counts.csv.gz",
        source="Dobson: An Introduction to Generalized Linear Models, 1990, page 93.",
    )


def anscombe_third() -> Dataset:
    """Eleven points, ten of them on a line and one far off: the third set of Anscombe (1973)."""
    return _load(
        "anscombe_third.csv.gz",
        source="Anscombe: Graphs in Statistical Analysis, American Statistician 27, 1973.",
    )


def moons(n: int, *, noise: float, rng: np.random.Generator) -> Dataset:
    """Two half circles that reach into each other; no straight line parts them.

    Parameters
    ----------
    n : number of points, shared out evenly; the first class gets the odd one.
    noise : standard deviation of the normal noise on both coordinates; the circles have radius 1.
    rng : draws the noise.

    Returns
    -------
    Dataset with `x` of shape (n, 2) and `y` 0. or 1.

    Raises
    ------
    ValueError
        If there are fewer than two points or the noise is negative.
    """
    if n < 2 or noise < 0:
        raise ValueError(
            f"n is {n!r} and noise is {noise!r}; 2 points or more and no negative noise are wanted."
        )
    first = n - n // 2
    upper, lower = np.linspace(0, np.pi, first), np.linspace(0, np.pi, n // 2)
    x = np.concatenate(
        [
            np.column_stack([np.cos(upper), np.sin(upper)]),
            np.column_stack([1 - np.cos(lower), 0.5 - np.sin(lower)]),
        ]
    )
    y = np.repeat([0.0, 1.0], [first, n // 2])
    return Dataset(
        x + rng.normal(0, noise, size=x.shape),
        y,
        ("horizontal", "vertical"),
        "moon",
        source="Drawn by lot.",
    )


def _load(file: str, source: str, *, classes: bool = False) -> Dataset:
    with (
        files("lossact").joinpath("data", file).open("rb") as stream,
        gzip.open(stream, "rt", encoding="utf-8") as text,
    ):
        *features, target = text.readline().strip().split(",")
        table = np.loadtxt(text, delimiter=",", dtype=np.float64)
    y = table[:, -1].astype(np.int64) if classes else table[:, -1].copy()
    return Dataset(table[:, :-1].copy(), y, tuple(features), target, source)
