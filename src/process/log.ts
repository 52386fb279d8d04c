export type LogLevel = 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'crit' | 'alert' | 'emerg'

/** Where a master and its workers say what happens. */
export interface Log {
  log(level: LogLevel, message: string): void
}
