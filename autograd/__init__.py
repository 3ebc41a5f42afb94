"""Backlight's reverse-mode automatic differentiation: tensors, operations, and their graph.

>>> import autograd
>>> x = autograd.tensor(3.0, requires_grad=True)
>>> y = x * x + x
>>> y.backward()
>>> x.grad
tensor(7.)
"""

from autograd.tensor import Tensor  # first: the function named tensor is to be what stays

# isort: split

from math import e, inf, nan, pi

from autograd import (
    alike,
    checkpointing,
    creation,
    distributions,
    dtypes,
    function,
    linalg,
    random,
    ranges,
    sampling,
    special,
)
from autograd.alike import *
from autograd.anomaly import detect_anomaly, is_anomaly_enabled, set_detect_anomaly
from autograd.backprop import backward, grad, steps
from autograd.checkpointing import *
from autograd.creation import *
from autograd.devices import device
from autograd.distributions import *
from autograd.dtypes import *
from autograd.exchange import from_dlpack
from autograd.forward import ForwardStep, forward_steps
from autograd.function import *
from autograd.functional import hessian, hvp, jacfwd, jacobian, jacrev, jvp, value_and_grad, vjp
from autograd.gradient_checking import gradcheck, gradgradcheck, numerical_derivative, step_study
from autograd.graph import Leaf, Op
from autograd.heap import keep_freed_memory as _keep_freed_memory
from autograd.modes import (
    enable_grad,
    inference_mode,
    inspect,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
    ties,
)
from autograd.op import elementwise, structural
from autograd.ops import (
    affine,
    arithmetic,
    arrangement,
    axes,
    choices,
    clamping,
    comparison,
    contractions,
    counting,
    cross_products,
    cumulative,
    determinants,
    diagonals,
    differences,
    distances,
    distinct,
    division,
    divisors,
    exponential,
    extrema,
    factorizations,
    factors,
    floating_point,
    gathering,
    identities,
    indexing,
    joining,
    least_squares,
    logic,
    masking,
    matrix_exponential,
    moments,
    norms,
    order_statistics,
    padding,
    pairs,
    passing,
    powers,
    probabilities,
    products,
    quantiles,
    rectifiers,
    reduction,
    rounding,
    scattering,
    selection,
    shape,
    slices,
    sliding,
    smooth,
    solving,
    sorting,
    splitting,
    triangular,
    trigonometric,
    truths,
    vandermonde,
    view_scatter,
)
from autograd.ops import special as special_functions
from autograd.ops.affine import *
from autograd.ops.arithmetic import *
from autograd.ops.arrangement import *
from autograd.ops.axes import *
from autograd.ops.choices import *
from autograd.ops.clamping import *
from autograd.ops.comparison import *
from autograd.ops.contractions import *
from autograd.ops.counting import *
from autograd.ops.cross_products import *
from autograd.ops.cumulative import *
from autograd.ops.determinants import *
from autograd.ops.diagonals import *
from autograd.ops.differences import *
from autograd.ops.distances import *
from autograd.ops.distinct import *
from autograd.ops.division import *
from autograd.ops.divisors import *
from autograd.ops.exponential import *
from autograd.ops.extrema import *
from autograd.ops.factorizations import *
from autograd.ops.factors import *
from autograd.ops.floating_point import *
from autograd.ops.gathering import *
from autograd.ops.identities import *
from autograd.ops.indexing import *
from autograd.ops.joining import *
from autograd.ops.least_squares import *
from autograd.ops.logic import *
from autograd.ops.masking import *
from autograd.ops.matrix_exponential import *
from autograd.ops.moments import *
from autograd.ops.norms import *
from autograd.ops.order_statistics import *
from autograd.ops.padding import *
from autograd.ops.pairs import *
from autograd.ops.passing import *
from autograd.ops.powers import *
from autograd.ops.probabilities import *
from autograd.ops.products import *
from autograd.ops.quantiles import *
from autograd.ops.rectifiers import *
from autograd.ops.reduction import *
from autograd.ops.rounding import *
from autograd.ops.scattering import *
from autograd.ops.selection import *
from autograd.ops.shape import *
from autograd.ops.slices import *
from autograd.ops.sliding import *
from autograd.ops.smooth import *
from autograd.ops.solving import *
from autograd.ops.sorting import *
from autograd.ops.special import *
from autograd.ops.splitting import *
from autograd.ops.triangular import *
from autograd.ops.trigonometric import *
from autograd.ops.truths import *
from autograd.ops.vandermonde import *
from autograd.ops.view_scatter import *
from autograd.parallel import get_num_threads, set_num_threads
from autograd.promotion import get_default_dtype, set_default_dtype
from autograd.random import *
from autograd.ranges import *
from autograd.representation import set_printoptions
from autograd.sampling import *
from autograd.serialization import load, save
from autograd.walk import Step

__distribution__ = "backlight"  # other packages called autograd exist: nn, optim and viz look here

__all__ = [
    "ForwardStep",
    "Leaf",
    "Op",
    "Step",
    "Tensor",
    "backward",
    "detect_anomaly",
    "device",
    "e",
    "elementwise",
    "enable_grad",
    "forward_steps",
    "from_dlpack",
    "get_default_dtype",
    "get_num_threads",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "hessian",
    "hvp",
    "inf",
    "inference_mode",
    "inspect",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "linalg",
    "load",
    "nan",
    "newaxis",
    "no_grad",
    "numerical_derivative",
    "pi",
    "save",
    "set_default_dtype",
    "set_detect_anomaly",
    "set_grad_enabled",
    "set_num_threads",
    "set_printoptions",
    "special",
    "step_study",
    "steps",
    "structural",
    "ties",
    "value_and_grad",
    "vjp",
]
_keep_freed_memory()
newaxis = None  # x[:, newaxis], as NumPy and PyTorch call it
globals().update(dtypes.PYTHONS_NAMES)  # autograd.float, int and bool, which `import *` leaves

__all__ += affine.__all__
__all__ += alike.__all__
__all__ += arithmetic.__all__
__all__ += arrangement.__all__
__all__ += axes.__all__
__all__ += checkpointing.__all__
__all__ += clamping.__all__
__all__ += choices.__all__
__all__ += comparison.__all__
__all__ += contractions.__all__
__all__ += counting.__all__
__all__ += creation.__all__
__all__ += cross_products.__all__
__all__ += cumulative.__all__
__all__ += determinants.__all__
__all__ += diagonals.__all__
__all__ += differences.__all__
__all__ += distances.__all__
__all__ += distinct.__all__
__all__ += distributions.__all__
__all__ += division.__all__
__all__ += divisors.__all__
__all__ += dtypes.__all__
__all__ += exponential.__all__
__all__ += extrema.__all__
__all__ += factorizations.__all__
__all__ += factors.__all__
__all__ += floating_point.__all__
__all__ += function.__all__
__all__ += gathering.__all__
__all__ += identities.__all__
__all__ += indexing.__all__
__all__ += joining.__all__
__all__ += least_squares.__all__
__all__ += logic.__all__
__all__ += masking.__all__
__all__ += matrix_exponential.__all__
__all__ += moments.__all__
__all__ += norms.__all__
__all__ += order_statistics.__all__
__all__ += padding.__all__
__all__ += pairs.__all__
__all__ += passing.__all__
__all__ += powers.__all__
__all__ += probabilities.__all__
__all__ += products.__all__
__all__ += quantiles.__all__
__all__ += random.__all__
__all__ += ranges.__all__
__all__ += rectifiers.__all__
__all__ += reduction.__all__
__all__ += rounding.__all__
__all__ += sampling.__all__
__all__ += scattering.__all__
__all__ += selection.__all__
__all__ += shape.__all__
__all__ += slices.__all__
__all__ += sliding.__all__
__all__ += smooth.__all__
__all__ += solving.__all__
__all__ += sorting.__all__
__all__ += special_functions.__all__
__all__ += splitting.__all__
__all__ += triangular.__all__
__all__ += trigonometric.__all__
__all__ += truths.__all__
__all__ += vandermonde.__all__
__all__ += view_scatter.__all__
