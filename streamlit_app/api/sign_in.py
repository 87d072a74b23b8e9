"""Who asks: by the session that a browser has with the app, or by a bearer token of the same identity provider.

Both end in `access.actor_of`, as the pages do. A token is an identity token for this very client (`aud`), signed by the
provider; an access token says nothing that we could check.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from schemas.errors import Transient
from streamlit_app.access import Actor, NotSignedInError, actor_of
from streamlit_app.local_user import local_user
from streamlit_app.settings import AppSettings, is_loopback

SESSION_COOKIE: Final = USER_COOKIE_NAME
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Those with a public key: with a shared one, whoever may check could sign."""
KEYS_KEPT: Final = timedelta(minutes=10)
PROVIDER_SECONDS: Final = 5


class ProviderKeys:
    """What the provider signs with, asked for again every ten minutes. Safe for threads."""

    def __init__(self, metadata_url: str) -> None:
        self._metadata_url = metadata_url
        self._lock = Lock()
        self._known: tuple[str, KeySet] | None = None
        self._read_at: datetime | None = None

    def claims(self, token: str, client_id: str, now: datetime) -> Mapping[str, Any]:
        """What the token says, checked: signature, issuer, audience, times. Raises NotSignedInError, or Transient if
        the provider is away."""
        issuer, keys = self._keys(now)
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            exp={"essential": True},
        )
        try:
            claims: dict[str, Any] = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise NotSignedInError(f"the bearer token does not hold: {error}") from error
        return claims

    def _keys(self, now: datetime) -> tuple[str, KeySet]:
        with self._lock:
            if self._known is None or self._read_at is None or not timedelta() <= now - self._read_at < KEYS_KEPT:
                metadata = _fetched(self._metadata_url)
                self._known = str(metadata["issuer"]), KeySet.import_key_set(_fetched(str(metadata["jwks_uri"])))
                self._read_at = now
            return self._known


def who_asks(request: Request, settings: AppSettings, keys: ProviderKeys, now: datetime) -> Actor:
    """Where nobody signs in, the person at the machine, asked by its own name: a page of elsewhere whose name leads
    here is not theirs. Raises NotSignedInError, or Transient."""
    if not settings.signs_in:
        if not is_loopback(request.url.hostname or ""):
            raise NotSignedInError("nobody signs in here, so only this machine is answered, by a name of its own")
        return Actor(local_user(), settings.local_role)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return actor_of(keys.claims(token.strip(), settings.oidc_client_id, now), settings, now)
    return actor_of(_session(request.cookies, settings), settings, now)


def _session(cookies: Mapping[str, str], settings: AppSettings) -> Mapping[str, Any]:
    """The claims in the cookie that the app's own sign-in left; none if it is not signed by this app or is for another
    address."""

    def one(name: str) -> bytes | None:
        value = cookies.get(name, "").encode("latin-1", "replace")
        return decode_signed_value(settings.oidc_cookie_secret.get_secret_value(), name, value)

    signed = get_cookie_with_chunks(one, SESSION_COOKIE)
    claims: dict[str, Any] = json.loads(signed) if signed else {}
    ours = urlsplit(settings.url)
    return claims if claims.get("origin") == f"{ours.scheme}://{ours.netloc}" else {}


def _fetched(url: str) -> Any:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise Transient(f"the identity provider's {url} is not https")
    try:
        with urlopen(url, timeout=PROVIDER_SECONDS) as answer:  # nosec B310 # noqa: S310 - its scheme was looked at
            return json.load(answer)
    except (URLError, TimeoutError, ValueError) as error:
        raise Transient(f"the identity provider does not answer: {error}") from error
