/** `secure_link`: whether a link was made by somebody who knows a secret, and is still valid. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { complexValueRow, textRow } from '../../config/rows.ts'
import type { Context } from '../../config/directive.ts'
import type { Scope } from '../../config/scope.ts'
import type { FrontModule } from '../front-module.ts'
import type { Request } from '../request.ts'
import type { LocationSettings } from '../server-config.ts'
import type { Value } from '../value.ts'
import type { VariableSetter } from '../variable-table.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

const secureLink = complexValueRow<undefined>({
  name: 'secure_link',
  contexts: CONTEXTS,
  default: undefined,
  doc: 'Where the checksum of a link stands, and after a comma when the link expires.',
})
const secureLinkMd5 = complexValueRow<undefined>({
  name: 'secure_link_md5',
  contexts: CONTEXTS,
  default: undefined,
  doc: 'The text, with a secret in it, whose MD5 in base64url is the checksum.',
})
const secureLinkSecret = textRow<undefined>({
  name: 'secure_link_secret',
  contexts: CONTEXTS,
  default: undefined,
  doc: 'Secret of links of the form /prefix/hash/link.',
})

type Check =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'md5'; readonly link: Value; readonly text: Value }

const checks = new WeakMap<LocationSettings, Check>()
const NAME = 'secure_link_expires'

function evaluate(request: Request, setExpires: VariableSetter): string {
  const check = checks.get(request.location.settings)
  if (!check) return ''
  return check.kind === 'secret' ? oldLink(request, check.secret) : newLink(request, check, setExpires)
}

/** The link itself, where `/prefix/hash/link` has the right hash. */
function oldLink(request: Request, secret: string): string {
  const match = /^.[^/]*\/([0-9a-fA-F]{32})\/(.+)$/s.exec(request.head.target)
  if (!match) return ''
  const [, hash = '', link = ''] = match
  const wanted = createHash('md5').update(link, 'latin1').update(secret, 'latin1').digest()
  return timingSafeEqual(wanted, Buffer.from(hash, 'hex')) ? link : ''
}

/** `1` for a valid link, `0` for one that expired, empty for one that is wrong. */
function newLink(
  request: Request,
  { link, text }: { link: Value; text: Value },
  setExpires: VariableSetter,
): string {
  const value = link.evaluate(request)
  const comma = value.indexOf(',')
  const sum = comma < 0 ? value : value.slice(0, comma)
  let expires = 0
  if (comma >= 0) {
    const written = value.slice(comma + 1)
    if (!/^[0-9]{1,15}$/.test(written) || Number(written) === 0) return ''
    expires = Number(written)
    setExpires(request, written)
  }
  if (!/^[A-Za-z0-9_-]{22}(?:==)?$/.test(sum)) return ''
  const wanted = createHash('md5').update(text.evaluate(request), 'latin1').digest()
  if (!timingSafeEqual(wanted, Buffer.from(sum, 'base64url'))) return ''
  return expires !== 0 && expires < Math.floor(Date.now() / 1000) ? '0' : '1'
}

/** The nearest scope that has any of the directives: the two ways to check are not inherited into each other. */
function nearest(scope: Scope): Scope | undefined {
  let at: Scope | undefined = scope
  while (at && !at.has(secureLinkSecret) && !at.has(secureLink) && !at.has(secureLinkMd5)) at = at.parent
  return at
}

export const secureLinkModule: FrontModule = {
  name: 'secure_link',
  directives: [secureLink, secureLinkMd5, secureLinkSecret],
  declare: (_http, { variables }) => {
    const setExpires = variables.setter(NAME)
    variables.defineKept('secure_link', (request) => evaluate(request, setExpires))
    return undefined
  },
  remember: (scope, context, settings) => {
    const link = scope.find(secureLink)
    const md5 = scope.find(secureLinkMd5)
    const linkRow = scope.get(secureLink)
    const md5Row = scope.get(secureLinkMd5)
    const owner = nearest(scope)
    const secret = owner?.own(secureLinkSecret)
    if (owner && secret !== undefined) {
      const at = owner.find(secureLinkSecret)
      if (at && (owner.has(secureLink) || owner.has(secureLinkMd5)))
        context.fail(
          '"secure_link_secret" cannot be mixed with "secure_link" and "secure_link_md5"',
          at.statement,
        )
      checks.set(settings, { kind: 'secret', secret })
      return
    }
    const value = link && linkRow && context.value(linkRow, link.statement)
    const text = md5 && md5Row && context.value(md5Row, md5.statement)
    if (value && text) checks.set(settings, { kind: 'md5', link: value, text })
  },
}
