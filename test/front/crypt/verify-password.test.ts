/** Every scheme that a user file may hold, as other programs wrote them. */
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { verifyPassword } from '../../../src/front/crypt/verify-password.ts'
import { describeWithPeer } from '../../support/peer.ts'

const verify = (password: string, stored: string) => verifyPassword(Buffer.from(password), stored)

describe('known hashes', () => {
  it.each([
    ['myPassword', '$apr1$qHDFfhPC$nITSVHgYbDAK1Y0acGRnY0'],
    ['myPassword', '{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE='],
    ['secret', '{PLAIN}secret'],
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ])('%s is %s', (password, stored) => {
    expect(verify(password, stored)).toBe('match')
    expect(verify(`${password}x`, stored)).toBe('mismatch')
    expect(verify('', stored)).toBe('mismatch')
  })

  it.each(['$y$j9T$x$y', '$2y$31$CCCCCCCCCCCCCCCCCCCCC.x', '$5$rounds=999999999$a$b'])(
    '%s cannot be verified',
    (stored) => expect(verify('x', stored)).toBe('unsupported'),
  )
})

it.each(['', '!', '*', '{SSHA}eA==', '{SCRAM}x', 'a'])('nothing matches %j', (stored) => {
  expect(verify('x', stored)).toBe('mismatch')
  expect(verify('', stored)).toBe('mismatch')
})

describeWithPeer('perl', 'against crypt(3)', (perl) => {
  const crypt = (password: string, salt: string): string =>
    execFileSync(perl, ['-e', 'print crypt($ARGV[0], $ARGV[1])', password, salt], { encoding: 'latin1' })

  it.each([
    ['password', 'ab'],
    ['', 'zz'],
    ['longer than eight', './'],
    ['p\xe4ss', 'Q9'],
    ['secret', '$1$salt'],
    ['', '$1$saltsalt'],
    ['a password of more than sixteen bytes', '$1$x'],
    ['secret', '$5$salt'],
    ['x'.repeat(100), '$5$rounds=1200$longsaltlongsalt'],
    ['secret', '$6$rounds=1001$salt'],
    ['y'.repeat(70), '$6$saltsaltsaltsalt'],
    ['secret', '$2y$05$abcdefghijklmnopqrstuu'],
    ['', '$2y$04$abcdefghijklmnopqrstuu'],
    ['z'.repeat(80), '$2y$04$......................'],
    ['p\xe4ss', '$2b$06$zzzzzzzzzzzzzzzzzzzzzu'],
  ])('%s with %s', (password, salt) => {
    const stored = crypt(password, salt)
    expect(stored).toMatch(/^.{13,}$/)
    expect(verify(password, stored)).toBe('match')
    expect(verify(`!${password}`, stored)).toBe('mismatch')
  })
})

describe('htpasswd of openssl', () => {
  it('writes the same MD5', () => {
    const stored = execFileSync('openssl', ['passwd', '-apr1', '-salt', 'abcdefgh', 'secret'], {
      encoding: 'latin1',
    })
    expect(verify('secret', stored.trim())).toBe('match')
  })
})
