"""Numbers that others have published, computed anew through `lossact`: a test each, with its source.

Where a source was not at hand and its number is known from memory of it, the docstring says "recomputed":
then the test holds what comes out here, and the pages claim no more.
"""

import math

import numpy as np
import pytest
from scipy import integrate, optimize

import lossact
from lossact import (
    binary_cross_entropy,
    cross_entropy,
    distillation_loss,
    elu,
    gaussian_nll_loss,
    gelu,
    huber_loss,
    kl_div,
    leaky_relu,
    mish,
    mse_loss,
    multi_margin_loss,
    quick_gelu,
    relu,
    selu,
    sigmoid,
    sigmoid_focal_loss,
    silu,
    softmax,
    tanh,
)
from lossact.couplings import cloglog_bce, couple, exp_poisson, probit_bce, sigmoid_bce
from lossact.datasets import anscombe_third, beetles, counts, stackloss
from lossact.descent import descend
from lossact.losses.deviances import poisson_deviance_loss

NIELSEN_ETA = 0.15
CS231N_SCORES = [[-2.85, 0.86, 0.28]]


def gaussian_mean(function):
    """The mean of a function of a standard normal variable, by quadrature."""
    nodes = np.concatenate([np.linspace(-12, 0, 40_001), np.linspace(0, 12, 40_001)[1:]])
    density = np.exp(-(nodes**2) / 2) / math.sqrt(2 * math.pi)
    return integrate.trapezoid(function(nodes) * density, nodes)


def gain(activation):
    """The standard deviation of weights times root n that keeps the mean square of the activations."""
    return 1 / math.sqrt(gaussian_mean(lambda x: activation(x) ** 2))


def minimum(function, low, high):
    found = optimize.minimize_scalar(
        lambda x: float(function(x)), bounds=(low, high), method="bounded", options={"xatol": 1e-10}
    )
    return found.x, found.fun


def outputs_of_one_neuron(pair, start, factor=1.0):
    def value_and_grad(parameters):
        value, delta = pair.value_and_grad(parameters.sum(keepdims=True), [0.0])
        return factor * value, factor * np.repeat(delta, 2)

    run = descend(value_and_grad, start, learning_rate=NIELSEN_ETA, steps=300)
    return sigmoid(run.parameters.sum(axis=1))


def test_f01_nielsen_chapter_3_one_neuron_under_the_quadratic_cost():
    """Nielsen, Neural Networks and Deep Learning, chapter 3: 0.82 falls to 0.09; 0.98 hardly moves for 150
    epochs.
    """
    pair = couple(sigmoid, mse_loss)
    first = outputs_of_one_neuron(pair, [0.6, 0.9], factor=0.5)
    second = outputs_of_one_neuron(pair, [2.0, 2.0], factor=0.5)
    np.testing.assert_allclose(first[[0, 300]], [0.8176, 0.0940], atol=5e-5)
    np.testing.assert_allclose(second[[0, 150, 300]], [0.9820, 0.9334, 0.2028], atol=5e-5)


def test_f02_cs231n_linear_classification_two_losses_of_one_score_vector():
    """CS231n notes, linear classification: hinge loss 1.58, cross-entropy 1.04 for scores (-2.85, .86,
    .28), class 2.
    """
    hinge = multi_margin_loss(CS231N_SCORES, [2]) * 3  # the library divides by the number of classes
    assert hinge == pytest.approx(1.58, abs=5e-9)
    assert cross_entropy(CS231N_SCORES, [2]) == pytest.approx(1.04019, abs=5e-6)


def test_f03_cs231n_linear_classification_softmax_of_halved_scores():
    """CS231n notes, linear classification: (1, -2, 0) gives .70 .04 .26, halved .55 .12 .33 (the last one
    .3315).
    """
    scores = np.array([1.0, -2.0, 0.0])
    np.testing.assert_allclose(softmax(scores, 0), [0.7054, 0.0351, 0.2595], atol=5e-5)
    np.testing.assert_allclose(softmax(scores / 2, 0), [0.5465, 0.1220, 0.3315], atol=5e-5)


def test_f04_cs231n_neural_networks_3_loss_at_chance():
    """CS231n notes, neural networks part 3: 2.302 for a softmax of 10 classes, 9 for the hinge loss."""
    equal = np.zeros((5, 10))
    assert cross_entropy(equal, np.arange(5)) == pytest.approx(math.log(10), rel=1e-12)
    assert multi_margin_loss(equal, np.arange(5)) * 10 == pytest.approx(9)


# fmt: off
UDL_X = np.array([
    0.09291784, 0.46809093, 0.93089486, 0.67612654, 0.73441752, 0.86847339, 0.49873225, 0.51083168,
    0.18343972, 0.99380898, 0.27840809, 0.38028817, 0.12055708, 0.56715537, 0.92005746, 0.77072270,
    0.85278176, 0.05315950, 0.87168699, 0.58858043,
])
# fmt: on
# fmt: off
UDL_Y = np.array([
    -0.25934537, 0.18195445, 0.65127015, 0.13921448, 0.09366691, 0.30567674, 0.37229117, 0.20716968,
    -0.08131792, 0.51187806, 0.16943738, 0.39943270, 0.01906257, 0.55820410, 0.45256496, -0.1183121,
    0.02957665, -1.24354444, 0.24803884, 0.26824970,
])
# fmt: on
UDL_LABELS = np.array([0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1], float)


def udl_network(offset, weights):
    hidden = relu(np.array([0.3, -1.0, -0.5]) + UDL_X[:, None] * np.array([-1.0, 1.8, 0.65]))
    return offset + hidden @ np.array(weights)


def test_f05_udl_notebook_5_1_gaussian_likelihood_of_twenty_points():
    """Prince, Understanding Deep Learning, notebook 5.1: NLL 11.452419564, sum of squares 2.020992572, and
    .000010624.
    """
    predicted = udl_network(0.1, [-2.0, -1.0, 7.0])
    variance = np.full(20, 0.2**2)
    nll = gaussian_nll_loss(predicted, UDL_Y, variance, full=True, reduction="sum")
    assert nll == pytest.approx(11.452419564, abs=5e-10)
    assert mse_loss(predicted, UDL_Y, reduction="sum") == pytest.approx(2.020992572, abs=5e-10)
    assert math.exp(-nll) == pytest.approx(0.000010624, abs=5e-10)
    density = math.exp(-gaussian_nll_loss([-1.0], [1.0], [2.3**2], full=True))
    assert density == pytest.approx(0.119, abs=5e-4)


def test_f06_udl_notebook_5_2_bernoulli_likelihood_of_twenty_points():
    """Prince, Understanding Deep Learning, notebook 5.2: NLL 9.563639387."""
    logits = udl_network(2.6, [-24.0, -8.0, 50.0])
    assert sigmoid_bce(logits, UDL_LABELS, reduction="sum") == pytest.approx(9.563639387, abs=5e-10)


def test_f08_klambauer_2017_the_constants_of_selu_are_its_fixed_point():
    """Klambauer et al. 2017, recomputed: mean 0 and variance 1 go in and come out; the equations give the
    constants.
    """
    mean = gaussian_mean(selu)
    assert mean == pytest.approx(0, abs=1e-8)
    assert gaussian_mean(lambda x: selu(x) ** 2) - mean**2 == pytest.approx(1, abs=1e-8)

    def moments(constants):
        alpha, scale = constants
        return (
            gaussian_mean(lambda x: scale * elu(x, alpha=float(alpha))),
            gaussian_mean(lambda x: (scale * elu(x, alpha=float(alpha))) ** 2) - 1,
        )

    np.testing.assert_allclose(
        optimize.fsolve(moments, [1.5, 1.1]), [1.6732632423543772, 1.0507009873554805], atol=1e-7
    )


def test_f10_he_2015_section_2_2_standard_deviations_and_what_a_fixed_one_costs():
    """He et al. 2015, section 2.2, recomputed: .059 .042 .029 .021 for 64 to 512 filters of 3 by 3; a
    factor of 1.7e4.
    """
    deviations = gain(relu) / np.sqrt(9 * np.array([64, 128, 256, 512]))
    np.testing.assert_allclose(deviations, [0.0589, 0.0417, 0.0295, 0.0208], atol=6e-5)
    by_layer = deviations[[0, 1, 1, 2, 2, 3, 3, 3, 3]]  # layers 2 to 10
    assert np.prod(by_layer / 0.01) == pytest.approx(1.673e4, rel=1e-3)


def test_f11_gains_by_quadrature_against_the_table_of_torch():
    """He et al. 2015 and torch.nn.init: root 2 for ReLU, root(2 / (1 + a^2)) for leaky; torch's 5/3 and
    3/4 are not.
    """
    init = pytest.importorskip("torch").nn.init
    assert gain(relu) == pytest.approx(init.calculate_gain("relu"), rel=1e-7)
    assert gain(leaky_relu) == pytest.approx(init.calculate_gain("leaky_relu", 0.01), rel=1e-7)
    assert gain(leaky_relu) == pytest.approx(1.41414, abs=5e-6)
    found = [gain(each) for each in (tanh, selu, sigmoid, gelu, silu)]
    np.testing.assert_allclose(found, [1.5925, 1.0, 1.8462, 1.5335, 1.6765], atol=6e-5)
    assert (init.calculate_gain("tanh"), init.calculate_gain("selu")) == (5 / 3, 3 / 4)


def test_f12_pytorch_15314_the_default_weights_of_a_linear_layer():
    """PyTorch issues 15314 and 57109: a = root 5 gives n Var = 1/3, whatever follows."""
    torch = pytest.importorskip("torch")
    bound = torch.nn.init.calculate_gain("leaky_relu", math.sqrt(5)) * math.sqrt(3)
    assert bound / math.sqrt(3) == pytest.approx(1 / math.sqrt(3))
    torch.manual_seed(0)
    assert torch.nn.Linear(1000, 1000).weight.std().item() * math.sqrt(1000) == pytest.approx(
        0.57732, rel=2e-3
    )


def test_f13_glorot_bengio_2010_singular_values_of_a_square_layer():
    """Glorot, Bengio 2010, recomputed: the mean singular value is 8 / (3 pi) times the scale: .849, and
    .490 for 1/3.
    """
    weights = np.random.default_rng(0).normal(0, 1 / math.sqrt(1000), size=(1000, 1000))
    mean = np.linalg.svd(weights, compute_uv=False).mean()
    assert mean == pytest.approx(8 / (3 * math.pi), abs=1e-3)
    bound = 1 / math.sqrt(1000)
    standard = np.random.default_rng(1).uniform(-bound, bound, size=(1000, 1000))
    assert 1000 * standard.var() == pytest.approx(1 / 3, rel=5e-3)
    assert np.linalg.svd(standard, compute_uv=False).mean() == pytest.approx(0.4901, abs=1e-3)


def test_f14_lecun_1998_the_scaled_tanh_passes_through_one():
    """LeCun et al. 1998, recomputed: 1.7159 tanh(2x / 3) is 1 at 1 to five digits; its mean square is
    .7504.
    """
    assert 1.7159 * tanh(2 / 3) == pytest.approx(0.9999973, abs=5e-8)
    assert gaussian_mean(lambda x: (1.7159 * tanh(2 * x / 3)) ** 2) == pytest.approx(0.7504, abs=5e-5)


def test_f15_hendrycks_gimpel_2016_how_far_the_approximations_of_gelu_are_off():
    """Hendrycks, Gimpel 2016; tvm pull request 14814 says 5e-4 for the tanh form. The sigmoid form is off
    by 2e-2.
    """
    x = np.linspace(-6, 6, 240_001)
    off = np.abs(gelu(x, approximate="tanh") - gelu(x))
    assert off.max() == pytest.approx(4.7324e-4, abs=5e-9)
    assert abs(x[off.argmax()]) == pytest.approx(2.699, abs=1e-3)
    assert np.abs(quick_gelu(x) - gelu(x)).max() == pytest.approx(2.0335e-2, abs=5e-7)


def test_f16_ramachandran_2017_misra_2019_minima_of_swish_and_mish():
    """Ramachandran et al. 2017 and Misra 2019, recomputed: -.278 and -.309; f' = f + sigmoid (1 - f) for
    swish.
    """
    np.testing.assert_allclose(minimum(silu, -3, 0), [-1.27846, -0.278465], atol=5e-6)
    np.testing.assert_allclose(minimum(mish, -3, 0), [-1.19243, -0.308843], atol=6e-6)
    x = np.linspace(-5, 5, 41)
    np.testing.assert_allclose(silu.grad(x), silu(x) + sigmoid(x) * (1 - silu(x)), atol=1e-15)


@pytest.mark.parametrize(("p", "times"), [(0.9, 100.0), (0.968, 976.6), (0.5, 4.0)])
def test_f17_lin_2017_section_3_how_much_less_an_easy_sample_counts(p, times):
    """Lin et al. 2017, section 3, recomputed: with gamma 2 it counts 100, about 1000 and 4 times less."""
    logit = [math.log(p / (1 - p))]
    focal = sigmoid_focal_loss(logit, [1.0], alpha=-1.0, gamma=2.0, reduction="mean")
    assert sigmoid_bce(logit, [1.0]) / focal == pytest.approx(times, rel=1e-4)


def test_f17_lin_2017_section_3_the_bias_that_makes_positives_rare_from_the_start():
    """Lin et al. 2017, section 3.3, recomputed: -ln((1 - pi) / pi) = -4.595 for pi = .01."""
    assert lossact.logit(0.01) == pytest.approx(-4.5951, abs=5e-5)


def test_f18_szegedy_2016_section_7_label_smoothing():
    """Szegedy et al. 2016, section 7: (1 - eps) delta + eps / K; with K = 1000, eps = .1 the right class
    has .9001.
    """
    target = np.full(1000, 0.1 / 1000)
    target[0] += 0.9
    assert target[0] == pytest.approx(0.9001)
    logits = np.log(target)[None]
    assert logits[0, 0] - logits[0, 1] == pytest.approx(9.1051, abs=5e-5)
    assert cross_entropy(logits, [0], label_smoothing=0.1) == pytest.approx(1.01485, abs=5e-6)
    np.testing.assert_allclose(cross_entropy.grad(logits, [0], label_smoothing=0.1), 0, atol=1e-12)
    assert cross_entropy([[2.0, 1.0, 0.1]], [0], label_smoothing=0.1) == pytest.approx(0.513697, abs=5e-7)


def test_f19_hinton_2015_section_2_1_at_a_high_temperature_logits_are_matched():
    """Hinton et al. 2015, section 2.1, recomputed: the gradient tends to (z - v) / (K T^2); here times
    T^2, centred.
    """
    rng = np.random.default_rng(0)
    student, teacher = rng.normal(size=(1, 10)), rng.normal(size=(1, 10))
    student, teacher = student - student.mean(), teacher - teacher.mean()
    limit = (student - teacher) / 10
    off = []
    for temperature in (1.0, 4.0, 20.0, 100.0):
        gradient = distillation_loss.grad(student, teacher, temperature=temperature)
        off.append(np.abs(gradient - limit).max())
    assert np.all(np.diff(off) < 0)
    assert off[2] / off[3] == pytest.approx(5, rel=0.05)  # the error falls like 1 / T
    assert off[0] > 50 * off[3]


def test_f20_huber_1981_holland_welsch_the_tuning_constant_for_95_percent():
    """Huber 1981, Holland and Welsch 1977, recomputed: k = 1.345 gives 95 % of the efficiency of the mean;
    median 2/pi.
    """

    def efficiency(k):
        def psi(x):
            return huber_loss.grad(x, np.zeros_like(x), reduction="sum", delta=float(k))

        slope = gaussian_mean(lambda x: (np.abs(x) <= k).astype(float))
        return slope**2 / gaussian_mean(lambda x: psi(x) ** 2)

    assert efficiency(1.345) == pytest.approx(0.95, abs=5e-5)
    assert efficiency(1.35) == pytest.approx(0.9505, abs=5e-5)
    inside = math.erf(0.0001 / math.sqrt(2))
    assert (inside / 0.0001) ** 2 == pytest.approx(2 / math.pi, abs=1e-6)  # psi is k sign(x) as k falls to 0


def robust_fit(features, target, k, centre=0.0, steps=50):
    """Iteratively reweighted least squares with Huber's weights and the MAD of the residuals as their
    scale.
    """
    beta = np.linalg.lstsq(features, target, rcond=None)[0]
    for _ in range(steps):
        residuals = target - features @ beta
        middle = np.median(residuals) if centre == "median" else centre
        scale = np.median(np.abs(residuals - middle)) / 0.6744897501960817
        u = residuals / scale
        weight = huber_loss.grad(u, np.zeros_like(u), reduction="sum", delta=k) / u
        root = np.sqrt(weight)
        beta = np.linalg.lstsq(features * root[:, None], target * root, rcond=None)[0]
    return beta


def test_f21_statsmodels_huber_regression_on_the_stack_loss_data():
    """statsmodels documentation, robust linear models: -41.02649835 .82938433 .92606597 -.12784672, with
    the MAD about 0.
    """
    data = stackloss()
    features = np.column_stack([np.ones(21), data.x])
    np.testing.assert_allclose(
        robust_fit(features, data.y, 1.345), [-41.02649835, 0.82938433, 0.92606597, -0.12784672], atol=1e-6
    )
    assert robust_fit(features, data.y, 1.345, centre="median")[0] == pytest.approx(-41.0512, abs=5e-5)


def fit(pair, features, target, size=1.0, steps=40):
    """Fisher scoring for one coefficient a column."""
    beta = np.zeros(features.shape[1])
    if pair is exp_poisson:
        beta[0] = math.log(target.mean())
    for _ in range(steps):
        eta = features @ beta
        gradient = features.T @ (size * pair.grad(eta, target / size, reduction="sum"))
        mean = pair.predict(eta)
        slope = pair.activation.grad(eta)
        variance = mean if pair is exp_poisson else mean * (1 - mean)
        information = features.T @ ((size * slope**2 / variance)[:, None] * features)
        beta = beta - np.linalg.solve(information, gradient)
    return beta


def beetle_fit(pair):
    data = beetles()
    dose, size = data.x.T
    features = np.column_stack([np.ones(8), dose])
    beta = fit(pair, features, data.y, size)
    p, share = pair.predict(features @ beta), data.y / size
    loss = binary_cross_entropy(p, share, reduction="none") - binary_cross_entropy(
        share, share, reduction="none"
    )
    return beta, 2 * np.sum(size * loss)


def test_f23_dobson_bliss_beetles_with_the_logit_link():
    """glmlab's page of Dobson's analysis of Bliss 1935: -60.717455, 34.270326, deviance 11.232231."""
    beta, deviance = beetle_fit(sigmoid_bce)
    np.testing.assert_allclose(beta, [-60.7175, 34.2703], atol=5e-5)
    assert deviance == pytest.approx(11.2322, abs=5e-5)


@pytest.mark.parametrize(("pair", "deviance"), [(probit_bce, 10.1198), (cloglog_bce, 3.4464)])
def test_f24_dobson_barnett_bliss_beetles_with_two_other_links(pair, deviance):
    """Dobson, Barnett, recomputed: deviance 10.12 for probit, 3.45 for the complementary log-log."""
    assert beetle_fit(pair)[1] == pytest.approx(deviance, abs=5e-5)


def test_f25_dobson_1990_counts_by_outcome_and_treatment():
    """Dobson 1990, page 93, as in the help of R's glm, recomputed: 3.0445 -.4543 -.2930 0 0; deviance
    5.1291, null 10.5814.
    """
    data = counts()
    outcome, treatment = data.x.T
    features = np.column_stack(
        [np.ones(9), outcome == 2, outcome == 3, treatment == 2, treatment == 3]
    ).astype(float)
    beta = fit(exp_poisson, features, data.y)
    np.testing.assert_allclose(beta, [3.044522, -0.454255, -0.292987, 0, 0], atol=5e-7)
    mean = exp_poisson.predict(features @ beta)
    assert poisson_deviance_loss(mean, data.y, reduction="sum") == pytest.approx(5.129141, abs=5e-7)
    null = poisson_deviance_loss(np.full(9, data.y.mean()), data.y, reduction="sum")
    assert null == pytest.approx(10.581446, abs=5e-7)


def test_f26_anscombe_1973_third_set():
    """Anscombe 1973: least squares 3.00 + .500 x; the line of the other ten points 4.01 + .345 x
    (recomputed).
    """
    data = anscombe_third()
    features = np.column_stack([np.ones(11), data.x])
    np.testing.assert_allclose(
        np.linalg.lstsq(features, data.y, rcond=None)[0], [3.00245, 0.49973], atol=5e-6
    )
    # The least absolute deviations pass through two of the points: try all pairs.
    lines = [
        np.linalg.solve(features[[i, j]], data.y[[i, j]])
        for i in range(11)
        for j in range(i)
        if data.x[i] != data.x[j]
    ]
    best = min(lines, key=lambda line: lossact.l1_loss(features @ line, data.y))
    np.testing.assert_allclose(best, [4.010, 0.345], atol=1e-6)


def test_f27_wikipedia_kullback_leibler_divergence_of_a_triple():
    """Wikipedia, Kullback-Leibler divergence, recomputed: .0852996 and .0974550 nats."""
    p, q = np.array([[0.36, 0.48, 0.16]]), np.full((1, 3), 1 / 3)
    assert kl_div(np.log(q), p, reduction="sum") == pytest.approx(0.0852996, abs=5e-8)
    assert kl_div(np.log(p), q, reduction="sum") == pytest.approx(0.0974550, abs=1e-7)


def test_f28_goh_2017_rates_of_descent_with_and_without_momentum():
    """Goh, Why Momentum Really Works, Distill 2017: (kappa - 1) / (kappa + 1), and with roots under
    momentum.
    """
    curvatures = np.array([1.0, 100.0])

    def value_and_grad(x):
        return float(np.sum(curvatures * x**2) / 2), curvatures * x

    run = descend(value_and_grad, [1.0, 1.0], learning_rate=2 / 101, steps=300)
    distance = np.linalg.norm(run.parameters, axis=1)
    assert (distance[300] / distance[200]) ** (1 / 100) == pytest.approx(99 / 101, abs=5e-7)

    step, beta = (2 / (1 + 10)) ** 2, (9 / 11) ** 2
    x, before, norms = np.ones(2), np.ones(2), []
    for _ in range(201):
        norms.append(np.linalg.norm(x))
        x, before = x - step * curvatures * x + beta * (x - before), x
    assert (norms[200] / norms[150]) ** (1 / 50) == pytest.approx(0.8229, abs=5e-4)


def test_f29_tensorflow_41595_clipped_once_and_clipped_twice():
    """TensorFlow pull request 41595: the cross-entropy of p = 0 for y = 1 is 16.118 with eps = 1e-7,
    15.4249 with it twice.
    """
    assert binary_cross_entropy([1e-7], [1.0]) == pytest.approx(16.1181, abs=5e-5)
    assert binary_cross_entropy([2e-7], [1.0]) == pytest.approx(15.42495, abs=5e-6)


def test_f30_pytorch_25571_and_8062_the_weighted_mean():
    """PyTorch issues 25571 and 8062: 1.0598, not 5.2992; 133.3333, not 2000."""
    scores, labels = [[0.2, 0.3, 0.5], [0.5, 0.2, 0.3]], [2, 1]
    weight = np.array([2.0, 4.0, 6.0])
    assert cross_entropy(scores, labels, weight) == pytest.approx(1.059831, abs=5e-7)
    each = cross_entropy(scores, labels, weight, reduction="none")
    assert each.mean() == pytest.approx(5.2992, abs=5e-5)
    far, labels, weight = [[-100.0, 100.0], [-100.0, 100.0]], [0, 1], np.array([20.0, 10.0])
    assert cross_entropy(far, labels, weight) == pytest.approx(133.3333, abs=5e-5)
    assert cross_entropy(far, labels, weight, reduction="none").mean() == pytest.approx(2000)


def test_f32_pytorch_60928_a_negative_divergence():
    """PyTorch issue 60928: -.0648, because the target does not sum to 1."""
    output, target = np.array([[0.1132, 0.5477, 0.3390]]), np.array([[0.1541, 0.0511, 0.0947]])
    assert kl_div(np.log(output), target) == pytest.approx(-0.06481, abs=5e-6)


def test_f33_scico_2_a_softmax_before_the_cross_entropy_bounds_it():
    """ariecattan/SciCo issue 2: with four classes the loss cannot fall below about .74 = ln(e + 3) - 1."""
    sure = softmax(np.array([[800.0, 0.0, 0.0, 0.0]]), 1)
    assert cross_entropy(sure, [0]) == pytest.approx(0.743668, abs=5e-7)
    assert cross_entropy(sure, [0]) == pytest.approx(math.log(math.e + 3) - 1)


def test_f34_focal_loss_pytorch_5_a_sigmoid_of_a_sigmoid():
    """itakurah/focal-loss-pytorch pull request 5: applied twice it maps everything to [.5, .73]."""
    twice = sigmoid(sigmoid(np.array([-1000.0, 1000.0])))
    np.testing.assert_allclose(twice, [0.5, 0.7311], atol=5e-5)


def test_f35_pytorch_documentation_the_clamped_logarithm():
    """PyTorch documentation of BCELoss: logarithms are clamped at -100; so does `binary_cross_entropy`."""
    assert binary_cross_entropy([0.0], [1.0]) == 100
    torch = pytest.importorskip("torch")
    assert torch.nn.functional.binary_cross_entropy(torch.zeros(1), torch.ones(1)).item() == 100


def test_f37_lu_2019_deep_narrow_networks_are_born_dead():
    """Lu et al. 2019, arXiv 1903.06733: dead with probability -> 1 in depth; width 2 (recomputed): .51 .88
    .995.
    """
    rng = np.random.default_rng(0)
    trials = 4000
    signal = np.broadcast_to(rng.normal(size=(100, 2)), (trials, 100, 2))
    share = {}
    for depth in range(1, 21):
        weights = rng.normal(0, 1, size=(trials, 2, 2))
        signal = relu(signal @ weights)
        share[depth] = np.mean(np.all(signal == 0, axis=(1, 2)))
    found = [share[depth] for depth in (5, 10, 20)]
    np.testing.assert_allclose(found, [0.554, 0.890, 0.995], atol=0.02)
