/** `collectstatic`. */
import { collectStatic, staticConf } from '../../static/collect-static.ts'
import type { ManagementCommand } from '../command.ts'
import { flag } from '../command.ts'

export const collectstatic: ManagementCommand = {
  help: 'Copies static files into staticRoot, under hashed names too. --conf: prints what the front serves them by.',
  options: {
    'dry-run': { type: 'boolean', short: 'n' },
    clear: { type: 'boolean', short: 'c' },
    conf: { type: 'boolean' },
  },
  async run(site, options) {
    if (flag(options, 'conf')) {
      site.write(staticConf(site.settings).trimEnd())
      return
    }
    const dryRun = flag(options, 'dry-run')
    const { copied, unmodified } = await collectStatic(site.settings, {
      dryRun,
      clear: flag(options, 'clear'),
      log: (line) => site.write(line),
    })
    const files = `${copied} static file${copied === 1 ? '' : 's'}`
    site.write(`${files} ${dryRun ? 'would be copied' : 'copied'}, ${unmodified} unmodified.`)
  },
}
