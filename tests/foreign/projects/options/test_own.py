def test_their_options(database_url, server):
    assert (database_url, server) == ("sqlite:///theirs.db", "elsewhere")
