import { resolve } from 'node:path'
import { placesOf, readConf, type LoadedConf, type Places } from '../cli/load-conf.ts'
import type { ConfSource } from './conf.ts'

export interface LoadedSource {
  readonly conf: LoadedConf
  readonly places: Places
}

/** @throws ConfigError for a main file that cannot be read */
export function loadSource({ text, file, prefix }: ConfSource): LoadedSource {
  const places = placesOf(
    { prefix: prefix && resolve(prefix), conf: file, errorLog: undefined },
    resolve('.'),
  )
  return { conf: readConf(places, '', text), places }
}
