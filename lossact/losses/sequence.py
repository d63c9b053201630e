"""Losses for a sequence of labels whose places in a longer sequence of frames are unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossact._arrays import FloatArray, IntArray, Numbers, as_array, as_float_array
from lossact._blocks import BLOCK, shared
from lossact._declare import Batch, loss
from lossact.activations.normalising import softmax_with_complement, sum_of_others

# Numbers in the lattice of a block of samples, and in its gradient: some tens of megabytes.
LATTICE = 1 << 21
LOWEST = -np.finfo(np.float64).max


def _read_lengths(name: str, key: str, value: Numbers, samples: int, most: int, batched: bool) -> IntArray:
    lengths = as_array(value, key)
    if lengths.dtype.kind not in "iu" and lengths.size:
        raise TypeError(f"{name}: {key} has dtype {lengths.dtype}; integers are wanted.")
    if lengths.shape != (samples,) and (batched or lengths.shape != ()):
        wanted = f"the shape ({samples},), one length a sample," if batched else "one length"
        raise ValueError(f"{name}: {key} has shape {lengths.shape}; {wanted} is wanted.")
    lengths = lengths.reshape(samples).astype(np.int64)
    wrong = (lengths < 0) | (lengths > most)
    if np.any(wrong):
        raise ValueError(f"{name}: {key} holds {lengths[wrong][0]}; lengths from 0 to {most} are wanted.")
    return lengths


def _read_sequences(name: str, arguments: dict[str, Any]) -> None:
    first = "logits" if "logits" in arguments else "log_probs"
    scores = as_float_array(arguments[first], first)
    if scores.ndim not in (2, 3):
        raise ValueError(
            f"{name}: {first} has shape {scores.shape}; (T, N, K) for a batch or (T, K) for one sequence of "
            "T frames with K classes each is wanted."
        )
    frames, classes, batched = scores.shape[0], scores.shape[-1], scores.ndim == 3
    samples = scores.shape[1] if batched else 1
    if not 0 <= arguments["blank"] < classes:
        raise ValueError(
            f"{name}: blank is {arguments['blank']!r}; with {classes} classes, a label from 0 to "
            f"{classes - 1} is wanted."
        )
    if not isinstance(arguments["zero_infinity"], bool | np.bool_):
        raise TypeError(f"{name}: zero_infinity is {arguments['zero_infinity']!r}; True or False is wanted.")
    targets = as_array(arguments["targets"], "targets")
    if targets.dtype.kind not in "iu" and targets.size:
        raise TypeError(f"{name}: targets has dtype {targets.dtype}; integer class labels are wanted.")
    if targets.ndim not in (1, 2) or (targets.ndim == 2 and len(targets) != samples):
        raise ValueError(
            f"{name}: targets has shape {targets.shape}; ({samples}, S), one row of labels a sample, or all "
            "labels one after the other in one dimension are wanted."
        )
    read = {}
    for key, most in (("input_lengths", frames), ("target_lengths", targets.shape[-1])):
        read[key] = _read_lengths(name, key, arguments[key], samples, most, batched)
    lengths = read["target_lengths"]
    if targets.ndim == 1 and targets.size != lengths.sum():
        raise ValueError(
            f"{name}: targets holds {targets.size} labels one after the other, but target_lengths add up to "
            f"{lengths.sum()}; they must be the same."
        )
    counted = np.arange(np.max(lengths, initial=0)) < lengths[:, None]
    labels = targets if targets.ndim == 1 else targets[:, : counted.shape[1]][counted]
    wrong = (labels < 0) | (labels >= classes) | (labels == arguments["blank"])
    if np.any(wrong):
        raise ValueError(
            f"{name}: targets holds label {labels[wrong][0]}; with {classes} classes and blank "
            f"{arguments['blank']}, labels from 0 to {classes - 1} other than the blank are wanted."
        )
    read["targets"] = np.full(counted.shape, arguments["blank"])
    read["targets"][counted] = labels
    arguments.update(read)


def _scores(*, logits: Any = None, log_probs: Any = None, **_: Any) -> FloatArray:
    scores: FloatArray = log_probs if logits is None else logits
    return scores


def _shape(**arguments: Any) -> tuple[int, ...]:
    return _scores(**arguments).shape[1:-1]


def _height(*, targets: IntArray, **arguments: Any) -> int:
    frames, _, classes = _scores(**arguments).shape
    return max(1, LATTICE // max(1, frames * max(classes, 2 * targets.shape[1] + 3)))


def _log_sum(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    """log(e^a + e^b + e^c), where -inf stands for nothing."""
    high, low = np.maximum(a, b), np.minimum(a, b)
    top = np.maximum(high, c)
    base = np.maximum(top, LOWEST)
    # Of the largest nothing is left to round: log1p keeps the other two, however small.
    return top + np.log1p(np.exp(low - base) + np.exp(np.minimum(high, c) - base))


def _normalisers(scores: FloatArray, are_logits: bool) -> tuple[FloatArray, FloatArray]:
    """The logarithm of the sum of exponentials in each frame, in two parts that are never added; of
    log-probabilities it is taken to be 0. nan in a frame makes it nan."""
    parts = np.zeros((2, *scores.shape[:2]))
    frames = max(1, BLOCK // max(1, scores[:1].size))
    for start in range(0, len(scores), frames):
        block = scores[start : start + frames].astype(np.float64)
        top = np.max(block, axis=2)
        if not are_logits:
            parts[0, start : start + frames] = np.where(np.isnan(top), top, 0)
            continue
        exponentials = np.exp(block - top[..., None])
        np.put_along_axis(exponentials, np.argmax(block, axis=2)[..., None], 0, axis=2)
        parts[0, start : start + frames] = top
        parts[1, start : start + frames] = np.log1p(np.sum(exponentials, axis=2))
    return parts[0], parts[1]


@dataclass(frozen=True)
class _Lattice:
    """The states of all alignments, frame by frame; samples are sorted, those with most frames first.

    A state is a place in the labels with a blank before, between and after them. From one frame to the
    next an alignment stays, moves on by one, or jumps over a blank between two different labels.

    Attributes
    ----------
    scores : the given numbers, (T, N, K), in the given order of samples.
    order : the given number of each of the sorted samples.
    active : how many samples still have a frame, for each frame.
    labels : the label of each state, (N, 2 S + 1).
    places : where its score is among all of a frame.
    jump : 0 where a state can be reached by a jump, -inf elsewhere.
    exists : 0 where a sample has the state, -inf where its labels are fewer: what they would hold is not
        wanted, and would outgrow what is.
    last : the last state of each sample.
    normalisers : see `_normalisers`.
    """

    scores: FloatArray
    order: IntArray
    active: NDArray[Any]
    labels: IntArray
    places: IntArray
    jump: FloatArray
    exists: FloatArray
    last: IntArray
    normalisers: tuple[FloatArray, FloatArray]

    def emissions(self, frame: int) -> FloatArray:
        """The log-probability of each state's label in a frame, for the samples that have it."""
        samples = self.order[: self.active[frame]]
        scores = self.scores[frame].reshape(-1).take(self.places[: len(samples)]).astype(np.float64)
        top, rest = (part[frame, samples, None] for part in self.normalisers)
        shifted = scores - top
        if np.any(np.isinf(top)):
            # 0 by definition: inf - inf would turn the limit of a single infinite score into nan.
            shifted = np.where(scores == top, 0, shifted)
        return shifted - rest + self.exists[: len(samples)]


@shared
def _forward(
    scores: FloatArray,
    targets: IntArray,
    input_lengths: IntArray,
    target_lengths: IntArray,
    blank: int,
    are_logits: bool,
) -> tuple[_Lattice, FloatArray, FloatArray]:
    """The lattice; the log-probabilities of its states, each frame's up to a common constant; and the
    loss of each sample.

    Behind two columns for what comes from outside stands each state; before the first frame only the
    second of these is open, from which both the first blank and the first label are reached.
    """
    scores = scores if scores.ndim == 3 else scores[:, None]
    frames, samples, _ = scores.shape
    order = np.argsort(-input_lengths, kind="stable")
    labels = np.full((samples, 2 * targets.shape[1] + 1), blank)
    labels[:, 1::2] = targets[order]
    jumps = np.zeros(labels.shape, bool)
    jumps[:, 1::2] = True
    jumps[:, 3::2] = labels[:, 3::2] != labels[:, 1:-2:2]
    last = 2 * target_lengths[order]
    lattice = _Lattice(
        scores=scores,
        order=order,
        active=np.sum(input_lengths > np.arange(frames)[:, None], axis=1),
        labels=labels,
        places=order[:, None] * scores.shape[2] + labels,
        jump=np.where(jumps, 0, -np.inf),
        exists=np.where(np.arange(labels.shape[1]) <= last[:, None], 0, -np.inf),
        last=last,
        normalisers=_normalisers(scores, are_logits),
    )
    alpha = np.full((frames + 1, samples, labels.shape[1] + 2), -np.inf)
    alpha[0, :, 1] = 0
    # What is taken from each frame's logarithms keeps them near 0, where they have the most digits.
    taken = np.zeros((samples, frames))
    for frame, count in enumerate(lattice.active):
        before = alpha[frame, :count]
        reached = _log_sum(before[:, 2:], before[:, 1:-1], before[:, :-2] + lattice.jump[:count])
        reached += lattice.emissions(frame)
        top = np.max(reached, axis=1)
        taken[:count, frame] = top = np.where(np.isinf(top), 0, top)
        np.subtract(reached, top[:, None], out=alpha[frame + 1, :count, 2:])
    every, end = np.arange(samples), input_lengths[order]
    ends = alpha[end, every, last + 2], alpha[end, every, last + 1]
    nothing = np.full(samples, -np.inf)
    losses = np.empty(samples)
    losses[order] = 0 - (_log_sum(*ends, nothing) + np.sum(taken, axis=1))
    return lattice, alpha, losses


def _posteriors(lattice: _Lattice, alpha: FloatArray) -> FloatArray:
    """How probable it is that a frame belongs to a class, given the labels: (T, N, K), and 0 in the frames
    that a sample does not have."""
    frames, samples, classes = lattice.scores.shape
    states = lattice.labels.shape[1]
    place = (np.arange(samples)[:, None] * classes + lattice.labels).ravel()
    posterior = np.zeros((frames, samples, classes))
    # Before two columns from which nothing comes: the log-probability of all that follows a state.
    beta = np.full((samples, states + 2), -np.inf)
    number = np.arange(states + 2)
    begun = 0
    for frame in range(frames - 1, -1, -1):
        count = lattice.active[frame]
        # Of a sample whose last frame this is, the last label and the blank after it are ends.
        ends = (number == lattice.last[begun:count, None]) | (number == lattice.last[begun:count, None] - 1)
        beta[begun:count] = np.where(ends, 0, -np.inf)
        begun = count
        both = alpha[frame + 1, :count, 2:] + beta[:count, :-2]
        weights = np.exp(both - np.max(both, axis=1, keepdims=True, initial=-np.inf))
        weights /= np.sum(weights, axis=1, keepdims=True)
        summed = np.bincount(place[: count * states], weights.ravel(), minlength=count * classes)
        posterior[frame, lattice.order[:count]] = summed.reshape(count, classes)
        beta[:count, :-2] += lattice.emissions(frame)
        jumped = beta[:count, 2:].copy()
        jumped[:, :-2] += lattice.jump[:count, 2:]
        before = _log_sum(beta[:count, :-2], beta[:count, 1:-1], jumped)
        top = np.max(before, axis=1, keepdims=True)
        beta[:count, :-2] = before - np.where(np.isinf(top), 0, top)
    return posterior


def _losses(losses: FloatArray, target_lengths: IntArray, reduction: str, zero_infinity: bool) -> FloatArray:
    if zero_infinity:
        losses = np.where(losses == np.inf, 0, losses)
    return losses / np.maximum(target_lengths, 1) if reduction == "mean" else losses


def _reduced(
    slopes: FloatArray,
    losses: FloatArray,
    input_lengths: IntArray,
    target_lengths: IntArray,
    reduction: str,
    zero_infinity: bool,
) -> FloatArray:
    """The slopes as the loss is reduced; 0 in frames that do not count, nan where there is no loss."""
    if reduction == "mean":
        slopes /= np.maximum(target_lengths, 1)[:, None]
    slopes[:, ~np.isfinite(losses)] = np.nan
    if zero_infinity:
        slopes[:, losses == np.inf] = 0
    slopes[np.arange(len(slopes))[:, None] >= input_lengths] = 0
    return slopes


@loss(
    read=_read_sequences,
    arrays=("log_probs", "targets", "input_lengths", "target_lengths"),
    batch=Batch(
        axes={"log_probs": 1, "targets": 0, "input_lengths": 0, "target_lengths": 0},
        shape=_shape,
        height=_height,
    ),
    convex=False,
    smooth=True,
    lipschitz=np.inf,
    domain=(-np.inf, 0.0),
)
def ctc_loss(
    log_probs: Numbers,
    targets: Numbers,
    input_lengths: Numbers,
    target_lengths: Numbers,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> FloatArray:
    r"""The connectionist temporal classification loss of log-probabilities, in nats.

    .. math:: \ell = -\log \sum_{a \,\to\, y} \exp \sum_t x_{t, a_t}, \qquad
              \frac{\partial \ell}{\partial x_{t, k}} = -P(a_t = k \mid y)

    The sum is over all alignments: sequences a of T classes that become the labels y when repeated
    classes are merged and blanks are dropped.

    Parameters
    ----------
    log_probs : log-probabilities of shape (T, N, K) for T frames, N samples and K classes, or (T, K) for a
        single sequence; float32 or float64.
    targets : labels from 0 to K - 1 other than `blank`: of shape (N, S), a row a sample, of which the first
        `target_lengths` count; or those of all samples one after the other. For a single sequence (S,) or
        (1, S).
    input_lengths : how many of the T frames each sample has, shape (N,); the rest does not count.
    target_lengths : how many labels each sample has, shape (N,).
    blank : the class that stands for no label.
    reduction : "mean" divides each loss by the number of its labels, at least 1, and takes the mean over
        the batch; "sum", or "none" for one loss a sample.
    zero_infinity : whether a sample without any alignment, which costs inf, has loss 0 and no gradient.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of shape (N,); in nats.

    Raises
    ------
    ValueError
        If a shape does not fit, a label or a length is out of range, a label is the blank, or `reduction`
        is unknown.
    TypeError
        If an argument is not made of real numbers, or labels and lengths not of integers.

    Notes
    -----
    The gradient is the derivative with respect to `log_probs` as independent numbers: minus the posterior
    probability of a class in a frame. torch 2.13 returns exp(log_probs) less the posterior, which is the
    gradient only once it has gone back through log_softmax; `ctc_loss_with_logits` has that in one step. A
    sample without an alignment has gradient nan unless `zero_infinity` is set, as in torch. A blank among
    the labels, or a label out of range, which torch reads without a check, is refused.

    The recursion over the frames is carried out for all samples at once, and in float64: under float32
    every digit is right. In float64 the loss is good to its last places too, but each frame's rounding of a
    logarithm stays in the gradient, whose relative error grows with T: about 1e-12 after 800 frames.

    References
    ----------
    .. [1] Graves, Fernandez, Gomez, Schmidhuber: Connectionist Temporal Classification: Labelling
       Unsegmented Sequence Data with Recurrent Neural Networks, ICML 2006.

    Examples
    --------
    >>> log_probs = np.log([[0.5, 0.25, 0.25], [0.5, 0.25, 0.25]])
    >>> ctc_loss(log_probs, [1], 2, 1, reduction="sum").round(4)  # -log(0.5 0.25 + 0.25 0.5 + 0.25 0.25)
    np.float64(1.1632)
    >>> ctc_loss.grad(log_probs, [1], 2, 1, reduction="sum").round(4).tolist()
    [[-0.4, -0.6, 0.0], [-0.4, -0.6, 0.0]]
    """
    _, _, losses = _forward(log_probs, targets, input_lengths, target_lengths, blank, False)
    losses = _losses(losses, target_lengths, reduction, zero_infinity)
    return losses if np.ndim(log_probs) == 3 else losses[0]


@ctc_loss.derivative
def _(
    log_probs: FloatArray,
    targets: IntArray,
    input_lengths: IntArray,
    target_lengths: IntArray,
    blank: int,
    reduction: str,
    zero_infinity: bool,
) -> FloatArray:
    lattice, alpha, losses = _forward(log_probs, targets, input_lengths, target_lengths, blank, False)
    slopes = 0 - _posteriors(lattice, alpha)
    slopes = _reduced(slopes, losses, input_lengths, target_lengths, reduction, zero_infinity)
    return slopes.reshape(log_probs.shape)


@loss(
    read=_read_sequences,
    arrays=("logits", "targets", "input_lengths", "target_lengths"),
    batch=Batch(
        axes={"logits": 1, "targets": 0, "input_lengths": 0, "target_lengths": 0},
        shape=_shape,
        height=_height,
    ),
    convex=False,
    smooth=True,
    lipschitz=np.inf,
)
def ctc_loss_with_logits(
    logits: Numbers,
    targets: Numbers,
    input_lengths: Numbers,
    target_lengths: Numbers,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> FloatArray:
    r"""The connectionist temporal classification loss of logits: log-softmax and loss in one, in nats.

    .. math:: \ell(z, y) = -\log \sum_{a \,\to\, y} \prod_t p_{t, a_t}, \qquad
              p_t = \mathrm{softmax}(z_t), \qquad
              \frac{\partial \ell}{\partial z_{t, k}} = p_{t, k} - P(a_t = k \mid y)

    The sum is over all alignments: sequences a of T classes that become the labels y when repeated
    classes are merged and blanks are dropped.

    Parameters
    ----------
    logits : scores of shape (T, N, K) for T frames, N samples and K classes, or (T, K) for a single
        sequence; float32 or float64 (integers become float64).
    targets : labels from 0 to K - 1 other than `blank`: of shape (N, S), a row a sample, of which the first
        `target_lengths` count; or those of all samples one after the other. For a single sequence (S,) or
        (1, S).
    input_lengths : how many of the T frames each sample has, shape (N,); the rest does not count.
    target_lengths : how many labels each sample has, shape (N,).
    blank : the class that stands for no label.
    reduction : "mean" divides each loss by the number of its labels, at least 1, and takes the mean over
        the batch; "sum", or "none" for one loss a sample.
    zero_infinity : whether a sample without any alignment, which costs inf, has loss 0 and no gradient.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of shape (N,); in nats.

    Raises
    ------
    ValueError
        If a shape does not fit, a label or a length is out of range, a label is the blank, or `reduction`
        is unknown.
    TypeError
        If an argument is not made of real numbers, or labels and lengths not of integers.

    Notes
    -----
    It is `ctc_loss` of `log_softmax(logits, -1)`, but where a frame is all but certain of what the labels
    say, the two probabilities of which the gradient is the difference are both next to 1; it is then
    taken from what is missing on each side. `optax.losses.ctc_loss` takes logits too.

    References
    ----------
    .. [1] Graves, Fernandez, Gomez, Schmidhuber: Connectionist Temporal Classification: Labelling
       Unsegmented Sequence Data with Recurrent Neural Networks, ICML 2006.

    Examples
    --------
    >>> ctc_loss_with_logits([[[1.0, 0.0, 0.0]], [[0.0, 2.0, 0.0]]], [[1]], [2], [1]).round(4)
    np.float64(0.442)
    >>> ctc_loss_with_logits.grad([[40.0, 0.0, 0.0], [0.0, 40.0, 0.0]], [1], 2, 1)[0].tolist()
    [-4.248354255291589e-18, 0.0, 4.248354255291589e-18]
    """
    _, _, losses = _forward(logits, targets, input_lengths, target_lengths, blank, True)
    losses = _losses(losses, target_lengths, reduction, zero_infinity)
    return losses if np.ndim(logits) == 3 else losses[0]


@ctc_loss_with_logits.derivative
def _(
    logits: FloatArray,
    targets: IntArray,
    input_lengths: IntArray,
    target_lengths: IntArray,
    blank: int,
    reduction: str,
    zero_infinity: bool,
) -> FloatArray:
    lattice, alpha, losses = _forward(logits, targets, input_lengths, target_lengths, blank, True)
    slopes = _posteriors(lattice, alpha)
    frames = max(1, BLOCK // max(1, slopes[:1].size))
    for start in range(0, len(slopes), frames):
        part = slice(start, start + frames)
        probability, complement = softmax_with_complement(lattice.scores[part].astype(np.float64), 2)
        # p - P as p (1 - P) - P (1 - p): where both are next to 1, what is missing is not rounded away.
        slopes[part] = probability * sum_of_others(slopes[part], 2) - complement * slopes[part]
    slopes = _reduced(slopes, losses, input_lengths, target_lengths, reduction, zero_infinity)
    return slopes.reshape(logits.shape)
