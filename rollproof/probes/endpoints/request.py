"""What is sent to an endpoint: its variables filled in, its body, the token of a login, its certificates."""

import json
import re
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from rollproof.model.errors import Misuse
from rollproof.settings.endpoint import Endpoint, url_fault
from rollproof.system.files import contents

if TYPE_CHECKING:
    from requests import PreparedRequest

_VARIABLE = re.compile(r"\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\})?")  # of a ${ that begins no ${NAME}, the name is empty
_MOST = 2**20  # bytes of a file with certificates


def expand(endpoint: Endpoint, environment: Mapping[str, str]) -> Endpoint:
    """Return the endpoint with every `${VAR}` in its url, its headers' values and its body taken from the environment.

    Raises `Misuse` if a variable is unset, or empty (as CI hands over a secret it does not have), or does not fit.
    """
    texts = [endpoint.url, *endpoint.headers.values(), *(text for _, text in endpoint.sent_texts)]
    wanted = {variable for text in texts for variable in _VARIABLE.findall(text)}
    if unset := sorted(f"${{{variable}}}" for variable in wanted if not environment.get(variable)):
        raise Misuse(
            f"endpoint {endpoint.name!r} wants {', '.join(unset)}: not in the environment, or empty there\n"
            "either set it, or take it out of the endpoint's url, headers and body"
        )
    fields = {name: getattr(endpoint, name) for name in ("url", "headers", "body", "json", "form")}
    try:
        expanded = msgspec.structs.replace(
            endpoint, **_filled(fields, lambda text: _VARIABLE.sub(lambda found: environment[found[1]], text))
        )
    except ValueError as error:
        raise Misuse(f"with its variables filled in, {error}") from None
    prepared(expanded)  # so that what cannot be sent is refused now
    return expanded


def _filled(value: Any, fill: Callable[[str], str]) -> Any:
    """Return a value with each text in it filled in; keys stay what they are."""
    if isinstance(value, str):
        return fill(value)
    if isinstance(value, dict):
        return {key: _filled(each, fill) for key, each in value.items()}
    return [_filled(each, fill) for each in value] if isinstance(value, list) else value


def prepared(endpoint: Endpoint, token: dict[str, str] | None = None) -> "PreparedRequest":
    """Return the request, with the header of a `token`. Raises `Misuse` if it cannot be sent; nothing is quoted."""
    from requests import Request  # noqa: PLC0415 (0.3 s, paid only by those who have endpoints)

    try:
        sent = "\n".join(endpoint.headers.values())
        fault = (
            "or a header of it holds a ${VARIABLE} not filled in"
            if _VARIABLE.findall(sent)
            else url_fault(endpoint.url)
        )
        if not fault:
            sent.encode("latin-1")  # as HTTP sends them
            headers = {"User-Agent": "rollproof"} | _type_of_body(endpoint) | endpoint.headers | (token or {})
            return Request(endpoint.method, endpoint.url, headers=headers, data=_body(endpoint)).prepare()
    except ValueError:  # every complaint of requests about a URL or a header is one, and quotes it
        fault = "or a header of it cannot be sent"
    raise Misuse(f"endpoint {endpoint.name!r}: its url {fault}")


def _body(endpoint: Endpoint) -> Any:
    if endpoint.json is not None:
        return json.dumps(endpoint.json).encode()
    return endpoint.body.encode() if endpoint.body is not None else endpoint.form


def _type_of_body(endpoint: Endpoint) -> dict[str, str]:
    named = {name.lower() for name in endpoint.headers}
    return {"Content-Type": "application/json"} if endpoint.json is not None and "content-type" not in named else {}


def verification(endpoint: Endpoint) -> dict[str, Any]:
    """Return what `requests` wants to know of certificates: whom to trust, and who we are."""
    own = endpoint.client_certificate
    return {
        "verify": endpoint.ca_file or True,
        "cert": (own, endpoint.client_key) if own and endpoint.client_key else own,
    }


def require_certificates(endpoint: Endpoint) -> None:
    """Raise `Misuse` if a file of certificates cannot be read, holds none, or holds a key that is not that certificate's."""
    for key in ("ca_file", "client_certificate", "client_key"):
        if path := getattr(endpoint, key):
            _require_readable(endpoint, key, path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if endpoint.ca_file:
        try:
            context.load_verify_locations(endpoint.ca_file)
        except ssl.SSLError:
            raise Misuse(
                _fault(endpoint, f"its ca_file {endpoint.ca_file} holds no certificate in PEM format")
            ) from None
    if endpoint.client_certificate:
        _require_pair(endpoint, context)


def _require_readable(endpoint: Endpoint, key: str, path: str) -> None:
    try:
        contents(Path(path), _MOST)
    except OSError as error:
        raise Misuse(_fault(endpoint, f"its {key} {path} cannot be read: {error.strerror}")) from None


def _require_pair(endpoint: Endpoint, context: ssl.SSLContext) -> None:
    asked: list[bool] = []

    def passphrase() -> str:
        asked.append(True)
        return ""

    where = endpoint.client_key or endpoint.client_certificate
    try:
        context.load_cert_chain(str(endpoint.client_certificate), endpoint.client_key, passphrase)
    except (ssl.SSLError, ValueError) as error:
        if asked:
            fault = f"the key in {where} wants a passphrase, which nobody is asked for: name a key without one"
        elif "MISMATCH" in str(error):
            fault = f"the key in {where} is not that of its client_certificate {endpoint.client_certificate}"
        else:
            files = " and ".join(filter(None, [endpoint.client_certificate, endpoint.client_key]))
            fault = f"no client certificate with its key, in PEM format, stands in {files}"
        raise Misuse(_fault(endpoint, fault)) from None


def _fault(endpoint: Endpoint, fault: str) -> str:
    return f"endpoint {endpoint.name!r}: {fault}"
