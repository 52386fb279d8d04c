/** One-time messages: `messages.success(request, 'Saved.')`, shown by the next page that asks for them. */
import type { HttpRequest } from '../http/http-request.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import { levels, type Message } from './message.ts'

/** @throws ImproperlyConfigured without MessageMiddleware, unless `failSilently` */
export function addMessage(
  request: HttpRequest,
  level: number,
  text: string,
  options: { readonly extraTags?: string; readonly failSilently?: boolean } = {},
): void {
  if (options.failSilently === true && !request.hasMessages) return
  request.messages.add(level, text, options.extraTags)
}

type Options = Parameters<typeof addMessage>[3]

/** For developers; not kept unless `messageLevel` is lowered. */
export function debug(request: HttpRequest, text: string, options?: Options): void {
  addMessage(request, levels.debug, text, options)
}

export function info(request: HttpRequest, text: string, options?: Options): void {
  addMessage(request, levels.info, text, options)
}

export function success(request: HttpRequest, text: string, options?: Options): void {
  addMessage(request, levels.success, text, options)
}

export function warning(request: HttpRequest, text: string, options?: Options): void {
  addMessage(request, levels.warning, text, options)
}

export function error(request: HttpRequest, text: string, options?: Options): void {
  addMessage(request, levels.error, text, options)
}

/** All messages for this user; they are then gone. */
export function getMessages(request: HttpRequest): MaybePromise<readonly Message[]> {
  return request.hasMessages ? request.messages.read() : []
}
