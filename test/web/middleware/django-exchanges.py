"""Answers the rows of exchange-cases.ts with the installed Django's middleware: JSON in, JSON out."""
import datetime
import json
import logging
import os
import re
import sys
import types

from django.conf import settings
from django.conf import global_settings

BASE = dict(
    ALLOWED_HOSTS=["testserver"],
    DEBUG=False,
    LOGGING_CONFIG=None,
    MIDDLEWARE=[],
    ROOT_URLCONF="exchange_urls",
    SECRET_KEY="secret",
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    DEFAULT_HASHING_ALGORITHM="sha256",
)
settings.configure(**BASE)

import django

django.setup()
logging.disable(logging.CRITICAL)

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.middleware.csrf import _mask_cipher_secret, get_token, rotate_token
from django.test import RequestFactory
from django.urls import path, re_path
from django.views.decorators.clickjacking import xframe_options_deny, xframe_options_exempt, xframe_options_sameorigin
from django.views.decorators.common import no_append_slash
from django.views.decorators.cache import cache_control, cache_page, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.vary import vary_on_headers

MIDDLEWARE = {
    "security": "django.middleware.security.SecurityMiddleware",
    "session": "django.contrib.sessions.middleware.SessionMiddleware",
    "common": "django.middleware.common.CommonMiddleware",
    "csrf": "django.middleware.csrf.CsrfViewMiddleware",
    "auth": "exchange_urls.Anybody",
    "messages": "django.contrib.messages.middleware.MessageMiddleware",
    "frames": "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "gzip": "django.middleware.gzip.GZipMiddleware",
    "update": "django.middleware.cache.UpdateCacheMiddleware",
    "fetch": "django.middleware.cache.FetchFromCacheMiddleware",
    "conditional": "django.middleware.http.ConditionalGetMiddleware",
}


class Anybody:
    """AuthenticationMiddleware without its table: the check of the order, and nobody signed in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not hasattr(request, "session"):
            from django.core.exceptions import ImproperlyConfigured

            raise ImproperlyConfigured("session")
        return self.get_response(request)


def raising(error):
    def view(request):
        raise error

    return view


def text(body, **headers):
    def view(request):
        response = HttpResponse(body)
        for name, value in headers.items():
            response[name.replace("_", "-")] = value
        return response

    return view


def session(act, status=200):
    def view(request):
        return HttpResponse(str(act(request.session)), status=status)

    return view


def put(store):
    store["n"] = store.get("n", 0) + 1
    return store["n"]


def expiry(seconds):
    def act(store):
        store["n"] = 1
        store.set_expiry(seconds)

    return act


def fail_after_set(request):
    put(request.session)
    raise ValueError("view")


def set_then_404(request):
    put(request.session)
    raise Http404("view")


def drop(store):
    del store["n"]


def say(*calls):
    def view(request):
        for level, body in calls:
            messages.add_message(request, level, body)
        return HttpResponse("said")

    return view


def read(request):
    return HttpResponse("|".join(f"{one.tags}:{one.message}" for one in messages.get_messages(request)))


def say_and_read(request):
    messages.info(request, "now")
    return read(request)


def read_and_say(request):
    response = read(request)
    messages.info(request, "later")
    return response


def rotate(request):
    rotate_token(request)
    return HttpResponse("rotated")


def token(request):
    get_token(request)
    return HttpResponse("token")


def etag_cookie(request):
    response = text("tagged", ETag='"tag"', Vary="Cookie")(request)
    response.set_cookie("c", "v")
    return response


CALLS = [0]


def count(headers={}, status=200, cookie=False):
    def view(request):
        CALLS[0] += 1
        response = HttpResponse(f"call {CALLS[0]}", status=status)
        for name, value in headers.items():
            response[name] = value
        if cookie:
            response.set_cookie("c", f"v{CALLS[0]}")
        return response

    return view


def count_session(request):
    CALLS[0] += 1
    return HttpResponse(f"call {CALLS[0]} {request.session.get('n', 'none')}")


def count_stream(request):
    CALLS[0] += 1
    return StreamingHttpResponse(iter([f"call {CALLS[0]}"]))


LONG = "long text " * 100
RANDOM = "".join(chr(33 + (index * index * 7919 + index * 104729) % 90) for index in range(220))

urls = types.ModuleType("exchange_urls")
urls.Anybody = Anybody
urls.urlpatterns = [
    path("count/", count()),
    path("count/vary/", count({"Vary": "X-Kind"})),
    path("count/private/", count({"Cache-Control": "private"})),
    path("count/no-store/", count({"Cache-Control": "no-store"})),
    path("count/no-cache/", count({"Cache-Control": "no-cache"})),
    path("count/max-age-0/", count({"Cache-Control": "max-age=0"})),
    path("count/max-age-60/", count({"Cache-Control": "public, max-age=60"})),
    path("count/404/", count(status=404)),
    path("count/301/", count({"Location": "/x/"}, status=301)),
    path("count/500/", count(status=500)),
    path("count/202/", count(status=202)),
    path("count/stream/", count_stream),
    path("count/expires/", count({"Expires": "Fri, 01 Jan 2100 00:00:00 GMT"})),
    path("count/never/", never_cache(count())),
    path("count/control/", cache_control(public=True, max_age=60, s_maxage=5)(count())),
    path("count/vary-on/", vary_on_headers("User-Agent", "X-A")(count({"Vary": "x-a"}))),
    path("count/cookie/", count(cookie=True)),
    path("count/cookie-vary/", count({"Vary": "Cookie"}, cookie=True)),
    path("count/session/", count_session),
    path("count/page/", cache_page(60)(count())),
    path("count/page-private/", cache_page(60)(count({"Cache-Control": "private"}))),
    path("count/page-404/", cache_page(60)(count(status=404))),
    path("count/page-max-age/", cache_page(60)(count({"Cache-Control": "max-age=600"}))),
    path("count/page-session/", cache_page(60)(count_session)),
    path("", text("root")),
    path("hello/", text("hello")),
    path("a b/", text("space")),
    path("json/", lambda request: JsonResponse({"a": 1})),
    path("stream/", lambda request: StreamingHttpResponse(iter(["one ", "two"]))),
    path("empty/", lambda request: HttpResponse(status=204)),
    path("redirect/", lambda request: HttpResponseRedirect("/hello/")),
    path("404/", raising(Http404("x"))),
    path("403/", raising(PermissionDenied("x"))),
    path("400/", raising(SuspiciousOperation("x"))),
    path("500/", raising(ValueError("x"))),
    path("slash-off/", no_append_slash(text("off"))),
    path(
        "own-headers/",
        text(
            "own",
            Strict_Transport_Security="own",
            X_Content_Type_Options="own",
            Referrer_Policy="own",
            X_Frame_Options="SAMEORIGIN",
        ),
    ),
    path("frame-exempt/", xframe_options_exempt(text("frame"))),
    path("frame-same/", xframe_options_sameorigin(text("frame"))),
    path("frame-deny/", xframe_options_deny(text("frame"))),
    path("session-read/", session(lambda store: store.get("n", "none"))),
    path("session-set/", session(put)),
    path("session-set-500/", fail_after_set),
    path("session-set-404/", set_then_404),
    path("session-flush/", session(lambda store: store.flush())),
    path("session-cycle/", session(lambda store: store.cycle_key())),
    path("session-delete/", session(drop)),
    path("session-expiry-0/", session(expiry(0))),
    path("session-expiry-60/", session(expiry(60))),
    path("csrf-token/", token),
    path("csrf-rotate/", rotate),
    path("csrf-exempt/", csrf_exempt(text("exempt"))),
    path("message/", say((20, "hello"))),
    path("message-levels/", say((10, "debug"), (20, "info"), (25, "success"), (30, "warning"), (40, "error"))),
    path("message-long/", say(*((20, "x" * 600 + str(index)) for index in range(6)))),
    path("message-read/", read),
    path("message-and-read/", say_and_read),
    path("message-read-and-add/", read_and_say),
    path("etag/", text("tagged", ETag='"tag"')),
    path("etag-cookie/", etag_cookie),
    path("modified/", text("dated", Last_Modified="Wed, 01 Jan 2020 00:00:00 GMT")),
    path("no-store/", text("private", Cache_Control="private, no-store")),
    path("long/", text(LONG)),
    path("long-etag/", text(LONG, ETag='"tag"')),
    path("long-weak/", text(LONG, ETag='W/"tag"')),
    path("coded/", text(LONG, Content_Encoding="br")),
    path("random/", text(RANDOM)),
    path("login-required/", lambda request: HttpResponseRedirect("/accounts/login/?next=/login-required/")),
]
sys.modules["exchange_urls"] = urls


def snake(name):
    return re.sub(r"([A-Z])", r"_\1", name).upper()


SPECIAL = {"xFrameOptions": "X_FRAME_OPTIONS", "sessionCookieSameSite": "SESSION_COOKIE_SAMESITE",
           "csrfCookieSameSite": "CSRF_COOKIE_SAMESITE", "sessionCookieHttpOnly": "SESSION_COOKIE_HTTPONLY",
           "csrfCookieHttpOnly": "CSRF_COOKIE_HTTPONLY"}


def django_value(name, value):
    if name == "disallowedUserAgents":
        return [re.compile(pattern) for pattern in value]
    if name == "csrfTrustedOrigins":
        # Before Django 4 they were hosts.
        return [re.sub(r"^https?://\*?", "", origin) for origin in value]
    if name == "secureProxySslHeader":
        return tuple(value)
    return value


def apply(row):
    for name in dir(global_settings):
        if name.isupper() and name not in BASE:
            setattr(settings, name, getattr(global_settings, name))
    for name, value in BASE.items():
        setattr(settings, name, value)
    for name, value in row.get("settings", {}).items():
        setattr(settings, SPECIAL.get(name) or snake(name), django_value(name, value))
    settings.MIDDLEWARE = [MIDDLEWARE[name] for name in row["middleware"]]


def good_token(given, jar):
    return given if given != "TOKEN" else _mask_cipher_secret(jar.get("csrftoken", "a" * 32)[:32])


def send(handler, asked, jar):
    jar.update(asked.get("cookies", {}))
    headers = {"HTTP_" + name.upper().replace("-", "_"): good_token(value, jar) for name, value in asked.get("headers", {}).items()}
    if "HTTP_CONTENT_TYPE" in headers:
        headers["CONTENT_TYPE"] = headers.pop("HTTP_CONTENT_TYPE")
    if jar:
        headers["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in jar.items()).encode().decode("latin1")
    form = "&".join(f"{name}={good_token(value, jar)}" for name, value in asked["form"].items()) if "form" in asked else ""
    extra = {"CONTENT_TYPE": "application/x-www-form-urlencoded"} if "form" in asked else {}
    request = RequestFactory().generic(
        asked.get("method", "GET"), "/", form, secure=asked.get("secure", False), **{"content_type": ""}, **extra, **headers
    ).environ
    where, _, query = asked.get("path", "/hello/").partition("?")
    from urllib.parse import unquote_to_bytes

    request["PATH_INFO"] = unquote_to_bytes(where).decode("latin1")
    request["QUERY_STRING"] = query
    started = []
    response = handler(request, lambda status, pairs, exc_info=None: started.append((status, pairs)))
    body = b"" if asked.get("method") == "HEAD" else b"".join(response)
    response.close()
    status, pairs = started[0]
    for name, value in pairs:
        if name == "Set-Cookie":
            key, _, rest = value.strip().partition("=")
            if re.search(r"Max-Age=0(;|$)", rest):
                jar.pop(key, None)
            else:
                jar[key] = rest.split(";")[0]
    return {"status": status, "headers": [[name, value.strip()] for name, value in pairs], "body": body.decode("latin1")}


def run(row):
    apply(row)
    cache.clear()
    CALLS[0] = 0
    jar = {}
    handler = WSGIHandler()
    return [send(handler, asked, jar) for asked in row["requests"]]


print(json.dumps([run(row) for row in json.load(sys.stdin)]))
