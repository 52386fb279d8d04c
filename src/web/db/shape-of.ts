import type { FieldMap, Shape } from './types.ts'

/** The shape of the model that `model()` makes of these. It has a file of its own to be named in declarations. */
export interface ShapeOf<
  N extends string,
  F extends FieldMap,
  C extends object,
  M extends object,
> extends Shape {
  readonly name: N
  readonly fields: F
  readonly custom: C
  readonly methods: M
}
