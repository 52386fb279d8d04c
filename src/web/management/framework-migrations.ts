/**
 * The migrations of the framework's own applications. A model of the framework that changes gets another one here; a
 * test compares them with the models.
 */
import { f } from '../db/fields/f.ts'
import type { LoadedMigration, Migration } from '../db/migrations/migration.ts'
import { migration } from '../db/migrations/migration.ts'
import { addField, createModel } from '../db/migrations/operations.ts'

const histories: Readonly<Record<string, Readonly<Record<string, Migration>>>> = {
  auth: {
    '0001_initial': migration({
      operations: [
        createModel('User', {
          password: f.char({ max: 128 }),
          lastLogin: f.dateTime({ null: true }),
          isSuperuser: f.bool({ default: false }),
          username: f.char({ unique: true, max: 150 }),
          firstName: f.char({ max: 150 }),
          lastName: f.char({ max: 150 }),
          email: f.email(),
          isStaff: f.bool({ default: false }),
          isActive: f.bool({ default: true }),
          dateJoined: f.dateTime(),
        }),
      ],
    }),
    '0002_permissions': migration({
      dependencies: [
        ['auth', '0001_initial'],
        ['contenttypes', '0001_initial'],
      ],
      operations: [
        createModel(
          'Permission',
          {
            name: f.char({ max: 255 }),
            contentType: () => f.foreignKey('contenttypes.ContentType', { onDelete: 'cascade' }),
            codename: f.char({ max: 100 }),
          },
          { uniqueTogether: [['contentType', 'codename']] },
        ),
        createModel('Group', {
          name: f.char({ unique: true, max: 150 }),
          permissions: () => f.manyToMany('auth.Permission', { table: 'auth_group_permissions' }),
        }),
        addField('User', 'groups', () => f.manyToMany('auth.Group')),
        addField('User', 'userPermissions', () => f.manyToMany('auth.Permission')),
      ],
    }),
  },
  contenttypes: {
    '0001_initial': migration({
      operations: [
        createModel(
          'ContentType',
          { appLabel: f.char({ max: 100 }), model: f.char({ max: 100 }) },
          { table: 'django_content_type', uniqueTogether: [['appLabel', 'model']] },
        ),
      ],
    }),
  },
  cache: {
    '0001_initial': migration({
      operations: [
        createModel(
          'Entry',
          {
            key: f.char({ primaryKey: true, max: 255, column: 'cache_key' }),
            value: f.text(),
            expires: f.dateTime({ null: true, index: true }),
          },
          { table: 'portico_cache' },
        ),
      ],
    }),
  },
  sessions: {
    '0001_initial': migration({
      operations: [
        createModel(
          'Session',
          {
            key: f.char({ primaryKey: true, max: 40, column: 'session_key' }),
            data: f.text({ column: 'session_data' }),
            expires: f.dateTime({ index: true, column: 'expire_date' }),
          },
          { table: 'portico_session' },
        ),
      ],
    }),
  },
}

/** Whether an application is the framework's, so that projects write no migrations for it. */
export const isFrameworkApp = (app: string): boolean => Object.hasOwn(histories, app)

/** All of them, in order. */
export const frameworkMigrations: readonly LoadedMigration[] = Object.entries(histories).flatMap(
  ([app, history]) => Object.entries(history).map(([name, one]) => ({ ...one, app, name })),
)
