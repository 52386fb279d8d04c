/** Content type by the extension of the path (`types`, `default_type`). */
import type { LocationSettings } from './server-config.ts'

export function mimeType(settings: LocationSettings, uri: string): string | undefined {
  const slash = uri.lastIndexOf('/')
  const dot = uri.lastIndexOf('.')
  if (dot > slash) {
    const extension = uri.slice(dot + 1)
    const known = settings.types.get(extension) ?? settings.types.get(extension.toLowerCase())
    if (known !== undefined) return known
  }
  return settings.defaultType
}
