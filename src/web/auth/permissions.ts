/** Who may do what: permissions of models, of groups and of users, in Django's tables. */
import { atomic } from '../db/databases.ts'
import { f } from '../db/fields/f.ts'
import { model } from '../db/model.ts'
import { appOf } from '../db/migrations/project-state.ts'
import type { ModelMeta } from '../db/model-meta.ts'
import { models, type ModelRegistry } from '../db/model-registry.ts'
import type { RelatedSet } from '../db/related-set.ts'
import type { Instance } from '../db/types.ts'

/** A model as a row, for permissions to refer to. */
export const ContentType = model(
  'contenttypes.ContentType',
  { appLabel: f.char({ max: 100 }), model: f.char({ max: 100 }) },
  { table: 'django_content_type', uniqueTogether: [['appLabel', 'model']] },
)
export type ContentType = Instance<typeof ContentType>

/** Something that one may be allowed to do: `app.codename`. */
export const Permission = model(
  'auth.Permission',
  {
    name: f.char({ max: 255 }),
    contentType: () => f.foreignKey(ContentType, { onDelete: 'cascade' }),
    codename: f.char({ max: 100 }),
  },
  { table: 'auth_permission', uniqueTogether: [['contentType', 'codename']] },
)
export type Permission = Instance<typeof Permission>

/** Users who may do the same. */
export const Group = model(
  'auth.Group',
  {
    name: f.char({ max: 150, unique: true }),
    permissions: () => f.manyToMany(Permission, { table: 'auth_group_permissions' }),
  },
  { table: 'auth_group' },
)
export type Group = Instance<typeof Group>

const ACTIONS = ['add', 'change', 'delete', 'view'] as const

/** As `perms` in templates and `hasPerm` name it. */
const appLabelOf = (modelName: string): string => appOf(modelName).toLowerCase()

const keyOf = (app: string, name: string): string => `${app}.${name}`

/**
 * Makes the four permissions of each model that has none yet; `migrate` calls it when it is done. Gives how many it
 * made. Somebody else may do the same at the same moment: what is there already stays as it is.
 */
export async function createPermissions(
  options: { readonly registry?: ModelRegistry; readonly using?: string } = {},
): Promise<number> {
  const { registry = models, using = 'default' } = options
  const managed = registry.all().filter((meta) => !meta.autoCreated && meta.options.managed !== false)
  return atomic(
    async () => {
      const types = await contentTypesOf(managed, using)
      const known = await Permission.objects.using(using).valuesList('contentTypeId', 'codename').toArray()
      const there = new Set(known.map(([type, codename]) => keyOf(String(type), codename)))
      const missing = managed
        .flatMap((meta) => permissionsOfModel(meta, types))
        .filter(({ contentTypeId, codename }) => !there.has(keyOf(String(contentTypeId), codename)))
      if (missing.length > 0)
        await Permission.objects.using(using).bulkCreate(missing, { ignoreConflicts: true })
      return missing.length
    },
    { using },
  )
}

function permissionsOfModel(meta: ModelMeta, types: ReadonlyMap<string, number>) {
  const model = meta.objectName.toLowerCase()
  const contentTypeId = types.get(keyOf(appLabelOf(meta.name), model))
  if (contentTypeId === undefined) return []
  const verbose = meta.options.verboseName ?? model
  return ACTIONS.map((action) => ({
    contentTypeId,
    codename: `${action}_${model}`,
    name: `Can ${action} ${verbose}`,
  }))
}

/** Keys of the content types by `app.model`; those that are missing are made. */
async function contentTypesOf(
  metas: readonly ModelMeta[],
  using: string,
): Promise<ReadonlyMap<string, number>> {
  const types = ContentType.objects.using(using)
  const read = async (): Promise<Map<string, number>> => {
    const rows = await types.valuesList('appLabel', 'model', 'id').toArray()
    return new Map(rows.map(([app, name, id]) => [keyOf(app, name), id]))
  }
  const known = await read()
  const missing = metas
    .map((meta) => ({ appLabel: appLabelOf(meta.name), model: meta.objectName.toLowerCase() }))
    .filter(({ appLabel, model }) => !known.has(keyOf(appLabel, model)))
  if (missing.length === 0) return known
  await types.bulkCreate(missing, { ignoreConflicts: true })
  return read()
}

/** What finding a user's permissions needs of the user's row. */
export interface PermissionHolder {
  readonly isActive: boolean
  readonly isSuperuser: boolean
  readonly groups: RelatedSet<(typeof Group)['shape']>
  readonly userPermissions: RelatedSet<(typeof Permission)['shape']>
}

/** Found once for each row, that is once a request. */
const known = new WeakMap<PermissionHolder, Promise<ReadonlySet<string>>>()

/** `app.codename` of all that the user may do, by the user's own permissions and those of the groups. */
export function permissionsOf(user: PermissionHolder): Promise<ReadonlySet<string>> {
  const found = known.get(user) ?? findPermissions(user)
  known.set(user, found)
  return found
}

/** Asks anew next time. */
export function forgetPermissions(user: PermissionHolder): void {
  known.delete(user)
}

async function findPermissions(user: PermissionHolder): Promise<ReadonlySet<string>> {
  if (!user.isActive) return new Set()
  if (user.isSuperuser) return names(await labelled(Permission.objects.all()))
  const own = await labelled(user.userPermissions.all())
  const groups = await user.groups.all().valuesList('pk', { flat: true }).toArray()
  const shared = groups.length === 0 ? [] : await labelled(Permission.objects.filter({ group__in: groups }))
  return names([...own, ...shared])
}

type Labels = readonly [app: string, codename: string]

function labelled(permissions: ReturnType<typeof Permission.objects.all>): Promise<Labels[]> {
  return permissions.valuesList('contentType__appLabel', 'codename').toArray()
}

const names = (labels: readonly Labels[]): ReadonlySet<string> =>
  new Set(labels.map(([app, codename]) => `${app}.${codename}`))
