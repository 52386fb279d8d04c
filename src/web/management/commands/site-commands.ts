/** `check`, `showurls`, `clearsessions`, `shell`, `test`. */
import { join } from 'node:path'
import { fileNames } from '../../../io/files/project-files.ts'
import { models } from '../../db/model-registry.ts'
import type { ResolverNode } from '../../urls/resolver-node.ts'
import { checkSite } from '../checks.ts'
import type { ManagementCommand } from '../command.ts'
import { CommandError, flag } from '../command.ts'

export const check: ManagementCommand = {
  help: 'Looks for mistakes in settings, URLs, models and middleware.',
  options: {
    deploy: { type: 'boolean', help: 'what a site needs before strangers meet it, too' },
    'fail-on-warnings': { type: 'boolean', help: 'exit code 1 for warnings as well' },
  },
  async run(site, options) {
    const found = await checkSite(site, flag(options, 'deploy'))
    for (const { id, level, message, hint } of found) {
      site.context.writeError(
        `${level === 'error' ? 'ERROR' : 'WARNING'}: (${id}) ${message}\n\tHINT: ${hint}\n`,
      )
    }
    site.write(
      `System check identified ${found.length === 0 ? 'no issues' : found.length === 1 ? '1 issue' : `${found.length} issues`}.`,
    )
    const isFailed = found.some(({ level }) => level === 'error') || flag(options, 'fail-on-warnings')
    return isFailed && found.length > 0 ? 1 : 0
  },
}

export const showurls: ManagementCommand = {
  help: 'Lists every route with its view and its name.',
  async run(site) {
    const lines = [...routes((await site.resolver()).nodes, '/')]
    const [width, middle] = [0, 1].map((i) => Math.max(0, ...lines.map((line) => line[i]?.length ?? 0)))
    for (const [route, view, name] of lines)
      site.write(`${route.padEnd(width ?? 0)}  ${view.padEnd(middle ?? 0)}  ${name}`.trimEnd())
  },
}

function* routes(nodes: readonly ResolverNode[], above: string): Generator<[string, string, string]> {
  for (const node of nodes) {
    const route = above + node.matcher.source.replace(/^\^/, '')
    if ('nodes' in node) yield* routes(node.nodes, route)
    else
      yield [
        route,
        node.view.name || '(view)',
        node.urlName === null ? '' : [...node.namespaces, node.urlName].join(':'),
      ]
  }
}

export const clearsessions: ManagementCommand = {
  help: 'Removes sessions that have expired.',
  async run(site) {
    const { sessionStore } = site.settings
    await site.resolver()
    if (sessionStore?.clearExpired === undefined) {
      site.write('This session store keeps nothing that could be cleared.')
      return
    }
    const cleared = await site.databases.run(() => sessionStore.clearExpired?.() ?? 0)
    site.write(`${cleared} sessions cleared.`)
  },
}

export const shell: ManagementCommand = {
  help: 'A prompt of JavaScript with the settings, the databases and all models at hand.',
  async run(site) {
    await site.resolver()
    site.databases.bind()
    const all = models.all().filter((meta) => !meta.autoCreated)
    const names = Object.fromEntries(all.map((meta) => [meta.objectName, meta.model]))
    site.write(`Models: ${Object.keys(names).join(', ')}. Also: settings, databases.`)
    await site.context.openShell({ ...names, settings: site.settings, databases: site.databases })
  },
}

const TEST_FILE = /\.test\.(?:ts|mts|js|mjs)$/

export const test: ManagementCommand = {
  help: 'Runs the tests (*.test.ts in the project and its folder test) with the runner of Node.',
  usage: '[FILE]...',
  async run(site, _options, files) {
    const found = ['.', 'test', 'tests'].flatMap((folder) =>
      fileNames(join(site.baseDir, folder))
        .filter((name) => TEST_FILE.test(name))
        .map((name) => join(site.baseDir, folder, name)),
    )
    const chosen = files.length === 0 ? found.sort() : files.map((file) => join(site.context.cwd, file))
    if (chosen.length === 0) throw new CommandError('No tests: write test/site.test.ts, or name the files.')
    return (await site.context.runTests(chosen)) ? 0 : 1
  },
}
