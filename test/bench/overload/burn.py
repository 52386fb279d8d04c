"""2 ms of processor time for each page, whatever else runs; the probe costs nothing."""
from time import thread_time

PAGE_SECONDS = 0.002


def application(environ, start_response):
    body = b"well\n" if environ["PATH_INFO"] == "/probe" else b"done\n"
    if body == b"done\n":
        end = thread_time() + PAGE_SECONDS
        while thread_time() < end:
            pass
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
