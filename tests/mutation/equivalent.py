"""Mutants that no test can tell from the original, each with the reason.

The key is (room, function, the changed statement as ``python -m tests.mutation`` prints it).
"""

ZERO = "0 and -0 are equal, and every derivative of either is 0"
VECTOR = "x is a vector here, of which a second axis is the last one"
DIAGONAL = "the diagonal of t - t^T is 0, and so are its derivatives, whatever divides it"
ORDER = "the order of the two does not matter"
HIDDEN = "what this number gives is not selected; it only has to be finite"
SQUARE = "for a square matrix both branches give the same"
BOTH = "the slope has two forms, which are the same function"
FINITE = "-x is finite where x is"
SHORT = "the short way and the long way give the same index"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "trigonometric",
        "_sinc_rule",
        "return gate(upstream, (x != 0) | np.isfinite(-upstream)) * _sinc_slope(x)",
    ): FINITE,
    (
        "factors",
        "_prod_rule",
        "if x_shape and (not np.isfinite(plain(-upstream)).all()):",
    ): FINITE,
    ("norms", "_vector_norm_rule", "return -np.zeros_like(x)"): ZERO,
    ("clamping", "_inside", "return np.logical_and(below, above)"): ORDER,
    (
        "factors",
        "_cumprod_rule",
        "one = np.ones((*x_shape[:axis], min(1, x_shape[axis]), *x_shape[axis + 1:]), z.dtype)",
    ): ORDER,
    (
        "gates",
        "_tanh_of_softplus",
        "e = np.exp(np.minimum(40 if x.dtype.itemsize > 2 else 5, x))",
    ): ORDER,
    (
        "gates",
        "_tanh_of_softplus",
        "e = np.exp(np.minimum(x, 41 if x.dtype.itemsize > 2 else 5))",
    ): "tanh is 1 to the last bit at either",
    (
        "gates",
        "_tanh_of_softplus",
        "e = np.exp(np.minimum(x, 40 if x.dtype.itemsize > 3 else 5))",
    ): "no dtype of floating point has three bytes",
    (
        "powers",
        "_log_slope",
        "return np.where(0, closed, z * np.log(np.where(closed, np.ones_like(z), x)))",
    ): "where it is closed log 1 is 0",
    (
        "trigonometric",
        "_sinc_slope",
        "small = np.where(near, x, 1) * pi",
    ): HIDDEN,
    (
        "trigonometric",
        "_sinc_slope",
        "near = np.abs(x) <= 0.15",
    ): BOTH,
    (
        "factorizations",
        "_eigh_rule",
        "gap = gap - np.eye(values.shape[-1], dtype=values.dtype)",
    ): DIAGONAL,
    (
        "factorizations",
        "_svd_rule",
        "gap = gate((row - column) * (row + column), others) - np.eye(k, dtype=s.dtype)",
    ): DIAGONAL,
    (
        "powers",
        "power_constant.x",
        "lambda upstream, x, y: upstream * (y * power_constant(x, y - 1)) if y else"
        " -np.zeros_like(x)",
    ): ZERO,
    ("products", "_matmul_y", "column = np.expand_dims(x, 1)"): VECTOR,
    ("trigonometric", "atan2.x", "lambda x, y: y * _per_square(y, x)"): ORDER,
    ("trigonometric", "atan2.y", "lambda x, y: -x * _per_square(y, x)"): ORDER,
    ("products", "rows", "return -x"): "a product has both factors from here or none",
    (
        "arithmetic",
        "copysign.x",
        "lambda x, z: np.where(0, x == 0, z / np.where(x == 0, 1, x))",
    ): "where x is 0 so is z, and z / 1",
    (
        "determinants",
        "_adjugate_rule",
        "return _each(orientation(vh, u)) * matmul(matmul(u, inside), vh)",
    ): ORDER,
    (
        "determinants",
        "_adjugate_rule",
        "u, s, vh = svd_of(x, full_matrices=True)",
    ): SQUARE,
    (
        "exponential",
        "_logit_slope",
        "inner = np.where(outside, 1.5, x)",
    ): HIDDEN,
    (
        "extrema",
        "_to_both",
        "lower, upper = (None if part is None else to_winners(part, x, extremum,"
        " x_shape, dim, ties) for part, extremum in zip(upstream, z, strict=False))",
    ): "both have two parts",
    (
        "extrema",
        "to_winners",
        "wins = winners(restore(z, x_shape, dim), x, dim=dim, policy=policy)",
    ): ORDER,
    (
        "factorizations",
        "_qr_rule",
        "if m > n:",
    ): SQUARE,
    (
        "factorizations",
        "_svd_rule",
        "if m >= k:",
    ): SQUARE,
    (
        "factorizations",
        "_svd_rule",
        "if n >= k:",
    ): SQUARE,
    (
        "factorizations",
        "_svd_rule",
        "k = min(n, m)",
    ): ORDER,
    (
        "factors",
        "_product_of_others",
        "return reshape_to(_product_of_others(flat, 1), shape=shape)",
    ): "the axis counts modulo 1 in a vector",
    (
        "indexing",
        "plain",
        "if type(part) is not int and (not (type(part) is slice and _slice(part) is not part)):",
    ): SHORT,
    (
        "indexing",
        "plain",
        "if type(part) is not int or not (type(part) is slice and _slice(part) is part):",
    ): SHORT,
    (
        "matrices",
        "transposed",
        "return x.swapaxes(-2, -1)",
    ): ORDER,
    (
        "moments",
        "_freedom",
        "return np.float64(max(0, count(shape, dim) - correction))",
    ): ORDER,
    (
        "norms",
        "_vector_norm_rule",
        "if ord <= 1:",
    ): "order 1 was returned above",
}
