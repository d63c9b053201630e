"""Exercise math/entropy: entropy, cross-entropy and the Kullback-Leibler divergence of distributions."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import distribution_cross_entropy, kl_div
from lossact import entropy as entropy_in_nats
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

_P = np.array([0.36, 0.48, 0.16])
_EVEN = np.full(3, 1 / 3)


# --- inputs ---------------------------------------------------------------------------------------------


def _some(rng: np.random.Generator, *shape: int) -> Any:
    """Distributions on the last axis, none of them close to even or to certain."""
    weights = rng.uniform(0.2, 3, size=shape)
    return weights / np.sum(weights, axis=-1, keepdims=True)


def _ordinary(rng: np.random.Generator) -> list[Arguments]:
    # Six times 1/6 adds up to a little less than 1 in floating point.
    return [
        (_P,),
        (np.full(6, 1 / 6),),
        (_some(rng, 4),),
        (_some(rng, 5, 3),),
        (_some(rng, 3, 3),),
    ]


def _zeros(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.5, 0.5, 0.0]),),
        (np.array([0.0, 1.0]),),
        (np.array([[0.0, 0.25, 0.75], [0.0, 0.0, 1.0]]),),
        (np.array([[0, 1, 0], [1, 0, 0]]),),
    ]


def _units(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.full(8, 1 / 8), True),
        (_some(rng, 2, 5), True),
        (_some(rng, 5), False),
    ]


def _no_distributions(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([3.0, 1.0, 2.0]),),
        (np.array([0.2, 0.3]),),
        (np.array([1.5, -0.5]),),
        (np.array([[0.5, 0.5], [0.5, 0.6]]),),
    ]


def _one_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([0.5, 0.5, 0.0]),), (_some(rng, 2, 3),)]


def _pairs(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_P, _EVEN),
        (_some(rng, 4), _some(rng, 4)),
        (_some(rng, 5, 3), _some(rng, 5, 3)),
        (_some(rng, 3, 3), _some(rng, 3, 3)),
    ]


def _the_same_twice(rng: np.random.Generator) -> list[Arguments]:
    p, other = _some(rng, 4), _some(rng, 2, 3)
    return [(p, p.copy()), (np.array([_P, other[0]]), np.array([_P, other[1]]))]


def _pairs_with_zeros(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.25, 0.75, 0.0]), np.array([0.5, 0.3, 0.2])),
        (np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.6, 0.4])),
        (np.array([[0, 1, 0], [0, 0, 1]]), _some(rng, 2, 3)),
    ]


def _ruled_out(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.5, 0.5]), np.array([1.0, 0.0])),
        (np.array([[0.3, 0.7], [0.0, 1.0]]), np.array([[0.4, 0.6], [1.0, 0.0]])),
    ]


def _no_pairs(rng: np.random.Generator) -> list[Arguments]:
    return [
        # The two vectors of an issue: https://github.com/pytorch/pytorch/issues/60928
        (np.array([0.1541, 0.0511, 0.0947]), np.array([0.1132, 0.5477, 0.339])),
        (0.6 * _some(rng, 3), _some(rng, 3)),
        (1.4 * _some(rng, 3), _some(rng, 3)),
        (_some(rng, 3), 0.6 * _some(rng, 3)),
        (_some(rng, 3), 1.4 * _some(rng, 3)),
        (np.array([1.5, -0.5]), np.array([0.5, 0.5])),
        (np.array([0.5, 0.5]), np.array([1.5, -0.5])),
    ]


def _mixed_shapes(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_some(rng, 2, 3), _some(rng, 3)),
        (_some(rng, 3), _some(rng, 3)[np.newaxis]),
        (_some(rng, 4), _some(rng, 3)),
    ]


def _pairs_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([0.5, 0.5, 0.0]), np.array([0.2, 0.5, 0.3])), (_some(rng, 2, 3), _some(rng, 2, 3))]


# --- right answers --------------------------------------------------------------------------------------


def _refuse_shapes(p: Any, q: Any) -> None:
    if p.shape != q.shape:
        raise ValueError(f"p has shape {p.shape}, q has shape {q.shape}")


def _refuse_others(*given: Any) -> None:
    for p in given:
        if np.any(p < 0) or np.any(np.abs(np.sum(p, axis=-1) - 1) > 1e-6):
            raise ValueError("no distribution: a negative entry, or a sum other than 1")


def _entropy(p: Any, bits: bool = False) -> Any:
    _refuse_others(p)
    return entropy_in_nats(p, reduction="none") / (np.log(2) if bits else 1.0)


def _cross(p: Any, q: Any) -> Any:
    _refuse_shapes(p, q)
    _refuse_others(p, q)
    return distribution_cross_entropy(q, p, reduction="none")


def _kl(p: Any, q: Any) -> Any:
    _refuse_shapes(p, q)
    _refuse_others(p, q)
    with np.errstate(divide="ignore"):
        return np.sum(kl_div(np.log(q), p.astype(float), reduction="none"), axis=-1)


# --- wrong answers: one distribution --------------------------------------------------------------------
# Each has one fault and is otherwise right: it refuses what is to be refused and leaves its inputs alone.


def _plogp(p: Any) -> Any:
    """p log p, entry by entry, 0 where p is 0."""
    return p * np.log(np.where(p > 0, p, 1))


def _one(formula: Callable[[Any], Any]) -> Callable[..., Any]:
    """An entropy in nats by `formula`; the bits are right."""

    def answer(p: Any, bits: bool = False) -> Any:
        _refuse_others(p)
        return formula(p) / (np.log(2) if bits else 1.0)

    return answer


def _always_nats(p: Any, bits: bool = False) -> Any:
    return _entropy(p)


def _always_bits(p: Any, bits: bool = False) -> Any:
    return _entropy(p, True)


def _decimal_digits(p: Any, bits: bool = False) -> Any:
    return _entropy(p) / np.log(2 if bits else 10)


def _bits_multiplied(p: Any, bits: bool = False) -> Any:
    return _entropy(p) * (np.log(2) if bits else 1.0)


def _log_of_zero(p: Any) -> Any:
    with np.errstate(all="ignore"):
        return -np.sum(p * np.log(p), axis=-1)


def _exact_sum(p: Any, bits: bool = False) -> Any:
    if np.any(np.sum(p, axis=-1) != 1):
        raise ValueError("no distribution: a sum other than 1")
    return _entropy(p, bits)


def _anything(p: Any, bits: bool = False) -> Any:
    with np.errstate(all="ignore"):
        return -np.sum(_plogp(p), axis=-1) / (np.log(2) if bits else 1.0)


def _zeros_written_over(p: Any) -> Any:
    p[p == 0] = 1
    return -np.sum(p * np.log(p), axis=-1)


# --- wrong answers: two distributions -------------------------------------------------------------------


def _two(formula: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A function of two distributions that refuses what is to be refused."""

    def answer(p: Any, q: Any) -> Any:
        _refuse_shapes(p, q)
        _refuse_others(p, q)
        with np.errstate(all="ignore"):
            return formula(p, q)

    return answer


def _terms(p: Any, q: Any) -> Any:
    """-p log q, entry by entry, 0 where p is 0."""
    with np.errstate(divide="ignore"):
        return np.where(p > 0, -p * np.log(np.where(p > 0, q, 1)), 0.0)


def _gaps(p: Any, q: Any) -> Any:
    """p log(p / q), entry by entry, 0 where p is 0."""
    return _plogp(p) + _terms(p, q)


def _sum(terms: Any) -> Any:
    return np.sum(terms, axis=-1)


def _of_integers(terms: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The terms are written into an array of the dtype of p."""

    def formula(p: Any, q: Any) -> Any:
        buffer = np.zeros_like(p)
        buffer[...] = terms(p, q)
        return _sum(buffer.astype(float))

    return formula


def _anything_but_shapes(formula: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def answer(p: Any, q: Any) -> Any:
        _refuse_shapes(p, q)
        with np.errstate(all="ignore"):
            return formula(p, q)

    return answer


def _any_shapes(formula: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def answer(p: Any, q: Any) -> Any:
        _refuse_others(p, q)
        with np.errstate(all="ignore"):
            return formula(p, q)

    return answer


def _exact_sums(right: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def answer(p: Any, q: Any) -> Any:
        _refuse_shapes(p, q)
        if np.any(np.sum(p, axis=-1) != 1) or np.any(np.sum(q, axis=-1) != 1):
            raise ValueError("no distribution: a sum other than 1")
        return right(p, q)

    return answer


def _hard(p: Any, q: Any) -> Any:
    top = np.argmax(p, axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(q, top, axis=-1))[..., 0]


def _binary(p: Any, q: Any) -> Any:
    return _sum(_terms(p, q) + _terms(1 - p, 1 - q))


def _q_written_over(p: Any, q: Any) -> Any:
    value = _sum(_terms(p, q))
    q[p == 0] = 1
    return value


def _p_written_over(p: Any, q: Any) -> Any:
    value = _sum(_gaps(p, q))
    p[p == 0] = 1
    return value


def _jensen_shannon(p: Any, q: Any) -> Any:
    m = (p + q) / 2
    return _sum(_gaps(p, m) + _gaps(q, m)) / 2


# --- questions ------------------------------------------------------------------------------------------

_LOG2_WHY = (
    "log2 counts bits. Losses here are in nats: only with the natural logarithm is the gradient of "
    "softmax and cross-entropy p - y."
)
_AXIS_WHY = "The classes stand on the last axis. Each row is a distribution of its own and has its own value."
_ZERO_WHY = (
    "0 · log 0 is 0 by its limit, but NumPy computes 0 · (-inf), which is nan. One such entry makes the loss "
    "of a whole batch nan."
)
_ZERO_PROBE = "0.0 * np.log(0.0)"
_NO_DISTRIBUTION_WHY = (
    "For vectors that do not sum to 1 nothing is proved. The two of pytorch's issue 60928 have a divergence "
    "of -0.194, and no divergence is negative."
)
_KEPT_WHY = "The caller still holds that array. What was a distribution no longer sums to 1."
_SUM_WHY = (
    "Six times 1/6 adds up to 0.9999999999999999. A softmax does not sum to exactly 1 either, so ask for a "
    "sum within 1e-6 of 1."
)
_SUM_PROBE = "np.full(6, 1 / 6).sum()"
_SHAPES_WHY = (
    "NumPy stretches (3,) against (2, 3) without a word: one forgotten row, and all samples are compared "
    "with the same distribution."
)


def _clipped(name: str, terms: Callable[[Any, Any], Any]) -> tuple[Misconception, ...]:
    """Answers that lift q to a small number, one for each that is in use."""
    return tuple(
        Misconception(
            id="M34",
            name=f"You lifted q to at least {eps:g}, so what q rules out costs {-np.log(eps):.2f} at most.",
            function=_two(lambda p, q, eps=eps: _sum(terms(p, np.maximum(q, eps)))),  # type: ignore[misc]
            sees="Where the right answer is inf yours is a number that depends on the clip.",
            why="The number says nothing of p and q. A library clips to keep training alive (Keras at "
            "1e-7); a definition does not. The cure in training is to work with logits.",
            probe=f"{name}(np.array([0.5, 0.5]), np.array([1.0, 0.0]))  # inf is wanted",
            convention=True,
        )
        for eps in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)
    )


_ENTROPY = Question(
    name="entropy",
    reference=_entropy,
    checks=(
        Check("one distribution, and rows of them", _ordinary, points=Decimal(2)),
        # Whoever adds 1e-9 inside the logarithm is right as well.
        Check("probabilities of 0", _zeros, atol=1e-6),
        Check("in bits", _units),
        Check("what is no distribution is refused with a ValueError", _no_distributions),
        Check("the input is left as it was", _one_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M33",
            name="You took log2: that is the entropy in bits, and it was not asked for.",
            function=_always_bits,
            sees="Your numbers are the right ones times 1.4427; with bits=True they are right.",
            why=_LOG2_WHY,
            probe="entropy(np.array([0.5, 0.5]))  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M33",
            name="You took log10. Without `bits` the natural logarithm is wanted.",
            function=_decimal_digits,
            sees="Your numbers are the right ones times 0.4343.",
            why=_LOG2_WHY,
            probe="entropy(np.array([0.5, 0.5]))  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="E4.4a",
            name="You do not look at `bits`.",
            function=_always_nats,
            sees="With bits=True your value is 0.6931 times the right one.",
            why="Eight equal chances are 3 bits, three questions of yes or no; in nats they are 2.08.",
            probe="entropy(np.full(8, 1 / 8), True)  # 3 is wanted",
        ),
        Misconception(
            id="E4.4b",
            name="For bits you multiplied by log 2; divide by it.",
            function=_bits_multiplied,
            sees="With bits=True your value is 0.4805 times the right one.",
            why="A bit is 0.693 nats, so the number of bits is the larger one.",
            probe="entropy(np.full(8, 1 / 8), True)  # 3 is wanted",
        ),
        Misconception(
            id="E4.4c",
            name="You take the logarithm of 0 and multiply it by 0.",
            function=_one(_log_of_zero),
            sees="Where a probability is 0 your entropy is nan.",
            why=_ZERO_WHY,
            probe=_ZERO_PROBE,
        ),
        Misconception(
            id="M42",
            name="The minus in front of the sum is missing.",
            function=_one(lambda p: _sum(_plogp(p))),
            sees="Your numbers are the right ones times -1.",
            why="The logarithm of a probability is never positive; an entropy is never negative.",
            probe="entropy(np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M21",
            name="You averaged over the classes instead of summing.",
            function=_one(lambda p: -np.mean(_plogp(p), axis=-1)),
            sees="Your numbers are the right ones divided by K.",
            why="The probabilities are the weights of the mean already. Dividing by K counts them twice.",
            probe="entropy(np.full(4, 1 / 4))  # log 4 = 1.386 is wanted",
        ),
        Misconception(
            id="E4.4d",
            name="The weights are missing: you summed the logarithms without the probabilities before them.",
            function=_one(lambda p: -_sum(np.log(np.where(p > 0, p, 1)))),
            sees="Rare classes make your value large.",
            why="The entropy is the mean surprise: a surprise of 10 that comes once in 20000 times hardly "
            "counts.",
            probe="entropy(np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M51",
            name="You summed over everything, the rows included.",
            function=_one(lambda p: -np.sum(_plogp(p))),
            sees="For N rows you give one number instead of N.",
            why=_AXIS_WHY,
            probe="entropy(np.full((3, 2), 0.5)).shape  # (3,) is wanted",
        ),
        Misconception(
            id="M51",
            name="You summed down the columns. The classes stand on the last axis.",
            function=_one(lambda p: -np.sum(_plogp(p), axis=0)),
            sees="A single distribution is right, rows of them are not.",
            why=_AXIS_WHY,
            probe="entropy(np.array([[1.0, 0.0], [0.5, 0.5]]))  # 0 and 0.693 are wanted",
        ),
        Misconception(
            id="M116",
            name="You take any vector for a distribution.",
            function=_anything,
            sees="Counts, and vectors with a negative entry, go through without an error.",
            why="For the counts 3, 1, 2 the formula gives -4.68, and no entropy is negative.",
            probe="-sum(n * np.log(n) for n in (3, 1, 2))",
        ),
        Misconception(
            id="E4.4e",
            name="You ask for a sum of exactly 1, and rounding does not give it.",
            function=_exact_sum,
            sees="Good distributions raise your error.",
            why=_SUM_WHY,
            probe=_SUM_PROBE,
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array: the zeros were written over.",
            function=_one(_zeros_written_over),
            sees="After the call the zeros of p are ones.",
            why=_KEPT_WHY,
            probe="p = np.array([1.0, 0.0]); entropy(p); p",
        ),
    ),
    hints=(
        "-log p is how surprising an event of probability p is. The entropy is its mean: what are the "
        "weights?",
        "The classes stand on the last axis: `axis=-1` does for one distribution and for rows of them.",
        "What does an event of probability 0 add? See to it before you take its logarithm.",
        "Which inputs are refused? Look for a negative entry, and for a sum that is off by more than 1e-6.",
    ),
    curve=Curve(
        axis="probability of the first of two classes",
        points=tuple(np.linspace(0.01, 0.99, 41)),
        call=lambda point: (np.array([point, 1 - point]),),
    ),
)

_CE = Question(
    name="cross_entropy_of",
    reference=_cross,
    checks=(
        Check("pairs of distributions, and rows of them", _pairs, points=Decimal(2)),
        Check("a distribution against itself", _the_same_twice),
        Check("classes that never happen", _pairs_with_zeros, atol=1e-6),
        Check("what q rules out and p does not costs inf", _ruled_out),
        Check("what is no distribution is refused with a ValueError", _no_pairs),
        Check("shapes that differ are refused with a ValueError", _mixed_shapes),
        Check("the inputs are left as they were", _pairs_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M136",
            name="You subtracted the entropy of p, so that equal distributions cost 0: that is the "
            "divergence.",
            function=_two(lambda p, q: _sum(_gaps(p, q))),
            sees="For q = p your value is 0; the right one is the entropy of p.",
            why="With soft targets a cross-entropy does not fall to 0, however good the model. The floor is "
            "H(p): 0.500 for ten classes smoothed by 0.1.",
            probe="cross_entropy_of(np.array([0.5, 0.5]), np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M136",
            name="You counted only the most likely class of p, as if it were certain.",
            function=_two(_hard),
            sees="With one-hot p your value is right, with a soft one it is not.",
            why="Least at q = one-hot, not at q = p: a model trained on it is surer than the targets are.",
            probe="cross_entropy_of(np.array([0.6, 0.4]), np.array([0.5, 0.5]))"
            ", cross_entropy_of(np.array([0.6, 0.4]), np.array([0.9, 0.1]))",
        ),
        Misconception(
            id="M115",
            name="The two are exchanged: p stands in front of the logarithm, q inside.",
            function=_two(lambda p, q: _sum(_terms(q, p))),
            sees="Your value is the right one of (q, p).",
            why="Events happen with p, and q was predicted. With one-hot p the exchanged one is inf almost "
            "everywhere.",
            probe="cross_entropy_of(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="E4.4f",
            name="You averaged both directions.",
            function=_two(lambda p, q: _sum(_terms(p, q) + _terms(q, p)) / 2),
            sees="Exchanging p and q does not change your value.",
            why="p is what happens and q is what was said. The two play different parts, and the loss knows "
            "it.",
            probe="cross_entropy_of(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="E4.4g",
            name="You added (1 - p) log(1 - q) for each class: that is the sum of K binary losses.",
            function=_two(_binary),
            sees="Your value is larger than the right one; with two classes it is twice that.",
            why="Exclusive classes are one event, not K. The second term is right where each class may be "
            "there or not on its own.",
            probe="cross_entropy_of(np.array([0.5, 0.5]), np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used log2. Cross-entropies here are in nats.",
            function=_two(lambda p, q: _sum(_terms(p, q)) / np.log(2)),
            sees="Your numbers are the right ones times 1.4427.",
            why=_LOG2_WHY,
            probe="cross_entropy_of(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # 0.693, not 1",
        ),
        Misconception(
            id="M42",
            name="The minus in front of the sum is missing.",
            function=_two(lambda p, q: -_sum(_terms(p, q))),
            sees="Your numbers are the right ones times -1.",
            why="The logarithm of a probability is never positive, so the loss would never be.",
            probe="cross_entropy_of(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M21",
            name="You averaged over the classes instead of summing.",
            function=_two(lambda p, q: np.mean(_terms(p, q), axis=-1)),
            sees="Your numbers are the right ones divided by K.",
            why="p holds the weights of the mean already. Dividing by K counts them twice.",
            probe="cross_entropy_of(np.full(4, 0.25), np.full(4, 0.25))  # log 4 = 1.386 is wanted",
        ),
        Misconception(
            id="M51",
            name="You summed over everything, the rows included.",
            function=_two(lambda p, q: np.sum(_terms(p, q))),
            sees="For N rows you give one number instead of N.",
            why=_AXIS_WHY,
            probe="cross_entropy_of(np.full((3, 2), 0.5), np.full((3, 2), 0.5)).shape  # (3,) is wanted",
        ),
        Misconception(
            id="E4.4c",
            name="You take the logarithm of 0 and multiply it by 0.",
            function=_two(lambda p, q: -_sum(p * np.log(q))),
            sees="Where p and q are both 0 your value is nan.",
            why=_ZERO_WHY,
            probe=_ZERO_PROBE,
        ),
        Misconception(
            id="E4.4h",
            name="You left out the classes of q = 0, so that what q rules out costs nothing.",
            function=_two(lambda p, q: _sum(np.where(q > 0, _terms(p, q), 0.0))),
            sees="Where the right answer is inf yours is small.",
            why="Leave out where p is 0, not where q is. Otherwise the best model is one that rules out what "
            "happens.",
            probe="cross_entropy_of(np.array([0.5, 0.5]), np.array([1.0, 0.0]))  # inf is wanted",
        ),
        *_clipped("cross_entropy_of", _terms),
        Misconception(
            id="M07",
            name="The terms were cut down to integers: by an array of the dtype of p.",
            function=_two(_of_integers(_terms)),
            sees="With a one-hot p of integers your value has no digits behind the point.",
            why="`np.zeros_like(p)` takes the dtype of p. What does not fit is cut off without a word.",
            probe="np.zeros_like(np.array([0, 1])).dtype",
        ),
        Misconception(
            id="M116",
            name="You take any vector for a distribution.",
            function=_anything_but_shapes(lambda p, q: _sum(_terms(p, q))),
            sees="Vectors that do not sum to 1 go through without an error.",
            why=_NO_DISTRIBUTION_WHY,
            probe="np.array([0.1541, 0.0511, 0.0947]).sum()",
        ),
        Misconception(
            id="E4.4e",
            name="You ask for a sum of exactly 1, and rounding does not give it.",
            function=_exact_sums(_cross),
            sees="Good distributions raise your error.",
            why=_SUM_WHY,
            probe=_SUM_PROBE,
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy broadcasts.",
            function=_any_shapes(lambda p, q: _sum(_terms(p, q))),
            sees="Shapes (2, 3) and (3,) go through without an error.",
            why=_SHAPES_WHY,
            probe="(np.ones((2, 3)) * np.ones(3)).shape",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_two(_q_written_over),
            sees="After the call q holds ones where p is 0.",
            why=_KEPT_WHY,
            probe="q = np.array([0.9, 0.1]); cross_entropy_of(np.array([1.0, 0.0]), q); q",
        ),
    ),
    hints=(
        "Events happen with the probabilities p. How surprising is each to somebody who believes q?",
        "The value is the mean of -log q, and p holds the weights. For q = p it is the entropy.",
        "Three kinds of zeros: p = 0 adds nothing, whatever q is; q = 0 where p is not costs inf.",
        "Compare the shapes first, then look at both for a negative entry or a sum other than 1.",
    ),
    curve=Curve(
        axis="probability that q gives the first class, p being (0.7, 0.3)",
        points=tuple(np.linspace(0.05, 0.95, 41)),
        call=lambda point: (np.array([0.7, 0.3]), np.array([point, 1 - point])),
    ),
)

_KL = Question(
    name="kl_divergence",
    reference=_kl,
    checks=(
        Check("pairs of distributions, and rows of them", _pairs, points=Decimal(2)),
        Check("a distribution against itself", _the_same_twice),
        Check("classes that never happen", _pairs_with_zeros, atol=1e-6),
        Check("what q rules out and p does not costs inf", _ruled_out),
        Check("what is no distribution is refused with a ValueError", _no_pairs),
        Check("shapes that differ are refused with a ValueError", _mixed_shapes),
        Check("the inputs are left as they were", _pairs_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M115",
            name="The direction is turned round: that is KL(q‖p).",
            function=_two(lambda p, q: _sum(_gaps(q, p))),
            sees="Your value is the right one of (q, p): 0.0975 instead of 0.0853 for the first probe.",
            why="KL(p‖q) makes q cover all that p does; KL(q‖p) lets q pick one part of it. torch's kl_div "
            "takes the logarithm of q first and p second.",
            probe="kl_divergence(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M115",
            name="One logarithm is missing: you subtracted q itself, not log q.",
            function=_two(lambda p, q: _sum(_plogp(p) - p * q)),
            sees="Your value is negative, and no divergence is.",
            why="It is what torch's kl_div gives if it is handed q instead of log q: -1.347 for the first "
            "probe instead of 0.0853.",
            probe="kl_divergence(np.array([0.5, 0.5]), np.array([0.5, 0.5]))  # 0 is wanted",
        ),
        Misconception(
            id="M136",
            name="You did not subtract the entropy of p: that is the cross-entropy.",
            function=_two(lambda p, q: _sum(_terms(p, q))),
            sees="For q = p your value is the entropy of p instead of 0.",
            why="H(p, q) = H(p) + KL(p‖q). With one-hot p the two are the same, with a soft one they are "
            "not.",
            probe="kl_divergence(np.array([0.5, 0.5]), np.array([0.5, 0.5]))  # 0 is wanted",
        ),
        Misconception(
            id="E4.4f",
            name="You added both directions: that is Jeffreys' divergence.",
            function=_two(lambda p, q: _sum(_gaps(p, q) + _gaps(q, p))),
            sees="Exchanging p and q does not change your value.",
            why="The divergence is no distance, and the two directions ask for different q.",
            probe="kl_divergence(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="E4.4f",
            name="You averaged both directions.",
            function=_two(lambda p, q: _sum(_gaps(p, q) + _gaps(q, p)) / 2),
            sees="Exchanging p and q does not change your value.",
            why="The divergence is no distance, and the two directions ask for different q.",
            probe="kl_divergence(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="E4.4f",
            name="You compared both with their mean: that is the divergence of Jensen and Shannon.",
            function=_two(_jensen_shannon),
            sees="Your value is symmetric and never above log 2.",
            why="It is finite where KL(p‖q) is inf, and it is not what a log-likelihood minimises.",
            probe="kl_divergence(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M13",
            name="You took the size of each term, so that none is negative.",
            function=_two(lambda p, q: _sum(np.abs(_gaps(p, q)))),
            sees="Your value is too large wherever q is above p for some class.",
            why="Single terms may be negative. That their sum is not is Gibbs' inequality, and needs no "
            "help.",
            probe="kl_divergence(np.array([0.36, 0.48, 0.16]), np.full(3, 1 / 3))  # 0.0853 is wanted",
        ),
        Misconception(
            id="E4.4d",
            name="The weights are missing: you summed log(p / q) without p before it.",
            function=_two(lambda p, q: _sum(np.where(p > 0, np.log(np.where(p > 0, p, 1) / q), 0.0))),
            sees="Rare classes count as much as frequent ones in your value.",
            why="It is the mean of log p - log q under p. Without the weights it can be negative.",
            probe="kl_divergence(np.array([0.9, 0.1]), np.array([0.5, 0.5]))  # 0.368 is wanted",
        ),
        Misconception(
            id="M42",
            name="The sign is turned round: Σ p log(q / p).",
            function=_two(lambda p, q: 0.0 - _sum(_gaps(p, q))),
            sees="Your numbers are the right ones times -1.",
            why="Minimising it drives q as far from p as it can get.",
            probe="kl_divergence(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M20",
            name="You averaged over the classes instead of summing.",
            function=_two(lambda p, q: np.mean(_gaps(p, q), axis=-1)),
            sees="Your numbers are the right ones divided by K: 0.0284 for the first probe.",
            why="That is what reduction='mean' of torch's kl_div does, and why its own documentation advises "
            "'batchmean'.",
            probe="kl_divergence(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used log2. Divergences here are in nats.",
            function=_two(lambda p, q: _sum(_gaps(p, q)) / np.log(2)),
            sees="Your numbers are the right ones times 1.4427.",
            why=_LOG2_WHY,
            probe="kl_divergence(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # 0.693, not 1",
        ),
        Misconception(
            id="M51",
            name="You summed over everything, the rows included.",
            function=_two(lambda p, q: np.sum(_gaps(p, q))),
            sees="For N rows you give one number instead of N.",
            why=_AXIS_WHY,
            probe="kl_divergence(np.full((3, 2), 0.5), np.full((3, 2), 0.5)).shape  # (3,) is wanted",
        ),
        Misconception(
            id="E4.4c",
            name="You take the logarithm of 0 and multiply it by 0.",
            function=_two(lambda p, q: _sum(p * np.log(p / q))),
            sees="Where p is 0 your value is nan.",
            why=_ZERO_WHY,
            probe=_ZERO_PROBE,
        ),
        Misconception(
            id="E4.4h",
            name="You left out the classes of q = 0, so that what q rules out costs nothing.",
            function=_two(lambda p, q: _sum(np.where(q > 0, _gaps(p, q), 0.0))),
            sees="Where the right answer is inf yours is small, or even negative.",
            why="Leave out where p is 0, not where q is. Otherwise ruling out what happens is free.",
            probe="kl_divergence(np.array([0.5, 0.5]), np.array([1.0, 0.0]))  # inf is wanted",
        ),
        *_clipped("kl_divergence", _gaps),
        Misconception(
            id="M07",
            name="The terms were cut down to integers: by an array of the dtype of p.",
            function=_two(_of_integers(_gaps)),
            sees="With a one-hot p of integers your value has no digits behind the point.",
            why="`np.zeros_like(p)` takes the dtype of p. What does not fit is cut off without a word.",
            probe="np.zeros_like(np.array([0, 1])).dtype",
        ),
        Misconception(
            id="M116",
            name="You take any vector for a distribution.",
            function=_anything_but_shapes(lambda p, q: _sum(_gaps(p, q))),
            sees="Vectors that do not sum to 1 go through without an error.",
            why=_NO_DISTRIBUTION_WHY,
            probe="p, q = np.array([0.1541, 0.0511, 0.0947]), np.array([0.1132, 0.5477, 0.339])\n"
            "(p * np.log(p / q)).sum(), p.sum(), q.sum()",
        ),
        Misconception(
            id="E4.4e",
            name="You ask for a sum of exactly 1, and rounding does not give it.",
            function=_exact_sums(_kl),
            sees="Good distributions raise your error.",
            why=_SUM_WHY,
            probe=_SUM_PROBE,
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy broadcasts.",
            function=_any_shapes(lambda p, q: _sum(_gaps(p, q))),
            sees="Shapes (2, 3) and (3,) go through without an error.",
            why=_SHAPES_WHY,
            probe="(np.ones((2, 3)) * np.ones(3)).shape",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_two(_p_written_over),
            sees="After the call p holds ones where it held zeros.",
            why=_KEPT_WHY,
            probe="p = np.array([1.0, 0.0]); kl_divergence(p, np.array([0.9, 0.1])); p",
        ),
    ),
    hints=(
        "How much does it cost to believe q when p is true, over and above what p costs by itself?",
        "H(p, q) = H(p) + KL(p‖q). You have both functions already; mind what inf does.",
        "Put in the same distribution twice. What must come out?",
        "Exchange p and q of the first probe: 0.0853 one way, 0.0975 the other.",
    ),
    curve=Curve(
        axis="probability that q gives the first class, p being (0.7, 0.3)",
        points=tuple(np.linspace(0.05, 0.95, 41)),
        call=lambda point: (np.array([0.7, 0.3]), np.array([point, 1 - point])),
    ),
)

QUESTIONS = (_ENTROPY, _CE, _KL)
