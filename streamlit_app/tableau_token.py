"""The token that lets a browser show one Tableau view: a JWT as Tableau documents it for connected apps, direct trust.

Claims: Tableau, "Configure Connected Apps with Direct Trust", step 3. The connected app signs with a shared secret, so
it is made here and never in a browser; what the browser gets opens views for some minutes and does nothing else.
"""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

LASTS: Final = timedelta(minutes=5)
"""Tableau takes 10 at most; a browser uses it at once, and the view then has a session of its own."""
SCOPES: Final = ("tableau:views:embed",)


class ConnectedApp(msgspec.Struct, frozen=True):
    """What Tableau shows once, when the connected app is made."""

    client_id: str
    secret_id: str
    secret: str

    def __repr__(self) -> str:
        return f"ConnectedApp({self.client_id})"


def token_of(app: ConnectedApp, user: str, now: datetime) -> str:
    """Signed by HS256, for a user of Tableau, used once."""
    head = {"alg": "HS256", "typ": "JWT", "kid": app.secret_id, "iss": app.client_id}
    claims = {
        "iss": app.client_id,
        "sub": user,
        "aud": "tableau",
        "iat": int(now.timestamp()),
        "exp": int((now + LASTS).timestamp()),
        "jti": secrets.token_urlsafe(24),
        "scp": list(SCOPES),
    }
    said = f"{_part(head)}.{_part(claims)}"
    signature = hmac.new(app.secret.encode(), said.encode(), hashlib.sha256).digest()
    return f"{said}.{_base64url(signature)}"


def _part(content: dict[str, Any]) -> str:
    return _base64url(json.dumps(content, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
