import type { CompileFunction, TagParser, TagSet } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'

/** `{% load a b %}`, `{% load tag filter from library %}` */
export const loadTag: CompileFunction = (parser, token) => {
  const words = token.contents.split(/\s+/)
  if (words.length >= 4 && words.at(-2) === 'from') {
    const label = words.at(-1) ?? ''
    parser.addLibrary(subset(libraryNamed(parser, label), label, words.slice(1, -2)))
  } else {
    for (const name of words.slice(1)) parser.addLibrary(libraryNamed(parser, name))
  }
  return () => ''
}

function libraryNamed({ environment }: TagParser, name: string): TagSet {
  const library = environment.libraries.get(name)
  if (library) return library
  const names = [...environment.libraries.keys()].sort().join('\n')
  throw new TemplateSyntaxError(`'${name}' is not a registered tag library. Must be one of:\n${names}`)
}

function subset(library: TagSet, label: string, names: readonly string[]): TagSet {
  for (const name of names) {
    if (!library.tags.has(name) && !library.filters.has(name)) {
      throw new TemplateSyntaxError(`'${name}' is not a valid tag or filter in tag library '${label}'`)
    }
  }
  return {
    tags: new Map([...library.tags].filter(([name]) => names.includes(name))),
    filters: new Map([...library.filters].filter(([name]) => names.includes(name))),
  }
}
