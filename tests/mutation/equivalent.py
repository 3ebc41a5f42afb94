"""Mutants that no test can tell from the original, each with the reason.

The key is (room, function, the changed statement as ``python -m tests.mutation`` prints it).
"""

ZERO = "0 and -0 are equal, and every derivative of either is 0"
VECTOR = "x is a vector here, of which a second axis is the last one"
DIAGONAL = "the diagonal of t - t^T is 0, and so are its derivatives, whatever divides it"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "factorizations",
        "_eigh_rule",
        "gap = gap - np.eye(values.shape[-1], dtype=values.dtype)",
    ): DIAGONAL,
    (
        "factorizations",
        "_svd_rule",
        "gap = (row - column) * (row + column) - np.eye(k, dtype=s.dtype)",
    ): DIAGONAL,
    ("norms", "_vector_norm_rule", "return -expand_to(upstream * 0, shape=x_shape)"): ZERO,
    ("norms", "_vector_norm_rule", "return expand_to(-upstream * 0, shape=x_shape)"): ZERO,
    (
        "powers",
        "power_constant.x",
        "lambda upstream, x, y: upstream * (y * power_constant(x, y - 1)) if y else"
        " -np.zeros_like(x)",
    ): ZERO,
    ("products", "_matmul_y", "column = np.expand_dims(x, 1)"): VECTOR,
    ("products", "rows", "return -x"): "a product has both factors from here or none",
}
