import { kinds } from '../fields/kinds.ts'
import type { OutputType } from './bound.ts'

/** The types of values that no column has. */
export const integer: OutputType = { kind: kinds.int, options: {} }
export const float: OutputType = { kind: kinds.float, options: {} }
export const text: OutputType = { kind: kinds.text, options: {} }
export const boolean: OutputType = { kind: kinds.bool, options: {} }
export const dateTime: OutputType = { kind: kinds.dateTime, options: {} }
export const date: OutputType = { kind: kinds.date, options: {} }
