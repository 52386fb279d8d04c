import type { SettingValues } from '../conf/setting-values.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'
import type { MessageBox } from './message-box.ts'
import type { KeptMessage, MessageStorage } from './message-storage.ts'
import { makeMessage, type Message } from './message.ts'

/** The messages of one request: read at most once, stored with its response. */
export class StoredMessages implements MessageBox {
  level: number
  readonly #request: HttpRequest
  readonly #storage: MessageStorage
  readonly #settings: SettingValues
  #loaded: readonly KeptMessage[] | null = null
  #added: KeptMessage[] = []
  #read = false

  constructor(request: HttpRequest, storage: MessageStorage, settings: SettingValues) {
    this.#request = request
    this.#storage = storage
    this.#settings = settings
    this.level = settings.messageLevel
  }

  add(level: number, text: string, extraTags = ''): void {
    if (text !== '' && level >= this.level) this.#added.push([level, text, extraTags])
  }

  #load(): MaybePromise<readonly KeptMessage[]> {
    if (this.#loaded !== null) return this.#loaded
    return chain(this.#storage.load(this.#request), ({ messages }) => {
      this.#loaded = messages
      return messages
    })
  }

  read(): MaybePromise<readonly Message[]> {
    return chain(this.#load(), (loaded) => {
      const all = [...loaded, ...this.#added]
      this.#read = true
      // Shown now, also if they are read once more for the same page.
      this.#loaded = all
      this.#added = []
      return all.map(([level, text, tags]) => makeMessage(level, text, tags, this.#settings.messageTags))
    })
  }

  get hasShown(): boolean {
    return this.#read && (this.#loaded?.length ?? 0) > 0
  }

  count(): MaybePromise<number> {
    return chain(this.#load(), (loaded) => loaded.length + this.#added.length)
  }

  /** Gives what could be kept nowhere. */
  update(response: OutgoingResponse): MaybePromise<readonly KeptMessage[]> {
    if (this.#read) return this.#storage.store(this.#request, response, this.#added)
    if (this.#added.length === 0) return []
    return chain(this.#load(), (loaded) =>
      this.#storage.store(this.#request, response, [...loaded, ...this.#added]),
    )
  }
}
