"""What a restore complains of, as people can read it."""

from fixtures.every import every
from rollproof.throwaway.source.complaints import left_out


def test_an_owner_that_cannot_be_set_is_told_as_such():
    said = (
        'pg_restore: error: could not execute query: ERROR:  must be member of role "boss"\nCommand was: ALTER SCHEMA s\n'
        'psql:<stdin>:3: ERROR:  must be able to SET ROLE "boss"\n'
    )

    told = 'owners: the role that makes the copy may not give an object to "boss"'
    assert set(left_out(said, 1, "here")) == {told}


@every(
    "said",
    [
        'error: could not execute query: ERROR:  language "a" does not exist',
        'pg_restore: pg_restore: error: could not execute query: ERROR:  language "a" does not exist',
        'psql:<stdin>:3: ERROR:  language "a" does not exist',
    ],
)
def test_sessions_that_write_at_once_tell_one_thing(said):
    assert left_out(said, 1, "here") == ['language "a" does not exist']
