from rollproof.api import Baseline as Baseline
from rollproof.api import Inconclusive as Inconclusive
from rollproof.api import Misuse as Misuse
from rollproof.api import NothingWritten as NothingWritten
from rollproof.api import NotRestored as NotRestored
from rollproof.api import Report as Report
from rollproof.api import assert_restored as assert_restored
from rollproof.api import capture as capture
from rollproof.api import load as load
from rollproof.api import unchanged as unchanged
from rollproof.api import verify as verify

__version__: str
