def test_own():
    raise AssertionError("a test of the project's own, which is no check of a phase")
