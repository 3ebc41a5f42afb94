"""Computing a forward: NumPy's errors are told in words of the operation and its operands.

A forward that is one function of NumPy's is shared by threads where the arrays are large.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.blocks import shared, worth_threads
from autograd.naming import named

if TYPE_CHECKING:
    from autograd.row import Row


def compute(row: Row, payloads: Sequence[Any], attributes: dict[str, Any]) -> Any:
    """Return what a row's forward makes of promoted payloads.

    Raises
    ------
    TypeError
        If None came where only tensors, arrays and numbers can.
    NotImplementedError
        If the operation is not defined for these dtypes.
    RuntimeError
        If operands do not broadcast, or integers are raised to negative powers.
    """
    try:
        if row.ufunc is not None and worth_threads(payloads):
            return shared(row.ufunc, *payloads)
        return row.forward(*payloads, **attributes)
    except AttributeError:
        if not any(payload is None for payload in payloads):
            raise
        raise TypeError(f"{row.name}: expected a Tensor, an array or a number, got None") from None
    except TypeError as error:
        if "ufunc '" not in str(error) and "numpy boolean" not in str(error):
            raise named(error, row.name) from None
        dtypes = " and ".join(str(getattr(p, "dtype", type(p).__name__)) for p in payloads)
        wanted, way = "numbers", "; ~x inverts a mask, x.float() casts it"
        if "float" in dtypes:
            wanted, way = "integers or booleans", ""
        raise NotImplementedError(f"{row.name}: expected {wanted}, got {dtypes}{way}") from None
    except OverflowError as error:
        raise named(error, row.name) from None
    except ValueError as error:
        if "negative integer powers" in str(error):
            raise RuntimeError(
                f"{row.name}: integers cannot be raised to negative powers; cast them, x.float()"
            ) from None
        if not row.elementwise or "broadcast" not in str(error):
            raise named(error, row.name) from None
        shapes = " and ".join(str(np.shape(p)) for p in payloads if p is not None)
        raise RuntimeError(f"{row.name}: operands of shapes {shapes} do not broadcast") from None
