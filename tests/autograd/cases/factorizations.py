"""Cases of factorizations, through functions that do not depend on the signs of vectors."""

import autograd
from tests.autograd.cases.case import Case, Example
from tests.autograd.cases.matrices import definite, spread, symmetric, turned

linalg = autograd.linalg
ANY = [(3, 3), (4, 2), (2, 4), (2, 3, 2), (2, 2, 3)]
SQUARE = [(3, 3), (2, 2, 2), (1, 1), (0, 0), (0, 2, 2)]


def examples(shapes, *attributes):
    return [Example((shape,), a) for shape in shapes for a in (attributes or [{}])]


def through(name, domain, function, shapes, *attributes):
    """Return a case of ``function(module, x)``, where the module is torch.linalg or ours."""
    return Case(
        name,
        (domain,),
        lambda t, x, **options: function(t.linalg, x, **options),
        lambda x, **options: function(linalg, x, **options),
        examples=examples(shapes, *attributes),
        numbers="",
    )


def left_vectors(module, x, full_matrices=False):
    k = min(x.shape[-2:])
    return turned(module.svd(x, full_matrices=full_matrices)[0][..., :k])


def right_vectors(module, x, full_matrices=False):
    k = min(x.shape[-2:])
    return turned(module.svd(x, full_matrices=full_matrices)[2][..., :k, :].transpose(-1, -2))


def recomposed(module, x, full_matrices=False):
    u, s, vh = module.svd(x, full_matrices=full_matrices)
    k = s.shape[-1]
    return (u[..., :k] * (s * s)[..., None, :]) @ vh[..., :k, :]


def both_of_qr(module, x, mode="reduced"):
    q, r = module.qr(x, mode=mode)
    return q @ (r * r)


WIDE_OR_SQUARE = [(3, 3), (2, 4), (2, 2, 3)]

CASES = [
    through(
        "linalg.cholesky",
        definite,
        lambda module, x, **options: module.cholesky(symmetric(x), **options),
        SQUARE,
        {},
        {"upper": True},
    ),
    Case(
        "cholesky",
        (definite,),
        lambda t, x, **options: t.linalg.cholesky(symmetric(x), **options),
        lambda x, **options: autograd.cholesky(symmetric(x), **options),
        examples=examples([(2, 2)], {}, {"upper": True}),
        numbers="",
    ),
    through("linalg.qr", spread, both_of_qr, [*ANY, (0, 2), (2, 0), (0, 3, 2)]),
    through("linalg.qr Q", spread, lambda module, x: module.qr(x)[0], ANY),
    through("linalg.qr R", spread, lambda module, x: module.qr(x)[1], ANY),
    through("linalg.qr complete", spread, both_of_qr, WIDE_OR_SQUARE, {"mode": "complete"}),
    through("linalg.svd", spread, recomposed, [*ANY, (0, 2), (2, 0), (0, 3, 2)]),
    through("linalg.svd U", spread, left_vectors, ANY, {}, {"full_matrices": True}),
    through("linalg.svd Vh", spread, right_vectors, ANY, {}, {"full_matrices": True}),
    through("linalg.svdvals", spread, lambda module, x: module.svdvals(x), [*ANY, (0, 2)]),
    through(
        "linalg.eigh",
        spread,
        lambda module, x, **options: turned(module.eigh(symmetric(x), **options)[1]),
        SQUARE,
        {},
        {"UPLO": "U"},
    ),
    through(
        "linalg.eigvalsh",
        spread,
        lambda module, x, **options: module.eigvalsh(symmetric(x), **options),
        SQUARE,
        {},
        {"UPLO": "U"},
    ),
]
