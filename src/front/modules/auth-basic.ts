/** `auth_basic` (access phase): a name and password that a user file knows (RFC 7617; nginx auth_basic module). */
import { createHmac, randomBytes } from 'node:crypto'
import { complexPathRow, complexValueRow } from '../../config/rows.ts'
import type { Context } from '../../config/directive.ts'
import { nginxPath } from '../../config/path.ts'
import { readBytes } from '../../io/files/byte-files.ts'
import { filePath } from '../../util/file-path.ts'
import { LruCache } from '../../util/lru-cache.ts'
import { strerror } from '../../util/strerror.ts'
import type { ThreadVerdict } from '../crypt/password-thread.ts'
import { isCostly, verifyPassword } from '../crypt/verify-password.ts'
import type { CompileHandler, FrontModule } from '../front-module.ts'
import { ALLOWED, NEXT, STATUS_CLIENT_CLOSED, type Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location', 'limit_except']

const authBasic = complexValueRow<undefined>({
  name: 'auth_basic',
  contexts: CONTEXTS,
  default: undefined,
  defaultText: 'off',
  doc: 'Asks for a name and a password of auth_basic_user_file; the text is the realm that browsers show.',
})

const userFile = complexPathRow<undefined>(
  {
    name: 'auth_basic_user_file',
    contexts: CONTEXTS,
    default: undefined,
    doc: 'File of lines name:password[:comment], as htpasswd writes them.',
  },
  'conf',
)

const compile: CompileHandler = (scope, context) => {
  const realmBound = scope.find(authBasic)
  const fileBound = scope.find(userFile)
  const realmRow = scope.get(authBasic)
  const fileRow = scope.get(userFile)
  const realm = realmBound && realmRow && context.value(realmRow, realmBound.statement)
  const file = fileBound && fileRow && context.value(fileRow, fileBound.statement)
  if (!realm || !file || realm.constant === 'off') return undefined
  const folder = context.confFolder
  return (request) => {
    const text = realm.evaluate(request)
    return text === 'off' ? NEXT : authenticate(request, text, nginxPath(folder, file.evaluate(request)))
  }
}

interface Credentials {
  readonly user: string
  readonly password: Buffer
}

function credentialsOf(request: Request): Credentials | undefined {
  const value = request.headers.get('authorization')
  if (value === undefined || !/^basic +./i.test(value)) return undefined
  const decoded = Buffer.from(value.slice(6).trim(), 'base64')
  const colon = decoded.indexOf(58)
  if (colon < 0) return undefined
  return { user: decoded.toString('latin1', 0, colon), password: decoded.subarray(colon + 1) }
}

function authenticate(request: Request, realm: string, path: string): Outcome | Promise<Outcome> {
  const credentials = credentialsOf(request)
  if (!credentials || credentials.user === '') {
    log(request, 'info', 'no user/password was provided for basic authentication')
    return challenge(request, realm)
  }
  let stored: string | undefined
  try {
    stored = findUser(fileText(request, path), credentials.user)
  } catch (error) {
    const fault = error as NodeJS.ErrnoException
    const missing = fault.code === 'ENOENT'
    log(request, missing ? 'error' : 'crit', `open() "${path}" failed (${strerror(fault)})`)
    return missing ? 403 : 500
  }
  if (stored === undefined) {
    log(request, 'error', `user "${credentials.user}" was not found in "${path}"`)
    return challenge(request, realm)
  }
  const { password, user } = credentials
  if (!isCostly(stored)) return judge(request, realm, path, user, verifyPassword(password, stored))
  const key = createHmac('sha256', cacheKey).update(stored).update('\0').update(password).digest('base64')
  if (matched.get(key)) return ALLOWED
  return verifyApart(request, key, password, stored).then((verdict) =>
    judge(request, realm, path, user, verdict),
  )
}

function judge(request: Request, realm: string, path: string, user: string, verdict: ThreadVerdict): Outcome {
  switch (verdict) {
    case 'match':
      return ALLOWED
    case 'mismatch':
      log(request, 'error', `user "${user}": password mismatch`)
      return challenge(request, realm)
    case 'unsupported': // crypt(3) answers what equals nothing
      log(request, 'crit', `user "${user}": the password in "${path}" is of a kind that is not supported`)
      return challenge(request, realm)
    case 'busy':
      log(request, 'error', `user "${user}": too many passwords are being verified`)
      return 503
    case 'dropped':
      return STATUS_CLIENT_CLOSED
    case 'failed':
      log(request, 'crit', `user "${user}": the password in "${path}" could not be verified`)
      return 500
  }
}

function log(request: Request, level: 'info' | 'error' | 'crit', message: string): void {
  request.location.settings.errorLog.request(level, request, message)
}

function challenge(request: Request, realm: string): Outcome {
  request.addHeader('WWW-Authenticate', `Basic realm="${realm}"`)
  return 401
}

/** @throws the system's error */
function fileText(request: Request, path: string): string {
  const found = request.connection.server.files.lookup(filePath(path))
  return found.kind === 'file' && found.text !== undefined ? found.text : readBytes(path)
}

/** What stands between the first and the second colon of the user's line. */
function findUser(text: string, user: string): string | undefined {
  const start = `${user}:`
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at)
    const stop = end < 0 ? text.length : end
    if (text.startsWith(start, at)) {
      const [password = ''] = text.slice(at + start.length, stop).split(/[:\r]/, 1)
      return password
    }
    at = stop + 1
  }
  return undefined
}

/**
 * Passwords that matched of late, as keyed digests: schemes made to be slow would otherwise take their time at every
 * request of a page. Mismatches are never remembered.
 */
const matched = new LruCache<string, true>(1000)
const cacheKey = randomBytes(32)

interface Verification {
  readonly askers: Request[]
  readonly verdict: Promise<ThreadVerdict>
}

/** What is being verified, by the same keys: requests of one page come together. */
const underWay = new Map<string, Verification>()

function verifyApart(
  request: Request,
  key: string,
  password: Buffer,
  stored: string,
): Promise<ThreadVerdict> {
  const same = underWay.get(key)
  if (same) {
    same.askers.push(request)
    return same.verdict
  }
  const askers = [request]
  const { passwords } = request.connection.server
  const wanted = (): boolean => askers.some((asker) => !asker.finished)
  const verdict = passwords.verify(password, stored, wanted).then((found) => {
    underWay.delete(key)
    if (found === 'match') matched.set(key, true)
    return found
  })
  underWay.set(key, { askers, verdict })
  return verdict
}

export const authBasicModule: FrontModule = {
  name: 'auth_basic',
  directives: [authBasic, userFile],
  phases: { access: compile },
}
