/**
 * Runs nginx's own test suite against the built binary and scores it by subtests, with what nginx 1.22.1 passes as the
 * whole. The suite is not part of this repository: `--git-dir` names a clone of github.com/nginx/nginx-tests.
 *
 *     npm run conformance -- --git-dir ~/nginx-tests/.git [--round server|gateway] [--jobs N] [--verbose] [FILE.t ...]
 *
 * Needs perl with Net::SSLeay, IO::Socket::SSL, CryptX, FCGI, SCGI and Protocol::WebSocket, and uWSGI with its Python
 * plugin. Run by root, the suite runs as nobody: the binary must then be readable by everybody.
 */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SUITE_FILES, type SuiteFile } from './files.ts'

/** Commit of the suite that the numbers of subtests are those of. */
const COMMIT = '7f1e88e10dca8e4c135ab9e688df0c2484091125'
const FILE_TIMEOUT_MS = 150_000
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** What the suite asks of `-V` before it runs a file. */
const FEATURES = `nginx version: nginx/1.22.1
built with OpenSSL 3.0.15
TLS SNI support enabled
configure arguments: --with-debug --with-http_ssl_module --with-http_realip_module --with-http_addition_module \
--with-http_sub_module --with-http_dav_module --with-http_gunzip_module --with-http_gzip_static_module \
--with-http_auth_request_module --with-http_random_index_module --with-http_secure_link_module \
--with-http_slice_module --with-http_stub_status_module --without-http_grpc_module
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'git-dir': { type: 'string' },
    round: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
  },
})

interface Result {
  readonly passed: number
  readonly failures: readonly string[]
  /** Why it did not run. */
  readonly skipped: string | undefined
  readonly stderr: string
}

function prepare(gitDir: string, files: readonly SuiteFile[]): string {
  const box = mkdtempSync(join(tmpdir(), 'conformance-'))
  chmodSync(box, 0o755)
  const names = files.map(({ name }) => name)
  const git = ['-c', 'safe.directory=*', '--git-dir', gitDir, 'archive', COMMIT, 'lib', ...names]
  const archive = execFileSync('git', git, { maxBuffer: 1 << 26 })
  execFileSync('tar', ['-x', '-C', box], { input: archive })
  const binary = join(box, 'binary')
  writeFileSync(
    binary,
    `#!/bin/sh\nif [ "$1" = -V ]; then cat <<"EOF"\n${FEATURES}EOF\nexit 0; fi\nexec ${process.execPath} ${CLI} "$@"\n`,
  )
  chmodSync(binary, 0o755)
  mkdirSync(join(box, 'tmp'))
  chmodSync(join(box, 'tmp'), 0o777)
  return box
}

function runFile(box: string, { name }: SuiteFile): Promise<Result> {
  const perl = ['perl', '-I', 'lib', name]
  const asNobody = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups']
  const [command = '', ...args] = process.getuid?.() === 0 ? [...asNobody, ...perl] : perl
  const env = {
    ...process.env,
    TEST_NGINX_BINARY: join(box, 'binary'),
    TMPDIR: join(box, 'tmp'),
    PERL5LIB: join(box, 'lib'),
  }
  const child = spawn(command, args, { cwd: box, env, timeout: FILE_TIMEOUT_MS })
  let output = ''
  let stderr = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString('latin1')))
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString('latin1')))
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ passed: 0, failures: [], skipped: error.message, stderr }))
    child.on('close', () => {
      const lines = output.split('\n')
      const passed = lines.filter((line) => /^ok \d+/.test(line) && !/# skip/i.test(line)).length
      const failures = lines.filter((line) => line.startsWith('not ok') && !line.includes('# TODO'))
      const [, skipped] = /^1\.\.0 # SKIP (.*)$/m.exec(output) ?? []
      resolve({ passed: skipped === undefined ? passed : 0, failures, skipped, stderr })
    })
  })
}

function report(file: SuiteFile, { passed, failures, skipped, stderr }: Result): void {
  const whole = passed >= file.subtests
  const skip = skipped === undefined ? '' : `  skipped: ${skipped}`
  process.stdout.write(
    `${whole ? 'ok  ' : '    '}${file.name.padEnd(45)} ${passed} of ${file.subtests}${skip}\n`,
  )
  if (whole || !values.verbose) return
  for (const line of [...failures, ...stderr.split('\n').slice(-25)]) process.stdout.write(`      ${line}\n`)
}

async function main(gitDir: string): Promise<number> {
  const files = SUITE_FILES.filter(({ name, round }) =>
    positionals.length > 0
      ? positionals.includes(name)
      : values.round === undefined || round === values.round,
  )
  const box = prepare(gitDir, files)
  const waiting = [...files]
  let passed = 0
  let whole = 0
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const result = await runFile(box, file)
      report(file, result)
      passed += Math.min(result.passed, file.subtests)
      if (result.passed >= file.subtests) whole += 1
    }
  }
  try {
    await Promise.all(Array.from({ length: Number(values.jobs) }, work))
  } finally {
    rmSync(box, { recursive: true, force: true })
  }
  const all = files.reduce((total, { subtests }) => total + subtests, 0)
  const share = ((100 * passed) / Math.max(all, 1)).toFixed(1)
  process.stdout.write(
    `${whole} of ${files.length} files whole; ${passed} of ${all} subtests (${share} %) of what nginx 1.22.1 passes\n`,
  )
  return passed === all ? 0 : 1
}

if (values['git-dir'] === undefined) {
  process.stderr.write('usage: npm run conformance -- --git-dir DIR [--round server|gateway] [FILE.t ...]\n')
  process.exitCode = 2
} else process.exitCode = await main(values['git-dir'])
