"""Reads connections as JSON lines of Latin-1 text; writes what h11 reads in each: requests that are whole, and its error."""
import json
import sys

import h11


def connected(data):
    """h11 refuses the empty lines before a request line that a server should take (RFC 9112 section 2.2)."""
    while data.startswith(b"\r\n"):
        data = data[2:]
    connection = h11.Connection(our_role=h11.SERVER)
    connection.receive_data(data)
    return connection


def read(text):
    requests, error = [], None
    connection = connected(text.encode("latin-1"))
    body = b""
    request = None
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED and connection.our_state is h11.MUST_CLOSE:
                break
            if isinstance(event, h11.ConnectionClosed):
                break
            if isinstance(event, h11.Request):
                request, body = event, b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                requests.append([request.method.decode("latin-1"), request.target.decode("latin-1"), body.decode("latin-1")])
                if connection.our_state is not h11.SEND_RESPONSE:
                    break
                connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.their_state is not h11.DONE or connection.our_state is not h11.DONE:
                    break
                connection = connected(connection.trailing_data[0])
            elif event is h11.PAUSED:
                break
    except h11.LocalProtocolError:
        pass  # a tunnel: what follows is no HTTP
    except h11.RemoteProtocolError as fault:
        error = str(fault)
    return {"requests": requests, "error": error}


for line in sys.stdin:
    print(json.dumps(read(json.loads(line))), flush=True)
