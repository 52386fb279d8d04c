/** Django's four validators, in its words. The list of common ones is the head of it: what everybody tries first. */

const MIN_LENGTH = 8

const COMMON = new Set(
  (
    'password password1 password12 password123 passw0rd p@ssw0rd p@ssword 12345678 123456789 1234567890 qwertyui ' +
    'qwertyuiop qwerty123 qwerty12 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx asdfghjk asdfghjkl zxcvbnm1 abcd1234 abc12345 ' +
    'a1b2c3d4 aa123456 iloveyou iloveyou1 sunshine princess football baseball superman batman123 starwars whatever ' +
    'trustno1 welcome1 welcome123 letmein1 letmein123 monkey123 dragon123 master123 michael1 jordan23 charlie1 ' +
    'computer internet corvette mercedes changeme secret123 administrator admin123 admin1234 administrator1 test1234 ' +
    'testtest passpass 11111111 00000000 88888888 12341234 87654321 11223344 123123123 987654321 147258369 741852963'
  ).split(' '),
)

interface Person {
  readonly username?: string
  readonly email?: string
  readonly firstName?: string
  readonly lastName?: string
}

/** What is wrong with a new password: nothing, or sentences to show. */
export function validatePassword(password: string, user: Person = {}): string[] {
  const problems: string[] = []
  const similar = similarTo(password, user)
  if (similar !== null) problems.push(`The password is too similar to the ${similar}.`)
  if (password.length < MIN_LENGTH) {
    problems.push(`This password is too short. It must contain at least ${MIN_LENGTH} characters.`)
  }
  if (COMMON.has(password.toLowerCase().trim())) problems.push('This password is too common.')
  if (/^\d+$/.test(password)) problems.push('This password is entirely numeric.')
  return problems
}

const LABELS: readonly (readonly [keyof Person, string])[] = [
  ['username', 'username'],
  ['firstName', 'first name'],
  ['lastName', 'last name'],
  ['email', 'email address'],
]

function similarTo(password: string, user: Person): string | null {
  const lower = password.toLowerCase()
  for (const [key, label] of LABELS) {
    const parts = (user[key] ?? '').toLowerCase().split(/\W+/)
    const near = parts.some((part) => part.length >= 3 && (lower.includes(part) || part.includes(lower)))
    if (near && lower !== '') return label
  }
  return null
}
