/** The part of Standard Schema version 1 that forms use: valibot, zod, arktype and others are ones. */
import type { MaybePromise } from '../maybe-promise.ts'

/** A schema of any library that keeps to standardschema.dev (valibot, zod, arktype). */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => MaybePromise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

export type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** A schema from a function that gives the value or throws `InvalidValue`. */
export function schemaOf<Output>(validate: (value: unknown) => Output): StandardSchema<Output> {
  return {
    '~standard': {
      version: 1,
      vendor: 'portico',
      validate(value) {
        try {
          return { value: validate(value) }
        } catch (error) {
          if (error instanceof InvalidValue) return { issues: [{ message: error.message }] }
          throw error
        }
      },
    },
  }
}

/** A value that a field does not take; the message is for the person who typed it. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue'
}
