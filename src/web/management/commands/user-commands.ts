/** `createsuperuser` and `changepassword`. */
import { validatePassword } from '../../auth/password-validation.ts'
import { User, normalizeUsername } from '../../auth/user.ts'
import type { ManagementCommand } from '../command.ts'
import { CommandError, flag, text } from '../command.ts'
import type { ManagementSite } from '../management-site.ts'

/** After this many passwords that do not do, nobody is asked again. */
const TRIES = 3

export const createsuperuser: ManagementCommand = {
  help: 'Makes a user who may do everything.',
  options: {
    username: { type: 'string', value: 'NAME', help: 'instead of asking' },
    email: { type: 'string', value: 'ADDRESS', help: 'instead of asking' },
    noinput: {
      type: 'boolean',
      help: 'ask nothing: PORTICO_SUPERUSER_USERNAME, _EMAIL and _PASSWORD say what no option says',
    },
  },
  async run(site, options) {
    const { env } = site.context
    const isAsking = !flag(options, 'noinput')
    const username =
      text(options, 'username') ??
      env['PORTICO_SUPERUSER_USERNAME'] ??
      (await ask(site, isAsking, 'Username'))
    if (normalizeUsername(username) === null)
      throw new CommandError('Error: a username has 1 to 150 characters.')
    const email =
      text(options, 'email') ??
      env['PORTICO_SUPERUSER_EMAIL'] ??
      (isAsking ? await ask(site, true, 'Email address') : '')
    await inDatabase(site, async () => {
      const isTaken = await User.objects.filter({ username }).exists()
      if (isTaken) throw new CommandError('Error: That username is already taken.')
      // Without a password nobody can sign in: it can be set later, by changepassword.
      const password = isAsking
        ? await askPassword(site, { username, email })
        : (env['PORTICO_SUPERUSER_PASSWORD'] ?? null)
      await User.objects.createSuperuser({ username, email, password })
    })
    site.write('Superuser created successfully.')
  },
}

export const changepassword: ManagementCommand = {
  help: "Changes a user's password.",
  usage: 'USERNAME',
  async run(site, _options, [username]) {
    if (username === undefined) throw new CommandError('Whose? portico manage changepassword USERNAME')
    await inDatabase(site, async () => {
      const user = await User.objects.filter({ username }).first()
      if (user === null) throw new CommandError(`user '${username}' does not exist`)
      site.write(`Changing password for user '${username}'`)
      await user.setPassword(await askPassword(site, user))
      await user.save({ updateFields: ['password'] })
    })
    site.write(`Password changed successfully for user '${username}'`)
  },
}

async function inDatabase(site: ManagementSite, work: () => Promise<void>): Promise<void> {
  await site.resolver()
  if (site.database.alias !== 'default') throw new CommandError('Users are in the default database.')
  await site.databases.run(work)
}

async function ask(site: ManagementSite, isAsking: boolean, what: string, hidden = false): Promise<string> {
  const { prompt } = site.context
  if (!isAsking || prompt === null) {
    throw new CommandError(
      `${what}: nobody to ask. Give it as an option or in the environment: --noinput, PORTICO_SUPERUSER_USERNAME, PORTICO_SUPERUSER_EMAIL, PORTICO_SUPERUSER_PASSWORD.`,
    )
  }
  return prompt(`${what}: `, { hidden })
}

async function askPassword(
  site: ManagementSite,
  user: { readonly username: string; readonly email: string },
): Promise<string> {
  for (let tries = 0; tries < TRIES; tries++) {
    const password = await ask(site, true, 'Password', true)
    if (password !== (await ask(site, true, 'Password (again)', true))) {
      site.context.writeError("Error: Your passwords didn't match.\n")
      continue
    }
    const problems = validatePassword(password, user)
    if (problems.length === 0) return password
    site.context.writeError(`${problems.join('\n')}\n`)
  }
  throw new CommandError(`Aborting password change after ${TRIES} attempts`)
}
