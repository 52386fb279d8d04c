/** A place that templates come from: a folder, a table in memory. Names use `/` and never leave the place. */
export interface TemplateSource {
  /** For messages: where a template of that name is, or would be. */
  locate(name: string): string
  /** The text; `undefined` when there is no such template. */
  read(name: string): string | undefined
  /** Changes whenever the text does; `undefined` when there is no such template. Sources without it never change. */
  version?(name: string): string | undefined
}

/** Templates in memory. */
export function memorySource(templates: Readonly<Record<string, string>>): TemplateSource {
  const texts = new Map(Object.entries(templates))
  return {
    locate: (name) => name,
    read: (name) => texts.get(name),
  }
}

/**
 * Whether a name can be that of a template. Names come from views, and what views make of requests: those that point
 * out of the place are refused before any source sees them.
 */
export function isTemplateName(name: string): boolean {
  if (name === '' || name.startsWith('/') || /[\0\\]/.test(name)) return false
  return !name.split('/').some((segment) => segment === '..' || segment === '.' || segment === '')
}
