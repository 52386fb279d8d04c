import { quote } from '../http/percent.ts'
import type { ResolverNode } from './resolver-node.ts'
import type { ReversePart } from './url-matcher.ts'

/** No URL has that name, or none with those arguments. */
export class NoReverseMatch extends Error {
  override readonly name = 'NoReverseMatch'
}

interface Candidate {
  readonly parts: readonly ReversePart[]
  readonly defaults: Readonly<Record<string, unknown>>
  readonly route: string
}

interface Level {
  readonly names: Map<string, Candidate[]>
  readonly namespaces: Map<string, Level>
  /** The instances of an application, by its name; the last of the URLconf first. */
  readonly apps: Map<string, string[]>
}

/** Names to paths. Made on first use: a site that never reverses a name pays nothing. */
export class ReverseIndex {
  readonly #root: Level

  constructor(nodes: readonly ResolverNode[]) {
    this.#root = newLevel()
    fill(this.#root, nodes, [{ parts: [], defaults: {} }])
  }

  /** @param current the namespaces that the asking page is in @throws NoReverseMatch */
  reverse(
    fullName: string,
    kwargs: Readonly<Record<string, unknown>>,
    args: readonly unknown[],
    { prefix, current }: { readonly prefix: string; readonly current: readonly string[] },
  ): string {
    const path = fullName.split(':')
    const name = path.pop() ?? ''
    const level = this.#descend(path, fullName, current)
    const candidates = level.names.get(name)
    if (candidates === undefined) {
      throw new NoReverseMatch(`Reverse for '${fullName}' not found. '${name}' is not a valid URL name.`)
    }
    for (const candidate of candidates) {
      const made = make(candidate, kwargs, args)
      if (made !== null) return escapeLeadingSlashes(quote(prefix + made, "/~:@!$&'()*+,;="))
    }
    throw noMatch(fullName, kwargs, args, candidates)
  }

  #descend(path: readonly string[], fullName: string, current: readonly string[]): Level {
    let level = this.#root
    let isInside = true
    for (const [depth, part] of path.entries()) {
      const own: string | undefined = isInside ? current[depth] : undefined
      const instance = instanceOf(level.apps.get(part), part, own)
      isInside = instance === own
      const next = level.namespaces.get(instance)
      if (next === undefined) {
        throw new NoReverseMatch(`'${part}' is not a registered namespace (reverse of '${fullName}')`)
      }
      level = next
    }
    return level
  }
}

/** An application's name stands for the instance that one is in, or that of the same name, or the last in the URLconf. */
function instanceOf(instances: readonly string[] | undefined, name: string, own: string | undefined): string {
  if (own !== undefined && instances?.includes(own) === true) return own
  return instances === undefined || instances.includes(name) ? name : (instances[0] ?? name)
}

function newLevel(): Level {
  return { names: new Map(), namespaces: new Map(), apps: new Map() }
}

/** What stands before a route, in each of its forms. */
type Outer = Omit<Candidate, 'route'>

function fill(level: Level, nodes: readonly ResolverNode[], outer: readonly Outer[]): void {
  // The last of a name is tried first, as a later pattern overrides an earlier one.
  for (const node of nodes.toReversed()) {
    const forms = outer.flatMap(({ parts, defaults }) =>
      node.matcher.reverseForms.map((form) => ({
        parts: [...parts, ...form],
        defaults: { ...defaults, ...node.kwargs },
      })),
    )
    if (forms.length === 0) continue
    if ('nodes' in node) fillBranch(level, node, forms)
    else if (node.urlName !== null)
      for (const form of forms) append(level.names, node.urlName, { ...form, route: node.route })
  }
}

function fillBranch(
  level: Level,
  node: Extract<ResolverNode, { nodes: unknown }>,
  outer: readonly Outer[],
): void {
  if (node.namespace === null) {
    fill(level, node.nodes, outer)
    return
  }
  const inner = newLevel()
  fill(inner, node.nodes, outer)
  level.namespaces.set(node.namespace, inner)
  if (node.appName === null) return
  const instances = level.apps.get(node.appName)
  if (instances === undefined) level.apps.set(node.appName, [node.namespace])
  else instances.push(node.namespace)
}

function append(map: Map<string, Candidate[]>, key: string, value: Candidate): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/** The path without its first slash, or null when the arguments are not this pattern's. */
function make(
  candidate: Candidate,
  kwargs: Readonly<Record<string, unknown>>,
  args: readonly unknown[],
): string | null {
  const parameters = candidate.parts.filter((part) => 'parameter' in part)
  const named = parameters.flatMap((part) => (part.parameter === null ? [] : [part.parameter]))
  if (!argumentsFit(candidate, named, kwargs, args, parameters.length)) return null
  let position = 0
  let made = ''
  for (const part of candidate.parts) {
    if ('literal' in part) {
      made += part.literal
      continue
    }
    const byName = part.parameter !== null && args.length === 0
    const value = byName && part.parameter !== null ? kwargs[part.parameter] : args[position++]
    const text = textFor(part, value)
    if (text === null) return null
    made += text
  }
  return made
}

function argumentsFit(
  candidate: Candidate,
  named: readonly string[],
  kwargs: Readonly<Record<string, unknown>>,
  args: readonly unknown[],
  parameterCount: number,
): boolean {
  if (args.length > 0) return args.length === parameterCount && Object.keys(kwargs).length === 0
  if (named.length !== parameterCount) return false
  const given = Object.keys(kwargs)
  const fits = given.every((key) =>
    named.includes(key)
      ? true
      : Object.hasOwn(candidate.defaults, key) && candidate.defaults[key] === kwargs[key],
  )
  return fits && named.every((name) => Object.hasOwn(kwargs, name) && kwargs[name] !== undefined)
}

function textFor(part: Extract<ReversePart, { parameter: unknown }>, value: unknown): string | null {
  try {
    const text = part.toUrl(value)
    return part.form.test(text) ? text : null
  } catch {
    return null
  }
}

/** A path that began with two slashes would be another host's. */
function escapeLeadingSlashes(path: string): string {
  return path.startsWith('//') ? `/%2F${path.slice(2)}` : path
}

function noMatch(
  name: string,
  kwargs: Readonly<Record<string, unknown>>,
  args: readonly unknown[],
  candidates: readonly Candidate[],
): NoReverseMatch {
  const given =
    args.length > 0
      ? `arguments ${JSON.stringify(args.map(String))}`
      : Object.keys(kwargs).length > 0
        ? `keyword arguments ${JSON.stringify(Object.keys(kwargs))}`
        : 'no arguments'
  const routes = candidates.map((candidate) => candidate.route).join(', ')
  return new NoReverseMatch(
    `Reverse for '${name}' with ${given} not found. ${candidates.length} pattern(s) tried: ${routes}`,
  )
}
