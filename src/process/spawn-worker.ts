/** Child processes with their descriptors: 0 to 2 standard, 3 the channel or the death pipe, listeners above. */
import { fork, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { CommandProgram, ModuleProgram } from './generation.ts'
import type { ExitStatus, SpawnEvents, SpawnRequest, WorkerHandle } from './host.ts'
import { LineSplitter } from './line-splitter.ts'
import type { MasterMessage } from './messages.ts'

export function spawnWorker(request: SpawnRequest, events: SpawnEvents): WorkerHandle {
  const child = startChild(request)
  if (child instanceof Error) {
    queueMicrotask(() => events.onExit({ code: null, signal: null, error: child }))
    return new ChildHandle(undefined, false)
  }
  watch(child, events)
  return new ChildHandle(child, request.program.kind === 'command')
}

/** Most failures come as an event; a missing executable of some kinds and a full process table are thrown. */
function startChild(request: SpawnRequest): ChildProcess | Error {
  const output = request.inheritOutput ? 'inherit' : 'pipe'
  const { program } = request
  try {
    return program.kind === 'module'
      ? forkModule(program, request.env, output, request.fds)
      : spawnCommand(program, request.env, output)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function forkModule(
  program: ModuleProgram,
  env: SpawnRequest['env'],
  output: 'inherit' | 'pipe',
  fds: readonly number[],
): ChildProcess {
  return fork(program.modulePath, [...(program.args ?? [])], {
    ...(env && { env }),
    stdio: ['ignore', output, output, 'ipc', ...fds],
    serialization: 'json',
  })
}

/**
 * A foreign program does not notice that its master died: a shell stays beside it that reads a pipe from us, and
 * ends it when the pipe does. `detached` makes it a process group of its own, so that its children get the signals
 * too and a terminal's Ctrl-C does not.
 */
const GUARD = `
"$@" 3<&- & child=$!
trap : TERM QUIT INT HUP USR1 USR2
{ read -r _ <&3; kill -TERM $child; } 2>/dev/null & guard=$!
wait $child; status=$?
while kill -0 $child 2>/dev/null; do wait $child; status=$?; done
kill -KILL $guard 2>/dev/null
exit $status`

function spawnCommand(
  program: CommandProgram,
  env: SpawnRequest['env'],
  output: 'inherit' | 'pipe',
): ChildProcess {
  return spawn('/bin/sh', ['-c', GUARD, 'sh', ...program.argv], {
    ...(env && { env }),
    cwd: program.cwd,
    detached: true,
    stdio: ['ignore', output, output, 'pipe'],
  })
}

function watch(child: ChildProcess, events: SpawnEvents): void {
  let failure: Error | undefined
  child.on('message', (message) => events.onMessage(message))
  child.on('error', (error) => {
    failure ??= error
    // A process that never began emits no exit.
    if (child.pid === undefined) events.onExit({ code: null, signal: null, error })
  })
  for (const stream of ['stdout', 'stderr'] as const) {
    const splitter = new LineSplitter((line) => events.onLine(stream, line))
    child[stream]?.on('data', (bytes: Buffer) => splitter.push(bytes))
    child[stream]?.on('end', () => splitter.end())
    child[stream]?.on('error', noop)
  }
  child.stdio[3]?.on('error', noop)
  afterExit(child, (status) => events.onExit(status))
}

/** 'close' waits for the pipes, which a grandchild may hold open for ever: after 'exit' they get a moment only. */
const PIPE_GRACE_MS = 200

function afterExit(child: ChildProcess, onExit: (status: ExitStatus) => void): void {
  child.once('exit', (code, signal) => {
    let told = false
    const tell = (): void => {
      if (told) return
      told = true
      clearTimeout(timer)
      onExit({ code, signal })
    }
    const timer = setTimeout(tell, PIPE_GRACE_MS)
    child.once('close', tell)
  })
}

class ChildHandle implements WorkerHandle {
  readonly #child: ChildProcess | undefined
  /** Signals go to the whole process group. */
  readonly #isGroup: boolean

  constructor(child: ChildProcess | undefined, isGroup: boolean) {
    this.#child = child
    this.#isGroup = isGroup
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  send(message: MasterMessage): void {
    if (this.#child?.connected) this.#child.send(message, noop)
  }

  signal(name: NodeJS.Signals): void {
    const pid = this.#child?.pid
    if (pid === undefined || this.#child?.exitCode !== null || this.#child.signalCode !== null) return
    try {
      process.kill(this.#isGroup ? -pid : pid, name)
    } catch {
      // ESRCH: it ended between the look and the signal.
    }
  }
}

function noop(): void {}
