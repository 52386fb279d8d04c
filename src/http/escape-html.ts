/** Text as HTML shows it (ngx_escape_html). */

const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' }

export function escapeHtml(text: string): string {
  return /[<>&"]/.test(text) ? text.replace(/[<>&"]/g, (char) => ENTITIES[char] ?? char) : text
}
