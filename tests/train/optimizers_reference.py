"""Steps of optimisers on sum(w^2 + sin(3 w)), from w = 1, -2, 0.5, as the algorithm boxes of PyTorch's documentation (and of
Lion's paper) write them.

    optimizers_reference.py STEPS NAME:SETTING=VALUE,... ...

Prints a line for each optimiser: the values after every step.
"""

import math
import sys


def slope(w):
    return 2 * w + 3 * math.cos(3 * w)


def sgd(s, w, steps):
    b = None
    for _ in range(steps):
        g = slope(w) + s["weight_decay"] * w
        if s["momentum"] != 0:
            b = g if b is None else s["momentum"] * b + (1 - s["dampening"]) * g
            g = g + s["momentum"] * b if s["nesterov"] else b
        w = w - s["learning_rate"] * g
        yield w


def adam(s, w, steps, decoupled=False):
    m = v = 0.0
    for t in range(1, steps + 1):
        g = slope(w)
        if decoupled:
            w = w - s["learning_rate"] * s["weight_decay"] * w
        else:
            g = g + s["weight_decay"] * w
        m = s["beta1"] * m + (1 - s["beta1"]) * g
        v = s["beta2"] * v + (1 - s["beta2"]) * g * g
        m_hat = m / (1 - s["beta1"] ** t)
        v_hat = v / (1 - s["beta2"] ** t)
        w = w - s["learning_rate"] * m_hat / (math.sqrt(v_hat) + s["epsilon"])
        yield w


def adamw(s, w, steps):
    return adam(s, w, steps, decoupled=True)


def rmsprop(s, w, steps):
    v = b = mean = 0.0
    for _ in range(steps):
        g = slope(w) + s["weight_decay"] * w
        v = s["alpha"] * v + (1 - s["alpha"]) * g * g
        v_hat = v
        if s["centered"]:
            mean = s["alpha"] * mean + (1 - s["alpha"]) * g
            v_hat = v - mean * mean
        if s["momentum"] > 0:
            b = s["momentum"] * b + g / (math.sqrt(v_hat) + s["epsilon"])
            w = w - s["learning_rate"] * b
        else:
            w = w - s["learning_rate"] * g / (math.sqrt(v_hat) + s["epsilon"])
        yield w


def adagrad(s, w, steps):
    total = s["initial_accumulator"]
    for t in range(1, steps + 1):
        g = slope(w)
        rate = s["learning_rate"] / (1 + (t - 1) * s["learning_rate_decay"])
        g = g + s["weight_decay"] * w
        total = total + g * g
        w = w - rate * g / (math.sqrt(total) + s["epsilon"])
        yield w


def lion(s, w, steps):
    m = 0.0
    for _ in range(steps):
        g = slope(w)
        update = math.copysign(1.0, s["beta1"] * m + (1 - s["beta1"]) * g)
        w = w - s["learning_rate"] * (update + s["weight_decay"] * w)
        m = s["beta2"] * m + (1 - s["beta2"]) * g
        yield w


RULES = {"sgd": sgd, "adam": adam, "adamw": adamw, "rmsprop": rmsprop, "adagrad": adagrad, "lion": lion}

for argument in sys.argv[2:]:
    name, _, rest = argument.partition(":")
    settings = {key: float(value) for key, value in (part.split("=") for part in rest.split(","))}
    columns = [list(RULES[name](settings, w, int(sys.argv[1]))) for w in (1.0, -2.0, 0.5)]
    print(" ".join(repr(value) for row in zip(*columns) for value in row))
