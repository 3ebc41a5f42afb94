"""Padding of lines, images and volumes."""

from tests.nn.cases import ModuleCase

CALLS = {
    "1": [(2, 2, 4), (1, 1, 5), (0, 2, 4), (2, 4)],
    "2": [(2, 1, 4, 3), (1, 1, 5, 4), (0, 2, 4, 3), (2, 3, 4)],
    "3": [(1, 1, 3, 4, 3), (2, 1, 3, 3, 4), (2, 4, 3, 4)],
}
WIDTHS = {
    "1": [1, (2, 0), (0, 3)],
    "2": [1, (2, 0, 1, 2)],
    "3": [1, (2, 0, 1, 2, 0, 1)],
}
CASES = [
    ModuleCase(f"{kind}Pad{rank}d", (widths,), calls=CALLS[rank])
    for kind in ("Zero", "Reflection", "Replication", "Circular")
    for rank in "123"
    for widths in WIDTHS[rank]
]
CASES += [
    ModuleCase(f"ConstantPad{rank}d", (widths, -1.5), calls=CALLS[rank])
    for rank in "123"
    for widths in WIDTHS[rank][1:]
]
CASES += [
    ModuleCase("ConstantPad2d", ((-1, 1, 2, -2), 7.0), calls=[(2, 2, 4, 3), (1, 3, 3)]),
    ModuleCase("ZeroPad2d", ((-1, 1, 0, -2),), calls=[(2, 2, 4, 3)]),
]
