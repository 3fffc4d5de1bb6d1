"""[[services]]: which phase wants which state, and what cannot mean anything."""

import pytest

from fixtures.every import every
from rollproof.model.errors import Misuse
from rollproof.settings.configuration import resolve
from rollproof.settings.service import Service


def test_before_a_rollback_a_service_is_to_be_stopped_and_else_to_run():
    service = Service(name="backend", manager="systemd", states={"pre_migration": "any"})

    wanted = [service.wanted(phase) for phase in ("pre_migration", "post_migration", "pre_rollback", "post_rollback")]

    assert wanted == ["any", "running", "stopped", "running"]


@every(
    "fields, told",
    [
        ('manager = "systemdd"', "'systemdd' is no manager that rollproof knows; did you mean `systemd`?"),
        (
            'manager = "launchctl"',
            "'launchctl' is no manager that rollproof knows; it knows systemd, supervisor, openrc",
        ),
        ('manager = "docker"\nhost = "db1"', "its host is neither local nor an address as ssh://…, docker://…"),
        ('manager = "docker"\nhost = "paramiko://db1"', "its host is neither local nor an address"),
        ('manager = "docker"\nhost = "ssh://"', "its host names no machine"),
        ('manager = "docker"\nhost = "ssh://me@"', "its host names no machine"),
        ('manager = "docker"\nhost = "ssh://-oProxyCommand=x"', "its host names no machine"),
        ('manager = "docker"\nhost = "ssh://%2DoProxyCommand=x"', "its host names no machine"),
        ('manager = "docker"\nhost = "ssh://me:hunter2@db1"', "its host holds a password: let ssh take a key"),
        ('manager = "docker"\nhost = "ssh://db 1"', "its host holds a blank"),
        ('manager = "docker"\nunit = "-f"', "its unit is empty, not printable, or begins with a minus"),
        ('manager = "systemd"\nunit = "vibes-*"', "its unit is a pattern"),
        ('manager = "supervisor"\nunit = "*"', "its unit is a pattern"),
        ('manager = "supervisor"\nunit = "all"', "its unit would be several to supervisorctl"),
        ('manager = "supervisor"\nunit = "web all"', "its unit would be several to supervisorctl"),
        ('manager = "systemd"\ncontrol = "sudo \'"', "its control cannot be split into words: No closing quotation"),
        ('manager = "systemd"\ncontrol = " "', "its control is empty"),
        ('manager = "systemd"\nstates = { after = "running" }', "'after' is no phase; the phases are pre_migration"),
    ],
)
def test_what_means_nothing_is_refused_in_one_sentence(fields, told, tmp_path):
    file = tmp_path / "rollproof.toml"
    file.write_text(f'[[services]]\nname = "web"\n{fields}\n')

    with pytest.raises(Misuse) as caught:
        resolve({}, {}, file)

    assert f"service 'web': {told}" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_two_of_one_name_are_refused(tmp_path):
    file = tmp_path / "rollproof.toml"
    file.write_text('[[services]]\nname = "web"\nmanager = "docker"\n' * 2)

    with pytest.raises(Misuse, match=r"two \[\[services\]\] have the name 'web'"):
        resolve({}, {}, file)
