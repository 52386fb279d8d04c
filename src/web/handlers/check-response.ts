import { OutgoingResponse } from '../http/outgoing-response.ts'

/**
 * The mistake that everybody makes once.
 *
 * @param what the view or hook, with its name
 * @throws TypeError unless `response` is a response
 */
export function assertResponse(response: unknown, what: string): asserts response is OutgoingResponse {
  if (response instanceof OutgoingResponse) return
  const returned =
    response === undefined || response === null
      ? `${response === null ? 'null' : 'undefined'} instead. Is a "return" missing?`
      : `${describe(response)} instead.`
  throw new TypeError(`${what} didn't return an HttpResponse object. It returned ${returned}`)
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  return `an object of ${value.constructor?.name ?? 'no class'}`
}
