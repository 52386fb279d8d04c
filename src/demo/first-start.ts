/** What a new installation needs before its first request. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { migrate, User, type Databases } from 'portico/web'
import { Entry, SiteSecret } from './models.ts'

/**
 * Brings the tables up to date, makes the secret that signs cookies, and a few lines in the book; gives the secret. Workers start at
 * the same time: the first one's transaction does it all, and the others find it done.
 */
export function firstStart(databases: Databases): Promise<string> {
  return databases.run(async () => {
    // A book that was begun before there were migrations has its tables already.
    const folders = { main: join(import.meta.dirname, 'migrations') }
    await migrate(databases.default, { folders, fakeInitial: true })
    return databases.default.atomic(async () => {
      const [secret, isNew] = await SiteSecret.objects.getOrCreate(
        { name: 'cookies' },
        { defaults: { value: randomBytes(48).toString('base64url') } },
      )
      if (isNew) await writeSeeds()
      return secret.value
    })
  })
}

const hourMs = 3_600_000

/** Visitors of long ago. Nobody can sign in as one of them: they have no password. */
const seeds: readonly (readonly [author: string, hoursAgo: number, text: string])[] = [
  ['Vitruvius', 2150, 'Firm, useful and delightful. I counted the columns twice and would not move one.'],
  ['Sappho', 1460, 'Came at dusk, left with the moon.\n\nSomebody should write about this.'],
  ['Archimedes', 722, 'Give me a socket to stand on and I shall move the bytes.'],
  [
    'Hypatia',
    340,
    'The way in and the way out are the same way, measured twice. I approve of the waterfall on the other page.',
  ],
  [
    'Zeno',
    169,
    'To reach the application a request must first go half of the way. Then half of the rest. I am told that it arrived all the same.',
  ],
  ['Herodotus', 75, 'They say here that pictures never enter the hall. I asked a doorkeeper, and it is so.'],
  ['Plinius', 27, 'The sea was calm, the wine was passable, the pages came quickly.'],
  [
    'Theano',
    3,
    'Six columns, twelve triglyphs to a side: somebody did their proportions.\nA lovely place to be kept waiting for eleven milliseconds.',
  ],
]

async function writeSeeds(): Promise<void> {
  const now = Date.now()
  for (const [username, hoursAgo, text] of seeds) {
    const author = await User.objects.createUser({ username })
    await Entry.objects.create({ author, text, created: new Date(now - hoursAgo * hourMs) })
  }
}
