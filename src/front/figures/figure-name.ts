/** Names of figures with their labels, as the Prometheus text format 0.0.4 writes them: they are keys everywhere. */

/** Backslash, quote and line end are escaped; the text is Latin-1 code points, as everything from a conf is. */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** `name{a="x",b="y"}` */
export function figureName(family: string, labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? family : `${family}{${pairs.join(',')}}`
}
