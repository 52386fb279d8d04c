/** What this installation is told by its surroundings: variables of the environment, or files where those name one. */
import { readFileSync } from 'node:fs'

export interface Surroundings {
  /** Below the folder that the server runs in, beside its sockets, when nothing is said. */
  readonly databaseUrl: string
  /** A Valkey or Redis server that all machines of the site share. */
  readonly cacheUrl: string | undefined
  /** One that the installation makes for itself and keeps in its database, when nothing is said. */
  readonly secretKey: string | undefined
  readonly allowedHosts: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws Error where a file that is named cannot be read */
export function readSurroundings(environment: Environment): Surroundings {
  const value = (name: string): string | undefined => valueOf(environment, name)
  return {
    databaseUrl: value('DATABASE_URL') ?? 'sqlite:run/demo.sqlite3',
    cacheUrl: value('CACHE_URL'),
    secretKey: value('SECRET_KEY'),
    allowedHosts: listOf(value('ALLOWED_HOSTS')) ?? ['localhost', '127.0.0.1', '[::1]'],
  }
}

/** `NAME`, or what the file that `NAME_FILE` names holds: secrets come as files. An empty one says nothing. */
function valueOf(environment: Environment, name: string): string | undefined {
  const file = environment[`${name}_FILE`] ?? ''
  const text = environment[name] || (file === '' ? '' : readFileSync(file, 'utf8').trim())
  return text === '' ? undefined : text
}

function listOf(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
