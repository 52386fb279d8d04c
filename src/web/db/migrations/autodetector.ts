import { ImproperlyConfigured } from '../../exceptions.ts'
import { Field } from '../fields/field.ts'
import { kinds } from '../fields/kinds.ts'
import type { Relation } from '../fields/relation.ts'
import type { FieldMap } from '../types.ts'
import { fieldSource } from './field-source.ts'
import type { Operation } from './operation.ts'
import {
  addConstraint,
  addField,
  addIndex,
  alterField,
  alterTable,
  createModel,
  deleteModel,
  removeConstraint,
  removeField,
  removeIndex,
  renameField,
  renameModel,
} from './operations.ts'
import type { ModelState, ProjectState } from './project-state.ts'
import { appOf, localName, targetName } from './project-state.ts'

export interface DetectOptions {
  /** `blog.Article.title` to `headline`, `blog.Article` to `Post`: what was renamed. */
  readonly renames?: ReadonlyMap<string, string>
  /** What rows that are there get in a new column without a default: by `blog.Article.title`. */
  readonly fills?: ReadonlyMap<string, unknown>
  /** What looks like a renaming is none: the old goes, with its rows' values, and the new comes. */
  readonly noRenames?: boolean
  /** Fills dates that are set to now. */
  readonly now?: () => Date
}

/** One application's part of the changes. A later part waits for the first parts of other applications. */
export interface DetectedPart {
  readonly app: string
  readonly operations: readonly Operation[]
  /** Applications whose models it refers to. */
  readonly needs: ReadonlySet<string>
  /** Foreign keys in a circle of applications: they come in a migration of their own. */
  readonly isLate: boolean
}

/** A question that only a person can answer: the message says with which option. */
class MigrationQuestion extends Error {
  override readonly name = 'MigrationQuestion'
}

/** Finds the operations that lead from one state to the other. @throws MigrationQuestion */
export class Autodetector {
  readonly #from: ProjectState
  readonly #to: ProjectState
  readonly #options: DetectOptions
  readonly #first = new Map<string, Operation[]>()
  readonly #late = new Map<string, Operation[]>()
  readonly #needs = new Map<string, Set<string>>()
  readonly #lateNeeds = new Map<string, Set<string>>()
  /** The old state with the renames done. */
  #base: ProjectState
  /** Relations in new models that wait for a model that is made later. */
  readonly #deferred = new Map<ModelState, string[]>()

  constructor(from: ProjectState, to: ProjectState, options: DetectOptions = {}) {
    this.#from = from
    this.#to = to
    this.#base = from
    this.#options = options
  }

  detect(): DetectedPart[] {
    this.#renameModels()
    this.#renameFields()
    this.#refuseGuesses()
    this.#createModels()
    this.#changeModels()
    this.#deleteModels()
    const parts = (operations: Map<string, Operation[]>, needs: Map<string, Set<string>>, isLate: boolean) =>
      [...operations].map(([app, list]) => ({
        app,
        operations: list,
        needs: needs.get(app) ?? new Set<string>(),
        isLate,
      }))
    return [...parts(this.#first, this.#needs, false), ...parts(this.#late, this.#lateNeeds, true)]
  }

  #add(app: string, operation: Operation, targets: readonly string[] = [], isLate = false): void {
    const [operations, needs] = isLate ? [this.#late, this.#lateNeeds] : [this.#first, this.#needs]
    operations.set(app, [...(operations.get(app) ?? []), operation])
    const own = needs.get(app) ?? new Set()
    for (const target of targets) if (appOf(target) !== app) own.add(appOf(target))
    needs.set(app, own)
  }

  #renameModels(): void {
    for (const [from, to] of this.#options.renames ?? []) {
      const old = this.#from.models.get(from.toLowerCase())
      if (old === undefined) continue
      const app = appOf(old.name)
      const operation = renameModel(localName(app, old.name), to)
      this.#base = operation.apply(this.#base, app)
      this.#add(app, operation)
    }
  }

  #renameFields(): void {
    for (const [from, to] of this.#options.renames ?? []) {
      if (this.#from.models.has(from.toLowerCase())) continue
      const dot = from.lastIndexOf('.')
      const model = this.#base.models.get(from.slice(0, Math.max(dot, 0)).toLowerCase())
      const field = from.slice(dot + 1)
      if (model === undefined || !(field in model.fields))
        throw new ImproperlyConfigured(`--rename ${from}: the migrations know no such model or field.`)
      const app = appOf(model.name)
      const operation = renameField(localName(app, model.name), field, to)
      this.#base = operation.apply(this.#base, app)
      this.#add(app, operation)
    }
  }

  /** A rename that is taken for a removal loses what people wrote. */
  #refuseGuesses(): void {
    if (this.#options.noRenames === true) return
    const [gone, come] = difference(this.#base.models, this.#to.models)
    for (const old of gone) {
      const like = come.find(
        (one) => appOf(one.name) === appOf(old.name) && fieldsText(one) === fieldsText(old),
      )
      if (like === undefined) continue
      const to = localName(appOf(like.name), like.name)
      throw new MigrationQuestion(
        `Was the model ${old.name} renamed to ${like.name}?\n` +
          `  Yes: --rename ${old.name}:${to}    No, delete it with its rows: --no-renames`,
      )
    }
    for (const [key, model] of this.#to.models) {
      const old = this.#base.models.get(key)
      if (old !== undefined) refuseFieldGuess(old, model)
    }
  }

  #createModels(): void {
    const [, come] = difference(this.#base.models, this.#to.models)
    const order = inOrder(come)
    for (const [i, model] of order.entries()) {
      const app = appOf(model.name)
      const laterOnes = order.slice(i + 1)
      const isLater = (target: string): boolean =>
        laterOnes.some((one) => isName(one, target)) || this.#isBehind(app, target, order)
      const deferred = Object.entries(model.fields)
        .filter(([, entry]) => targetsOf(entry).some((target) => !isName(model, target) && isLater(target)))
        .map(([name]) => name)
      this.#deferred.set(model, deferred)
      const fields = Object.fromEntries(
        Object.entries(model.fields).filter(([name]) => !deferred.includes(name)),
      )
      const { uniqueTogether: _uniques, indexes: _indexes, ...rest } = model.options
      const options = deferred.length === 0 ? model.options : rest
      this.#add(app, createModel(localName(app, model.name), fields, options), allTargets(fields))
    }
    for (const model of order) this.#addDeferred(model, order)
  }

  /** Whether another application's new models need this application's first: its part cannot come before. */
  #isBehind(app: string, target: string, order: readonly ModelState[]): boolean {
    const other = appOf(target)
    if (other === app || !order.some((one) => isName(one, target))) return false
    const apps = [...new Set(order.map((one) => appOf(one.name)))]
    return apps.indexOf(other) > apps.indexOf(app)
  }

  #addDeferred(model: ModelState, order: readonly ModelState[]): void {
    const deferred = this.#deferred.get(model) ?? []
    if (deferred.length === 0) return
    const app = appOf(model.name)
    const name = localName(app, model.name)
    const isLate = deferred.some((field) =>
      targetsOf(entryOf(model, field)).some((target) => this.#isBehind(app, target, order)),
    )
    for (const field of deferred) {
      const entry = entryOf(model, field)
      this.#add(app, addField(name, field, entry), targetsOf(entry), isLate)
    }
    for (const unique of model.options.uniqueTogether ?? [])
      this.#add(app, addConstraint(name, { unique }), [], isLate)
    for (const index of model.options.indexes ?? []) this.#add(app, addIndex(name, index), [], isLate)
  }

  #changeModels(): void {
    for (const [key, model] of this.#to.models) {
      const old = this.#base.models.get(key)
      if (old !== undefined) this.#changeModel(old, model)
    }
  }

  #changeModel(old: ModelState, model: ModelState): void {
    const app = appOf(model.name)
    const name = localName(app, model.name)
    if (old.options.table !== model.options.table) this.#add(app, alterTable(name, model.options.table))
    const [goneUniques, newUniques] = groups(old.options.uniqueTogether, model.options.uniqueTogether)
    const [goneIndexes, newIndexes] = groups(old.options.indexes, model.options.indexes)
    for (const unique of goneUniques) this.#add(app, removeConstraint(name, { unique }))
    for (const index of goneIndexes) this.#add(app, removeIndex(name, index))
    for (const field of Object.keys(old.fields)) {
      if (!(field in model.fields)) this.#add(app, removeField(name, field))
    }
    for (const [field, entry] of Object.entries(model.fields)) this.#changeField(old, model, field, entry)
    for (const unique of newUniques) this.#add(app, addConstraint(name, { unique }))
    for (const index of newIndexes) this.#add(app, addIndex(name, index))
  }

  #changeField(old: ModelState, model: ModelState, field: string, entry: Entry): void {
    const app = appOf(model.name)
    const name = localName(app, model.name)
    const path = `${model.name}.${field}`
    const before = old.fields[field]
    if (before === undefined) {
      const fill = isFillNeeded(null, entry)
        ? { fill: this.#fill(path, entry, 'add the non-nullable field') }
        : {}
      this.#add(app, addField(name, field, entry, fill), targetsOf(entry))
      return
    }
    if (fieldSource(before) === fieldSource(entry)) return
    if (isMany(before) !== isMany(entry)) {
      this.#add(app, removeField(name, field))
      this.#add(app, addField(name, field, entry), targetsOf(entry))
      return
    }
    const isFilled = isFillNeeded(before, entry)
    const fill = isFilled ? { fill: this.#fill(path, entry, 'change to non-nullable the field') } : {}
    this.#add(app, alterField(name, field, entry, fill), targetsOf(entry))
  }

  #fill(path: string, entry: Entry, what: string): unknown {
    const given = this.#options.fills?.get(path)
    if (given !== undefined) return given
    const options = entry instanceof Field ? entry.options : {}
    if (entry instanceof Field && (options.autoNow === true || options.autoNowAdd === true)) {
      const now = this.#options.now?.() ?? new Date()
      return entry.kind === kinds.date ? now.toISOString().slice(0, 10) : now
    }
    throw new MigrationQuestion(
      `It is impossible to ${what} '${path}' without saying what rows that are there get:\n` +
        `  --fill ${path}=VALUE (JSON, or a word), or give the field a default, or null: true.`,
    )
  }

  /** What refers to others goes first. */
  #deleteModels(): void {
    const [gone] = difference(this.#base.models, this.#to.models)
    for (const model of inOrder(gone).reverse()) {
      const app = appOf(model.name)
      const dependents = [...this.#base.models.values()].filter(
        (one) => one !== model && allTargets(one.fields).some((target) => isName(model, target)),
      )
      this.#add(
        app,
        deleteModel(localName(app, model.name)),
        dependents.map((one) => one.name),
      )
    }
  }
}

type Entry = Field | (() => Relation)

const entryOf = (model: ModelState, field: string): Entry => {
  const entry = model.fields[field]
  if (entry === undefined) throw new ImproperlyConfigured(`${model.name} has no field '${field}'.`)
  return entry
}

const isName = (model: ModelState, name: string): boolean => model.name.toLowerCase() === name.toLowerCase()
const isMany = (entry: Entry): boolean => !(entry instanceof Field) && entry().type === 'manyToMany'

function targetsOf(entry: Entry): string[] {
  if (entry instanceof Field) return []
  const relation = entry()
  const { through } = relation.options
  return [targetName(relation), ...(typeof through === 'string' ? [through] : [])]
}

const allTargets = (fields: FieldMap): string[] => Object.values(fields).flatMap(targetsOf)

type States = ReadonlyMap<string, ModelState>

function difference(from: States, to: States): [gone: ModelState[], come: ModelState[]] {
  const gone = [...from].filter(([key]) => !to.has(key)).map(([, model]) => model)
  const come = [...to].filter(([key]) => !from.has(key)).map(([, model]) => model)
  return [gone, come]
}

/** A model after those it refers to; in a circle whoever comes first. */
function inOrder(all: readonly ModelState[]): ModelState[] {
  const done = new Set<ModelState>()
  const visit = (model: ModelState, above: readonly ModelState[]): void => {
    if (done.has(model) || above.includes(model)) return
    for (const target of allTargets(model.fields)) {
      const other = all.find((one) => isName(one, target))
      if (other !== undefined) visit(other, [...above, model])
    }
    done.add(model)
  }
  for (const model of all) visit(model, [])
  return [...done]
}

const fieldsText = (model: ModelState): string =>
  Object.entries(model.fields)
    .map(([name, entry]) => `${name}: ${fieldSource(entry)}`)
    .sort()
    .join('\n')

function refuseFieldGuess(old: ModelState, model: ModelState): void {
  const come = Object.entries(model.fields).filter(([name]) => !(name in old.fields))
  for (const [name, entry] of Object.entries(old.fields)) {
    if (name in model.fields) continue
    const like = come.find(([, other]) => fieldSource(other) === fieldSource(entry))
    if (like === undefined) continue
    throw new MigrationQuestion(
      `Was the field ${model.name}.${name} renamed to ${like[0]}?\n` +
        `  Yes: --rename ${model.name}.${name}:${like[0]}    No, drop the column with its values: --no-renames`,
    )
  }
}

type Groups = readonly (readonly string[])[]

function groups(from: Groups = [], to: Groups = []): [gone: Groups, come: Groups] {
  const minus = (some: Groups, others: Groups): Groups =>
    some.filter((one) => !others.some((other) => other.join() === one.join()))
  return [minus(from, to), minus(to, from)]
}

/** Whether rows that are there would have nothing to put into the column. */
function isFillNeeded(before: Entry | null, entry: Entry): boolean {
  if (isMany(entry)) return false
  const options = entry instanceof Field ? entry.options : entry().options
  if (options.null === true || options.default !== undefined) return false
  if (before === null) return true
  return (before instanceof Field ? before.options : before().options).null === true
}
