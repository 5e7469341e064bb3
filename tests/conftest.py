"""The long batteries run when they are asked for: `pytest -m long`."""

import pytest


def pytest_collection_modifyitems(config, items):
    if "long" in (config.option.markexpr or ""):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="a long battery: pytest -m long"))
