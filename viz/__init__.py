"""Pictures of computation graphs, values and gradients."""
