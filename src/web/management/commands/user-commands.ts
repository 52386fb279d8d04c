/** `createsuperuser` and `changepassword`. */
import { validatePassword } from '../../auth/password-validation.ts'
import { passwords } from '../../auth/passwords.ts'
import { getUserModel, type UserModel } from '../../auth/user-model.ts'
import { snakeCase } from '../../db/snake-case.ts'
import { labelOf } from '../../forms/bound-field.ts'
import { formFieldOf } from '../../forms/model-field.ts'
import { plainText } from '../../views/plain-text.ts'
import type { ManagementCommand, OptionValues } from '../command.ts'
import { CommandError, flag, text, texts } from '../command.ts'
import type { ManagementSite } from '../management-site.ts'

/** After this many passwords that do not do, nobody is asked again. */
const TRIES = 3

export const createsuperuser: ManagementCommand = {
  help: 'Makes a user who may do everything.',
  options: {
    username: { type: 'string', value: 'NAME', help: 'instead of asking' },
    email: { type: 'string', value: 'ADDRESS', help: 'instead of asking' },
    field: { type: 'string', multiple: true, value: 'NAME=VALUE', help: 'another field of the user model' },
    noinput: {
      type: 'boolean',
      help: 'ask nothing: PORTICO_SUPERUSER_USERNAME, _EMAIL and _PASSWORD say what no option says',
    },
  },
  async run(site, options) {
    await inDatabase(site, async () => {
      const model = getUserModel(site.settings)
      const isAsking = !flag(options, 'noinput')
      const given = givenValues(site, options, model)
      const values: Record<string, unknown> = {}
      const names = [model.usernameField, ...model.requiredFields, ...given.keys()]
      for (const name of new Set(names.filter((one) => one !== 'password'))) {
        const text = given.get(name) ?? (await askField(site, model, name, isAsking))
        if (text !== null) values[attributeOf(model, name)] = await checked(model, name, text)
      }
      const username = values[model.usernameField]
      if (
        await model
          .objects()
          .filter({ [model.usernameField]: username })
          .exists()
      )
        throw new CommandError(`Error: That ${model.usernameLabel} is already taken.`)
      // Without a password nobody can sign in: it can be set later, by changepassword.
      const password = isAsking
        ? await askPassword(site, { ...values, username: plainText(username) })
        : (given.get('password') ?? null)
      await model.create({ ...values, password }, true)
    })
    site.write('Superuser created successfully.')
  },
}

/** What was said beforehand, by field: as an option, as `--field NAME=VALUE`, or in the environment. */
function givenValues(
  site: ManagementSite,
  options: OptionValues,
  model: UserModel,
): ReadonlyMap<string, string> {
  const { env } = site.context
  const values = new Map<string, string>()
  const names = [model.usernameField, ...model.requiredFields, 'password']
  for (const name of names) {
    const value = env[`PORTICO_SUPERUSER_${snakeCase(name).toUpperCase()}`]
    if (value !== undefined) values.set(name, value)
  }
  const username = text(options, 'username') ?? env['PORTICO_SUPERUSER_USERNAME']
  if (username !== undefined) values.set(model.usernameField, username)
  const email = text(options, 'email')
  if (email !== undefined && model.emailField !== null) values.set(model.emailField, email)
  for (const one of texts(options, 'field')) {
    const at = one.indexOf('=')
    if (at < 1) throw new CommandError(`${one}: expecting --field NAME=VALUE`)
    const name = one.slice(0, at)
    if (model.meta.ready().column(name) === undefined)
      throw new CommandError(`--field ${one}: ${model.meta.name} has no field '${name}'`)
    values.set(name, one.slice(at + 1))
  }
  return values
}

/** A relation is given by its key. */
const attributeOf = (model: UserModel, name: string): string => model.column(name).attname

/** As the field of a form would take it. @throws CommandError */
async function checked(model: UserModel, name: string, text: string): Promise<unknown> {
  const column = model.column(name)
  const isUsername = name === model.usernameField
  const value = isUsername ? model.normalized(text) : text
  const most = column.options.max ?? 150
  if (value === null) throw new CommandError(`Error: the ${model.usernameLabel} has 1 to ${most} characters.`)
  const field = column.relation === null ? formFieldOf(column) : null
  if (field === null) return column.kind.prepare(value, column.options)
  const result = await field.schema['~standard'].validate(value)
  if (result.issues === undefined) return result.value
  throw new CommandError(`Error: ${name}: ${result.issues.map(({ message }) => message).join(' ')}`)
}

/** Null for what may be left out by somebody who cannot be asked. */
async function askField(
  site: ManagementSite,
  model: UserModel,
  name: string,
  isAsking: boolean,
): Promise<string | null> {
  const { options } = model.column(name)
  if (!isAsking && options.blank === true) return null
  const label = options.verboseName ?? (name === model.emailField ? 'email address' : labelOf(name))
  return ask(site, isAsking, label.charAt(0).toUpperCase() + label.slice(1))
}

export const changepassword: ManagementCommand = {
  help: "Changes a user's password.",
  usage: 'USERNAME',
  async run(site, _options, [username]) {
    if (username === undefined) throw new CommandError('Whose? portico manage changepassword USERNAME')
    await inDatabase(site, async () => {
      const model = getUserModel(site.settings)
      const user = await model
        .objects()
        .filter({ [model.usernameField]: username })
        .first()
      if (user === null) throw new CommandError(`user '${username}' does not exist`)
      site.write(`Changing password for user '${username}'`)
      const email = model.emailOf(user)
      user.password = await passwords.make(await askPassword(site, { username, email }))
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
      `${what}: nobody to ask. Give it as an option or in the environment: --noinput, PORTICO_SUPERUSER_USERNAME, PORTICO_SUPERUSER_EMAIL, PORTICO_SUPERUSER_PASSWORD, and --field NAME=VALUE for others.`,
    )
  }
  return prompt(`${what}: `, { hidden })
}

async function askPassword(
  site: ManagementSite,
  user: Parameters<typeof validatePassword>[1],
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
