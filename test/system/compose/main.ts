/**
 * Tries docker-compose.yml on a real engine, from nothing and with what goes wrong in the life of containers.
 *
 *   npm run compose-check [-- [-f OVERRIDE.yml]... [--no-build] [--keep]]
 *
 * A file given by -f is read after docker-compose.yml: for what the machine needs and the project does not, such as
 * another network while building. --no-build takes the image that PORTICO_IMAGE names as it is. --keep leaves
 * everything running. Without an engine it says so; that is a failure, except where CI is set: there none is expected.
 */
import { parseArgs } from 'node:util'
import { freePort } from '../../support/free-port.ts'
import { ComposeProject, docker, findCompose } from './engine.ts'
import { Steps } from './steps.ts'

const PROJECT = 'portico-compose-check'
const IMAGE = (process.env['PORTICO_IMAGE'] ??= 'portico:compose-check')

const { values } = parseArgs({
  options: {
    file: { type: 'string', short: 'f', multiple: true },
    keep: { type: 'boolean' },
    'no-build': { type: 'boolean' },
  },
})

const compose = await findCompose()
if (typeof compose === 'string') {
  process.stderr.write(`compose-check: nothing was tried, ${compose}\n`)
  process.exitCode = process.env['CI'] === 'true' ? 0 : 1
} else process.exitCode = await check(compose)

async function check(words: readonly string[]): Promise<number> {
  // The same port all the time: visitors stay where the site is while the front is another container.
  const environment = { PORTICO_PUBLISH: `127.0.0.1:${await freePort()}`, PORTICO_IMAGE: IMAGE }
  const project = new ComposeProject(PROJECT, words, values.file ?? [], environment)
  const clear = (): Promise<string> => project.compose('down', '--volumes', '--remove-orphans')
  await clear()
  try {
    if (values['no-build'] !== true) {
      say('building')
      await project.compose('build')
    }
    for (const [what, step] of new Steps(project).all) {
      const startMs = performance.now()
      say(`${what}: ${await step()} (${Math.round((performance.now() - startMs) / 1000)} s)`)
    }
    say('all of it works')
    return 0
  } catch (error) {
    say(`FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    const lines = (await project.compose('logs', '--no-color', '--tail=200')).split('\n')
    say(lines.filter((line) => !line.includes('upstream_status=200')).join('\n'))
    return 1
  } finally {
    if (values.keep !== true) {
      await clear()
      if (values['no-build'] !== true) await docker('image', 'rm', IMAGE).catch(() => undefined)
    }
  }
}

function say(line: string): void {
  process.stdout.write(`compose-check: ${line}\n`)
}
