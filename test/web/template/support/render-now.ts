import { Engine } from '../../../../src/web/template/engine.ts'

const plain = new Engine()

/** Renders a template for which nothing has to be waited for. */
export function renderNow(
  template: string,
  values: Record<string, unknown> = {},
  engine: Engine = plain,
): string {
  const output = engine.fromString(template).render(values)
  if (typeof output !== 'string') throw new Error('the template had to wait for something')
  return output
}
