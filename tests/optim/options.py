"""The options of every rule that change its numbers; a first value is PyTorch's own."""

from itertools import product

# The rates suit the two trainings of problems.py.
CHOICES = {
    "SGD": {
        "lr": (0.002,), "momentum": (0, 0.9), "dampening": (0, 0.3), "weight_decay": (0, 0.1),
        "nesterov": (False, True), "maximize": (False, True),
    },
    "Adagrad": {
        "lr": (0.02,), "lr_decay": (0, 0.1), "weight_decay": (0, 0.1),
        "initial_accumulator_value": (0, 0.3), "eps": (1e-10, 1e-3), "maximize": (False, True),
    },
    "Adadelta": {
        "lr": (1.0, 0.5), "rho": (0.9, 0.7), "eps": (1e-6, 1e-5), "weight_decay": (0, 0.1),
        "maximize": (False, True),
    },
    "RMSprop": {
        "lr": (0.001,), "alpha": (0.99, 0.95), "eps": (1e-8, 1e-3), "weight_decay": (0, 0.1),
        "momentum": (0, 0.5), "centered": (False, True), "maximize": (False, True),
    },
    "Adam": {
        "lr": (0.002,), "betas": ((0.9, 0.999), (0.0, 0.0), (0.3, 0.99)), "eps": (1e-8, 1e-3),
        "weight_decay": (0, 0.1), "amsgrad": (False, True), "maximize": (False, True),
        "decoupled_weight_decay": (False, True),
    },
    "AdamW": {
        "lr": (0.002,), "betas": ((0.9, 0.999), (0.3, 0.99)), "eps": (1e-8, 1e-3),
        "weight_decay": (1e-2, 0), "amsgrad": (False, True), "maximize": (False, True),
    },
    "Adamax": {
        "lr": (0.002,), "betas": ((0.9, 0.999), (0.3, 0.99)), "eps": (1e-8, 1e-3),
        "weight_decay": (0, 0.1), "maximize": (False, True),
    },
    "NAdam": {
        "lr": (0.002,), "betas": ((0.9, 0.999), (0.3, 0.99)), "eps": (1e-8, 1e-3),
        "weight_decay": (0, 0.1), "momentum_decay": (4e-3, 0.1),
        "decoupled_weight_decay": (False, True), "maximize": (False, True),
    },
    "RAdam": {
        "lr": (0.002,), "betas": ((0.9, 0.999), (0.3, 0.99)), "eps": (1e-8, 1e-3),
        "weight_decay": (0, 0.1), "decoupled_weight_decay": (False, True),
        "maximize": (False, True),
    },
    "ASGD": {
        "lr": (0.002,), "lambd": (1e-4, 0.1), "alpha": (0.75, 0.5), "t0": (1e6, 10),
        "weight_decay": (0, 0.1), "maximize": (False, True),
    },
    "Rprop": {
        "lr": (0.001,), "etas": ((0.5, 1.2), (0.3, 1.5)),
        "step_sizes": ((1e-6, 50), (1e-4, 1e-2)), "maximize": (False, True),
    },
    "LBFGS": {
        "lr": (1, 0.3), "max_iter": (1, 4), "max_eval": (None, 3), "tolerance_grad": (1e-3, 1e-2),
        "tolerance_change": (1e-9, 1e-3), "history_size": (100, 5),
        "line_search_fn": (None, "strong_wolfe"),
    },
    "Muon": {
        "lr": (0.001,), "weight_decay": (0.1, 0), "momentum": (0.95, 0.4),
        "nesterov": (True, False), "ns_coefficients": ((3.4445, -4.775, 2.0315), (2.0, -1.5, 0.5)),
        "eps": (1e-7, 1e-2), "ns_steps": (5, 3),
        "adjust_lr_fn": (None, "match_rms_adamw"),
    },
}  # fmt: skip


def _possible(rule, options):
    """Return the options with a rate to match them, or None if both libraries refuse them."""
    if rule == "SGD" and options["nesterov"] and (options["dampening"] or not options["momentum"]):
        return None
    if rule in ("SGD", "ASGD", "Rprop") and options["maximize"]:  # a climb has no end
        return {**options, "lr": options["lr"] / 10}
    return options


def combinations(rule):
    """Return every combination of a rule's options; of Muon's, whose steps are dear, a third."""
    made = [
        dict(zip(CHOICES[rule], values, strict=True)) for values in product(*CHOICES[rule].values())
    ]
    made = made[::3] if rule == "Muon" else made  # 3 and 2 have no factor in common: all pairs
    return [options for each in made if (options := _possible(rule, each)) is not None]


def one_by_one():
    """Return pairs of a rule and options, of which at most one is not PyTorch's own; and all."""
    pairs = []
    for rule, choices in CHOICES.items():
        usual = {name: values[0] for name, values in choices.items()}
        if rule == "SGD":
            usual = {**usual, "momentum": 0.9}
        changed = [
            {**usual, name: value} for name, values in choices.items() for value in values[1:]
        ]
        last = {name: values[-1] for name, values in choices.items()}
        if rule == "SGD":
            changed += [{**usual, "momentum": 0}]
            last = {**last, "dampening": 0}
        if rule == "Muon":
            changed += [{**usual, "adjust_lr_fn": "original"}]
        pairs += [(rule, _possible(rule, each)) for each in [usual, *changed, last]]
    return pairs
