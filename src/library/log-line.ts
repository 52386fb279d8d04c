/** Hears one line, without its time. */
export type LogLine = (level: 'info' | 'notice' | 'warn' | 'error' | 'crit', message: string) => void
