"""Losses for embeddings: vectors, along the last axis, whose distances or angles are to mean something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from lossact import _vectors
from lossact._arithmetic import sum_in_two_parts
from lossact._arrays import FloatArray, IntArray, Numbers, as_array, as_float_array, same_shape
from lossact._blocks import BLOCK, select, shared, where_true
from lossact._declare import loss
from lossact.activations.normalising import log_softmax, softmax_with_complement
from lossact.activations.squashing import sigmoid
from lossact.similarity import check_degree, pairwise_distance


def _read_alike(name: str, arguments: dict[str, Any], *names: str) -> FloatArray:
    """Float arrays of one shape, the first of which is returned."""
    first = as_float_array(arguments[names[0]], names[0])
    for each in names:
        arguments[each] = as_float_array(arguments[each], each)
        if arguments[each].shape != first.shape:
            raise ValueError(
                f"{name}: {names[0]} has shape {first.shape} and {each} has shape {arguments[each].shape}; "
                "they must be the same."
            )
    return first


def _read_vectors(name: str, arguments: dict[str, Any], *names: str) -> FloatArray:
    first = _read_alike(name, arguments, *names)
    if first.ndim == 0:
        raise ValueError(f"{name}: {names[0]} is a single number; vectors along the last axis are wanted.")
    return first


def _read_labels(name: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> None:
    target = as_array(arguments["target"], "target")
    if target.dtype.kind == "f":
        target = as_float_array(target, "target")
    if target.shape != shape:
        raise ValueError(
            f"{name}: target has shape {target.shape}; one label for each pair, shape {shape}, is wanted."
        )
    arguments["target"] = target


def _check_labels(name: str, target: FloatArray, low: int, high: int, hint: str) -> None:
    wrong = (target != low) & (target != high) & ~np.isnan(target)
    if np.any(wrong):
        raise ValueError(
            f"{name}: target holds {target[wrong].flat[0]!s}; {low} and {high} are wanted. {hint}"
        )


def _check_signs(name: str, arguments: dict[str, Any]) -> None:
    hint = "Convert labels 0 and 1 by `2 * target - 1`."
    _check_labels(name, np.asarray(arguments["target"]), -1, 1, hint)


def _check_margin(name: str, arguments: dict[str, Any], least: float = -np.inf) -> None:
    margin = arguments["margin"]
    if not (margin > least and margin < np.inf):
        wanted = "finite number" if least == -np.inf else f"finite number greater than {least:g}"
        raise ValueError(f"{name}: margin is {margin!r}; a {wanted} is wanted.")


# What torch adds to the squared lengths.
_COSINE_EPS = 1e-12


def _read_cosine(name: str, arguments: dict[str, Any]) -> None:
    input1 = _read_vectors(name, arguments, "input1", "input2")
    _read_labels(name, arguments, input1.shape[:-1])
    _check_margin(name, arguments)


@shared
def _sides(input1: FloatArray, input2: FloatArray) -> tuple[_vectors.Side, _vectors.Side]:
    return _vectors.lengthened_side(input1, _COSINE_EPS), _vectors.lengthened_side(input2, _COSINE_EPS)


@loss(
    read=_read_cosine,
    check=_check_signs,
    arrays=("input1", "input2", "target"),
    vector_axis=-1,
    convex=False,
    smooth=False,
    lipschitz=1e6,
)
def cosine_embedding_loss(
    input1: Numbers, input2: Numbers, target: Numbers, margin: float = 0.0, reduction: str = "mean"
) -> FloatArray:
    r"""The cosine embedding loss: 1 - cos for pairs that belong together, cos beyond a margin for others.

    .. math:: \ell = \begin{cases} 1 - s & y = 1 \\ \max(0, s - m) & y = -1 \end{cases}, \qquad
              s = \frac{x_1 \cdot x_2}{\sqrt{(|x_1|^2 + \varepsilon)(|x_2|^2 + \varepsilon)}}, \qquad
              \frac{\partial s}{\partial x_1} =
              \frac{x_2 - x_1 (x_1 \cdot x_2) / (|x_1|^2 + \varepsilon)}
              {\sqrt{(|x_1|^2 + \varepsilon)(|x_2|^2 + \varepsilon)}}

    Parameters
    ----------
    input1 : embeddings of shape (N, K) or (K,), or (..., K); float32 or float64 (integers become float64).
    input2 : the embeddings they are compared with, exactly the shape of `input1`.
    target : 1 for a pair that belongs together, -1 for one that does not; the shape of `input1` without its
        last axis.
    margin : m, the cosine up to which a pair that does not belong together costs nothing; 0 to 0.5 is usual.
    reduction : "mean" over all pairs, "sum", or "none" for one loss a pair.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `target`; in no unit, between 0 and 2.

    Raises
    ------
    ValueError
        If the shapes do not fit, a target is neither -1 nor 1, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    The epsilon is 1e-12, as in torch. Two equal vectors x therefore cost 1e-12 / (|x|^2 + 1e-12), and the
    cosine of vectors shorter than 1e-6 is nearly 0. Where s = m and y = -1 the gradient is that of s, as in
    torch. The gradient by `input2` is had with `wrt="input2"`.

    1 - s is never formed for an acute angle: of nearly parallel vectors nothing would be left (torch: 0 for
    [1, 1, 1] and [1, 1, 1.0002] in float32, where the loss is 4.4e-9). It is made of what `input2` leaves
    when its projection on `input1` has been taken away.

    References
    ----------
    .. [1] Bromley, Guyon, LeCun, Säckinger, Shah: Signature Verification using a "Siamese" Time Delay
       Neural Network, NIPS 1993 (the cosine of two embeddings, trained to be 1 or -1).

    Examples
    --------
    >>> x1, x2 = [[1.0, 0.0], [1.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]]
    >>> cosine_embedding_loss(x1, x2, [1, -1], reduction="none").round(4).tolist()
    [0.2929, 0.7071]
    >>> cosine_embedding_loss.grad(x1, x2, [1, -1], reduction="sum", wrt="input2").round(4).tolist()
    [[-0.3536, 0.3536], [0.3536, -0.3536]]
    """
    sides = _sides(input1, input2)
    similar = _vectors.one_minus_cosine(*sides)
    excess = _vectors.cosine(*sides) - margin
    y = _vectors.column(target)
    return (np.where(y == 1, similar, np.maximum(excess, 0)) + (y - y))[:, 0]


def _cosine_gradient(
    sides: tuple[_vectors.Side, _vectors.Side], target: FloatArray, margin: float
) -> FloatArray:
    y = _vectors.column(target)
    excess = _vectors.cosine(*sides) - margin
    # -1, 1 or 0; nan where the target is.
    factor = np.where(y == 1, -1.0, where_true(excess >= 0, excess)) + (y - y)
    return _vectors.times_cosine_slope(factor, *sides)


@cosine_embedding_loss.derivative
def _(input1: FloatArray, input2: FloatArray, target: FloatArray, margin: float, **_: Any) -> FloatArray:
    one, other = _sides(input1, input2)
    return _cosine_gradient((one, other), target, margin)


@cosine_embedding_loss.derivative("input2")
def _(input1: FloatArray, input2: FloatArray, target: FloatArray, margin: float, **_: Any) -> FloatArray:
    one, other = _sides(input1, input2)
    return _cosine_gradient((other, one), target, margin)


def _read_ranking(name: str, arguments: dict[str, Any]) -> None:
    input1 = _read_alike(name, arguments, "input1", "input2")
    _read_labels(name, arguments, input1.shape)
    _check_margin(name, arguments)


@shared
def _ranking_excess(input1: FloatArray, input2: FloatArray, target: FloatArray, margin: float) -> FloatArray:
    """`margin - target * (input1 - input2)`, rounded once: its three terms may cancel."""
    dtype = np.result_type(input1, input2)
    gap, lost = sum_in_two_parts(-target * input1, target * input2)
    excess, lost_too = sum_in_two_parts(gap, dtype.type(margin))
    return excess + (lost + lost_too)


@loss(
    read=_read_ranking,
    check=_check_signs,
    arrays=("input1", "input2", "target"),
    convex=True,
    smooth=False,
    lipschitz=1.0,
)
def margin_ranking_loss(
    input1: Numbers, input2: Numbers, target: Numbers, margin: float = 0.0, reduction: str = "mean"
) -> FloatArray:
    r"""The margin ranking loss: 0 when the score that should be higher is so by a margin.

    .. math:: \ell = \max\bigl(0, m - y (x_1 - x_2)\bigr), \qquad
              \frac{\partial \ell}{\partial x_1} = -y = -\frac{\partial \ell}{\partial x_2}, \quad
              \frac{\partial \ell}{\partial y} = x_2 - x_1 \quad \text{where } y (x_1 - x_2) \le m

    Parameters
    ----------
    input1 : scores, any shape, float32 or float64 (integers become float64).
    input2 : the scores they are compared with, exactly the shape of `input1`.
    target : 1 where `input1` should be higher, -1 where `input2` should; the same shape.
    margin : m, how much higher, in the unit of the scores.
    reduction : "mean" over all n pairs, "sum", or "none" for one loss a pair.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input1`; in the unit of the scores.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither -1 nor 1, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    At the kink, and so for equal scores without a margin, the gradient is that of the rising side, as in
    torch.

    References
    ----------
    .. [1] Herbrich, Graepel, Obermayer: Large Margin Rank Boundaries for Ordinal Regression, in Advances in
       Large Margin Classifiers, MIT Press 2000.

    Examples
    --------
    >>> margin_ranking_loss([2.0, 2.0, 0.0], [1.0, 1.0, 1.0], [1, -1, 1], reduction="none").tolist()
    [0.0, 1.0, 1.0]
    >>> margin_ranking_loss.grad([2.0, 2.0, 0.0], [1.0, 1.0, 1.0], [1, -1, 1], reduction="sum").tolist()
    [-0.0, 1.0, -1.0]
    """
    excess = _ranking_excess(input1, input2, target, margin)
    losses: FloatArray = np.maximum(excess, np.zeros_like(excess))
    return losses


@margin_ranking_loss.derivative
def _(input1: FloatArray, input2: FloatArray, target: FloatArray, margin: float, **_: Any) -> FloatArray:
    excess = _ranking_excess(input1, input2, target, margin)
    return -target * where_true(excess >= 0, excess)


@margin_ranking_loss.derivative("input2")
def _(input1: FloatArray, input2: FloatArray, target: FloatArray, margin: float, **_: Any) -> FloatArray:
    excess = _ranking_excess(input1, input2, target, margin)
    return target * where_true(excess >= 0, excess)


@margin_ranking_loss.derivative("target")
def _(input1: FloatArray, input2: FloatArray, target: FloatArray, margin: float, **_: Any) -> FloatArray:
    excess = _ranking_excess(input1, input2, target, margin)
    active = excess >= 0
    # Not a product: an infinite difference counts for nothing where the loss is 0.
    return select(active | np.isnan(excess), input2 - input1, np.zeros_like(excess))


def _read_hinge(name: str, arguments: dict[str, Any]) -> None:
    input, target = same_shape(name, arguments["input"], arguments["target"])
    arguments.update(input=input, target=target)
    _check_margin(name, arguments)


@loss(read=_read_hinge, check=_check_signs, convex=True, smooth=False, lipschitz=1.0, domain=(0.0, np.inf))
def hinge_embedding_loss(
    input: Numbers, target: Numbers, margin: float = 1.0, reduction: str = "mean"
) -> FloatArray:
    r"""The hinge embedding loss of distances: the distance itself, or what it lacks of a margin.

    .. math:: \ell = \begin{cases} x & y = 1 \\ \max(0, m - x) & y = -1 \end{cases}, \qquad
              \frac{\partial \ell}{\partial x} = \begin{cases} 1 & y = 1 \\ -1 & y = -1,\ x \le m \\
              0 & y = -1,\ x > m \end{cases}

    Parameters
    ----------
    input : distances, any shape, float32 or float64 (integers become float64).
    target : 1 for a pair that belongs together, -1 for one that does not; exactly the shape of `input`.
    margin : m, the distance from which on a pair that does not belong together costs nothing.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in the unit of the distances.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither -1 nor 1, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    At x = m the slope is -1, as in torch. A target that is neither -1 nor 1, for which torch adds up both
    cases, is refused.

    References
    ----------
    .. [1] Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping, CVPR 2006
       (with squares; see `contrastive_loss`).

    Examples
    --------
    >>> hinge_embedding_loss([0.25, 0.25, 3.0], [1, -1, -1], reduction="none").tolist()
    [0.25, 0.75, 0.0]
    >>> hinge_embedding_loss.grad([0.25, 0.25, 3.0], [1, -1, -1], reduction="sum").tolist()
    [1.0, -1.0, 0.0]
    """
    lacking = np.subtract(margin, input)
    # target - target is 0, or nan.
    losses = select(target == 1, input, np.maximum(lacking, np.zeros_like(lacking)))
    return losses + (target - target)


@hinge_embedding_loss.derivative
def _(input: FloatArray, target: FloatArray, margin: float, **_: Any) -> FloatArray:
    similar, lacks = target == 1, input <= input.dtype.type(margin)
    return where_true(similar, input) - where_true(~similar & lacks, input) + (target - target)


def _read_triplet(name: str, arguments: dict[str, Any]) -> None:
    _read_vectors(name, arguments, "anchor", "positive", "negative")
    _check_margin(name, arguments, 0.0)
    if "p" in arguments:
        check_degree(name, arguments)
        if not np.isfinite(arguments["eps"]):
            raise ValueError(f"{name}: eps is {arguments['eps']!r}; a finite number is wanted.")
    if not isinstance(arguments["swap"], (bool, np.bool_)):
        raise TypeError(f"{name}: swap is {arguments['swap']!r}; True or False is wanted.")


@shared
def _triplet(
    anchor: FloatArray,
    positive: FloatArray,
    negative: FloatArray,
    margin: float,
    p: float,
    eps: float,
    swap: bool,
) -> tuple[FloatArray, IntArray, FloatArray]:
    """`margin + near - far` in units of 2**exponent, the exponents, and the share of the anchor in `far`.

    The unit is that of the longest distance, so that two of which neither is a float have a difference.
    """
    distances = [_vectors.distance(anchor, other, p, eps) for other in (positive, negative)]
    distances += [_vectors.distance(positive, negative, p, eps)] if swap else []
    unit = np.frexp(margin)[1] + np.zeros_like(distances[0].exponent)
    for each in distances:
        unit = np.maximum(unit, np.where(each.is_infinite, 0, each.exponent))
    lengths = [
        np.where(each.is_infinite, np.inf, _vectors.times_power_of_two(each.length, each.exponent - unit))
        for each in distances
    ]
    near, far = lengths[:2]
    share = np.ones_like(far)
    if swap:
        # Two distances that are equally long share the slope.
        share = (1 + np.sign(lengths[2] - far)) / 2
        far = np.minimum(far, lengths[2])
    return _vectors.times_power_of_two(np.float64(margin), -unit) + (near - far), unit, share


@shared
def _triplet_slopes(
    anchor: FloatArray,
    positive: FloatArray,
    negative: FloatArray,
    margin: float,
    p: float,
    eps: float,
    swap: bool,
) -> tuple[FloatArray, FloatArray, Any]:
    """What the three distances contribute: near, from the anchor to the negative, between the others."""
    excess, _, share = _triplet(anchor, positive, negative, margin, p, eps, swap)
    active = where_true(excess >= 0, excess)

    def slope(one: FloatArray, other: FloatArray) -> FloatArray:
        return _vectors.direction(_vectors.distance(one, other, p, eps), p)

    near, far = active * slope(anchor, positive), active * share * slope(anchor, negative)
    return near, far, active * (1 - share) * slope(positive, negative) if swap else 0.0


_TRIPLET = ("anchor", "positive", "negative")


@loss(read=_read_triplet, arrays=_TRIPLET, vector_axis=-1, convex=False, smooth=False, lipschitz=2.0)
def triplet_margin_loss(
    anchor: Numbers,
    positive: Numbers,
    negative: Numbers,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> FloatArray:
    r"""The triplet loss: an anchor is to be nearer to its positive than to its negative, by a margin.

    .. math:: \ell = \max\bigl(0, m + d(a, p) - d(a, n)\bigr), \qquad
              \frac{\partial \ell}{\partial a} = d'(a, p) - d'(a, n), \quad
              \frac{\partial \ell}{\partial p} = -d'(a, p), \quad
              \frac{\partial \ell}{\partial n} = d'(a, n)

    where d is `pairwise_distance` and d' its gradient by the first vector; all are 0 beyond the margin.

    Parameters
    ----------
    anchor : embeddings along the last axis, shape (..., K), float32 or float64 (integers become float64).
    positive : embeddings that belong to them, exactly the same shape.
    negative : embeddings that do not, exactly the same shape.
    margin : m, in the unit of the distances; greater than 0.
    p : the degree of the norm; see `pairwise_distance`.
    eps : a small number that is added to each difference of two entries.
    swap : whether d(p, n) takes the place of d(a, n) where it is smaller.
    reduction : "mean" over all triplets, "sum", or "none" for one loss a triplet.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `anchor` without its last axis.

    Raises
    ------
    ValueError
        If the shapes differ, `margin` is not greater than 0, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    The conventions are those of torch: `eps` is added with its sign, at the hinge the gradient is that of
    the rising side, and where d(p, n) = d(a, n) with `swap` each of the two gets half of it. The other
    gradients are had with `wrt`. The facts are those of p = 2.

    The loss is a difference of distances: its error is that of a unit in the last place of m + d(a, p) +
    d(a, n). Two infinite distances give nan.

    References
    ----------
    .. [1] Schroff, Kalenichenko, Philbin: FaceNet: A Unified Embedding for Face Recognition and Clustering,
       CVPR 2015 (with squared distances).
    .. [2] Balntas, Riba, Ponsa, Mikolajczyk: Learning Local Feature Descriptors with Triplets and Shallow
       Convolutional Neural Networks, BMVC 2016 (the swap).

    Examples
    --------
    >>> a, p, n = [0.0, 0.0], [3.0, 0.0], [0.0, 3.5]
    >>> triplet_margin_loss(a, p, n, eps=0.0)
    np.float64(0.5)
    >>> triplet_margin_loss.grad(a, p, n, eps=0.0, wrt=("anchor", "negative"))[0].tolist()
    [-1.0, 1.0]
    """
    excess, unit, _ = _triplet(anchor, positive, negative, margin, p, eps, swap)
    return _vectors.times_power_of_two(np.maximum(excess, 0), unit)[:, 0]


def _slopes(
    *,
    anchor: FloatArray,
    positive: FloatArray,
    negative: FloatArray,
    margin: float,
    p: float,
    eps: float,
    swap: bool,
    **_: Any,
) -> tuple[FloatArray, FloatArray, Any]:
    return _triplet_slopes(anchor, positive, negative, margin, p, eps, swap)


@triplet_margin_loss.derivative
def _(**arguments: Any) -> FloatArray:
    near, far, _other = _slopes(**arguments)
    return near - far


@triplet_margin_loss.derivative("positive")
def _(**arguments: Any) -> FloatArray:
    near, _far, other = _slopes(**arguments)
    return np.asarray(-near - other)


@triplet_margin_loss.derivative("negative")
def _(**arguments: Any) -> FloatArray:
    _near, far, other = _slopes(**arguments)
    return np.asarray(far + other)


class _Distances(NamedTuple):
    """The distances of a triplet, and the function that they come from."""

    function: Any
    near: FloatArray
    far: FloatArray
    other: FloatArray | None


def _read_triplet_distances(name: str, arguments: dict[str, Any]) -> None:
    _read_triplet(name, arguments)
    distance = arguments["distance_function"]
    if distance is None:
        distance = pairwise_distance
    if not callable(distance):
        raise TypeError(f"{name}: distance_function is {distance!r}; a function of two arrays is wanted.")
    arguments["distance_function"] = distance
    pairs = [("anchor", "positive"), ("anchor", "negative"), ("positive", "negative")]
    found = [
        as_float_array(distance(arguments[one], arguments[other]), "the result of distance_function")
        for one, other in pairs[: 3 if arguments["swap"] else 2]
    ]
    if found[0].shape == arguments["anchor"].shape and found[0].ndim:
        raise ValueError(
            f"{name}: distance_function gives an array of the shape {found[0].shape} of its arguments; one "
            "distance for each pair of vectors is wanted."
        )
    near, far, *other = found
    arguments["distance_function"] = _Distances(distance, near, far, other[0] if other else None)


def _distances_shape(*, distance_function: _Distances, **_: Any) -> tuple[int, ...]:
    return distance_function.near.shape


def _hinge_of_distances(distances: _Distances, margin: float) -> tuple[FloatArray, FloatArray]:
    """`margin + near - far`, and the share of the anchor in `far`."""
    _, near, far, other = distances
    far = far.astype(np.float64)
    share = np.ones_like(far)
    if other is not None:
        share = (1 + np.sign(other - far)) / 2
        far = np.minimum(far, other)
    return margin + (near - far), share


@loss(
    read=_read_triplet_distances,
    arrays=_TRIPLET,
    whole=_distances_shape,
    convex=False,
    smooth=False,
    lipschitz=2.0,
)
def triplet_margin_with_distance_loss(
    anchor: Numbers,
    positive: Numbers,
    negative: Numbers,
    *,
    distance_function: Callable[..., Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> FloatArray:
    r"""The triplet loss with any distance.

    .. math:: \ell = \max\bigl(0, m + d(a, p) - d(a, n)\bigr)

    with the gradients of `triplet_margin_loss`.

    Parameters
    ----------
    anchor : embeddings, any shape that the distance accepts, float32 or float64.
    positive : embeddings that belong to them, exactly the same shape.
    negative : embeddings that do not, exactly the same shape.
    distance_function : a function of two arrays that gives an array of distances, `pairwise_distance` by
        default. For a gradient it needs a method `vjp(x1, x2, grad_output, wrt=...)` as our own functions
        have it, with arguments of the names x1 and x2.
    margin : m, in the unit of the distances; greater than 0.
    swap : whether d(p, n) takes the place of d(a, n) where it is smaller.
    reduction : "mean" over all triplets, "sum", or "none" for one loss a triplet.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of the distances.

    Raises
    ------
    ValueError
        If the shapes differ, `margin` is not greater than 0, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers, or a gradient is wanted of a distance without `vjp`.

    Notes
    -----
    Kinks and ties are as in `triplet_margin_loss`. The distances are asked for once, on the whole arrays, so
    a distance that is no float makes the loss inf or nan. The facts are those of `pairwise_distance`.

    References
    ----------
    .. [1] Balntas, Riba, Ponsa, Mikolajczyk: Learning Local Feature Descriptors with Triplets and Shallow
       Convolutional Neural Networks, BMVC 2016.

    Examples
    --------
    >>> a, p, n = [[0.0, 0.0]], [[3.0, 1.0]], [[0.0, 3.5]]
    >>> triplet_margin_with_distance_loss(a, p, n, distance_function=lambda x, y: abs(x - y).sum(axis=-1))
    np.float64(1.5)
    """
    excess, _ = _hinge_of_distances(distance_function, margin)  # type: ignore[arg-type]
    return np.maximum(excess, 0)


def _pull(
    distances: _Distances, one: FloatArray, other: FloatArray, upstream: FloatArray, wrt: str
) -> FloatArray:
    """What the distance of two of the three contributes to the gradient by one of them."""
    if not hasattr(distances.function, "vjp"):
        raise TypeError(
            "triplet_margin_with_distance_loss: distance_function has no method vjp, so there is no "
            "gradient. A function such as pairwise_distance is wanted, or an object with a method "
            "vjp(x1, x2, grad_output, wrt=...)."
        )
    gradient: FloatArray = distances.function.vjp(one, other, upstream.astype(distances.near.dtype), wrt=wrt)
    return gradient


def _upstreams(distances: _Distances, margin: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The derivative of the loss by each of the three distances."""
    excess, share = _hinge_of_distances(distances, margin)
    active = np.asarray(where_true(np.asarray(excess >= 0), np.asarray(excess)))
    return active, -active * share, -active * (1 - share)


@triplet_margin_with_distance_loss.derivative
def _(
    anchor: FloatArray,
    positive: FloatArray,
    negative: FloatArray,
    distance_function: _Distances,
    margin: float,
    **_: Any,
) -> FloatArray:
    near, far, _other = _upstreams(distance_function, margin)
    gradient = _pull(distance_function, anchor, positive, near, "x1")
    return gradient + _pull(distance_function, anchor, negative, far, "x1")


@triplet_margin_with_distance_loss.derivative("positive")
def _(
    anchor: FloatArray,
    positive: FloatArray,
    negative: FloatArray,
    distance_function: _Distances,
    margin: float,
    swap: bool,
    **_: Any,
) -> FloatArray:
    near, _far, other = _upstreams(distance_function, margin)
    gradient = _pull(distance_function, anchor, positive, near, "x2")
    return gradient + _pull(distance_function, positive, negative, other, "x1") if swap else gradient


@triplet_margin_with_distance_loss.derivative("negative")
def _(
    anchor: FloatArray,
    positive: FloatArray,
    negative: FloatArray,
    distance_function: _Distances,
    margin: float,
    swap: bool,
    **_: Any,
) -> FloatArray:
    _near, far, other = _upstreams(distance_function, margin)
    gradient = _pull(distance_function, anchor, negative, far, "x2")
    return gradient + _pull(distance_function, positive, negative, other, "x2") if swap else gradient


def _read_contrastive(name: str, arguments: dict[str, Any]) -> None:
    input1 = _read_vectors(name, arguments, "input1", "input2")
    _read_labels(name, arguments, input1.shape[:-1])
    _check_margin(name, arguments, 0.0)


def _check_dissimilar(name: str, arguments: dict[str, Any]) -> None:
    hint = "0 is a similar pair and 1 a dissimilar one."
    _check_labels(name, np.asarray(arguments["target"]), 0, 1, hint)


@loss(
    read=_read_contrastive,
    check=_check_dissimilar,
    arrays=("input1", "input2", "target"),
    vector_axis=-1,
    convex=False,
    smooth=False,
    lipschitz=np.inf,
)
def contrastive_loss(
    input1: Numbers, input2: Numbers, target: Numbers, margin: float = 1.0, reduction: str = "mean"
) -> FloatArray:
    r"""The contrastive loss: similar pairs are drawn together, dissimilar ones pushed a margin apart.

    .. math:: \ell = \begin{cases} \tfrac12 d^2 & y = 0 \\ \tfrac12 \max(0, m - d)^2 & y = 1 \end{cases},
              \qquad d = |x_1 - x_2|, \qquad
              \frac{\partial \ell}{\partial x_1} = \begin{cases} x_1 - x_2 & y = 0 \\
              -\max(0, m - d)\, (x_1 - x_2) / d & y = 1 \end{cases}

    Parameters
    ----------
    input1 : embeddings along the last axis, shape (..., K), float32 or float64 (integers become float64).
    input2 : the embeddings they are compared with, exactly the same shape.
    target : 0 for a similar pair, 1 for a dissimilar one, as in [1]_; the shape of `input1` without its last
        axis.
    margin : m, the distance from which on a dissimilar pair costs nothing; greater than 0.
    reduction : "mean" over all pairs, "sum", or "none" for one loss a pair.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `target`; in squared units of the vectors.

    Raises
    ------
    ValueError
        If the shapes do not fit, a target is neither 0 nor 1, `margin` is not greater than 0, or
        `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    TensorFlow Addons, sentence-transformers and others have the labels the other way round (1 is similar),
    and the first leaves out the halves. Two equal vectors that should be dissimilar have no direction to
    part in: the gradient there is taken as 0. The gradient by `input2` is had with `wrt="input2"`.

    References
    ----------
    .. [1] Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping, CVPR 2006.

    Examples
    --------
    >>> x1, x2 = [[0.3, 0.0], [0.3, 0.0]], [[0.0, 0.4], [0.0, 0.4]]
    >>> contrastive_loss(x1, x2, [0, 1], reduction="none").tolist()
    [0.125, 0.125]
    >>> contrastive_loss.grad(x1, x2, [0, 1], reduction="sum").round(4).tolist()
    [[0.3, -0.4], [-0.3, 0.4]]
    """
    apart = _vectors.distance(input1, input2, _EUCLIDEAN, _NO_EPS).value
    lacking = np.maximum(margin - apart, 0)
    y = _vectors.column(target)
    size = np.where(y == 0, apart, lacking)
    return (0.5 * size * size + (y - y))[:, 0]


# Objects of their own, so that a step that is shared knows them again.
_EUCLIDEAN, _NO_EPS = 2.0, 0.0


@shared
def _contrastive_slope(
    input1: FloatArray, input2: FloatArray, target: FloatArray, margin: float
) -> FloatArray:
    distance = _vectors.distance(input1, input2, _EUCLIDEAN, _NO_EPS)
    y = _vectors.column(target)
    pull = _vectors.times_power_of_two(distance.difference, distance.exponent)
    push = -np.maximum(margin - distance.value, 0) * _vectors.direction(distance, _EUCLIDEAN)
    return np.where(y == 0, pull, push) + (y - y)


@contrastive_loss.derivative
def _(input1: FloatArray, input2: FloatArray, target: FloatArray, margin: float, **_: Any) -> FloatArray:
    return _contrastive_slope(input1, input2, target, margin)


@contrastive_loss.derivative("input2")
def _(input1: FloatArray, input2: FloatArray, target: FloatArray, margin: float, **_: Any) -> FloatArray:
    return -_contrastive_slope(input1, input2, target, margin)


class _Unit(NamedTuple):
    """Vectors, one a row, of length 1, and what their own lengths were."""

    vectors: FloatArray
    length: FloatArray
    exponent: IntArray


@shared
def _unit(x: FloatArray) -> _Unit:
    """A vector of zeros keeps the length 0, and so has the cosine 0 with every other."""
    scaled, exponent = _vectors.in_own_unit(x.astype(np.float64, copy=False))
    length = np.sqrt(_vectors.dot(scaled, scaled))
    return _Unit(scaled / np.where(length == 0, 1, length), length, exponent)


def _tangent(unit: _Unit, slope: FloatArray) -> FloatArray:
    """The gradient by vectors, given the one by their directions; 0 for a vector of zeros."""
    vectors, length, exponent = unit
    across = slope - _vectors.dot(vectors, slope) * vectors
    across = np.where(length == 0, 0, across / length)
    return _vectors.times_power_of_two(across, -exponent)


def _logits(
    one: FloatArray, other: FloatArray, partner: IntArray, temperature: float, leave_out_self: bool
) -> Iterator[tuple[slice, IntArray, FloatArray]]:
    """Of some rows after the other: which they are, the columns of their partners, and their logits."""
    # As many rows as a megabyte holds: the whole matrix need not fit into memory.
    height = max(1, 8 * BLOCK // max(len(other), 1))
    for start in range(0, len(one), height):
        rows = slice(start, start + height)
        logits = one[rows] @ other.T / temperature
        if leave_out_self:
            own = np.arange(len(one))[rows]
            logits[np.arange(len(own)), own] = -np.inf
        yield rows, partner[rows], logits


def _partner_losses(
    one: FloatArray, other: FloatArray, partner: IntArray, temperature: float, leave_out_self: bool
) -> FloatArray:
    """For each row of `one` the cross-entropy of finding its partner among the rows of `other`."""
    losses = np.empty(len(one))
    for rows, columns, logits in _logits(one, other, partner, temperature, leave_out_self):
        losses[rows] = -log_softmax(logits, 1)[np.arange(len(columns)), columns]
    return losses


@shared
def _partner_slopes(
    one: FloatArray, other: FloatArray, partner: IntArray, temperature: float, leave_out_self: bool
) -> tuple[FloatArray, FloatArray, Any]:
    """The gradients of the summed losses by `one`, by `other` and by the temperature."""
    by_one, by_other, by_temperature = np.empty_like(one), np.zeros_like(other), 0.0
    for rows, columns, logits in _logits(one, other, partner, temperature, leave_out_self):
        probability, complement = softmax_with_complement(logits, 1)
        places = np.arange(len(columns)), columns
        relative = logits - logits[places][:, None]
        # The probability of the row itself is 0, and its logit -inf.
        terms = np.where(logits == -np.inf, 0, probability * relative)
        by_temperature -= float(np.sum(terms)) / temperature
        # p - 1 of the partner, without its cancellation.
        slopes = probability
        slopes[places] = -complement[places]
        slopes /= temperature
        by_one[rows] = slopes @ other
        by_other += slopes.T @ one[rows]
    return by_one, by_other, np.float64(by_temperature)


def _check_temperature(name: str, arguments: dict[str, Any]) -> None:
    if not 0 < arguments["temperature"] < np.inf:
        raise ValueError(
            f"{name}: temperature is {arguments['temperature']!r}; a finite number greater than 0 is wanted."
        )


def _read_matrix(name: str, arguments: dict[str, Any], *names: str) -> None:
    first = _read_vectors(name, arguments, *names)
    if first.ndim != 2:
        raise ValueError(
            f"{name}: {names[0]} has shape {first.shape}; a batch of embeddings, shape (N, K), is wanted."
        )
    _check_temperature(name, arguments)


def _read_nt_xent(name: str, arguments: dict[str, Any]) -> None:
    _read_matrix(name, arguments, "input1", "input2")


@shared
def _both(input1: FloatArray, input2: FloatArray) -> tuple[_Unit, IntArray]:
    """The directions of both views, one below the other, and the row of the partner of each."""
    n = len(input1)
    return _unit(np.concatenate([input1, input2])), np.concatenate([np.arange(n, 2 * n), np.arange(n)])


@loss(
    read=_read_nt_xent,
    arrays=("input1", "input2"),
    whole=lambda *, input1, **_: (2 * len(input1),),
    coupled=True,
    convex=False,
    smooth=False,
    lipschitz=np.inf,
)
def nt_xent_loss(
    input1: Numbers, input2: Numbers, temperature: float = 0.5, reduction: str = "mean"
) -> FloatArray:
    r"""NT-Xent, the loss of SimCLR: each of 2N embeddings is to find its other view among all others.

    .. math:: \ell_i = -\log \frac{e^{s_{i j(i)} / \tau}}{\sum_{k \ne i} e^{s_{ik} / \tau}}, \qquad
              s_{ik} = \frac{z_i \cdot z_k}{|z_i| |z_k|}, \qquad
              \frac{\partial \sum_i \ell_i}{\partial s_{ik}} = \frac{1}{\tau}
              \bigl(p_{ik} - [k = j(i)]\bigr)

    where the z are the rows of `input1` and then those of `input2`, and j(i) is the row of the other view.

    Parameters
    ----------
    input1 : embeddings of one view of N samples, shape (N, K), float32 or float64 (integers become float64).
    input2 : embeddings of the other view, in the same order, exactly the same shape.
    temperature : tau, greater than 0; the smaller, the more only the nearest others count.
    reduction : "mean" over all 2N losses, "sum", or "none" for the losses of the rows of `input1` and then of
        those of `input2`.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of shape (2N,); in nats.

    Raises
    ------
    ValueError
        If the shapes differ, `temperature` is not greater than 0, `reduction` is unknown, or a gradient is
        wanted with `reduction="none"`.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    Each loss depends on every embedding, so there is a gradient only of their mean or sum, by `input1`,
    `input2` and `temperature` (`wrt`). A vector of zeros has the cosine 0 with every other and the gradient
    0. The matrix of cosines is never held as a whole.

    The temperature is the condition number: the error of a cosine counts 1 / temperature times in the
    relative error of a small loss.

    References
    ----------
    .. [1] Chen, Kornblith, Norouzi, Hinton: A Simple Framework for Contrastive Learning of Visual
       Representations, ICML 2020, equation 1.

    Examples
    --------
    >>> one, other = [[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.1], [0.1, 1.0]]
    >>> nt_xent_loss(one, other).round(4)
    np.float64(0.2899)
    >>> nt_xent_loss(one, one[::-1]).round(4)
    np.float64(2.2395)
    """
    unit, partner = _both(input1, input2)
    return _partner_losses(unit.vectors, unit.vectors, partner, temperature, True)


@shared
def _nt_xent_slopes(input1: FloatArray, input2: FloatArray, temperature: float) -> tuple[FloatArray, Any]:
    unit, partner = _both(input1, input2)
    by_one, by_other, by_temperature = _partner_slopes(unit.vectors, unit.vectors, partner, temperature, True)
    return _tangent(unit, by_one + by_other), by_temperature


@nt_xent_loss.derivative
def _(input1: FloatArray, input2: FloatArray, temperature: float, **_: Any) -> FloatArray:
    return _nt_xent_slopes(input1, input2, temperature)[0][: len(input1)]


@nt_xent_loss.derivative("input2")
def _(input1: FloatArray, input2: FloatArray, temperature: float, **_: Any) -> FloatArray:
    return _nt_xent_slopes(input1, input2, temperature)[0][len(input1) :]


@nt_xent_loss.derivative("temperature")
def _(input1: FloatArray, input2: FloatArray, temperature: float, **_: Any) -> FloatArray:
    return np.asarray(_nt_xent_slopes(input1, input2, temperature)[1])


def _read_info_nce(name: str, arguments: dict[str, Any]) -> None:
    _read_matrix(name, arguments, "queries", "keys")
    if not isinstance(arguments["symmetric"], (bool, np.bool_)):
        raise TypeError(f"{name}: symmetric is {arguments['symmetric']!r}; True or False is wanted.")


@loss(
    read=_read_info_nce,
    arrays=("queries", "keys"),
    whole=lambda *, queries, **_: (len(queries),),
    coupled=True,
    convex=False,
    smooth=False,
    lipschitz=np.inf,
)
def info_nce_loss(
    queries: Numbers,
    keys: Numbers,
    temperature: float = 0.07,
    symmetric: bool = False,
    reduction: str = "mean",
) -> FloatArray:
    r"""InfoNCE: each query is to find its key among the keys of all queries.

    .. math:: \ell_i = -\log \frac{e^{s_{ii} / \tau}}{\sum_j e^{s_{ij} / \tau}}, \qquad
              s_{ij} = \frac{q_i \cdot k_j}{|q_i| |k_j|}, \qquad
              \frac{\partial \sum_i \ell_i}{\partial s_{ij}} = \frac{1}{\tau} (p_{ij} - [i = j])

    Parameters
    ----------
    queries : embeddings of shape (N, K), float32 or float64 (integers become float64).
    keys : for each query the embedding it belongs to, exactly the same shape.
    temperature : tau, greater than 0.
    symmetric : whether each key is to find its query as well; the loss of a pair is then the mean of both, as
        in CLIP [3]_.
    reduction : "mean" over all N pairs, "sum", or "none" for one loss a pair.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of shape (N,); in nats.

    Raises
    ------
    ValueError
        If the shapes differ, `temperature` is not greater than 0, `reduction` is unknown, or a gradient is
        wanted with `reduction="none"`.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    log N minus its mean is a lower bound on the mutual information of queries and keys [1]_. The default
    temperature is that of [2]_, and the one that CLIP starts to learn from: `wrt="temperature"` is its
    gradient, beside those by `queries` and `keys`. Zeros, memory and accuracy are as in `nt_xent_loss`.

    References
    ----------
    .. [1] van den Oord, Li, Vinyals: Representation Learning with Contrastive Predictive Coding,
       arXiv 1807.03748, 2018.
    .. [2] He, Fan, Wu, Xie, Girshick: Momentum Contrast for Unsupervised Visual Representation Learning,
       CVPR 2020.
    .. [3] Radford et al.: Learning Transferable Visual Models From Natural Language Supervision, ICML 2021.

    Examples
    --------
    >>> info_nce_loss([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.1], [0.1, 1.0]], temperature=1.0).round(4)
    np.float64(0.3424)
    >>> info_nce_loss([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]).round(10)
    np.float64(6.249e-07)
    """
    one, other = _unit(queries), _unit(keys)
    partner = np.arange(len(one.vectors))
    losses = _partner_losses(one.vectors, other.vectors, partner, temperature, False)
    if symmetric:
        losses = (losses + _partner_losses(other.vectors, one.vectors, partner, temperature, False)) / 2
    return losses


@shared
def _info_nce_slopes(
    queries: FloatArray, keys: FloatArray, temperature: float, symmetric: bool
) -> tuple[FloatArray, FloatArray, Any]:
    one, other = _unit(queries), _unit(keys)
    partner = np.arange(len(queries))
    slopes = _partner_slopes(one.vectors, other.vectors, partner, temperature, False)
    if symmetric:
        back = _partner_slopes(other.vectors, one.vectors, partner, temperature, False)
        slopes = tuple((a + b) / 2 for a, b in zip(slopes, (back[1], back[0], back[2]), strict=True))
    by_queries, by_keys, by_temperature = slopes
    return _tangent(one, by_queries), _tangent(other, by_keys), by_temperature


@info_nce_loss.derivative
def _(queries: FloatArray, keys: FloatArray, temperature: float, symmetric: bool, **_: Any) -> FloatArray:
    return _info_nce_slopes(queries, keys, temperature, symmetric)[0]


@info_nce_loss.derivative("keys")
def _(queries: FloatArray, keys: FloatArray, temperature: float, symmetric: bool, **_: Any) -> FloatArray:
    return _info_nce_slopes(queries, keys, temperature, symmetric)[1]


@info_nce_loss.derivative("temperature")
def _(queries: FloatArray, keys: FloatArray, temperature: float, symmetric: bool, **_: Any) -> FloatArray:
    return np.asarray(_info_nce_slopes(queries, keys, temperature, symmetric)[2])


def _read_circle(name: str, arguments: dict[str, Any]) -> None:
    input, target = same_shape(name, arguments["input"], arguments["target"])
    if input.ndim == 0:
        raise ValueError(f"{name}: input is a single number; similarities along the last axis are wanted.")
    arguments.update(input=input, target=target)
    _check_margin(name, arguments)
    if not 0 < arguments["gamma"] < np.inf:
        raise ValueError(
            f"{name}: gamma is {arguments['gamma']!r}; a finite number greater than 0 is wanted."
        )
    if not isinstance(arguments["constant_weights"], (bool, np.bool_)):
        raise TypeError(
            f"{name}: constant_weights is {arguments['constant_weights']!r}; True or False is wanted."
        )


def _check_mask(name: str, arguments: dict[str, Any]) -> None:
    hint = "1 marks the similarities that should be high."
    _check_labels(name, np.asarray(arguments["target"]), 0, 1, hint)


@shared
def _circle(
    input: FloatArray, target: FloatArray, margin: float, gamma: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """How far each similarity is from what it should be, and what both groups sum up to.

    That is s for one that should be 0 and 1 - s for one that should be 1: so both groups have the logits
    gamma (t + m) (t - m), 0 below t = -m. The sums come as logarithms, a column for each group.
    """
    s, mask = input.astype(np.float64, copy=False), target.astype(np.float64, copy=False)
    gap = np.where(mask == 1, 1 - s, s) + (mask - mask)
    logits = gamma * (np.maximum(gap + margin, 0) * (gap - margin))
    sums = [_log_sum_exp(np.where(mask == 1 - group, -np.inf, logits)) for group in (0, 1)]
    return gap, logits, np.concatenate(sums, axis=1)


def _log_sum_exp(logits: FloatArray) -> FloatArray:
    largest = np.max(logits, axis=1, keepdims=True, initial=-np.inf)
    finite = np.where(np.isinf(largest), 0, largest)
    return np.asarray(finite + np.log(np.sum(np.exp(logits - finite), axis=1, keepdims=True)))


@loss(
    read=_read_circle,
    check=_check_mask,
    arrays=("input", "target"),
    vector_axis=-1,
    convex=False,
    smooth=False,
    lipschitz=np.inf,
)
def circle_loss(
    input: Numbers,
    target: Numbers,
    margin: float = 0.25,
    gamma: float = 256.0,
    *,
    constant_weights: bool = False,
    reduction: str = "mean",
) -> FloatArray:
    r"""The circle loss: the similarities to one's own class are to be high and all others low.

    .. math:: \ell = \log \Bigl( 1 + \sum_{j: y_j = 0} e^{\gamma a_j (s_j - m)}
              \sum_{i: y_i = 1} e^{-\gamma a_i (s_i - 1 + m)} \Bigr), \qquad
              a_j = \max(0, s_j + m), \quad a_i = \max(0, 1 + m - s_i)

    With t = s where y = 0 and t = 1 - s where y = 1, the logits are gamma (t^2 - m^2) for t > -m, and

    .. math:: \frac{\partial \ell}{\partial t_k} = \sigma(u + v)\, q_k\, 2 \gamma t_k

    with the softmax q of each group and the logarithms u and v of their sums.

    Parameters
    ----------
    input : cosine similarities s of an anchor to others along the last axis, shape (..., K), float32 or
        float64 (integers become float64).
    target : y, 1 where the other is of the class of the anchor, 0 where it is not; exactly the shape of
        `input`.
    margin : m, how far from 0 and 1 a similarity may be; about 0.25.
    gamma : the scale of the logits, greater than 0; 80 to 256 is usual.
    constant_weights : whether the gradient takes the weights a for constants, as most programs do (they
        detach them). It then has gamma a_k in place of 2 gamma t_k, and is not the derivative of the value.
    reduction : "mean" over all anchors, "sum", or "none" for one loss an anchor.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input` without its last axis; in nats.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 0 nor 1, `gamma` is not greater than 0, or `reduction` is
        unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    An anchor without another of its class, or without one of another class, costs nothing. At the kink
    t = -m the slope is taken as 0. The relative error of a small loss is the absolute error of its logits,
    which grow with gamma.

    References
    ----------
    .. [1] Sun, Cheng, Zhang, Zhang, Zheng, Wang, Wei: Circle Loss: A Unified Perspective of Pair Similarity
       Optimization, CVPR 2020.

    Examples
    --------
    >>> circle_loss([[0.9, 0.1, 0.3]], [[1, 0, 0]], gamma=16.0).round(4)
    np.float64(0.6188)
    >>> circle_loss.grad([[0.9, 0.1, 0.3]], [[1, 0, 0]], gamma=16.0).round(3).tolist()
    [[-1.477, 0.321, 3.466]]
    """
    _, _, sums = _circle(input, target, margin, gamma)
    exponent = sums[:, 0] + sums[:, 1]
    return np.maximum(exponent, 0) + np.log1p(np.exp(-np.abs(exponent)))


@circle_loss.derivative
def _(
    input: FloatArray, target: FloatArray, margin: float, gamma: float, constant_weights: bool, **_: Any
) -> FloatArray:
    gap, logits, sums = _circle(input, target, margin, gamma)
    group = target == 1
    sums_of_group = np.where(group, sums[:, 1:], sums[:, :1])
    share = sigmoid(np.sum(sums, axis=1, keepdims=True)) * np.exp(logits - sums_of_group)
    steepness = np.maximum(gap + margin, 0) if constant_weights else np.where(gap <= -margin, 0, 2 * gap)
    return np.asarray(np.where(group, -gamma, gamma) * share * steepness)
