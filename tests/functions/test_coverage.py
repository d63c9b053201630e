"""Nothing that torch offers as an activation or a loss is missing, nor anything of the catalogue."""

import inspect

import pytest
import torch
import torch.nn.functional as F

import lossact

# What torch.nn.functional has besides: layers, pooling, padding, attention, dropout, and helpers.
OTHERS = """
    adaptive avg_pool max_pool lp_pool fractional max_unpool conv linear bilinear embedding
    embedding_bag fold unfold grid_sample affine_grid interpolate upsample pixel channel_shuffle
    native_channel pad one_hot dropout alpha_dropout feature_alpha batch_norm group_norm instance_norm
    layer_norm local_response_norm rms_norm normalize pdist scaled_ grouped_mm multi_head has_torch
    handle_torch assert_int boolean_dispatch
"""
CATALOGUE = """
    sigmoid logsigmoid tanh softsign hardsigmoid hardtanh arctan logit relu relu6 leaky_relu prelu rrelu
    threshold elu celu selu relu_squared softplus gelu quick_gelu silu mish hardswish squareplus lisht
    glu swiglu geglu reglu hardshrink softshrink tanhshrink softmax log_softmax softmin logsumexp
    gumbel_softmax sparsemax mse_loss l1_loss smooth_l1_loss huber_loss log_cosh_loss pseudo_huber_loss
    pinball_loss msle_loss mape_loss poisson_nll_loss gaussian_nll_loss gamma_deviance_loss
    tweedie_deviance_loss binary_cross_entropy binary_cross_entropy_with_logits cross_entropy nll_loss
    sigmoid_focal_loss hinge_loss squared_hinge_loss soft_margin_loss multi_margin_loss
    multilabel_margin_loss multilabel_soft_margin_loss exponential_loss poly_loss kl_div entropy
    distribution_cross_entropy jensen_shannon_divergence dice_loss tversky_loss distillation_loss
    cosine_embedding_loss margin_ranking_loss hinge_embedding_loss triplet_margin_loss
    triplet_margin_with_distance_loss contrastive_loss nt_xent_loss info_nce_loss circle_loss ctc_loss
    linear_cross_entropy pairwise_distance cosine_similarity
"""
# Arguments that torch has for its past or its compiler, and its dtype after a default of its own.
FORGOTTEN = {"size_average", "reduce", "inplace", "_stacklevel", "options"}


def torchs():
    """The names of torch's activations and losses."""
    for name in dir(F):
        function = getattr(F, name)
        if name[0].islower() and name[0] != "_" and not name.endswith("_") and callable(function):
            if inspect.ismodule(function) or inspect.isclass(function):
                continue
            if name == "linear_cross_entropy" or not name.startswith(tuple(OTHERS.split())):
                yield name


@pytest.mark.parametrize("name", list(torchs()))
def test_torch_has_it_and_so_have_we(name):
    assert name in lossact.__all__


def test_the_list_of_torch_is_not_empty():
    assert len(list(torchs())) >= 45


@pytest.mark.parametrize("name", CATALOGUE.split())
def test_the_catalogue_is_complete(name):
    assert name in lossact.__all__
    assert inspect.getdoc(getattr(lossact, name))


@pytest.mark.parametrize("name", list(torchs()))
def test_arguments_have_torchs_names_and_order(name):
    """Those that both have; torch's own builtins do not say what they take."""
    try:
        theirs = [each for each in inspect.signature(getattr(F, name)).parameters if each not in FORGOTTEN]
    except (TypeError, ValueError):
        pytest.skip("torch does not say")
    if theirs == ["args", "kwargs"]:
        pytest.skip("torch does not say")
    ours = [each for each in inspect.signature(getattr(lossact, name)).parameters if each in theirs]
    assert ours == [each for each in theirs if each in ours]
    assert set(theirs) <= {*ours}, f"missing: {set(theirs) - {*ours}}"


def test_torch_is_the_version_that_is_compared_with():
    assert torch.__version__.startswith("2.13.")
