"""A person's conversation with Easel, once for every surface: a deed in, an answer out."""
