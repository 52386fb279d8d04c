/** The master's world as it is: child processes, signals, sockets, timers. */
import { adoptSocket, bindSocket, rebindSocket, type BindOptions } from '../io/bind.ts'
import { removeLink, replaceLink } from '../io/replace-link.ts'
import { removePidFile, renamePidFile, writePidFile } from '../io/pid-file.ts'
import { probeAddress } from '../io/probe-address.ts'
import { after } from '../io/timer.ts'
import { execute } from './execute.ts'
import type { ListenerSpec } from './generation.ts'
import type { Host } from './host.ts'
import { spawnWorker } from './spawn-worker.ts'

export const systemHost: Host = {
  pid: process.pid,
  nowMs: () => performance.now(),
  after: (delayMs, callback) => after(delayMs, callback),
  stayAlive() {
    const timer = setInterval(() => undefined, 2 ** 30)
    return () => clearInterval(timer)
  },
  onSignal(name, callback) {
    process.on(name, callback)
    return () => void process.off(name, callback)
  },
  bind: (spec) => bindSocket(spec.address, bindOptions(spec)),
  rebind: (spec) => rebindSocket(spec.address, bindOptions(spec)),
  adopt: adoptSocket,
  spawn: spawnWorker,
  probe: probeAddress,
  link: replaceLink,
  removeLink,
  writePidFile: (path) => writePidFile(path, process.pid),
  removePidFile: (path) => removePidFile(path, process.pid),
  renamePidFile,
  parentPid: () => process.ppid,
  execute,
}

function bindOptions({ mode, makeDirectory, owner }: ListenerSpec): BindOptions {
  return {
    ...(mode !== undefined && { mode }),
    ...(makeDirectory !== undefined && { makeDirectory }),
    ...(owner !== undefined && { owner }),
  }
}
