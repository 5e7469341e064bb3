"""How a process of Easel is put together, opened, run and closed."""
