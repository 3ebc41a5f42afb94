"""Drawing: pure functions from a scene to SVG, DOT, text and pages."""
