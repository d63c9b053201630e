"""Small public data sets that ship with the package. Nothing is downloaded.

Sources and licences stand beside the files, in `lossact/data/README.md`.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from lossact._arrays import FloatArray


@dataclass(frozen=True)
class Dataset:
    """Features `x` of shape (N, D), targets `y` of shape (N,), and their names."""

    x: FloatArray
    y: FloatArray
    features: tuple[str, ...]
    target: str
    source: str

    def standardised(self) -> FloatArray:
        """The features with mean 0 and standard deviation 1 in each column."""
        scaled: FloatArray = (self.x - self.x.mean(axis=0)) / self.x.std(axis=0)
        return scaled


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


def _load(file: str, source: str) -> Dataset:
    with (
        files("lossact").joinpath("data", file).open("rb") as stream,
        gzip.open(stream, "rt", encoding="utf-8") as text,
    ):
        *features, target = text.readline().strip().split(",")
        table = np.loadtxt(text, delimiter=",", dtype=np.float64)
    return Dataset(table[:, :-1].copy(), table[:, -1].copy(), tuple(features), target, source)
