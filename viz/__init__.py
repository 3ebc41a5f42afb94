"""Pictures of computation graphs, values and gradients."""

import autograd

if getattr(autograd, "__distribution__", None) != "backlight":
    raise ImportError(
        "viz needs Backlight's autograd, but found another package of that name at "
        f"{getattr(autograd, '__file__', None)}; run `pip uninstall -y autograd` and install "
        "backlight again"
    )
