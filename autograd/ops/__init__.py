"""Operations as rows of calculus: the forward beside its derivative."""
