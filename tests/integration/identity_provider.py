"""An OpenID Connect provider on this machine: it believes whoever comes to be whom the test says."""

import json
import secrets
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "semaforo"


class IdentityProvider:
    """`claims` is what the next identity token says, and it holds for `seconds`."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.seconds = 3600.0
        self._key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}, auto_kid=False)
        self._nonces: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorize(self, query: dict[str, list[str]]) -> str:
        """Where the browser is sent back to."""
        code = secrets.token_hex(8)
        self._nonces[code] = query.get("nonce", [""])[0]
        return f"{query['redirect_uri'][0]}?{urlencode({'code': code, 'state': query['state'][0]})}"

    def token(self, form: dict[str, list[str]]) -> dict[str, Any]:
        """The answer to a code."""
        signed = self.signed({"nonce": self._nonces.pop(form["code"][0]), **self.claims})
        return {"access_token": "none", "token_type": "Bearer", "expires_in": int(self.seconds), "id_token": signed}

    def signed(self, claims: Mapping[str, Any], key: RSAKey | None = None) -> str:
        """An identity token with these claims beside the usual ones; of another key than the provider's if given."""
        now = time.time()
        usual = {"iss": self.url, "aud": CLIENT, "sub": "1", "iat": int(now), "exp": int(now + self.seconds)}
        return jwt.encode({"alg": "RS256", "kid": "1"}, {**usual, **claims}, key or self._key)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                if asked.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(parse_qs(asked.query)))
                    self.end_headers()
                elif asked.path == "/keys":
                    self._answer({"keys": [provider._key.as_dict(private=False)]})
                else:
                    self._answer(provider.configuration())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._answer(provider.token(parse_qs(body)))

            def _answer(self, record: dict[str, Any]) -> None:
                data = json.dumps(record).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
