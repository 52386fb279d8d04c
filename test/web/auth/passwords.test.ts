import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import {
  AttemptLimiter,
  HashingOverload,
  Passwords,
  Pbkdf2Hasher,
  ScryptHasher,
  TooManyAttempts,
} from '../../../src/entry/web.ts'
import type { PasswordHasher } from '../../../src/entry/web.ts'
import { HashingQueue } from '../../../src/web/auth/hashing-queue.ts'
import { describeWithPeer } from '../../support/peer.ts'

const cheap = () => new ScryptHasher(16, 1, 1)

/** Counts what it is asked; the hash is the password itself. */
class CountingHasher implements PasswordHasher {
  readonly algorithm: string
  calls = 0

  constructor(algorithm = 'counting') {
    this.algorithm = algorithm
  }

  async encode(password: string, salt: string): Promise<string> {
    this.calls++
    return `${this.algorithm}$${salt}$${password}`
  }

  async verify(password: string, encoded: string): Promise<boolean> {
    this.calls++
    return encoded.endsWith(`$${password}`)
  }

  mustUpdate(): boolean {
    return false
  }
}

describe('a password', () => {
  it.each(['secret', '', 'ünïcödé', '🔑'.repeat(10), 'a'.repeat(4096), 'with\u0000nul', ' spaces '])(
    '%j matches itself only',
    async (password) => {
      const passwords = new Passwords([cheap()])
      const encoded = await passwords.make(password)
      expect(encoded).toMatch(/^scrypt\$16\$[A-Za-z0-9]{22}\$1\$1\$[A-Za-z0-9+/]{86}==$/)
      expect(await passwords.check(password, encoded)).toBe(true)
      expect(await passwords.check(`${password}x`.slice(0, 4096), encoded)).toBe(password.length === 4096)
      expect(await passwords.make(password)).not.toBe(encoded)
    },
  )

  it('made by the default hasher costs 16 MiB, five times', async () => {
    const encoded = await new Passwords().make('x')
    expect(encoded.split('$').slice(0, 5)).toEqual(['scrypt', '16384', expect.any(String), '8', '5'])
    // auth_user.password holds 128 characters.
    expect(encoded.length).toBeLessThanOrEqual(128)
  })

  it('that is null makes one that nothing matches', async () => {
    const passwords = new Passwords([cheap()])
    const encoded = await passwords.make(null)
    for (const attempt of ['', '!', encoded, encoded.slice(1)])
      expect(await passwords.check(attempt, encoded)).toBe(false)
  })

  it('longer than 4096 characters costs nothing and matches nothing (FAULTS Q6)', async () => {
    const hasher = new CountingHasher()
    const passwords = new Passwords([hasher])
    const long = 'x'.repeat(1e6)
    expect(await passwords.check(long, `counting$s$${long}`)).toBe(false)
    await expect(passwords.make(long)).rejects.toThrow(RangeError)
    expect(hasher.calls).toBe(0)
  })

  it.each([
    ['', 1],
    ['!unusable', 1],
    ['plain', 1],
    ['unknown$x$y', 1],
    ['counting$s$right', 1],
    ['counting$s$wrong', 1],
    [null, 1],
  ])('costs the same whatever is kept: %j', async (encoded, calls) => {
    const hasher = new CountingHasher()
    await new Passwords([hasher]).check('right', encoded)
    expect(hasher.calls).toBe(calls)
  })

  it.each([
    'scrypt',
    'scrypt$16$salt$1$1',
    'scrypt$15$salt$1$1$AAAA',
    'scrypt$16$salt$1$1$AAAA$more',
    'scrypt$1073741824$salt$8$1$AAAA',
    'scrypt$-16$salt$1$1$AAAA',
    'scrypt$1e9$salt$1$1$AAAA',
    'pbkdf2_sha256$99999999999$salt$AAAA',
    'pbkdf2_sha256$0$salt$AAAA',
    'pbkdf2_sha256$1$salt',
  ])('does not match, nor work for, a stored %s', async (encoded) => {
    const passwords = new Passwords([cheap(), new Pbkdf2Hasher('sha256', 1)])
    expect(await passwords.check('', encoded)).toBe(false)
  })
})

describe('an older hash', () => {
  it('is made anew when the password was right, and only then', async () => {
    const [today, old] = [new CountingHasher('today'), new CountingHasher('old')]
    const passwords = new Passwords([today, old])
    const upgrades: string[] = []
    const upgrade = async (encoded: string): Promise<void> => void upgrades.push(encoded)
    expect(await passwords.check('wrong', 'old$s$right', upgrade)).toBe(false)
    expect(upgrades).toEqual([])
    expect(await passwords.check('right', 'old$s$right', upgrade)).toBe(true)
    expect(upgrades).toEqual([expect.stringMatching(/^today\$.{22}\$right$/)])
    expect(await passwords.check('right', 'today$s$right', upgrade)).toBe(true)
    expect(upgrades).toHaveLength(1)
  })

  it('with other parameters counts as older', async () => {
    const upgrades: string[] = []
    const encoded = await new Passwords([new ScryptHasher(32, 1, 1)]).make('x')
    await new Passwords([cheap()]).check('x', encoded, async (fresh) => void upgrades.push(fresh))
    expect(upgrades[0]).toMatch(/^scrypt\$16\$/)
  })
})

describeWithPeer('python3', 'hashes of Django', (python) => {
  const script = `
import hashlib, base64, json
from django.conf import settings
settings.configure(PASSWORD_HASHERS=['django.contrib.auth.hashers.PBKDF2PasswordHasher', 'django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher'])
from django.contrib.auth.hashers import make_password
out = [make_password(p, hasher=h) for p in ('secret', 'p\\u00e4ss') for h in ('pbkdf2_sha256', 'pbkdf2_sha1')]
# Django 4's scrypt, which 3.2 has not
h = hashlib.scrypt('p\\u00e4ss'.encode(), salt=b'salt', n=16384, r=8, p=1, maxmem=64*1024*1024, dklen=64)
out.append('scrypt$16384$salt$8$1$' + base64.b64encode(h).decode())
print(json.dumps(out))`

  it('match here', async () => {
    const encoded = JSON.parse(execFileSync(python, ['-c', script], { encoding: 'utf8' })) as string[]
    const passwords = new Passwords()
    const words = ['secret', 'secret', 'päss', 'päss', 'päss']
    for (const [i, one] of encoded.entries()) {
      expect(await passwords.check(words[i] ?? '', one), one).toBe(true)
      expect(await passwords.check('other', one), one).toBe(false)
    }
  })

  it('match there when made here', async () => {
    const encoded = await new Pbkdf2Hasher('sha256', 1000).encode('päss', 'abcdefgh')
    const check = `
import sys
from django.conf import settings
settings.configure()
from django.contrib.auth.hashers import check_password
print(check_password('p\\u00e4ss', sys.argv[1]))`
    expect(execFileSync(python, ['-c', check, encoded], { encoding: 'utf8' }).trim()).toBe('True')
  })
})

describe('hashing (FAULTS Q7)', () => {
  it('does not stop the event loop', async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    await new Passwords().make('x')
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(3)
  })

  it('is done for few at a time, in order, and refused when too many wait', async () => {
    const queue = new HashingQueue(2, 3)
    const running = new Set<number>()
    let most = 0
    const order: number[] = []
    const task = (n: number) => async (): Promise<void> => {
      order.push(n)
      running.add(n)
      most = Math.max(most, running.size)
      await new Promise((resolve) => setTimeout(resolve, 2))
      running.delete(n)
      if (n === 1) throw new Error('failed')
    }
    const results = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7].map((n) => queue.run(task(n))))
    expect(results.map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    expect(results.at(-1)).toMatchObject({ reason: expect.any(HashingOverload) as unknown })
    expect([most, order]).toEqual([2, [1, 2, 3, 4, 5]])
    await queue.run(task(8))
  })
})

describe('the limiter of attempts', () => {
  const limits = { perNameAndAddress: 3, perAddress: 5, windowSeconds: 60 }
  let now = 0
  const attempts = (limiter: AttemptLimiter, name: string, address: string): boolean => {
    try {
      void limiter.begin(name, address)
      return true
    } catch (error) {
      if (error instanceof TooManyAttempts) return false
      throw error
    }
  }

  it('stops one name from one address, then the address, and lets go after the window', () => {
    now = 0
    const limiter = new AttemptLimiter(limits, () => now)
    expect([1, 2, 3, 4].map(() => attempts(limiter, 'ada', '192.0.2.1'))).toEqual([true, true, true, false])
    expect(attempts(limiter, 'ada', '192.0.2.2')).toBe(true)
    expect([1, 2, 3].map(() => attempts(limiter, 'bob', '192.0.2.1'))).toEqual([true, true, false])
    now = 59_000
    expect(() => limiter.begin('ada', '192.0.2.1')).toThrow(
      expect.objectContaining({ retryAfterSeconds: 1 }) as Error,
    )
    now = 60_000
    expect(attempts(limiter, 'ada', '192.0.2.1')).toBe(true)
  })

  it('forgets wrong attempts after a right one, for that name only', () => {
    const limiter = new AttemptLimiter(limits, () => 0)
    attempts(limiter, 'ada', 'a')
    attempts(limiter, 'ada', 'a')
    attempts(limiter, 'ada', 'a')
    void limiter.succeed('ada', 'a')
    expect([1, 2, 3].map(() => attempts(limiter, 'ada', 'a'))).toEqual([true, true, true])
    expect(attempts(limiter, 'bob', 'a')).toBe(false)
  })

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:1:2:3', true],
    ['2001:db8:1:2::1', '2001:0DB8:0001:0002::9%eth0', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['::1', '::2', true],
    ['192.0.2.1', '192.0.2.2', false],
  ])('counts %s and %s as one: %s', (a, b, same) => {
    const limiter = new AttemptLimiter({ ...limits, perNameAndAddress: 1 }, () => 0)
    attempts(limiter, 'x', a)
    expect(attempts(limiter, 'x', b)).toBe(!same)
  })

  it('keeps no more than so many counts', () => {
    const limiter = new AttemptLimiter(limits, () => 0)
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 200_000; i++)
      attempts(limiter, `name${i}`, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60e6)
  })
})
