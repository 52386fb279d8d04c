"""What the installed Django makes of the inputs of request-cases.ts: JSON in, JSON out."""
import json
import sys

from django.conf import settings

settings.configure(ALLOWED_HOSTS=["testserver", ".example.com", "[::1]"], SECRET_KEY="secret", LOGGING_CONFIG=None)

import django
from django.core.exceptions import DisallowedHost
from django.core.signing import TimestampSigner, Signer, dumps, loads, BadSignature
from django.http import HttpResponse, QueryDict
from django.http.cookie import parse_cookie
from django.test import RequestFactory
from django.utils.http import url_has_allowed_host_and_scheme

django.setup()


def host(text):
    request = RequestFactory().get("/")
    request.META["HTTP_HOST"] = text
    try:
        return request.get_host()
    except DisallowedHost:
        return None


def cookie(name, value):
    response = HttpResponse()
    response.set_cookie(name, value, path="/x", domain="example.com", secure=True, httponly=True, samesite="Lax")
    return response.cookies[name].output(header="").strip()


def loaded(text):
    try:
        return loads(text, salt="salt")
    except BadSignature:
        return None


given = json.load(sys.stdin)
print(
    json.dumps(
        {
            "queries": [[list(pair) for pair in QueryDict(text).lists()] for text in given["queries"]],
            "cookies": [parse_cookie(text) for text in given["cookies"]],
            "setCookies": [cookie(name, value) for name, value in given["setCookies"]],
            "urls": [url_has_allowed_host_and_scheme(text, {"testserver"}) for text in given["urls"]],
            "hosts": [host(text) for text in given["hosts"]],
            "signed": Signer(salt="salt").sign("value"),
            "stamped": TimestampSigner(salt="salt").sign("value"),
            "dumped": dumps({"a": "ü" * 100}, salt="salt", compress=True),
            "loaded": [loaded(text) for text in given["dumped"]],
        }
    )
)
