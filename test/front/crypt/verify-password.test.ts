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

  it.each([
    '$y$j9T$x$y',
    '$y$jJT$LdJMENpBABJJ3hIHjB1Bi.$y',
    '$y$/9T$LdJMENpBABJJ3hIHjB1Bi.$y',
    '$y$j$$',
    '$y$j85/zzzzz.$abcd$y',
    '$7$zU..../....salt$x',
    '$7$C$x',
    '$gy$j9T$LdJMENpBABJJ3hIHjB1Bi.$y',
    '$2y$31$CCCCCCCCCCCCCCCCCCCCC.x',
    '$5$rounds=999999999$a$b',
  ])('%s cannot be verified', (stored) => expect(verify('x', stored)).toBe('unsupported'))
})

describe('what htpasswd of Debian 12 writes for "secret word"', () => {
  it.each([
    ['-m', '$apr1$9Ss3IxLI$kSUnzOcd55zwF7/eptltY/'],
    ['-B', '$2y$05$dtjUJngYQKCYwHqMP.KIEeciDmHlZ2lhON2/60ArYtCqqwiytqd5e'],
    ['-B -C 10', '$2y$10$N4ouCdSCbuyEWdBTrHAMD.y7bfnHozGrmJEkf66/kbD.TCNVFSC3K'],
    ['-d', 'DqtP/1QarbVkQ'],
    ['-s', '{SHA}PDUC6jG3V40qqE4XqHRFLkyoMVM='],
    [
      '-5',
      '$6$beQY0.I/wpvYVMku$gXBKUq2X7BN3cbQ1dkYIYc8UbwQTUMnD6ZhvU/E/j0gFxU3R5z8ZA0Ni.Otxd.SSmaZAh1aWee2b7/rYqKDUL1',
    ],
    [
      '-5 -r 12000',
      '$6$rounds=12000$hanXlkgH5VhHSC/h$O/ZdXToIc1RhHCE4FaUQBrV70vVK7P57hQBZJn/iAS.iqWrwIcJCn9RU4iTQLGtznA8V2aoyN/dUl06K6ws22/',
    ],
    ['-2', '$5$qgyJOe7ouz5nUDfT$EdoqCX8shB1YGETkMlXgF.ckIAg5V8eOhITGB/I1W73'],
    ['-2 -r 1500', '$5$rounds=1500$2rySNpdF72N1s/lo$xAnD3d0uKjFtwQnt2dFoJTzknPnqh/LbsnAsJJbZyi7'],
  ])('%s', (_option, stored) => {
    expect(verify('secret word', stored)).toBe('match')
    expect(verify('secret Word', stored)).toBe('mismatch')
  })

  it('-p writes the password as it is, which nginx takes for DES: only {PLAIN} is plain', () => {
    expect(verify('secret word', 'secret word')).toBe('mismatch')
    expect(verify('secret word', '{PLAIN}secret word')).toBe('match')
  })
})

describe('what mkpasswd of Debian 12 writes for "secret word"', () => {
  it.each([
    ['scrypt', '$7$CU..../....x0XHd/JkdLRcJFiuADgoG1$jmsp/HvlL5OcXixwcGm7mw2msTymwH5e/PAF3TEN1H1'],
    ['yescrypt -R 1', '$y$j75$ZxM0Fj1t/Zu2pGQDp4rlE.$oWvZzNggxmtgb05.ylDAJqou7JNTzvPxsEWbWsdstA5'],
    ['yescrypt -R 3', '$y$j7T$3sLsC2avQBEwyCldVD3mQ0$d2FQgyDafEpytNf615E1ZT5AUdWwuEI7RMQryJUuzA.'],
    ['yescrypt', '$y$j9T$Izz3nci1lvlFjxrg5qh7z/$s0gIMLku8yfLAFq1lW3YI5C7upV1ssn9Xs/ajsbtwM6'],
  ])('%s', (_scheme, stored) => {
    expect(verify('secret word', stored)).toBe('match')
    expect(verify('secret Word', stored)).toBe('mismatch')
  })
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
    ['p\xe4ss', '$7$4/..../....salt'],
    ['secret', '$7$50..../0....'],
    ['', '$y$j7.$'],
    ['p\xe4ss', '$y$j75$saltsalt'],
    ['secret', '$y$j8T$LdJMENpBABJJ3hIHjB1Bi.'],
    ['two parts', '$y$j7/./$abcd'],
    ['three parts', '$y$j850./$abcd'],
    ['once more', '$y$j7//.$abcd'],
    ['parts and time', '$y$j850.1$abcd'],
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
