/** `token` of RFC 9110 section 5.6.2, by char code. */
export const TOKEN_CODES = new Uint8Array(256)
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  TOKEN_CODES[char.charCodeAt(0)] = 1
}

export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 255 || TOKEN_CODES[code] === 0) return false
  }
  return text.length > 0
}
