/** What `import ... from 'portico'` gives: confs and the front, in a program's own process. */
export { ConfigError } from '../config/config-error.ts'
export { checkConf, parseConf } from '../library/conf.ts'
export type { ConfFault, ConfReport, ConfSource, ConfStatement } from '../library/conf.ts'
export type { LogLine } from '../library/log-line.ts'
export { startServer } from '../library/server.ts'
export type { PorticoServer, ServerOptions } from '../library/server.ts'
