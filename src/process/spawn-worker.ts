/** Child processes with their descriptors: 0 to 2 standard, 3 the channel or the death pipe, listeners above. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { removePath } from '../io/owned-path.ts'
import type { CommandProgram, ModuleProgram } from './generation.ts'
import type { ExitStatus, SpawnEvents, SpawnRequest, WorkerHandle } from './host.ts'
import { LineSplitter } from './line-splitter.ts'
import type { MasterMessage } from './messages.ts'
import { limitScript } from './process-limits.ts'

export function spawnWorker(request: SpawnRequest, events: SpawnEvents): WorkerHandle {
  if (request.program.kind === 'command') removeLeftPath(request.program)
  const child = startChild(request)
  if (child instanceof Error) {
    queueMicrotask(() => events.onExit({ code: null, signal: null, error: child }))
    return new ChildHandle(undefined, undefined)
  }
  const { program } = request
  if (program.kind === 'module') {
    watch(child, events)
    return new ChildHandle(child, undefined)
  }
  const family = new ProcessFamily(child)
  watch(child, {
    onMessage: (message) => events.onMessage(message),
    onLine: (stream, line) => events.onLine(stream, line),
    onExit: (status) => {
      family.killLeftOver()
      removeLeftPath(program)
      events.onExit(status)
    },
  })
  return new ChildHandle(child, family)
}

function removeLeftPath({ address, ownsAddress }: CommandProgram): void {
  if (ownsAddress === true && address.kind === 'unix') removePath(address.path)
}

/** Most failures come as an event; a missing executable of some kinds and a full process table are thrown. */
function startChild(request: SpawnRequest): ChildProcess | Error {
  const output = request.inheritOutput ? 'inherit' : 'pipe'
  const { program } = request
  try {
    return program.kind === 'module'
      ? forkModule(program, request, output)
      : spawnCommand(program, request.env, output)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function forkModule(
  program: ModuleProgram,
  { env, fds, limits }: SpawnRequest,
  output: 'inherit' | 'pipe',
): ChildProcess {
  const script = limitScript(limits ?? {})
  // `fork` always names a module, which an executable with its module inside has none of; its options are in it, too
  const { modulePath, options = [] } = program
  const module = modulePath === undefined ? [] : [...options, ...process.execArgv, modulePath]
  const argv = [...module, ...(program.args ?? [])]
  const [command, args] =
    script === undefined
      ? [process.execPath, argv]
      : ['/bin/sh', ['-c', script, 'sh', process.execPath, ...argv]]
  return spawn(command, args, {
    ...(env && { env }),
    stdio: ['ignore', output, output, 'ipc', ...fds],
    serialization: 'json',
  })
}

/**
 * A foreign program does not notice that its master died: a shell stays beside it that reads a pipe from us, and
 * ends it when the pipe does, and that first writes the program's process id to it. `detached` makes both a process
 * group of their own, so that the program's children get the signals too and a terminal's Ctrl-C does not.
 */
const GUARD = `
"$@" 3<&- & child=$!
trap : TERM QUIT INT HUP USR1 USR2 PIPE
echo $child >&3 2>/dev/null
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
  const umask = program.umask === undefined ? '' : `umask ${program.umask.toString(8).padStart(3, '0')}`
  return spawn('/bin/sh', ['-c', `${umask}${GUARD}`, 'sh', ...program.argv], {
    ...(env && { env }),
    ...(program.user && { uid: program.user.uid, gid: program.user.gid }),
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

/** The processes that belong to a command: the shell's group, and the program's own where it calls setsid (PHP-FPM). */
class ProcessFamily {
  readonly #shell: ChildProcess
  /** Process id of the program, once the shell has told it. */
  #program: number | undefined

  constructor(shell: ChildProcess) {
    this.#shell = shell
    const pipe = shell.stdio[3]
    if (pipe && 'read' in pipe) {
      pipe.once('data', (bytes: Buffer) => {
        const pid = Number.parseInt(bytes.toString('latin1'), 10)
        if (pid > 1) this.#program = pid
      })
    }
  }

  /** A program that leads a group of its own sees to its members; only KILL leaves it no time for that. */
  signal(name: NodeJS.Signals): void {
    const { pid } = this.#shell
    if (this.#program !== undefined && tryKill(-this.#program, 0))
      tryKill(name === 'SIGKILL' ? -this.#program : this.#program, name)
    if (pid !== undefined) tryKill(-pid, name)
  }

  /** What the program left running when it ended: it would hold the address that the next one needs. */
  killLeftOver(): void {
    if (this.#program !== undefined) tryKill(-this.#program, 'SIGKILL')
    if (this.#shell.pid !== undefined) tryKill(-this.#shell.pid, 'SIGKILL')
  }
}

class ChildHandle implements WorkerHandle {
  readonly #child: ChildProcess | undefined
  /** Of a command: signals go to all of it. */
  readonly #family: ProcessFamily | undefined

  constructor(child: ChildProcess | undefined, family: ProcessFamily | undefined) {
    this.#child = child
    this.#family = family
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
    if (this.#family) this.#family.signal(name)
    else tryKill(pid, name)
  }
}

/** False where nobody has this id: it ended between the look and the signal. */
function tryKill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

function noop(): void {}
