/** Where an application server says what happens. */
export interface AppLog {
  log(level: 'info' | 'notice' | 'warn' | 'error' | 'crit', message: string): void
}
