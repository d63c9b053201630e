"""Of the exercise coupling/train_a_neuron."""

_REFUSE = """
    if loss not in ("quadratic", "cross-entropy"):
        raise ValueError("unknown loss")
"""

FORMULAS = {
    "train_neuron": (
        f"""
def train_neuron(w, b, eta, steps, loss):{_REFUSE}
    outputs = []
    for step in range(steps):
        p = 1 / (1 + np.exp(-(w + b)))
        delta = p
        if loss == "quadratic":
            delta = p * p * (1 - p)
        w = w - eta * delta
        b = b - eta * delta
        outputs.append(1 / (1 + np.exp(-(w + b))))
    return np.array(outputs)
""",
        f"""
def train_neuron(w, b, eta, steps, loss):{_REFUSE}
    z = w + b
    outputs = np.zeros(steps)
    for step in range(steps):
        p = (1 + np.tanh(z / 2)) / 2
        z = z - 2 * eta * (p**2 - p**3 if loss == "quadratic" else p)
        outputs[step] = (1 + np.tanh(z / 2)) / 2
    return outputs
""",
    ),
    "hidden_and_output_gradient": (
        f"""
def hidden_and_output_gradient(x, y, w1, b1, w2, b2, loss):{_REFUSE}
    h = 1 / (1 + np.exp(-(w1 * x + b1)))
    p = 1 / (1 + np.exp(-(w2 * h + b2)))
    delta = p - y
    if loss == "quadratic":
        delta = delta * p * (1 - p)
    return delta * w2 * h * (1 - h) * x, delta * h
""",
        f"""
def hidden_and_output_gradient(x, y, w1, b1, w2, b2, loss):{_REFUSE}
    h = (1 + np.tanh((w1 * x + b1) / 2)) / 2
    p = (1 + np.tanh((w2 * h + b2) / 2)) / 2
    slope = p * (1 - p)
    dp = p - y if loss == "quadratic" else (1 - y) / (1 - p) - y / p
    dz1 = dp * slope * w2 * (h - h**2)
    return dz1 * x, dp * slope * h
""",
    ),
}

PLANNED = "M95 M100"

# From w = b = 2, after 300 steps: of a path, the last number.
_B = (2.0, 2.0, 0.15, 300)

FINGERPRINTS = [
    ("train_neuron", "M95", (*_B, "cross-entropy"), 0.2028),
    ("train_neuron", "E3.1a", (*_B, "quadratic"), 0.0120),
    ("train_neuron", "E3.1b", (*_B, "quadratic"), 0.0775),
    ("train_neuron", "E3.1c", (*_B, "quadratic"), 0.2026),
]
