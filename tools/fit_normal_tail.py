"""Derive the coefficients of `lossact._normal` and print them as they stand there.

Both are interpolations with many digits, at the Chebyshev points of t = (size - a) / (size + a), which
carries all sizes from 0 to infinity to t from -1 to 1. There they are within a small factor of the best.
"""

from __future__ import annotations

from typing import Any

import mpmath

from lossact._normal import CENTRE, SHIFT

mp = mpmath.mp.clone()
mp.dps = 60

DEGREE = 25
# Degrees of numerator and denominator: one more below, so that the quotient decays like 1 / size.
RATIONAL, RATIONAL_CENTRE = (5, 6), 3


def scaled_tail(size: Any) -> Any:
    return mp.erfc(size / mp.sqrt(2)) * mp.exp(size * size / 2) / 2


def sizes(count: int, centre: float) -> list[Any]:
    """Where t is a Chebyshev point; the smallest first."""
    points = [-mp.cos(mp.pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    return [centre * (1 + t) / (1 - t) for t in points]


def polynomial() -> list[float]:
    """(size + SHIFT) times the scaled tail as a polynomial of t = (size - CENTRE) / (size + CENTRE)."""
    nodes = sizes(DEGREE + 1, CENTRE)
    t = [(size - CENTRE) / (size + CENTRE) for size in nodes]
    powers = mp.matrix(DEGREE + 1, DEGREE + 1)
    for i, j in ((i, j) for i in range(DEGREE + 1) for j in range(DEGREE + 1)):
        powers[i, j] = t[i] ** (DEGREE - j)
    values = mp.matrix([(size + SHIFT) * scaled_tail(size) for size in nodes])
    return [float(c) for c in mp.lu_solve(powers, values)]


def quotient() -> tuple[list[float], list[float]]:
    """Numerator and denominator, which begins with size to the power of its degree, of the scaled tail."""
    above, below = RATIONAL
    nodes = sizes(above + below + 1, RATIONAL_CENTRE)
    equations, values = mp.matrix(len(nodes), len(nodes)), mp.matrix(len(nodes), 1)
    for i, size in enumerate(nodes):
        tail = scaled_tail(size)
        for j in range(above + 1):
            equations[i, j] = size ** (above - j)
        for j in range(below):
            equations[i, above + 1 + j] = -tail * size ** (below - 1 - j)
        values[i] = tail * size**below
    found = [float(c) for c in mp.lu_solve(equations, values)]
    return found[: above + 1], [1.0, *found[above + 1 :]]


def main() -> None:
    *varying, constant = polynomial()
    numerator, denominator = quotient()
    print(f"CONSTANT = {constant!r}")
    for name, found in [
        ("POLYNOMIAL", varying),
        ("NUMERATOR", numerator),
        ("DENOMINATOR", denominator),
    ]:
        print(f"{name} = (", *(f"    {c!r}," for c in found), ")", sep="\n")


if __name__ == "__main__":
    main()
