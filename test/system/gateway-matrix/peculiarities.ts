/** What a program or a protocol does otherwise than the rest, by itself: each with its reason. */
import type { Cell, Peer } from './cells.ts'

/** What a client gets of an exception before the first byte. */
export const ERROR_STATUS: Readonly<Record<Peer, number>> = {
  own: 500,
  // it closes the connection without an answer, unless --catch-exceptions shows the trace to everybody
  uwsgi: 502,
  php: 500,
  gunicorn: 500,
}

/** 80 KiB of request fields: which answer, and whose limit it is. */
export function tooLong({ front, protocol, peer }: Cell): {
  readonly status: number
  readonly reason: string
} {
  if (protocol === 'uwsgi') {
    return front === 'nginx'
      ? { status: 500, reason: 'a uwsgi packet has 16 bits for its size; nginx calls that its own fault' }
      : {
          status: 431,
          reason: 'a uwsgi packet has 16 bits for its size; fewer fields mend it, and 431 says so',
        }
  }
  if (protocol === 'fastcgi' && front === 'nginx')
    return {
      status: 500,
      reason: 'nginx puts all params into one record, of 64 KiB at most; ours goes on in the next',
    }
  if (peer === 'uwsgi')
    return { status: 502, reason: "uWSGI's --buffer-size is 64 KiB at most; it closes the connection" }
  return { status: 200, reason: 'no limit is reached' }
}

/** Of a peer that is spoken to in another protocol than its own. */
export function misfitStatus(peer: Peer): number {
  // gunicorn waits for the end of a request line, and the front for an answer; PHP closes what is no record
  return peer === 'gunicorn' ? 504 : 502
}

/** How a field that came as `values` in as many lines is told; `glue` is what joins its kind (RFC 9110, RFC 6265). */
export function joined({ front, protocol, peer }: Cell, values: readonly string[], glue: string): string[] {
  const all = values.join(glue)
  if (peer === 'gunicorn') return [all, values.join(',')]
  if (peer === 'uwsgi' && protocol === 'http') return [values.join(', ')]
  // nginx before 1.23 tells the variable as often, and where variables are a map the last stays; ours joins
  const toldTwice = front === 'nginx' && protocol !== 'http' && peer !== 'own'
  return toldTwice ? [all, ...values.slice(-1)] : [all]
}

/** Whether `Proxy: evil` becomes HTTP_PROXY, which some libraries obey. */
export function toldOfProxy({ front, protocol, peer }: Cell): boolean {
  if (peer === 'own' || peer === 'php' || front === 'app_pass') return false
  return front === 'nginx' || protocol === 'http'
}

/** nginx tells these beside CONTENT_LENGTH and CONTENT_TYPE, and the coding that it has taken away itself. */
export const TOLD_BY_NGINX = ['HTTP_CONTENT_LENGTH', 'HTTP_CONTENT_TYPE', 'HTTP_TRANSFER_ENCODING'] as const
