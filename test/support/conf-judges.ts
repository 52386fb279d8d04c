/** One conf, judged by `portico -t` in this process and by `nginx -t`: what each says, made comparable. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bindConf, placesOf, readConf } from '../../src/cli/load-conf.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { compileFront } from '../../src/front/compile/compile-front.ts'
import { http } from '../../src/front/core-directives.ts'
import { LogDestinations } from '../../src/io/log-destination.ts'

export class ConfJudges {
  readonly folder = mkdtempSync(join(tmpdir(), 'portico-conf-'))
  readonly #file = join(this.folder, 'portico.conf')

  constructor() {
    mkdirSync(join(this.folder, 'logs'))
  }

  write(text: string): void {
    writeFileSync(this.#file, text)
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** `accepted` with the warnings, or the one message. */
  ours(): string {
    const places = placesOf({ prefix: this.folder, conf: this.#file, errorLog: undefined }, this.folder)
    const { prefix, confPath } = places
    const options = {
      prefix,
      confPath,
      logs: new LogDestinations(),
      apps: new Map(),
      defaultErrorLog: 'stderr',
    }
    try {
      const { main, warnings } = bindConf(readConf(places, '').statements, places)
      const [block] = main.blocks(http)
      const front = block ? compileFront(block.scope, { ...options, defaultPort: 80 }) : undefined
      const said = [...warnings, ...(front?.warnings ?? [])].map(String)
      // what nginx does and we do not is said by us alone
      return this.#anonymous(
        ['accepted', ...said.filter((line) => !/no effect in this server/.test(line))].join('\n'),
      )
    } catch (error) {
      if (error instanceof ConfigError) return this.#anonymous([...error.earlier, error].join('\n'))
      throw error
    }
  }

  theirs(nginx: string): string {
    const { folder } = this
    const args = [
      '-t',
      '-p',
      folder,
      '-c',
      this.#file,
      '-e',
      join(folder, 'e.log'),
      '-g',
      `pid ${folder}/pid;`,
    ]
    const { stderr, status } = spawnSync(nginx, args, { encoding: 'latin1' })
    const lines = stderr.split('\n').filter((line) => /\[(emerg|warn)\]/.test(line))
    const verdicts = lines.map((line) => line.replace(/^nginx: /, ''))
    return this.#anonymous((status === 0 ? ['accepted', ...verdicts] : verdicts).join('\n'))
  }

  #anonymous(text: string): string {
    return text.replaceAll(this.#file, 'CONF').replaceAll(this.folder, 'FOLDER')
  }
}

/** We name the place where nginx has forgotten it. */
export function comparable(text: string, other: string): string {
  return / in CONF:\d+$/m.test(other) ? text : text.replaceAll(/ in CONF:\d+$/gm, '')
}
