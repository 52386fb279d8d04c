/** The content of `types { }`: a type and the extensions it stands for. */
import type { ParseContext } from '../config/directive.ts'

export const DEFAULT_TYPES: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html'],
  ['gif', 'image/gif'],
  ['jpg', 'image/jpeg'],
])

export function parseTypes(at: ParseContext): ReadonlyMap<string, string> {
  const types = new Map<string, string>()
  for (const entry of at.statement.block ?? []) {
    for (const { text } of entry.args) {
      const extension = text.toLowerCase()
      const known = types.get(extension)
      if (known !== undefined && known !== entry.name) {
        at.warn(
          `duplicate extension "${extension}", content type: "${entry.name}", previous content type: "${known}"`,
          entry,
        )
      }
      types.set(extension, entry.name)
    }
  }
  return types
}
