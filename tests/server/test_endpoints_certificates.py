"""Endpoints with authorities of their own, and that want to see a client's certificate."""

import re

import pytest
import trustme
from msgspec.structs import replace

from fixtures.endpoints import refusal, served_with, verify
from rollproof.model.errors import Misuse
from rollproof.probes.endpoints.application import Application, require_askable
from rollproof.settings.endpoint import Endpoint


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """An authority of a company's own, and a folder with its certificate, a client's, the client's key, and another key."""
    folder, authority = tmp_path_factory.mktemp("certificates"), trustme.CA()
    client, other = authority.issue_cert("probe@example.org"), authority.issue_cert("other@example.org")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    client.cert_chain_pems[0].write_to_path(folder / "client.pem")
    client.private_key_pem.write_to_path(folder / "client.key")
    other.private_key_pem.write_to_path(folder / "other.key")
    client.private_key_and_cert_chain_pem.write_to_path(folder / "both.pem")
    (folder / "none.pem").write_text("no certificate\n")
    (folder / "locked.key").write_bytes(locked(client.private_key_pem.bytes()))
    return authority, folder


def locked(key):
    """Return a key with a passphrase."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 (trustme's own)

    return serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )


@pytest.fixture(scope="module")
def served(ours):
    """The URL of a server of the company's own, which talks only to whoever shows a certificate of its authority."""
    authority, _ = ours
    with served_with(authority.issue_cert("127.0.0.1"), clients=authority) as url:
        yield url


def endpoint(url, folder, **files):
    return Endpoint("health", url, max_seconds=5.0, **{key: str(folder / name) for key, name in files.items()})


@pytest.mark.parametrize(
    "own", [{"client_certificate": "client.pem", "client_key": "client.key"}, {"client_certificate": "both.pem"}]
)
def test_an_authority_of_ones_own_is_trusted_and_the_client_is_known(served, ours, own):
    asked = endpoint(served, ours[1], ca_file="ca.pem", **own)

    require_askable([asked], {})
    assert verify(asked).status == 200


def test_without_the_authority_or_the_certificate_nothing_is_answered(served, ours):
    _, folder = ours

    assert "self-signed certificate in certificate chain" in refusal(endpoint(served, folder))
    # What comes first: the server's alert, or that it has hung up.
    assert re.search("certificate required|EOF occurred|reset", refusal(endpoint(served, folder, ca_file="ca.pem")))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"ca_file": "missing.pem"}, r"its ca_file .*missing\.pem cannot be read: No such file or directory"),
        ({"ca_file": "none.pem"}, r"its ca_file .*none\.pem holds no certificate in PEM format"),
        ({"ca_file": "."}, "its ca_file .* cannot be read: it is a folder"),
        ({"client_certificate": "client.pem"}, r"no client certificate with its key, in PEM format, stands in .*client\.pem$"),
        ({"client_certificate": "none.pem"}, r"no client certificate with its key, in PEM format, stands in .*none\.pem$"),
        ({"client_certificate": "client.pem", "client_key": "other.key"},
         r"the key in .*other\.key is not that of its client_certificate .*client\.pem"),
        ({"client_certificate": "client.pem", "client_key": "locked.key"},
         r"the key in .*locked\.key wants a passphrase, which nobody is asked for"),
        ({"client_certificate": "client.pem", "client_key": "missing.key"}, r"its client_key .*missing\.key cannot be read"),
    ],
)  # fmt: skip
def test_a_file_that_will_not_do_is_misuse_before_anything_is_asked(ours, files, said):
    with pytest.raises(Misuse, match=f"endpoint 'health': {said}"):
        require_askable([endpoint("https://127.0.0.1:1/", ours[1], **files)], {})


def test_a_wrong_certificate_is_not_waited_for(served, ours):
    patient = replace(endpoint(served, ours[1]), wait_seconds=60)

    assert Application([patient], {}).tried("health").why.endswith("self-signed certificate in certificate chain")
