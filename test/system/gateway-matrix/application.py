# What the matrix asks of every application, by the first segment of the path.
import hashlib, json, os, time

MARKS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'marks')
TEXT = ('Content-Type', 'text/plain')
UNBUFFERED = ('X-Accel-Buffering', 'no')


def application(environ, start_response):
    _, view, *rest = environ['PATH_INFO'].split('/')
    return VIEWS[view](environ, start_response, *rest)


def hello(environ, start):
    start('200 OK', [TEXT, ('Content-Length', '6')])
    return [b'hello\n']


def environ_of(environ, start, *rest):
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    start('200 OK', [('Content-Type', 'application/json')])
    return [json.dumps(told).encode()]


def digest(environ, start):
    told = environ.get('CONTENT_LENGTH', '')
    left, length, sha = int(told or 0), 0, hashlib.sha256()
    while left > 0:
        piece = environ['wsgi.input'].read(min(left, 65536))
        if not piece:
            break
        left -= len(piece)
        length += len(piece)
        sha.update(piece)
    start('200 OK', [TEXT])
    return [f"{environ['REQUEST_METHOD']} {told} {length} {sha.hexdigest()} {environ['QUERY_STRING']}".encode()]


def fields(environ, start):
    start('201 Created', [TEXT, ('Set-Cookie', 'a=1'), ('Set-Cookie', 'b=2'), ('X-Latin', 'caf\xe9')])
    return [b'fields']


def missing(environ, start):
    start('404 Not Found', [TEXT])
    return [b'nothing here\n']


def nothing(environ, start):
    start('204 No Content', [])
    return []


def elsewhere(environ, start):
    start('302 Found', [TEXT, ('Location', '/elsewhere?x=y')])
    return []


def long(environ, start):
    told = [value for name, value in environ.items() if name.startswith('HTTP_X_LONG_')]
    start('200 OK', [TEXT])
    return [f'{len(told)} {sum(map(len, told))}'.encode()]


def stream(environ, start, mark):
    start('200 OK', [TEXT, UNBUFFERED])
    yield b'first\n'
    for _ in range(2000):
        if os.path.exists(os.path.join(MARKS, 'go-' + mark)):
            break
        time.sleep(0.01)
    yield b'last\n'


def large(environ, start):
    start('200 OK', [TEXT])
    return (bytes([number]) * 65536 for number in range(64))


def boom(environ, start, mark):
    raise RuntimeError('broken on purpose ' + mark)


def half(environ, start):
    start('200 OK', [TEXT, UNBUFFERED, ('Content-Length', '10')])
    yield b'half'
    time.sleep(0.05)
    raise RuntimeError('broken half-way')


def forever(environ, start, mark):
    start('200 OK', [TEXT, UNBUFFERED])
    try:
        for _ in range(1000):
            yield b'tick\n'
            time.sleep(0.02)
    except GeneratorExit:
        open(os.path.join(MARKS, 'gone-' + mark), 'w').close()
        raise


VIEWS = {'hello': hello, 'environ': environ_of, 'digest': digest, 'fields': fields, 'missing': missing,
         'nothing': nothing, 'elsewhere': elsewhere, 'long': long, 'stream': stream,
         'large': large, 'boom': boom, 'half': half, 'forever': forever}
