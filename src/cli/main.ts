#!/usr/bin/env node
/** Where every process of Portico begins: the master, its workers, and the commands. */
import '../process/inspector-guard.ts'
import { runWorker } from '../process/worker.ts'
import { appWorker } from './app-worker.ts'
import { frontWorker } from './front-worker.ts'
import { serverCommand } from './server-command.ts'

const [command, ...rest] = process.argv.slice(2)

switch (command) {
  case 'worker':
    runWorker(rest[0] === 'app' ? appWorker : frontWorker)
    break
  default:
    process.exitCode = await serverCommand(process.argv.slice(2))
}
