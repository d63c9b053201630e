"""Every sentence that the explanation of a coupling is made of, in one place, so that it can be translated.

Names in braces are filled with what `lossact.couplings.explanation` has measured.
"""

NOISE = {
    "Gaussian": (
        "The loss takes the target for the prediction plus Gaussian noise of one size; it is twice the "
        "negative log-likelihood for a variance of 1, but for a constant."
    ),
    "Bernoulli": (
        "The loss takes the target for 0 or 1, and the prediction for the probability of 1; it is the "
        "negative log-likelihood."
    ),
    "categorical": (
        "The loss takes the target for one of K classes, and the prediction for their probabilities; it is "
        "the negative log-likelihood."
    ),
    "Poisson": (
        "The loss takes the target for a count of independent events, and the prediction for the expected "
        "count; it is the negative log-likelihood, but for a constant."
    ),
}
NO_NOISE = "The loss is not looked upon as the likelihood of a noise model here."

RESIDUAL = "dL/dz = {factor}(p - y), with the prediction p = {head}(z)"
WEIGHTED_RESIDUAL = "dL/dz = {factor}(p - y) f'(z) / V(p), with p = f(z) = {activation}(z) and the variance V"
CHAIN_RULE = "dL/dz = f'(z) L'(f(z), y), with f = {activation} and L = {loss}"

CANONICAL = (
    "Canonical: {head} is the inverse of the canonical link of {noise} noise, so its derivative is the "
    "variance of the target, f'(z) = V(f(z)). The loss divides by that variance; the two cancel, and what is "
    "left is the residual."
)
NOT_CANONICAL = (
    "Not canonical: for {noise} noise that would be {canonical}. With {activation} the residual keeps the "
    "weight f'(z) / V(p): {low_weight:.4g} at z = {low:g} and {high_weight:.4g} at z = {high:g}. That is no "
    "fault: the canonical one is the convenient one, not the one that fits best."
)
NOT_CANONICAL_AND_WRONG = "Not canonical: for {noise} noise that would be {canonical}."
NEVER_CANONICAL = "Not canonical: that is said of the likelihood of a noise model."

FAULTS = {
    "vanishing": (
        "The derivative of {activation} stays in the gradient. Where {activation} is flat the gradient "
        "vanishes, however wrong the prediction is: at z = {logit} with the target {target} the prediction "
        "is {prediction}, but the slope of the activation is at most {slope:.5g} and the gradient "
        "{gradient:.5g}. With {remedy} it is {matched:.5g}."
    ),
    "twice": (
        "{activation} is applied twice, because {loss} brings its own. What it is given lies between "
        "{inner_low:g} and {inner_high:g} instead of anywhere, so its predictions lie between {low:.4f} and "
        "{high:.4f}. Give it z itself: at z = {logit} with the target {target} the gradient is "
        "{gradient:.5g}; that of {remedy} is {matched:.5g}."
    ),
    "narrowed": (
        "{loss} takes any score and turns it into a prediction by itself. After {activation} it is given "
        "nothing below {inner_low:g} and nothing above {inner_high:g}, so its predictions lie between "
        "{low:.4f} and {high:.4f}, and the derivative of {activation} stays in the gradient. Give it z "
        "itself: at z = {logit} with the target {target} the gradient is {gradient:.5g}; that of {remedy} is "
        "{matched:.5g}."
    ),
    "harmless": (
        "{activation} is taken twice, because {loss} takes it too, and that changes nothing: the log-softmax "
        "of a log-softmax is itself. The largest difference from {remedy} is {difference:.1g} in the loss "
        "and {gradient_difference:.1g} in the gradient. It costs a second pass, no more."
    ),
    "in two steps": (
        "Right: {activation} and {loss} are {remedy}, taken in two steps. The largest difference is "
        "{difference:.1g} in the loss and {gradient_difference:.1g} in the gradient."
    ),
    "not logarithms": (
        "{loss} takes log-probabilities, and {activation} does not give them. So the loss, minus the entry "
        "of the class, is not the likelihood: at z = {logit} with the target {target} it is {value:.4f}, "
        "where the one of {remedy} is {matched_value:.4f}."
    ),
    "undefined": (
        "At z = {logit} with the target {target} {activation} is flat and its prediction is {prediction}, "
        "where the slope of the loss is infinite: 0 times inf is nan, and the gradient is {gradient:.5g}. "
        "With {remedy} it is {matched:.5g}."
    ),
    "outside": (
        "{loss} takes predictions from {domain_low:g} to {domain_high:g}, and {activation} gives any from "
        "{range_low:g} to {range_high:g}. Use {remedy}."
    ),
    "competing": (
        "The binary cross-entropy asks K questions whose answers do not hang together, and softmax makes "
        "them share one sum of 1. For one class of K use {remedy}; for several classes at once sigmoid_bce."
    ),
    "slope stays": (
        "The derivative of {activation} stays in the gradient and weights it: for z from -10 to 10 by "
        "{least_slope:.5g} to {greatest_slope:.5g}. That is what a hidden layer wants and an output does not."
    ),
}
REFUSED_HERE = "At z = {logit} {activation} gives {prediction}, which {loss} refuses."
TAKEN_HERE = "At z = {logit} {activation} gives {prediction}, of which {loss} makes {value:.5g}."
OF_CLASS = "(The gradients are those by the logit of the right class.)"

FLOORS = {
    "softmax": (
        "However sure and right the network is, the loss does not fall below log(1 + (K - 1) / e): "
        "{floor_2:.4f} for 2 classes, {floor_10:.4f} for 10, {floor_1000:.4f} for 1000."
    ),
    "two labels": (
        "However sure and right the network is, the loss does not fall below {floor_0:.4f} for the target 0 "
        "and {floor_1:.4f} for the target 1."
    ),
    "counts": (
        "However right the network is, the loss of a target 0 does not fall below {floor_0:.4f}, although "
        "the one of a rate of 0 is 0."
    ),
}

CASES = {
    "wrong": "confident and wrong",
    "wrong for 0": "confident and wrong for 0",
    "unsure": "unsure",
    "right": "confident and right",
    "too low": "far too low",
    "near": "near",
    "too high": "far too high",
}

COLUMNS = ("case", "z", "y", "prediction", "loss", "gradient")
REFUSED = "refused"
