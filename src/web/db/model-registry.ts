import type { Databases } from './databases.ts'
import { ImproperlyConfigured } from '../exceptions.ts'
import type { Relation } from './fields/relation.ts'
import type { ModelMeta } from './model-meta.ts'

/**
 * The models that know of each other. There is one for a process, because a way back (`author.articles`) must be
 * found from a model that does not import the one that made it; tests make their own.
 */
export class ModelRegistry {
  readonly #models = new Map<string, ModelMeta>()
  readonly #pending = new Set<ModelMeta>()
  /** Where the models' rows are when no scope says otherwise; see `Databases.bind`. */
  databases: Databases | null = null

  get pending(): number {
    return this.#pending.size
  }

  /** A module evaluated again (development's reload) may define its model again; two models may not share a name. */
  register(meta: ModelMeta): void {
    const key = meta.name.toLowerCase()
    const known = this.#models.get(key)
    if (known !== undefined && known.table !== meta.table) {
      throw new ImproperlyConfigured(`Conflicting '${key}' models: tables ${known.table} and ${meta.table}.`)
    }
    this.#models.set(key, meta)
    this.#pending.add(meta)
  }

  get(name: string): ModelMeta | undefined {
    return this.#models.get(name.toLowerCase())
  }

  /** Every model, tables between included, in the order of definition. */
  all(): ModelMeta[] {
    this.settle()
    return [...this.#models.values()]
  }

  target(relation: Relation, source: ModelMeta): ModelMeta {
    const target = relation.target
    if (typeof target !== 'string') return target.meta
    return target === 'self' ? source : this.#named(target, source)
  }

  /** The declared model between two others; undefined when the relation makes its own. */
  through(relation: Relation, source: ModelMeta): ModelMeta | undefined {
    const { through } = relation.options
    return typeof through === 'string' ? this.#named(through, source) : through?.().meta
  }

  /** @throws ReferenceError, which the resolution of models takes as "not yet" */
  #named(name: string, source: ModelMeta): ModelMeta {
    const meta = this.get(name)
    if (meta === undefined) {
      throw new ReferenceError(`${source.name} refers to the model '${name}', which is not defined (yet).`)
    }
    return meta
  }

  /** Resolves what can be; `needed` must be. A relation to a module still being evaluated waits for the next call. */
  settle(needed?: ModelMeta): void {
    if (needed !== undefined) this.#resolve(needed)
    for (const meta of [...this.#pending]) {
      try {
        this.#resolve(meta)
      } catch (error) {
        if (!(error instanceof ReferenceError)) throw error
      }
    }
  }

  #resolve(meta: ModelMeta): void {
    meta.resolve()
    this.#pending.delete(meta)
  }
}

/** The process's models. */
export const models = new ModelRegistry()
