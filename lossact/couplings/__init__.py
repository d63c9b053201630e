"""An activation and a loss as one function of the logit.

Seen from the logit, the pair is what counts: which gradient reaches the weights depends on both parts. Where
the activation is the inverse of the canonical link of the noise model whose likelihood the loss is, its
derivative cancels, and the gradient is the residual, prediction minus target. Seven pairs are computed in one
step, without the rounding of the parts:

============================  ==========================================  =========  =========
coupling                      prediction                                  noise      canonical
============================  ==========================================  =========  =========
`identity_mse`                z                                           Gaussian   yes
`sigmoid_bce`                 1 / (1 + exp(-z))                           Bernoulli  yes
`probit_bce`                  Phi(z)                                      Bernoulli  no
`cloglog_bce`                 1 - exp(-exp(z))                            Bernoulli  no
`softmax_ce`                  exp(z) / sum(exp(z))                        K classes  yes
`exp_poisson`                 exp(z)                                      Poisson    yes
`softplus_poisson`            log(1 + exp(z))                             Poisson    no
============================  ==========================================  =========  =========

Every other pair can be built with `couple`, right or wrong, and each can `explain()` itself:

>>> from lossact import mse_loss, sigmoid, softmax
>>> couple(sigmoid, mse_loss).explain().fault
'vanishing'
>>> couple(softmax, softmax_ce).explain().fault
'twice'
"""

from lossact.couplings.coupling import (
    Coupling,
    cloglog_bce,
    couple,
    exp_poisson,
    identity_mse,
    probit_bce,
    sigmoid_bce,
    softmax_ce,
    softplus_poisson,
)
from lossact.couplings.explanation import Case, Explanation
from lossact.couplings.noise import NoiseModel

__all__ = [
    "Case",
    "Coupling",
    "Explanation",
    "NoiseModel",
    "cloglog_bce",
    "couple",
    "exp_poisson",
    "identity_mse",
    "probit_bce",
    "sigmoid_bce",
    "softmax_ce",
    "softplus_poisson",
]
