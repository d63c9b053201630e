"""Of the exercise coupling/broken_pairs."""

FORMULAS = {
    "marks_of": (
        """
def marks_of(head, loss, K):
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def log_softmax(z):
        return z - np.max(z) - np.log(np.sum(np.exp(z - np.max(z))))

    heads = {
        "none": lambda z: z,
        "softmax": lambda z: np.exp(log_softmax(z)),
        "log_softmax": log_softmax,
        "sigmoid": sigmoid,
    }
    y = np.eye(K)[0]

    def each(a):
        return np.log1p(np.exp(-np.abs(a))) + np.maximum(a, 0) - y * a

    losses = {
        "cross_entropy": lambda a: -log_softmax(a)[0],
        "nll": lambda a: -a[0],
        "mse": lambda a: np.sum((a - y) ** 2),
        "bce": lambda a: -np.log(a[0]) - np.sum(np.log(1 - a[1:])),
        "bce_with_logits": lambda a: np.sum(each(a)),
        "focal_with_logits": lambda a: np.sum((sigmoid(a) - y) ** 2 * each(a)),
    }
    if head not in heads or loss not in losses:
        raise ValueError("not on the list")

    def value(z):
        return losses[loss](heads[head](z))

    best = y if (head, loss) == ("none", "mse") else 80 * y - 40
    slopes = []
    for k in range(K):
        step = 1e-5 * np.eye(K)[k]
        slopes.append((value(step) - value(-step)) / 2e-5)
    return value(np.zeros(K)), value(best), np.sqrt(np.sum(np.array(slopes) ** 2))
""",
        """
def marks_of(head, loss, K):
    known = ("none", "softmax", "log_softmax", "sigmoid")
    if head not in known:
        raise ValueError("not on the list")
    rest = np.log(np.e + K - 1) - 1
    half = np.log(1 + np.exp(-0.5))
    p = 1 / (1 + np.exp(-0.5))
    pull = np.sqrt((1 - 1 / K) ** 2 + (K - 1) / K**2)
    if loss == "cross_entropy":
        if head == "softmax":
            return np.log(K), rest, pull / K
        if head == "sigmoid":
            return np.log(K), rest, pull / 4
        return np.log(K), 0.0, pull
    if loss == "nll":
        if head == "softmax":
            return -1 / K, -1.0, pull / K
        return np.log(K), 0.0, pull
    if loss == "bce_with_logits":
        if head == "sigmoid":
            floor = (K - 1) * np.log(2) + np.log(1 + np.exp(-1))
            slope = np.sqrt((1 - p) ** 2 + (K - 1) * p**2) / 4
            return K * half + (K - 1) / 2, floor, slope
        return K * np.log(2), 0.0, np.sqrt(K) / 2
    if loss == "bce":
        if head == "softmax":
            first = np.log(K) - (K - 1) * np.log(1 - 1 / K)
            return first, 0.0, np.sqrt(K / (K - 1))
        return K * np.log(2), 0.0, np.sqrt(K) / 2
    if loss == "mse":
        if head == "none":
            return 1.0, 0.0, 2.0
        if head == "softmax":
            return 1 - 1 / K, 0.0, 2 * pull / K
        return K / 4, 0.0, np.sqrt(K) / 4
    if loss == "focal_with_logits":
        return K * np.log(2) / 4, 0.0, np.sqrt(K) * (np.log(2) / 4 + 1 / 8)
    raise ValueError("not on the list")
""",
    ),
    "diagnose": (
        """
def diagnose(K, losses, accuracies):
    last, before = losses[-1], losses[-10]
    if not np.isfinite(last) or last > losses[0]:
        return "too large a step"
    if last < 0:
        return "no logarithm"
    if np.max(losses) == np.min(losses):
        return "one unit" if last == 0 else "no gradient"
    if abs(last - before) > 0.01 * before:
        return "healthy"
    if abs(last / (np.log(np.e + K - 1) - 1) - 1) < 0.05 and accuracies[-1] > 0.8:
        return "softmax twice"
    if abs(last / ((K - 1) * np.log(2) + 0.3133) - 1) < 0.05:
        return "sigmoid twice"
    silent = round(last * K / np.log(K))
    if silent > 0 and abs(last * K / np.log(K) / silent - 1) < 0.05:
        return "silent classes"
    return "healthy"
""",
    ),
    "declare_head": (
        """
def declare_head(y):
    columns = 1 if y.ndim == 1 else y.shape[1]
    binary = np.all((y == 0) | (y == 1))
    if binary and columns == 1:
        return "sigmoid", 1, np.log(2)
    if y.ndim == 1 and y.dtype.kind == "i":
        K = np.max(y) + 1
        return "softmax", K, np.log(K)
    if y.ndim == 2 and np.all(y >= 0) and np.allclose(np.sum(y, axis=1), 1):
        return "softmax", columns, np.log(columns)
    if binary:
        return "sigmoid", columns, columns * np.log(2)
    return "identity", columns, np.sum(y**2) / len(y)
""",
    ),
}

PLANNED = "M79 M81 M87 M88 M89 M90 M91 M98 M99"

FINGERPRINTS = [
    ("marks_of", "M87", ("softmax", "cross_entropy", 10), 2.3026),
    ("marks_of", "M90", ("softmax", "nll", 10), 2.3026),
    ("marks_of", "M79", ("none", "cross_entropy", 1), 0.6931),
]
