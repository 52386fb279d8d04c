/**
 * What the generic views need of a model and its query sets. They know the database room only by this; a query set in
 * memory would do.
 */

/** Conditions by field name, as `filter` takes them. */
export type Lookups = Readonly<Record<string, unknown>>

/** A query set: nothing is asked of the database before it is awaited, counted or searched for one row. */
export interface RowSource<T> extends PromiseLike<readonly T[]> {
  all(): RowSource<T>
  filter(lookups: Lookups): RowSource<T>
  /** @throws an error named DoesNotExist or MultipleObjectsReturned */
  get(lookups: Lookups): Promise<T>
  orderBy(...names: string[]): RowSource<T>
  slice(start: number, end: number): RowSource<T>
  count(): Promise<number>
  exists(): Promise<boolean>
  create(values: Lookups): Promise<T>
}

/** A model, as far as a view has to know it. */
export interface ModelSource<T> {
  readonly objects: RowSource<T>
  /** The class's name, which default template names are made from. */
  readonly name: string
}

/** A row that can be changed. */
export interface SavableRow {
  save(): Promise<unknown>
  delete(): Promise<unknown>
}

/** `BlogPost` is `blog_post` in file names and contexts. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
}
