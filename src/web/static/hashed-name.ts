/** Names with a hash of their content in them, and the references to them in style sheets. */
import { createHash } from 'node:crypto'

/** `css/site.css` with its content's hash: `css/site.55e7cbb9ba48.css`, as Django names it but for the algorithm. */
export function hashedName(path: string, content: Uint8Array | string): string {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  const slash = path.lastIndexOf('/')
  const dot = path.lastIndexOf('.')
  // A file such as `.htaccess` has a name and no extension.
  return dot > slash + 1 ? `${path.slice(0, dot)}.${hash}${path.slice(dot)}` : `${path}.${hash}`
}

/** `url(...)` with or without quotes, `@import "..."`, and the comment that names a source map. */
const REFERENCES =
  /url\(\s{0,64}(?:"([^"\n]{0,2048})"|'([^'\n]{0,2048})'|([^\s"'()]{0,2048}))\s{0,64}\)|@import\s{1,9}(?:"([^"\n]{0,2048})"|'([^'\n]{0,2048})')|(?<=\/\*# sourceMappingURL=)([^\s*]{1,2048})/g

/** What a style sheet refers to in its own site, and `rewrite` in its place. Comments apart from source maps stay. */
export function rewriteCss(css: string, rewrite: (url: string) => string): string {
  return css.replace(REFERENCES, (whole: string, ...groups: (string | undefined)[]) => {
    const url = groups.slice(0, 6).find((group) => group !== undefined)
    if (url === undefined || url === '') return whole
    const changed = rewrite(url)
    // The last of it: the name of a file may stand in `url(` too.
    const at = whole.lastIndexOf(url)
    return changed === url ? whole : whole.slice(0, at) + changed + whole.slice(at + url.length)
  })
}

/**
 * The path that a reference in `from` means, with what is behind it (`?`, `#`); null for one that leads to another
 * site, is data, or begins at a root that is not ours.
 */
export function resolveReference(
  url: string,
  from: string,
  staticUrl: string,
): { readonly path: string; readonly suffix: string } | null {
  if (/^(?:[a-z][a-z0-9+.-]*:|\/\/|#)/i.test(url)) return null
  const cut = url.search(/[?#]/)
  const plain = cut < 0 ? url : url.slice(0, cut)
  const suffix = cut < 0 ? '' : url.slice(cut)
  if (plain.startsWith('/') && !plain.startsWith(staticUrl)) return null
  const relative = plain.startsWith('/')
    ? plain.slice(staticUrl.length).split('/')
    : [...from.split('/').slice(0, -1), ...plain.split('/')]
  const parts: string[] = []
  for (const part of relative) {
    if (part === '..') {
      if (parts.pop() === undefined) return null
    } else if (part !== '.' && part !== '') parts.push(decoded(part))
  }
  return parts.length === 0 ? null : { path: parts.join('/'), suffix }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** From the folder of one path to another path. */
export function relativeUrl(from: string, to: string): string {
  const start = from.split('/').slice(0, -1)
  const target = to.split('/')
  let same = 0
  while (same < start.length && same < target.length - 1 && start[same] === target[same]) same++
  return [...start.slice(same).map(() => '..'), ...target.slice(same)].map(encodeURIComponent).join('/')
}
