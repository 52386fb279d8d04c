# What the tests ask of an application, by ?do=
import hashlib, os, signal, sys, time
from urllib.parse import parse_qs

PATTERN = b"0123456789abcdef" * 65536


def application(environ, start_response):
    do = parse_qs(environ.get("QUERY_STRING", "")).get("do", ["echo"])[0]
    return globals()["do_" + do](environ, start_response)


def do_echo(environ, start):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    names = ["REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "REQUEST_URI", "CONTENT_TYPE",
             "CONTENT_LENGTH", "SERVER_PROTOCOL", "REMOTE_ADDR", "SERVER_NAME", "HTTPS"]
    lines = [f"{name}={environ.get(name, '(none)')}" for name in names]
    lines += [f"{name}={environ[name]}" for name in sorted(environ) if name.startswith("HTTP_")]
    lines.append(f"body={len(body)} {hashlib.sha1(body).hexdigest()}")
    start("200 OK", [("Content-Type", "text/plain")])
    return [("\n".join(lines) + "\n").encode("latin-1")]


def do_missing(environ, start):
    start("404 Not Found", [("Content-Type", "text/html")])
    return [b"nothing here\n"]


def do_nocontent(environ, start):
    start("204 No Content", [])
    return []


def do_fields(environ, start):
    start("200 OK", [
        ("X-One", "1"), ("X-One", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"),
        ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"),
        ("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT"), ("ETag", '"own"'), ("X-Accel-Expires", "10"),
        ("Server", "other"), ("Date", "Mon, 01 Jan 2001 00:00:00 GMT"),
    ])
    return [b"fields\n"]


def do_big(environ, start):
    start("200 OK", [("Content-Type", "text/html")])
    return iter([PATTERN, PATTERN, PATTERN])


def do_length(environ, start):
    start("200 OK", [("Content-Type", "text/html"), ("Content-Length", "5")])
    return [b"exact"]


def do_short(environ, start):
    start("200 OK", [("Content-Type", "text/html"), ("Content-Length", "100")])
    return [b"short"]


def do_shortbig(environ, start):
    start("200 OK", [("Content-Type", "text/html"), ("Content-Length", "9000000")])
    return [PATTERN]


def do_redirect(environ, start):
    start("302 Found", [("Location", "/elsewhere?x=y"), ("Content-Type", "text/html")])
    return []


def do_accel(environ, start):
    start("200 OK", [("X-Accel-Redirect", "/protected/file.txt"), ("Content-Type", "text/x-own"),
                     ("Set-Cookie", "kept=1")])
    return [b"not to be seen"]


def do_accelnamed(environ, start):
    start("200 OK", [("X-Accel-Redirect", "@fallback")])
    return []


def do_error(environ, start):
    start("500 Internal Server Error", [("Content-Type", "text/html")])
    return [b"own error page"]


def do_kill(environ, start):
    os.kill(os.getpid(), signal.SIGKILL)


def do_slow(environ, start):
    time.sleep(3)
    start("200 OK", [("Content-Type", "text/html")])
    return [b"late\n"]


def do_empty(environ, start):
    start("200 OK", [("Content-Type", "text/html")])
    return []
