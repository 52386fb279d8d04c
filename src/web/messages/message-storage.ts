import type { SettingValues } from '../conf/setting-values.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'
import { BadSignature, TimestampSigner } from '../signing/signer.ts'

/** A message as it is kept. */
export type KeptMessage = readonly [level: number, text: string, extraTags: string]

/** Where messages wait for the request that shows them. */
export interface MessageStorage {
  load(request: HttpRequest): MaybePromise<LoadedMessages>
  /** Keeps what fits and gives back the rest. An empty list ends what was kept. */
  store(
    request: HttpRequest,
    response: OutgoingResponse,
    messages: readonly KeptMessage[],
  ): MaybePromise<KeptMessage[]>
}

export interface LoadedMessages {
  readonly messages: readonly KeptMessage[]
  /** False when more of them are elsewhere. */
  readonly complete: boolean
}

const cookieName = 'messages'
/** Bytes: half of what a browser takes, as cookies of the same site share what a request may carry. */
const maxCookieBytes = 2048

function isKeptMessage(value: unknown): value is KeptMessage {
  if (!Array.isArray(value)) return false
  const [level, text, tags] = value as unknown[]
  return typeof level === 'number' && typeof text === 'string' && typeof tags === 'string'
}

/** In a signed cookie: nothing to load from anywhere. */
export class CookieMessages implements MessageStorage {
  readonly #signer: TimestampSigner
  readonly #settings: SettingValues

  constructor(settings: SettingValues) {
    this.#settings = settings
    this.#signer = new TimestampSigner(settings, 'portico.messages', settings.now)
  }

  load(request: HttpRequest): LoadedMessages {
    const cookie = request.COOKIES.get(cookieName)
    if (cookie === undefined) return { messages: [], complete: true }
    const value = this.#decoded(cookie)
    const list: readonly unknown[] = Array.isArray(value) ? value : []
    return { messages: list.filter(isKeptMessage), complete: list.at(-1) !== 'more' }
  }

  #decoded(cookie: string): unknown {
    try {
      return this.#signer.unsignObject(cookie)
    } catch (error) {
      if (error instanceof BadSignature) return []
      throw error
    }
  }

  store(request: HttpRequest, response: OutgoingResponse, messages: readonly KeptMessage[]): KeptMessage[] {
    const { sessionCookieDomain: domain, sessionCookieSameSite: sameSite } = this.#settings
    if (messages.length === 0) {
      if (request.COOKIES.has(cookieName)) response.deleteCookie(cookieName, { domain, sameSite })
      return []
    }
    const { value, count } = this.#fitting(messages)
    const { sessionCookieSecure: secure, sessionCookieHttpOnly: httpOnly } = this.#settings
    response.setCookie(cookieName, value, { domain, secure, httpOnly, sameSite })
    return messages.slice(count)
  }

  /** The oldest messages, as many as a cookie takes; the newer ones go elsewhere. */
  #fitting(messages: readonly KeptMessage[]): { value: string; count: number } {
    for (let count = messages.length; ; count -= 1) {
      const list = count === messages.length ? messages : [...messages.slice(0, count), 'more']
      const value = this.#signer.signObject(list, true)
      if (value.length <= maxCookieBytes || count === 0) return { value, count }
    }
  }
}

const sessionKey = '_messages'

/** In the session. */
export class SessionMessages implements MessageStorage {
  load(request: HttpRequest): MaybePromise<LoadedMessages> {
    return chain(request.session.get(sessionKey), (value) => {
      const list: readonly unknown[] = value instanceof Array ? value : []
      return { messages: list.filter(isKeptMessage), complete: true }
    })
  }

  store(request: HttpRequest, _response: OutgoingResponse, messages: readonly KeptMessage[]): KeptMessage[] {
    if (messages.length === 0) request.session.delete(sessionKey)
    else request.session.set(sessionKey, messages)
    return []
  }
}

/** In the cookie as long as they fit, and then in the session. */
export class FallbackMessages implements MessageStorage {
  readonly #cookie: CookieMessages
  readonly #session = new SessionMessages()

  constructor(settings: SettingValues) {
    this.#cookie = new CookieMessages(settings)
  }

  load(request: HttpRequest): MaybePromise<LoadedMessages> {
    const first = this.#cookie.load(request)
    if (first.complete || !request.hasSession) return { messages: first.messages, complete: true }
    return chain(this.#session.load(request), (rest) => {
      return { messages: [...first.messages, ...rest.messages], complete: true }
    })
  }

  store(request: HttpRequest, response: OutgoingResponse, messages: readonly KeptMessage[]): KeptMessage[] {
    const before = this.#cookie.load(request)
    const rest = this.#cookie.store(request, response, messages)
    if (!request.hasSession) return rest
    if (rest.length === 0 && before.complete) return []
    return this.#session.store(request, response, rest)
  }
}
