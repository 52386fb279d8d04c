"""Some 3 ms of OpenSSL's work for each page, the same as in burn.mjs; the probe costs nothing."""
from hashlib import pbkdf2_hmac

ITERATIONS = 20000


def application(environ, start_response):
    body = b"well\n" if environ["PATH_INFO"] == "/probe" else b"done\n"
    if body == b"done\n":
        pbkdf2_hmac("sha256", b"page", b"salt", ITERATIONS, 32)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
