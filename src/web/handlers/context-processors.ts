/** What templates find besides what their view gives. Nothing is asked for before a template names it. */
import type { ContextProcessor } from '../conf/settings.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { getMessages } from '../messages/messages.ts'

/** `request`. */
export const request: ContextProcessor = (current) => ({ request: current })

/** `user`, where AuthenticationMiddleware has come by. */
export const auth: ContextProcessor = (current) =>
  current.hasUser ? { user: () => current.user(), perms: () => permissionsFor(current) } : {}

/** `{{ perms.blog.change_article }}`: asked only by templates that use it. */
async function permissionsFor(request: HttpRequest): Promise<ReadonlyMap<string, ReadonlyMap<string, true>>> {
  const user = await request.user()
  const all = (await user.getAllPermissions?.()) ?? []
  const byApp = new Map<string, Map<string, true>>()
  for (const permission of all) {
    const dot = permission.indexOf('.')
    const app = permission.slice(0, dot)
    const known = byApp.get(app) ?? new Map<string, true>()
    byApp.set(app, known.set(permission.slice(dot + 1), true))
  }
  return byApp
}

/** `messages`, which are gone once a template has read them. */
export const messages: ContextProcessor = (current) =>
  current.hasMessages ? { messages: () => getMessages(current) } : {}

/** `debug`, while it is on. */
export const debug: ContextProcessor = (current) => (current.settings.debug ? { debug: true } : {})

export const defaultContextProcessors: readonly ContextProcessor[] = [debug, request, auth, messages]
