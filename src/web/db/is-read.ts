const READS = /^\s*(?:select|with|values|explain|pragma)\b/i
const CHANGES = /\b(?:insert|update|delete|merge)\b/i

/**
 * Whether SQL that somebody wrote only reads, as far as its words tell. `WITH` may come before either; a word that is a
 * name there makes it wait in turn with those that write, nothing more.
 */
export const isRead = (sql: string): boolean =>
  READS.test(sql) && !(/^\s*with\b/i.test(sql) && CHANGES.test(sql))
