/** The part of Standard Schema version 1 that forms use: valibot, zod, arktype and others are ones. */
import { chain, rescued, type MaybePromise } from '../maybe-promise.ts'
import { ValidationError } from './validation-error.ts'

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

/** A schema from a function that gives the value, or a promise of it, or throws `ValidationError`. */
export function schemaOf<Output>(validate: (value: unknown) => MaybePromise<Output>): StandardSchema<Output> {
  return {
    '~standard': {
      version: 1,
      vendor: 'portico',
      validate: (value) =>
        rescued<SchemaResult<Output>>(
          () => chain(validate(value), (output) => ({ value: output })),
          problemsOf,
        ),
    },
  }
}

function problemsOf(error: unknown): SchemaResult<never> {
  if (!(error instanceof ValidationError)) throw error
  return { issues: error.messages.map((message) => ({ message })) }
}
