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

/** What names of templates and of their variables are made from. */
export interface NamedModel {
  /** The class's name. */
  readonly name: string
  /** Its name with the application, where there is one. */
  readonly meta?: { readonly name: string }
}

/** A model, as far as a view has to know it. */
export interface ModelSource<T> extends NamedModel {
  readonly objects: RowSource<T>
}

/** A row that can be changed. */
export interface SavableRow {
  save(): Promise<unknown>
  delete(): Promise<unknown>
}

/** `blogpost` for the model `BlogPost`: its rows' name in contexts, as Django has it. */
export const contextNameOf = ({ name }: NamedModel): string => name.toLowerCase()

/** `shop/blogpost_form.html` for the model `shop.BlogPost`, and then the same without the application's folder. */
export function templateNamesOf(model: NamedModel, suffix: string): readonly string[] {
  const file = `${contextNameOf(model)}${suffix}.html`
  const whole = model.meta?.name ?? model.name
  const app = whole.slice(0, Math.max(0, whole.lastIndexOf('.')))
  return app === '' ? [file] : [`${app.replaceAll('.', '/')}/${file}`, file]
}
