"""What is remembered for a while is bounded, and the newest stays."""

from bot.recent import Recent


def test_the_oldest_is_forgotten_and_what_is_set_again_is_new():
    known = Recent[str, int](2)
    known["a"], known["b"] = 1, 2
    known["a"] = 3
    known["c"] = 4
    assert dict(known) == {"a": 3, "c": 4}
    assert known.get("b") is None


def test_it_counts_as_far_as_it_remembers():
    times = Recent[str, int](2)
    assert [times.count(name) for name in ("a", "a", "b", "a", "c", "d", "a")] == [1, 2, 1, 3, 1, 1, 1]
