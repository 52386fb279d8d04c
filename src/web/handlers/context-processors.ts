/** What templates find besides what their view gives. Nothing is asked for before a template names it. */
import type { ContextProcessor } from '../conf/settings.ts'
import { getMessages } from '../messages/messages.ts'

/** `request`. */
export const request: ContextProcessor = (current) => ({ request: current })

/** `user`, where AuthenticationMiddleware has come by. */
export const auth: ContextProcessor = (current) => (current.hasUser ? { user: () => current.user() } : {})

/** `messages`, which are gone once a template has read them. */
export const messages: ContextProcessor = (current) =>
  current.hasMessages ? { messages: () => getMessages(current) } : {}

/** `debug`, while it is on. */
export const debug: ContextProcessor = (current) => (current.settings.debug ? { debug: true } : {})

export const defaultContextProcessors: readonly ContextProcessor[] = [debug, request, auth, messages]
