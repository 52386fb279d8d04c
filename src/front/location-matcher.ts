/** The arguments of `location`: what kind of match, and what is matched. */
import type { Word } from '../config/ast.ts'
import type { ParseContext } from '../config/directive.ts'
import { Pcre } from '../config/pcre.ts'

export type LocationMatcher =
  | { readonly kind: 'exact' | 'named'; readonly text: string }
  | { readonly kind: 'prefix'; readonly text: string; readonly final: boolean }
  | { readonly kind: 'regex'; readonly text: string; readonly regex: Pcre; readonly caseless: boolean }

export function parseLocation(args: readonly Word[], at: ParseContext): LocationMatcher {
  const [first, second] = args.map((word) => word.text)
  if (second !== undefined) return withModifier(first ?? '', second, at)
  const text = first ?? ''
  if (text.startsWith('=')) return { kind: 'exact', text: text.slice(1) }
  if (text.startsWith('^~')) return { kind: 'prefix', text: text.slice(2), final: true }
  if (text.startsWith('~*')) return regexLocation(text.slice(2), true)
  if (text.startsWith('~')) return regexLocation(text.slice(1), false)
  if (text.startsWith('@')) return { kind: 'named', text }
  return { kind: 'prefix', text, final: false }
}

function withModifier(modifier: string, text: string, at: ParseContext): LocationMatcher {
  switch (modifier) {
    case '=':
      return { kind: 'exact', text }
    case '^~':
      return { kind: 'prefix', text, final: true }
    case '~':
      return regexLocation(text, false)
    case '~*':
      return regexLocation(text, true)
    default:
      return at.fail(`invalid location modifier "${modifier}"`)
  }
}

function regexLocation(text: string, caseless: boolean): LocationMatcher {
  return { kind: 'regex', text, regex: new Pcre(text, { caseless }), caseless }
}
