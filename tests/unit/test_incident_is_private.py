"""What the night must not do: tell people of a rehearsal, let a throw-away database touch services, keep a secret."""

import pytest

from fixtures.every import every
from rollproof.api.surroundings import for_a_block
from rollproof.commands.incidents import keep
from rollproof.incident import timeline
from rollproof.model.event import Entry, Event
from rollproof.report.notice import kind_of
from rollproof.settings.command import Command
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.people import Notify
from rollproof.settings.service import Service

CANARY = "s3cr3tCanary"
PRODUCTION = Settings(
    services=(Service(name="api", manager="systemd"),),
    commands=(Command(name="tests", command="true"),),
    notify=Notify(urls=("json://localhost",)),
    state_backup="dumps",
)


@pytest.mark.parametrize("apart", [PRODUCTION.without_services, for_a_block(Configured(PRODUCTION, None)).settings])
def test_a_throwaway_database_touches_nothing_of_production(apart):
    assert (apart.services, apart.commands, apart.notify.urls, apart.state_backup) == ((), (), (), None)


def test_nobody_is_told_of_a_rehearsal():
    phase, rehearsal = (
        Entry(1, "2026-11-29T02:00:00+00:00", "ann@bastion", Event("phase", "post_rollback", facts=facts), "")
        for facts in ({}, {"rehearsal": "on a throw-away database"})
    )

    assert (kind_of(phase), kind_of(rehearsal)) == ("phase", None)


@every(
    ("kind", "text"),
    [
        ("note", f"the password {CANARY} was shown to all"),
        ("note", "it ran with --password=hunter2x"),
        ("command", f"cannot connect to postgresql://me:{CANARY}@db/shop"),
        ("services", "postgresql://other:hunter2x@db/shop is refused"),
    ],
)
def test_no_secret_is_kept(kind, text, tmp_path_factory):
    folder = tmp_path_factory.mktemp("night")
    settings = Settings(database_url=f"postgresql://me:{CANARY}@db/shop")
    keep((Event("opened", "opened", text="logins fail"),), folder, settings, print)
    keep((Event(kind, kind, text=text, facts={"by": text}),), folder, settings, print)

    files = {each.name: each.read_text() for each in folder.iterdir()}
    assert {timeline.FILE, "record.md"} <= files.keys()
    assert [name for name, kept in files.items() if CANARY in kept or "hunter2x" in kept] == []
