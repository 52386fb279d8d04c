import type { LoadedTemplate } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'

/**
 * The full name for one that starts with `./` or `../`, which counts from the folder of the template that it is in.
 * Takes names with and without quotes; others come back as they are.
 * @throws TemplateSyntaxError for a name outside of the root, or that of the template itself.
 */
export function fullName(current: string | undefined, written: string): string {
  const quote = /^(["']).*\1$/.exec(written)?.[1] ?? ''
  const name = written.replace(/^["']+|["']+$/g, '')
  if (!name.startsWith('./') && !name.startsWith('../')) return written
  const template = (current ?? '').replace(/^\/+/, '')
  const path = template.split('/').slice(0, -1)
  for (const segment of name.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') path.push(segment)
    else if (path.pop() === undefined) {
      throw new TemplateSyntaxError(
        `The relative path '${written}' points outside the file hierarchy that template '${current ?? ''}' is in.`,
      )
    }
  }
  const full = path.join('/')
  if (full === template) {
    throw new TemplateSyntaxError(
      `The relative path '${written}' was translated to template name '${full}', the same template in which the tag appears.`,
    )
  }
  return quote + full + quote
}

/** Tags take templates by name or as they come from `getTemplate`. */
export function isLoadedTemplate(value: unknown): value is LoadedTemplate {
  return (
    typeof value === 'object' &&
    value !== null &&
    'renderWithin' in value &&
    typeof value.renderWithin === 'function'
  )
}
