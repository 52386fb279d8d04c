import { f, model, User, type Instance } from 'portico/web'

/** One line in the book. */
export const Entry = model(
  'Entry',
  {
    author: () => f.foreignKey(User, { relatedName: 'entries', onDelete: 'cascade' }),
    text: f.text(),
    created: f.dateTime({ default: () => new Date(), index: true }),
  },
  { ordering: ['-created', '-id'] },
)
export type Entry = Instance<typeof Entry>

/** What this installation knows and no other: made at its first start, the same for all its workers. */
export const SiteSecret = model('SiteSecret', {
  name: f.slug({ unique: true }),
  value: f.char({ max: 100 }),
})
