#!/usr/bin/env node
/**
 * Where every process of Portico begins: the master, its workers, and the commands. Each loads only what it runs: a
 * worker that is replaced has to serve within a fraction of a second.
 */
import '../process/inspector-guard.ts'

const [command, ...rest] = process.argv.slice(2)

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
  case 'dev': {
    const { devCommand } = await import('./dev-command.ts')
    process.exitCode = await devCommand(rest)
    break
  }
  case 'dev-app': {
    // a thread of `portico dev`
    const { runAppThread } = await import('../dev/run-app-thread.ts')
    runAppThread()
    break
  }
  case 'app': {
    const { appCommand } = await import('./app-command.ts')
    process.exitCode = await appCommand(rest)
    break
  }
  case 'status': {
    const { statusCommand } = await import('./status-command.ts')
    process.exitCode = await statusCommand(rest)
    break
  }
  case 'probe': {
    const { probeCommand } = await import('./probe-command.ts')
    process.exitCode = await probeCommand(rest)
    break
  }
  case 'directives': {
    const { directivesCommand } = await import('./directives-command.ts')
    process.exitCode = directivesCommand(rest)
    break
  }
  case 'manage': {
    const { manageCommand } = await import('./manage-command.ts')
    process.exitCode = await manageCommand(rest)
    break
  }
  case 'new': {
    const { newCommand } = await import('./new/new-command.ts')
    process.exitCode = await newCommand(rest)
    break
  }
  case 'demo': {
    const { demoCommand } = await import('./demo-command.ts')
    process.exitCode = await demoCommand(rest)
    break
  }
  case 'explain': {
    const { explainCommand } = await import('./explain/explain-command.ts')
    process.exitCode = await explainCommand(rest)
    break
  }
  default: {
    const { serverCommand } = await import('./server-command.ts')
    process.exitCode = await serverCommand(process.argv.slice(2))
  }
}
