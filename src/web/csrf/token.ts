/**
 * The tokens of CSRF protection, in Django's format: a secret of 32 letters and digits in the cookie, and in forms the
 * same secret under a mask that is another each time, so that compression cannot give it away (BREACH).
 */
import { alphanumeric, constantTimeEqual, randomString } from '../signing/salted-hmac.ts'

const secretLength = 32
const tokenLength = 2 * secretLength

export function newSecret(): string {
  return randomString(secretLength)
}

/** True for a secret, or for a masked token. */
export function hasTokenForm(text: string): boolean {
  return (text.length === secretLength || text.length === tokenLength) && /^[A-Za-z0-9]+$/.test(text)
}

/** Adds (or with `sign` -1 takes away) the mask, letter by letter. */
function shifted(text: string, mask: string, sign: 1 | -1): string {
  const { length } = alphanumeric
  let out = ''
  for (let index = 0; index < text.length; index += 1) {
    const letter = alphanumeric.indexOf(text[index] ?? '')
    const by = alphanumeric.indexOf(mask[index] ?? '')
    out += alphanumeric[(letter + sign * by + length) % length] ?? ''
  }
  return out
}

/** The mask, and the secret under it. */
export function maskSecret(secret: string): string {
  const mask = newSecret()
  return mask + shifted(secret, mask, 1)
}

/** The secret behind a token, or a secret itself. @param token of token form */
export function secretOf(token: string): string {
  if (token.length === secretLength) return token
  return shifted(token.slice(secretLength), token.slice(0, secretLength), -1)
}

export function tokenMatches(token: string, secret: string): boolean {
  return constantTimeEqual(secretOf(token), secret)
}
