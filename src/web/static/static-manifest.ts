import { readTextFile } from '../../io/files/text-file.ts'
import type { SettingValues } from '../conf/setting-values.ts'
import { quote } from '../http/percent.ts'
import { MANIFEST_NAME } from './collect-static.ts'

/**
 * From a path to its URL, for `{% static %}`: the hashed name where `collectStatic` has made one, the path itself
 * while developing. The manifest is read once.
 */
export function staticUrls(
  settings: Pick<SettingValues, 'staticUrl' | 'staticRoot' | 'debug'>,
): (path: string) => string {
  const { staticUrl, staticRoot } = settings
  const paths = settings.debug || staticRoot === null ? null : manifestOf(`${staticRoot}/${MANIFEST_NAME}`)
  return (path) => {
    const cut = path.search(/[?#]/)
    const plain = cut < 0 ? path : path.slice(0, cut)
    const suffix = cut < 0 ? '' : path.slice(cut)
    const hashed = paths?.get(plain)
    return staticUrl + (hashed === undefined ? quote(path) : quote(hashed) + suffix)
  }
}

/** Null where there is none. */
function manifestOf(file: string): ReadonlyMap<string, string> | null {
  const text = readTextFile(file)
  if (text === undefined) return null
  const { paths } = JSON.parse(text) as { readonly paths?: Readonly<Record<string, string>> }
  return new Map(Object.entries(paths ?? {}))
}
