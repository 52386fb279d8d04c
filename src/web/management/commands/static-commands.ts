/** `collectstatic`. */
import { collectStatic, staticConf } from '../../static/collect-static.ts'
import type { ManagementCommand } from '../command.ts'
import { flag } from '../command.ts'

const STEPS = { read: 'Reading', hash: 'Hashing', write: 'Writing' } as const

export const collectstatic: ManagementCommand = {
  help: 'Copies static files into staticRoot, under hashed names too.',
  options: {
    'dry-run': { type: 'boolean', short: 'n', help: 'say what would be copied' },
    clear: { type: 'boolean', short: 'c', help: 'empty staticRoot first' },
    conf: { type: 'boolean', help: 'print the location that the front serves them by, and copy nothing' },
  },
  async run(site, options) {
    if (flag(options, 'conf')) {
      site.write(staticConf(site.settings).trimEnd())
      return
    }
    const dryRun = flag(options, 'dry-run')
    // a dry run is for its lines
    const progress = dryRun ? null : site.context.progress
    const { copied, unmodified } = await collectStatic(site.settings, {
      dryRun,
      clear: flag(options, 'clear'),
      log: (line) => (progress ? undefined : site.write(line)),
      ...(progress && {
        onStep: (step, done, total) =>
          progress.show(`  ${STEPS[step]} ${done}${total === null ? '' : ` of ${total}`}`),
      }),
    }).finally(() => progress?.clear())
    const files = `${copied} static file${copied === 1 ? '' : 's'}`
    site.write(`${files} ${dryRun ? 'would be copied' : 'copied'}, ${unmodified} unmodified.`)
  },
}
