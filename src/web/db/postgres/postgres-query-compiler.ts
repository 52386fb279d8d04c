import { PostgresQueryCompiler } from 'kysely'

/**
 * One value, one number: where an expression stands twice (selected and grouped by), PostgreSQL takes the two for the
 * same only if their parameters are the same ones.
 */
export class SlotSharingCompiler extends PostgresQueryCompiler {
  readonly #numbers = new Map<object, number>()

  override compileQuery(...args: Parameters<PostgresQueryCompiler['compileQuery']>) {
    this.#numbers.clear()
    return super.compileQuery(...args)
  }

  protected override appendValue(value: unknown): void {
    if (typeof value !== 'object' || value === null) {
      super.appendValue(value)
      return
    }
    const known = this.#numbers.get(value)
    if (known !== undefined) {
      this.append(`$${known}`)
      return
    }
    super.appendValue(value)
    this.#numbers.set(value, this.numParameters)
  }
}
