/**
 * The faults that both tiers have to survive, by the number of each in the list they come from (A: request line,
 * B: headers, C: framing, D: chunks, F: slow clients, G: paths and files, H: ranges and codings, I: host and trust,
 * J: applications, K: gateway protocols, L: upstreams, M: processes and the system, N: conf and start, O: TLS,
 * P: tunnels, Q: sessions, forms and users, R: parsers, templates and queries), with the tests that hold it: file, and part of the test's name. A table.
 */
import type { NamedTests } from './support/named-tests.ts'

const FAULTS = 'system/front-faults/cases.ts'
const FILES = 'system/front-file-faults.test.ts'
const CONNECTION = 'system/front-connection.test.ts'
const TIME = 'system/front-time.test.ts'
const BODY = 'system/front-body.test.ts'
const COMMAND = 'cli/command-line.test.ts'
const MASTER = 'system/master.test.ts'
const ROWS = 'system/front-fault-rows.test.ts'
const TLS = 'system/front-tls-faults.test.ts'
const TLS_TRUST = 'system/tls-trust.test.ts'
const TLS_CASES = 'system/front-tls/tls-cases.ts'
const ZONES = 'system/front-zones.test.ts'
const LINKS = 'front/disable-symlinks.test.ts'

const APP = 'system/app-faults.test.ts'
const EXHAUSTION = 'system/app-exhaustion.test.ts'
const BEHIND_NGINX = 'system/app-behind-nginx.test.ts'
const RUN = 'gateway/run-application.test.ts'
const APP_HTTP = 'app/http-connection.test.ts'
const APP_FASTCGI = 'app/fastcgi.test.ts'
const FRONTS = 'system/hostile-fronts.ts'
const UPSTREAMS = 'system/upstream-faults.ts'
const FAILURES = 'system/upstream-failures.test.ts'
const FLOW = 'system/upstream-flow.test.ts'
const STANDING = 'system/worker-standing.test.ts'
const KILL = 'system/kill-workers.test.ts'
const SITE = 'web/attacks.test.ts'
const TIERS = 'system/web-attacks.test.ts'
const PIPELINE = 'web/middleware/attacks.test.ts'
const SIGN_IN = 'web/auth/sign-in.test.ts'
const PASSWORDS = 'web/auth/passwords.test.ts'
const REQUEST = 'web/http/request.test.ts'
const DEFAULTS = 'web/defaults.test.ts'
const PAGES = 'web/cache/page-cache.test.ts'

const SOCKETS = 'system/app-websockets.test.ts'

/** How many faults each group of the list has. */
export const GROUPS = {
  A: 16,
  B: 18,
  C: 15,
  D: 8,
  F: 7,
  G: 13,
  H: 10,
  I: 9,
  J: 12,
  K: 8,
  L: 12,
  M: 12,
  N: 9,
  O: 9,
  P: 7,
  Q: 13,
  R: 12,
} as const

export const FAULT_ROWS: Readonly<Record<string, readonly NamedTests[]>> = {
  A1: [[FAULTS, 'of garbage', 'that is a TLS hello']],
  A2: [['system/front-tls.test.ts', "'plain HTTP'", 'plain HTTP for another server']],
  A3: [[FAULTS, 'of HTTP/0.9']],
  A4: [[FAULTS, 'with minor version 32', 'with version 01.1', 'with a lower-case version', 'with a version cut short', 'with a version of many digits']],
  A5: [[FAULTS, 'with HTTP/2.0', 'with HTTP/3.0']],
  A6: [[FAULTS, 'with two blanks after the method', 'with a tab', 'with a vertical tab', 'with a blank at its end']],
  A7: [[FAULTS, 'that ends with CR alone', 'that ends with LF alone']],
  A8: [[FAULTS, 'with a method of no token', 'without method', 'with a method of 65 letters', 'with a lower-case method', 'with an unknown method']],
  A9: [[FAULTS, 'with a target above 8 KiB', 'with a target of a megabyte']],
  A10: [[FAULTS, 'with NUL in the target', 'with DEL in the target', 'with a raw byte above ASCII in the target', 'with a blank in the target']],
  A11: [[FAULTS, 'with a fragment', 'with an asterisk', 'with an authority as target', 'with a relative target']],
  A12: [[FAULTS, 'other than the authority of the target']],
  A13: [[FAULTS, 'of CONNECT']],
  A14: [[FAULTS, 'of TRACE']],
  A15: [[FAULTS, 'that is the preface of HTTP/2']],
  A16: [[FAULTS, 'behind one empty line', 'behind a hundred empty lines']],
  B1: [[FAULTS, 'with a blank before its colon', 'with a tab before its colon']],
  B2: [[FAULTS, 'that is first and begins with a blank', 'that is folded', 'that is folded with a tab']],
  B3: [[FAULTS, 'without name', 'without colon', 'with NUL in its name', 'with a high byte in its name']],
  B4: [[FAULTS, 'with CR in its value', 'with NUL in its value', 'with ESC in its value', 'with DEL in its value']],
  B5: [[FAULTS, 'with a high byte in its value', 'with a high byte in its name', "'chunked\\xa0'", "'\\x85chunked'", "'\\xffchunked'"]],
  B6: [[FAULTS, 'block that ends with CR and a letter']],
  B7: [[FAULTS, 'line above the buffers', 'block above the buffers']],
  B8: [[FAULTS, 'count above a thousand', 'count above a thousand with the framing last']],
  B9: [[FAULTS, 'repeated nine hundred times']],
  B10: [[FAULTS, 'Host twice', 'Content-Length twice', 'Content-Type twice', 'Authorization twice']],
  B11: [[FAULTS, 'named like a property of every object']],
  B12: [[FAULTS, 'named by a number, nine hundred times']],
  B13: [[FAULTS, 'with an underscore is not seen', 'with a dot is not seen']],
  B14: [['gateway/environ.test.ts', 'never takes HTTP_PROXY']],
  B15: [[FAULTS, 'Expect of nonsense', 'above the limit, with Expect'], [CONNECTION, 'closes after a final answer, because whether the body comes is not known', 'costs no worker when the body comes after the answer', 'says once that it goes on, where somebody reads the body, and takes it then', 'nothing where the body is there', 'it once where there is none, as nginx']],
  B16: [[FAULTS, 'Connection that names others', 'Connection that names Content-Length']],
  B17: [[FAULTS, 'Cookie of ten thousand pairs']],
  B18: [[FAULTS, 'If-None-Match of eight thousand bytes']],
  C1: [[FAULTS, 'given twice, by Content-Length and chunks', 'given twice, the other way around']],
  C2: [[FAULTS, 'Content-Length twice']],
  C3: [[FAULTS, 'Content-Length twice the same']],
  C4: [[FAULTS, "'5_0'", "'+5'", "'-5'", "'0x5'", "'5 5'", "'5,'", "'5, 6'", "'18446744073709551616'", "'9'.repeat(1000)"]],
  C5: [[FAULTS, 'given as 010 is ten']],
  C6: [[FAULTS, "'xchunked'", "'identity'", "',chunked'", "'chunked;q=1'", "'chunked, gzip'", "'chunked, chunked'", "'gzip, chunked'", "'\\x0bchunked'", 'by two codings in two lines', 'by gzip and chunks in two lines']],
  C7: [[FAULTS, 'by chunks in HTTP/1.0']],
  C8: [[FAULTS, 'of GET is consumed', 'of HEAD is consumed', 'of OPTIONS is consumed', 'of DELETE is consumed']],
  C9: [[CONNECTION, 'is read away, and the request behind it in the same packet is answered', 'is read away when it comes later, in pieces', 'is not taken for a request when it looks like one']],
  C10: [[TIME, 'answers 400 to a client that ends its body too early']],
  C11: [[FAULTS, 'above the limit', 'above the limit, with Expect'], [TIME, 'in the middle of an upload leaves no temporary file open'], [BODY, 'clean removes it after the request']],
  C12: [[FAULTS, 'with Upgrade stays HTTP', 'of none, with Upgrade: what stands behind it is a request'], [FLOW, 'is opened for nobody that did not ask, or asked in HTTP/1.0', 'carries bytes both ways, those beside the heads too']],
  C13: [[FILES, 'are answered in their order, up to the one that is none']],
  C14: [[FILES, 'end with Connection: close, whatever follows, and the answer arrives whole']],
  C15: [[FILES, 'mean the same wherever they are cut']],
  D1: [[FAULTS, 'size 0x5', 'size +5', 'size -1', 'size 5_0', 'size behind a blank', 'size before a blank', 'empty size', 'size of 17 digits']],
  D2: [[FAULTS, 'size line ended by LF', 'data ended by LF', 'data ended by CR and a letter']],
  D3: [[FAULTS, 'extension with LF', 'extension with CR', 'extension with NUL', 'extension with an open quote', 'extension without name']],
  D4: [[FAULTS, 'extension of 64 KiB', 'one-byte chunks with long extensions']],
  D5: [[FAULTS, 'data longer than its size', 'data shorter than its size', 'data without CRLF behind'], [CONNECTION, 'closes the connection when its framing turns out to be broken']],
  D7: [[FAULTS, 'trailer Content-Length', 'trailer Transfer-Encoding', 'trailer Host', 'trailer Authorization', 'too many trailers']],
  G1: [[FAULTS, '/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/%2e%2e%5csecret.txt', '/....//secret.txt', '/files/..;/secret.txt']],
  G2: [[FAULTS, '/%252e%252e/secret.txt']],
  G3: [[FAULTS, 'with NUL', '/..%c0%afsecret.txt', '/%c0%ae%c0%ae/secret.txt', 'with a broken escape', 'with an escape cut short']],
  G4: [[FAULTS, 'with an encoded slash is one path for every rule']],
  G5: [[FAULTS, 'with two slashes is one path for every rule', 'with encoded letters is one path for every rule', 'with a dot segment is one path for every rule', 'in capitals is another path', 'with a dot behind it is below the same rule', 'with a blank behind it is below the same rule', 'with the name of a stream is below the same rule']],
  G6: [[FAULTS, 'with an alias that misses its slash']],
  G7: [[LINKS, 'on: a link that leads out', 'on: a file behind a link to a folder', 'a link that takes the place of a file is seen though the file is cached']],
  G8: [[ROWS, 'of a dot file is nobody’s business in the shipped conf']],
  G9: [[FAULTS, 'of a folder is redirected on this host only', 'of a folder behind what looks like a host is redirected on this host only']],
  G10: [[FILES, 'is not opened, and stops nobody', 'a file of /proc', 'and is cut short ends the connection', 'and is replaced goes on as it was', 'and is deleted goes on to its end']],
  G11: [[FILES, 'of nothing is 0', 'above 4 GiB is said whole', 'Names in a list are escaped']],
  G12: [[ROWS, '/x.ba%E2%84%AA', '/x.php%00', '/x.ph%C3%BE']],
  G13: [['http/conditional.test.ts', 'not.toBe(fileEtag(0x12, 3))', 'list %s has %s: %s']],
  H1: [[FAULTS, 'list of 1300 parts', 'list of 1300 overlapping parts', 'list of 150 single bytes']],
  H2: [[FAULTS, 'of a sum beyond 2^63', 'start beyond 2^64', 'of the last nothing', 'of nothing', 'in another unit']],
  H3: [[FAULTS, 'on a missing file', 'with another If-Range']],
  H4: [[ROWS, 'of %s is nobody’s to decode: the upstream and the application get its bytes']],
  H5: [[ROWS, 'brotliCompressSync(Buffer']],
  H6: [[SITE, 'cannot be made from what compression tells'], [ROWS, 'is not compressed where its Content-Encoding says identity']],
  H7: [[PAGES, "'Vary: *'", "'Cache-Control: private'", "'Cache-Control: no-store'", "'Authorization in the request'", 'never gives anybody a page with %s'], [ROWS, 'is warned of, and nobody gets what was made for another']],
  H8: [[PAGES, 'tells hosts, queries and schemes apart', 'is not fooled by values that run into each other']],
  H9: [[PAGES, 'does not keep a cookie that is set for everybody to get', 'keeps a page of a session under its cookie', 'gives nobody another’s CSRF token']],
  I1: [[FAULTS, 'that is missing', 'that is empty', 'a@b', 'a/b', '[::1', 'Host twice']],
  I2: [[FAULTS, 'that nobody has gets the default server']],
  I3: [[FAULTS, 'in upper case', 'with a dot at its end']],
  I4: [[ROWS, 'is a header and nothing else to the application', 'orders nothing of the front']],
  I5: [['protocol/proxy-protocol/proxy-header.test.ts', 'waits for its end, but not for ever', 'inside ssl too']],
  I8: [[FAULTS, 'to a Location, with CR and LF', 'to another header, with CR and LF']],
  I9: [[FAULTS, 'with a query that names variables'], ['front/variables.test.ts', 'in a value of the client is text']],
  J1: [[APP, 'a line break in a field'], ['gateway/response-head.test.ts', 'refuses %j', 'refuses %s']],
  J2: [[RUN, 'no startResponse', 'startResponse twice', 'startResponse again after data', 'a string as second chunk of a generator', 'does not blame an application that %s after it was cancelled']],
  J3: [[APP, 'a body shorter than its length: no answer passes for whole', 'a body longer than its length is cut there']],
  J4: [[RUN, 'HEAD with a list: the length, no body', '204 with a body and a length', '304 with a body'], [APP_HTTP, '%s with %s has no body'], ['gateway/response-head.test.ts', 'refuses %s']],
  J5: [['gateway/response-head.test.ts', 'refuses %s'], [UPSTREAMS, '103 as an answer']],
  J6: [[APP, 'an iterable that throws midway: the client sees that something is missing'], [RUN, 'is called once after %s', 'reports an error of its own without changing the response']],
  J7: [[APP_FASTCGI, 'hold the front back while the application thinks, and are dropped when it has answered'], [APP_HTTP, 'one that nobody reads does not become the next request']],
  J8: [[APP, 'a client that takes nothing stops the application'], [RUN, 'takes one chunk of %s at a time, and stops when the client is gone']],
  J9: [[APP, 'an endless loop: the line of code', 'a wait that never ends: its stage and age', 'a call that blocks in native code: the last query'], ['system/app-command.test.ts', 'a late request is cancelled, a loop that stands still is named with its line']],
  J10: [[APP, 'a crash in a timer: the stack', 'a rejection that nobody handles', 'process.exit(): who called it']],
  J11: [[EXHAUSTION, 'the worker dies alone, and is named with its signal', 'a heap that is full says so in the log', 'a stack that overflows is an error of its request alone'], [APP, 'a leak: a successor takes over and nobody waits']],
  J12: [[BEHIND_NGINX, 'children of the application inherit no socket of the server']],
  K1: [[FRONTS, 'a modifier of another application', 'half a header, and its end', 'more than the block has, and its end', 'a value longer than the block, behind good ones', 'vars that choose an application']],
  K2: [[FAILURES, 'is never sent a block of uwsgi variables that its 16-bit size could not say'], ['protocol/uwsgi/request-encoder.test.ts', 'refuses %s before it writes anything']],
  K3: [[FRONTS, 'another version', 'a type that nobody knows, of management, and its end', 'a name with a length near 2^31', 'a request twice', 'a request with the id 0', 'records of a request that nobody began, then its own', 'an abort in the middle of a body, and its end', 'two requests in turns', 'a body behind its end', 'a length of content that lies, and its end'], ['system/app-hostile-fronts.test.ts', 'a request in single bytes']],
  K4: [[UPSTREAMS, 'a record of the output behind the end', 'and the end of the connection without an end record', 'control bytes on the error stream', 'letters as status', 'a head without end', 'more than its length says', 'two ends']],
  K5: [[FRONTS, 'a length with zeros in front', 'a negative length', 'a length above the limit', 'no comma behind the headers', 'CONTENT_LENGTH in second place', 'an odd number of NULs', 'two lengths']],
  K6: [[FRONTS, 'names of variables as fields'], ['gateway/environ.test.ts', "'HTTP_CONTENT_LENGTH', '6'"], [APP_HTTP, 'never has what would be taken for a variable of the front']],
  K7: [['app/front-allowance.test.ts', '%s is exposed'], ['cli/app-conf.test.ts', 'is reachable from other machines'], ['system/app-command.test.ts', 'an address of everybody']],
  K8: [[FRONTS, 'a body shorter than it says, and its end', 'a body longer than it says', 'a body shorter than it says']],
  L1: [[FAILURES, 'that refuses connections: the next is tried, then 502, and none is asked again for a while', 'whose name nobody knows: 502, and the name in the log']],
  L2: [[UPSTREAMS, 'nothing at all']],
  L3: [[UPSTREAMS, 'half a status line', 'half a head', 'garbage', 'a head without end']],
  L4: [[UPSTREAMS, 'less than its length says', 'chunks without their end', 'the middle of a body, then an RST']],
  L5: [[UPSTREAMS, 'length and chunked coding', 'two lengths', 'a coding that nobody knows', 'two codings']],
  L6: [[UPSTREAMS, 'more than its length says', 'HEAD with a body', 'a second response that nobody asked for', 'a second response a moment later', '304 with a body']],
  L7: [[FAILURES, 'is opened anew for one that is idempotent', 'is not for another one that was sent']],
  L8: [[UPSTREAMS, 'an answer to a POST that it does not read'], [FLOW, 'is answered early, and the connection goes on']],
  L9: [[UPSTREAMS, 'interim responses without end', 'early hints without end', '101 that nobody asked for']],
  L10: [[UPSTREAMS, 'a drip of bytes', 'the middle of a body, then nothing']],
  L11: [[FAILURES, '/tls/name', '/tls/stranger', '/tls/gone', 'that resumes a session is who it was then, and nobody else', 'is told the name only where the conf says so']],
  L12: [[UPSTREAMS, 'an answer that comes too late'], ['system/upstream-cgi-faults.test.ts', 'a kept connection on which an answer came too late is not used again'], ['front/fastcgi-channel.test.ts', 'tells the application of a request that is given up, and drops the rest of its answer']],
  M1: [[STANDING, 'more connections than descriptors: the worker serves on and stays below its limit'], [MASTER, 'one that runs out of descriptors serves on']],
  M2: [[FAILURES, 'is 500, named in the log; the worker serves on'], ['io/log-destination.test.ts', 'on a full disk loses lines, says so once on stderr and with their number in the log, and goes on']],
  M3: [[KILL, 'an application worker: nothing is refused, a replacement serves soon', 'a front worker: nothing is refused, only what it held is cut'], [MASTER, 'so is a stopped process', 'kill -9 under load with %d worker(s)']],
  M4: [[MASTER, 'a pid file of a dead process and a left-over socket are replaced'], ['system/command-session.test.ts', 'ends with a master that was killed']],
  M5: [[APP, 'at the start: the reason, and code 1', 'at a reload: the code before it serves on', 'after a crash: it is tried again more and more seldom']],
  M6: [['system/first-process.test.ts', 'takes orphans for no workers of its own, serves on, and still replaces a worker that dies'], ['system/compose-file.test.ts', 'below something that takes orphans in']],
  M7: [['wall-clock.test.ts', 'is read by nobody who waits']],
  M8: [[EXHAUSTION, 'an idempotent request that kills its worker is repeated once: two of three die, no more'], [APP, 'one that is slow: the queue is bounded, the rest gets a 503'], ['system/overload.test.ts', 'those that have a place or wait for one are served, the others refused, and health answers', 'those that keep the processor are refused as well, and the application says that it is well']],
  M9: [['io/log-destination.test.ts', 'that nobody reads holds no writer; what was dropped is counted', 'is written on under its new name until it is reopened'], [MASTER, 'USR1 reopens the logs of all workers']],
  M10: [['io/transport.test.ts', 'keeps the order of what is corked, written meanwhile and after', 'says when to stop, and once all has left, that it has'], [FLOW, 'keeps the order and the bytes of many megabytes, whoever is slow']],
  M11: [['io/bind.test.ts', 'a left-over path that nobody answers on is replaced', 'a path that somebody answers on is not', '%s in the way is left alone']],
  M12: [[STANDING, 'workers are nobody, with its groups alone; the master stays who it is', 'an application runs as a user of its own, with its umask; the front stays who it is']],
  P1: [[SOCKETS, 'is no web socket: %s'], [FLOW, 'is opened for nobody that did not ask, or asked in HTTP/1.0']],
  P2: [[SOCKETS, 'no mask', 'a reserved bit', 'a reserved operation', 'a ping of 126 bytes', 'a continuation of nothing']],
  P3: [[SOCKETS, 'text that is no UTF-8', 'a close code that is none']],
  P4: [[SOCKETS, 'a length of 2^63', 'a length above what the application takes']],
  P5: [[FLOW, 'ends when nothing was said for proxy_read_timeout', 'does not take more of the upstream than the client takes', 'ends with the upstream'], [SOCKETS, 'that sends a flood of pings disturbs no other']],
  P6: [[SOCKETS, 'of another origin is the application’s to refuse']],
  P7: [[SOCKETS, 'live through a reload until worker_shutdown_timeout, then close in order'], [FLOW, 'lives through a reload until worker_shutdown_timeout']],
  N1: [[COMMAND, 'ends with 1 and names file and line', 'ten thousand closing braces', 'a file that includes itself', 'a word of a megabyte'], ['config/load.test.ts', 'bounds nesting over files'], ['config/parser.test.ts', 'refuses nesting that could exhaust a stack, at its line']],
  N2: [['process/master.test.ts', "'a busy port'", '%s leaves the running service untouched'], [COMMAND, 'for a busy port says who listens there', 'binds none of its addresses when one is busy'], [MASTER, 'a busy port: exit 1, which and whose']],
  N3: [[TLS, 'calling fopen(%C%/missing.crt', 'key values mismatch', 'ssl_certificate_key %C%/locked.key'], [COMMAND, 'gets new workers at -s reload, and keeps the old ones when the new conf is bad']],
  N4: [[MASTER, 'a storm leaves one generation and no descriptor behind'], ['process/master.test.ts', 'a storm of them is served one by one, the last one counting', 'QUIT in the middle of one ends both generations']],
  N5: [[ROWS, 'to fewer workers loses no connection']],
  N6: [[MASTER, 'keeps serving, and ends with the new version only', 'a request in flight is finished by the old worker']],
  N8: [['system/worker-standing.test.ts', 'what the main context refuses as nginx does']],
  N7: [['system/upgrade.test.ts', 'USR2, QUIT to the old one: the new one serves, nobody was refused', 'USR2, WINCH to the old one, HUP to it, QUIT to the new one']],
  N9: [[ROWS, 'that changes the log alone loses no connection']],
  D6: [[ROWS, 'without its last chunk', 'whose last chunk lacks its end']],
  D8: [[ROWS, 'goes to an upstream of HTTP/1.0 with its length, and whole']],
  F1: [[TIME, 'is for the whole head: bytes that trickle do not extend it']],
  F2: [[BODY, 'ends a request whose body trickles, though each byte comes in time']],
  F3: [[TIME, 'lets a client be that reads slowly', 'does not grow with what clients do not read']],
  F4: [[TIME, 'makes the longest idle connection give way to a new one']],
  F5: [[TIME, 'closes a connection on which nothing is sent'], [TLS, 'half a hello']],
  F6: [[TIME, 'while an application works on its request is logged with 499', 'in the middle of a file costs nothing: fifty of them']],
  F7: [[ZONES, 'limit rates exactly', 'limit connections exactly']],
  O1: [[TLS, 'are not done twice on a connection']],
  O2: [[TLS_CASES, 'no name', 'a name in capitals', 'an unknown name']],
  O3: [[TLS_CASES, 'a host that is not the name, and asks for certificates']],
  O4: [[TLS, 'are not resumed at %s', 'follow the keys in files: the first seals, all open']],
  O5: [[TLS_CASES, 'TLS 1.1', 'a weak cipher']],
  O6: [[TLS, 'take a hello in records of %i bytes', 'take a hello byte by byte', 'a hello that is cut inside', 'a record that is too long', 'half a hello']],
  O7: [[TLS_TRUST, 'takes no early data, so that there is none to send again']],
  O8: [[TLS_TRUST, 'with names of every odd kind', 'over hands of which one is missing', 'by who is no authority', 'reads no chain of a megabyte', 'is not started with a staple that is none']],
  O9: [[TLS_TRUST, 'of an upstream that ends without a word is no end of its body', 'of an upstream that ends without a word inside its head is 502', 'of a client that ends without a word is no end of its body']],
  I6: [[SITE, 'leads no reset link elsewhere: 400, and no mail', 'changes nothing without a proxy that is trusted'], [TIERS, 'is nobody else by the target of the request'], ['web/auth/password-reset.test.ts', 'refuses a host that is not ours, so that no link leads elsewhere']],
  I7: [[SITE, 'to what urlHasAllowedHostAndScheme takes never leads elsewhere', 'after signing in does not go to %j', 'after signing out does not go to %j', 'from %s stays here'], [TIERS, 'to GET %s leads to no other host'], [SIGN_IN, 'from %j goes to %j']],
  Q1: [[SITE, 'by an id of the attacker’s choice: it is never taken', 'by an id that the site has given to the attacker: it ends at sign-in', 'by a session stolen before the password was changed'], [SIGN_IN, 'gets a new key at sign-in, keeps what it held, and the old key is worth nothing'], [TIERS, 'brings a session with a new key and its flags, whatever key was sent']],
  Q2: [[PIPELINE, 'the id %j makes no session', 'a store that is down is a 500 for those who use it, and for nobody else'], ['web/auth/database-session-store.test.ts', 'makes no row for made-up keys, and takes none of them over', 'answers 503 where the session is needed while the database is down, and the rest as ever'], [SITE, 'by a file name for an id: no store looks for it']],
  Q3: [[SITE, 'a signature cut short', 'another last letter of the same bytes', 'an algorithm of its own', 'of one cookie is none of another, nor after its time'], [PIPELINE, 'a signed session that was changed, cut or has expired is none', 'a key that was replaced still verifies, a foreign one does not']],
  Q4: [[SITE, 'is refused, and let in only by the site without CsrfViewMiddleware', 'with the token of the attacker’s own visit is refused', 'with a token in the query, in a cookie alone or in JSON is refused', 'that signs the victim in as the attacker is refused', 'over https with %j: %i', 'with a cookie that a sub-domain has planted', 'cannot be made from what compression tells'], [PIPELINE, 'with the Origin %j, secure %s: %i', 'two cookies of the name: the last counts, and the token has to fit it'], [TIERS, 'is taken with its cookie and token, and refused without either', 'with two lines of cookies has one of each name: the last']],
  Q5: [[PIPELINE, '%s needs a token too', '%s changes nothing', 'a body of %j needs a token'], ['web/views.test.ts', 'answers OPTIONS and 405 with the methods that there are'], ['web/views/decorators.test.ts', "['HEAD', '/get/', 405, 'GET']"]],
  Q6: [[SITE, 'is not told by the work of a sign-in', 'is not told by the answer of a password reset'], [PASSWORDS, 'longer than 4096 characters costs nothing and matches nothing'], [SIGN_IN, 'says the same of a wrong password, an unknown name, an inactive user and one without a password', 'takes a name in any Unicode form that means the same']],
  Q7: [[SIGN_IN, 'are answered 429 with the time to wait, for that name from there only'], [PASSWORDS, 'does not stop the event loop', 'is done for few at a time, in order, and refused when too many wait'], [SITE, 'cannot be guessed at by other ways to write the name, nor by headers that claim another address'], [TIERS, 'is not guessed at from more addresses than there are']],
  Q8: [['web/auth/password-reset.test.ts', 'sends to the address that is stored, and to none that only looks like it']],
  Q9: [[PIPELINE, 'of %i characters each are all shown, once', 'more than a cookie holds is an error, not half a cookie']],
  Q10: [[PIPELINE, 'of %s %s has the security headers', 'a host that is not ours is refused, and the answer has them too'], [DEFAULTS, 'with security headers either way'], [TIERS, 'which has its security headers all the same']],
  Q11: [[PIPELINE, 'tells strangers nothing', 'tells the developer all but the secrets, escaped']],
  Q12: [[PIPELINE, 'is logged once, on lines that the path cannot break']],
  Q13: [[SITE, 'by a bulk form: rows of others, fields and deletions that it does not have', 'by fields that the form does not have: they reach no row', 'by a whole form, a Map or a list for keywords is refused', 'by the JSON key %s is refused wherever a row is made or changed'], ['web/auth/permissions.test.ts', 'sends strangers to sign in, refuses those who may not, and lets in who may']],
  R1: [[SITE, 'of %s costs little', 'parts that say nothing', 'fields without a name'], [DEFAULTS, '1001 fields', '101 files', 'a byte more of form'], [REQUEST, 'counts what came, not what was announced'], [TIERS, 'is counted by what came, in chunks as in one piece']],
  R2: [[SITE, 'near misses of the boundary', 'base64 blanks', 'preamble', "['headers'"], [REQUEST, 'no boundary', 'a boundary of 10 KB', 'a boundary with control characters', 'a name that turns round'], ['web/http/multipart-form.test.ts', 'comes out the same wherever it is cut', 'that ends too early is refused at every place, and leaves nothing open', 'a preamble without an end']],
  R3: [[SITE, 'of %s in each other is no JSON', 'by the JSON key %s is refused wherever a row is made or changed', 'JSON that other readers read otherwise'], [REQUEST, 'JSON %j: %i', 'JSON of another encoding is refused']],
  R4: [['web/http/request-cases.ts', "'a=1;b=2'", "'a[b][c]=1'"], ['web/http/http-against-django.test.ts', 'as Django'], [SITE, 'of simple fields costs little']],
  R5: [['web/urls/check-urls.test.ts', '%s is found', '%s really is slow'], ['web/template/linear-time.test.ts', 'text of visitors takes linear time'], [SITE, 'a text made to hold validators up', 'of cookies, queries and Accept lists costs little']],
  R6: [['web/urls/resolver.test.ts', "'/int/12\\n/'", "'/int/٣/'", "'9'.repeat(5000)", "'/slug/a-b\\n'"]],
  R7: [['web/db/injection.test.ts', '%j is refused as a keyword, an order, a value and a reference', '%j is refused as an alias', '%s is only compared', 'never stands in the SQL', '%j is refused: not a value of the field'], [SITE, 'by %j as a value, from the form to the page', 'by %j as the name of a table, a column and an index']],
  R8: [['web/template/safety.test.ts', 'is on in %s', 'holds in every place that JSON can get to in a page', 'of strings in scripts leaves nothing that ends a string, a script or an attribute', 'survives what taking out tags from %s leaves'], [SITE, 'it is text everywhere, and escaped']],
  R9: [[SITE, 'by the template name %j: there is no such template'], ['web/template/engine.test.ts', 'lie below them, whatever the name and whatever links lead out', 'cannot be taken from elsewhere by templates and the values that they are given'], ['web/template/errors.test.ts', 'more than 100 levels deep'], ['web/template/linear-time.test.ts', 'however deep the tags are nested']],
  R10: [['web/db/sqlite.test.ts', 'is a DatabaseUnavailable, a 503, and comes back', 'locked by another process is waited for, without stopping the event loop, and then given up'], ['web/db/postgres.test.ts', 'is unavailable while it is down, within the time-out, and comes back', 'that loses a connection in a transaction says so, and goes on with another', 'that is too slow is given up, and the connection serves on', 'ends one, which may be tried again', 'waits for a connection of the pool no longer than the time-out, and the pool goes back to its size'], ['web/handlers/wsgi-handler.test.ts', 'whose database is out of reach is a 503']],
  R11: [[REQUEST, 'a path for a name', 'a Windows path'], ['system/nginx-modules/dav.ts', 'what Destination may not be'], ['system/front-dav.test.ts', 'a destination outside of the aliased location is refused']],
  R12: [['web/http/response.test.ts', 'a file, %j'], [SITE, 'by %j: nothing begins a line']],
} // prettier-ignore

/** Not held by a test, and why. */
export const UNHELD: Readonly<Record<string, string>> = {
  H10: 'the front caches nothing, and an expired page of cachePage is made by each who asks, as Django makes it',
}
