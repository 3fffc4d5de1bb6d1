"""What is typed after `rollproof rehearse`, and cannot be meant, is told in words."""

import re

import pytest

from fixtures.every import every
from rollproof.model.errors import Misuse
from rollproof.rehearsal.options import asked
from rollproof.settings.rehearsal import Rehearsal

WRONG = {
    ("crash_sample", "x"): "--crash-sample takes NUMBER, a whole number, more than 0; 'x' is none",
    ("sample", "0"): "--sample takes ROWS, a whole number, more than 0; '0' is none",
    ("fill", "-1"): "--fill takes ROWS, a whole number, 0 or more; '-1' is none",
    ("max_lock_seconds", "soon"): "--max-lock-seconds takes SECONDS, a number, more than 0; 'soon' is none",
    ("step_timeout", "-3.5"): "--step-timeout takes SECONDS, a number, more than 0; '-3.5' is none",
}


@every("wrong", WRONG)
def test_a_value_that_is_no_number_is_told_in_words(wrong):
    field, typed = wrong

    with pytest.raises(Misuse, match=re.escape(WRONG[wrong])):
        asked({field: typed}, Rehearsal())


def test_what_was_not_typed_is_as_configured():
    configured = Rehearsal(fill=7, env={"A": "1", "B": "2"})

    told = asked({"sample": "12", "env": ("B={url}",)}, configured)

    assert (told.fill, told.sample, told.env) == (7, 12, {"A": "1", "B": "{url}"})
