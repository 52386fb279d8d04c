import { createModel, f, migration } from 'portico/web'

export default migration({
  dependencies: [['auth', '0001_initial']],
  operations: [
    createModel('Entry', {
      author: () => f.foreignKey('auth.User', { relatedName: 'entries', onDelete: 'cascade' }),
      text: f.text(),
      created: f.dateTime({ index: true }),
    }),
    createModel('SiteSecret', {
      name: f.slug({ unique: true }),
      value: f.char({ max: 100 }),
    }),
  ],
})
