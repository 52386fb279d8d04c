#!/usr/bin/env node
/**
 * Where every process of Portico begins: the master, its workers, and the commands. Each loads only what it runs: a
 * worker that is replaced has to serve within a fraction of a second.
 */
import './require-runtime.ts'
import '../process/inspector-guard.ts'

const [command, ...rest] = process.argv.slice(2)

/** What a command threw that its user can put right is a line, and the way on. */
async function run(start: () => number | Promise<number>): Promise<void> {
  try {
    process.exitCode = await start()
  } catch (error) {
    const { explainFault } = await import('./explain-fault.ts')
    process.exitCode = 1
    process.stderr.write(explainFault(command ?? '', error))
  }
}

switch (command) {
  case 'worker': {
    const { runWorker } = await import('../process/worker.ts')
    if (rest[0] === 'app') runWorker((await import('./app-worker.ts')).appWorker)
    else if (rest[0] === 'keeper') runWorker((await import('./keeper-worker.ts')).keeperWorker)
    else runWorker((await import('./front-worker.ts')).frontWorker)
    break
  }
  case 'watch-loop': {
    // a thread of a worker
    const { watchLoop } = await import('../app/loop-watcher.ts')
    watchLoop(() => process.kill(process.pid, 'SIGKILL'))
    break
  }
  case 'serve-passwords': {
    // a thread of a front worker
    const { servePasswords } = await import('../front/crypt/serve-passwords.ts')
    servePasswords()
    break
  }
  case 'dev-app': {
    // a thread of `portico dev`
    const { runAppThread } = await import('../dev/run-app-thread.ts')
    runAppThread()
    break
  }
  case 'app':
    await run(async () => (await import('./app-command.ts')).appCommand(rest))
    break
  case 'completion':
    await run(async () => (await import('./help/completion-command.ts')).completionCommand(rest))
    break
  case 'demo':
    await run(async () => (await import('./demo-command.ts')).demoCommand(rest))
    break
  case 'dev':
    await run(async () => (await import('./dev-command.ts')).devCommand(rest))
    break
  case 'directives':
    await run(async () => (await import('./directives-command.ts')).directivesCommand(rest))
    break
  case 'explain':
    await run(async () => (await import('./explain/explain-command.ts')).explainCommand(rest))
    break
  case 'help':
  case '--help':
    await run(async () => (await import('./help/help-command.ts')).helpCommand(rest))
    break
  case 'logrotate':
    await run(async () => (await import('./service/logrotate-command.ts')).logrotateCommand(rest))
    break
  case 'manage':
    await run(async () => (await import('./manage-command.ts')).manageCommand(rest))
    break
  case 'new':
    await run(async () => (await import('./new/new-command.ts')).newCommand(rest))
    break
  case 'probe':
    await run(async () => (await import('./probe-command.ts')).probeCommand(rest))
    break
  case 'status':
    await run(async () => (await import('./status-command.ts')).statusCommand(rest))
    break
  case 'systemd-unit':
    await run(async () => (await import('./service/systemd-unit-command.ts')).systemdUnitCommand(rest))
    break
  case '--version':
    await run(async () => (await import('./server-command.ts')).serverCommand(['-v']))
    break
  default:
    await run(async () => (await import('./server-command.ts')).serverCommand(process.argv.slice(2)))
}
