/**
 * Every command of `portico` with its options: what the parsers accept, what `portico help` prints and what a shell
 * completes are this one table, so that none of them knows an option that the others do not.
 */
import { APP_PROTOCOLS } from '../../app/app-directives.ts'
import { LOG_LEVELS } from '../../io/error-logger.ts'

export interface CommandOption {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  readonly multiple?: true
  /** What stands for the value in the help. Names of files and folders are completed as such. */
  readonly value?: string
  /** The only values there are. */
  readonly choices?: readonly string[]
  /** What holds where the option is not given. */
  readonly byDefault?: string
  readonly help: string
}

export interface CommandHelp {
  /** One line. */
  readonly summary: string
  /** What follows `portico`, one line for each form. */
  readonly usage: readonly string[]
  /** Lines. */
  readonly about?: readonly string[]
  readonly operands?: readonly (readonly [name: string, help: string])[]
  /** Words that an operand may be, for the shell. */
  readonly words?: readonly string[]
  readonly options: Readonly<Record<string, CommandOption>>
  /** Besides 0 for what it was asked for, and 1 for a fault that it names on stderr. */
  readonly exits?: readonly (readonly [code: number, meaning: string])[]
  readonly examples: readonly (readonly [line: string, meaning: string])[]
}

const HELP = { help: { type: 'boolean', short: 'h', help: 'this help' } } as const

const CONF = {
  type: 'string',
  short: 'c',
  value: 'FILE',
  byDefault: 'conf/portico.conf',
  help: 'configuration file, below the prefix',
} as const

const PREFIX = {
  type: 'string',
  short: 'p',
  value: 'DIR',
  byDefault: 'the current folder',
  help: 'prefix: the folder that relative paths begin at',
} as const

const GLOBALS = {
  type: 'string',
  short: 'g',
  value: 'DIRECTIVES',
  help: 'directives of the main context, beside those of the conf',
} as const

/** nginx's, whose parser knows letters only. */
export const SERVER_HELP: CommandHelp = {
  summary: 'Serves a conf in the foreground, tests it, or signals the server that runs.',
  usage: ['[-?hvVtTq] [-s signal] [-p prefix] [-e filename] [-c filename] [-g directives]'],
  options: {
    help: { type: 'boolean', short: 'h', help: 'this help; -? is the same' },
    version: { type: 'boolean', short: 'v', help: 'show version and exit' },
    build: { type: 'boolean', short: 'V', help: 'show version and runtime, then exit' },
    test: { type: 'boolean', short: 't', help: 'test configuration and exit' },
    dump: { type: 'boolean', short: 'T', help: 'test configuration, dump it and exit' },
    quiet: { type: 'boolean', short: 'q', help: 'suppress non-error messages during configuration testing' },
    signal: {
      type: 'string',
      short: 's',
      value: 'SIGNAL',
      choices: ['stop', 'quit', 'reopen', 'reload'],
      help: 'send a signal to the master process that the pid file names',
    },
    prefix: PREFIX,
    'error-log': {
      type: 'string',
      short: 'e',
      value: 'FILE',
      byDefault: 'stderr',
      help: 'error log, until the conf names one',
    },
    conf: CONF,
    directives: GLOBALS,
  },
  exits: [[0, 'it was ended by a signal, the conf is good, or the signal was sent']],
  examples: [
    ['portico', 'serve conf/portico.conf of this folder'],
    ['portico -t -c /etc/nginx/nginx.conf -p /srv/site', 'would this conf be served?'],
    ['portico -s reload', 'a new conf without losing a request'],
  ],
}

export const COMMANDS = {
  new: {
    summary: 'Makes a project that starts and passes its tests.',
    usage: ['NAME [--package SPEC]'],
    operands: [['NAME', 'a folder that is not there yet, or is empty']],
    options: {
      package: {
        type: 'string',
        value: 'SPEC',
        byDefault: 'what this program was installed by',
        help: 'what npm gets the package portico by: a version, a tarball or a folder',
      },
      ...HELP,
    },
    examples: [['portico new shop', 'then: cd shop && npm install && npm start']],
  },
  dev: {
    summary: 'Serves a project while it is written: one process, reloads, debug pages.',
    usage: ['[-c FILE] [-p PORT] [-H ADDRESS]'],
    about: [
      'One process serves the conf: files by serve-static, proxy_pass by http-proxy, applications in threads that are',
      'replaced when the project changes, and a `command` as it is. It is not for production: `portico` is.',
    ],
    options: {
      conf: { ...CONF, help: 'configuration file' },
      port: {
        type: 'string',
        short: 'p',
        value: 'PORT',
        byDefault: 'the addresses of the conf',
        help: 'listen here, in place of what the conf says',
      },
      host: {
        type: 'string',
        short: 'H',
        value: 'ADDRESS',
        byDefault: '127.0.0.1',
        help: 'with --port: on which address',
      },
      ...HELP,
    },
    examples: [['portico dev -p 3000', 'the project of this folder on http://127.0.0.1:3000']],
  },
  manage: {
    summary: "Runs a project's command: migrate, test, createsuperuser ...",
    usage: ['COMMAND [--settings FILE] [options]'],
    about: [
      '`portico manage help` lists the commands, `portico manage COMMAND --help` explains one. A project adds its',
      'own by the setting `commands`.',
    ],
    options: {
      settings: {
        type: 'string',
        value: 'FILE',
        byDefault: 'PORTICO_SETTINGS, or settings.ts here',
        help: 'the settings module of the project',
      },
      ...HELP,
    },
    exits: [[1, 'the command failed; for check and test: something was found']],
    examples: [
      ['portico manage migrate', 'bring the database up to date'],
      ['portico manage createsuperuser', 'a user who may do everything'],
    ],
  },
  app: {
    summary: 'Runs the application server alone, for a front of another make.',
    usage: ['--entry FILE --listen ADDRESS [options]'],
    options: {
      entry: {
        type: 'string',
        value: 'FILE',
        help: 'module with an export `application`, or what a framework makes',
      },
      listen: {
        type: 'string',
        value: 'ADDRESS',
        help: 'host:port, port, or unix:path; "unix:path mode=666" for its permissions (660)',
      },
      protocol: {
        type: 'string',
        value: 'NAME',
        choices: APP_PROTOCOLS,
        byDefault: 'fastcgi',
        help: 'what the front speaks',
      },
      allow: {
        type: 'string',
        multiple: true,
        value: 'NETWORK',
        help: 'who may connect: address, network or all; other machines need it',
      },
      workers: {
        type: 'string',
        value: 'N | MIN..MAX',
        byDefault: '1',
        help: 'number of processes; "1..8 delay=20ms idle=30s" follows the load',
      },
      concurrency: {
        type: 'string',
        value: 'N',
        byDefault: 'no limit',
        help: 'requests that one worker runs at a time',
      },
      queue: {
        type: 'string',
        value: 'N',
        byDefault: '1000',
        help: 'requests that wait in one worker, the rest gets a 503; "1000 delay=100ms" bounds the wait, too',
      },
      harakiri: {
        type: 'string',
        value: 'TIME',
        byDefault: 'never',
        help: 'a request that runs longer is cancelled with 504',
      },
      heartbeat: {
        type: 'string',
        value: 'TIME',
        byDefault: '30s',
        help: 'a worker whose event loop stands still so long is replaced',
      },
      'boot-timeout': {
        type: 'string',
        value: 'TIME',
        byDefault: '60s',
        help: 'a worker that does not serve after it has failed to boot',
      },
      'max-requests': {
        type: 'string',
        value: 'N [JITTER]',
        help: 'a worker that has answered so many is replaced, in one word: "1000 100"',
      },
      'max-lifetime': { type: 'string', value: 'TIME', help: 'a worker of that age is replaced' },
      'reload-on-rss': {
        type: 'string',
        value: 'SIZE',
        help: 'a worker with so much resident memory is replaced',
      },
      'shutdown-timeout': {
        type: 'string',
        value: 'TIME',
        byDefault: '30s',
        help: 'how long a worker may finish what it has begun',
      },
      env: {
        type: 'string',
        multiple: true,
        value: 'NAME=VALUE',
        help: 'a variable of the workers, beside those of this environment',
      },
      cwd: { type: 'string', value: 'DIR', byDefault: 'this folder', help: 'working folder of the workers' },
      umask: { type: 'string', value: 'OCTAL', help: 'of the workers' },
      user: { type: 'string', value: 'USER [GROUP]', help: 'whom the workers become, in one word' },
      control: { type: 'string', value: 'FILE', help: 'unix socket for `portico status --control FILE`' },
      'log-level': {
        type: 'string',
        value: 'LEVEL',
        choices: LOG_LEVELS,
        byDefault: 'notice',
        help: 'of what is written to stderr',
      },
      pid: { type: 'string', value: 'FILE', help: 'where the process id of the master is written' },
      ...HELP,
    },
    examples: [
      [
        'portico app --entry src/wsgi.ts --listen unix:run/shop.sock --protocol uwsgi --workers 4',
        'behind nginx with uwsgi_pass',
      ],
    ],
  },
  status: {
    summary: 'Shows the workers of a running server and what each is doing.',
    usage: ['[-p DIR] [-c FILE] [--json]', 'restart NAME [-p DIR] [-c FILE]', '[restart app] --control FILE'],
    operands: [['restart NAME', 'replaces the workers of `app NAME { }`, each when its successor serves']],
    words: ['restart'],
    options: {
      prefix: { ...PREFIX, help: 'prefix of the running server' },
      conf: { ...CONF, help: 'its configuration file' },
      control: {
        type: 'string',
        value: 'FILE',
        help: 'socket that `portico app --control FILE` listens on',
      },
      json: { type: 'boolean', help: 'everything, for programs' },
      ...HELP,
    },
    examples: [
      ['portico status', 'the server of this folder'],
      ['portico status restart shop', 'take new code without a reload of the conf'],
    ],
  },
  explain: {
    summary: 'Shows why a request is answered as it is, without listening or asking anybody.',
    usage: ['[-p DIR] [-c FILE] [-g DIRECTIVES] [options] [METHOD] URL'],
    about: [
      'Prints which server and location answer a request and why no other does, each rewrite and file that is looked',
      'for, what an upstream would be sent, and the head of the response.',
    ],
    operands: [
      ['METHOD', 'GET where it is left out'],
      ['URL', 'http://HOST/PATH, HOST/PATH or /PATH'],
    ],
    options: {
      header: {
        type: 'string',
        short: 'H',
        multiple: true,
        value: "'Name: value'",
        help: 'a field of the request',
      },
      prefix: PREFIX,
      conf: CONF,
      directives: GLOBALS,
      from: { type: 'string', value: 'ADDRESS', byDefault: '127.0.0.1', help: "the client's address" },
      listen: {
        type: 'string',
        value: 'ADDRESS',
        byDefault: "by the URL's port",
        help: 'the listening address, as in "listen"',
      },
      json: { type: 'boolean', help: 'the same as a JSON document' },
      ...HELP,
    },
    examples: [['portico explain http://shop.example/img/logo.png', 'which location has this file?']],
  },
  directives: {
    summary: 'Prints what the conf may say: syntax, default and contexts.',
    usage: ['NAME ...', '--markdown'],
    operands: [['NAME', 'of a directive']],
    options: { markdown: { type: 'boolean', help: 'the whole reference' }, ...HELP },
    examples: [['portico directives proxy_buffering', 'one directive']],
  },
  probe: {
    summary: 'Sends one request, for the health checks of container engines.',
    usage: ['[--timeout SECONDS] URL'],
    operands: [['URL', 'http://HOST:PORT/PATH, https://HOST/PATH or fastcgi://HOST:PORT/PATH']],
    options: {
      timeout: { type: 'string', value: 'SECONDS', byDefault: '4', help: 'how long an answer is waited for' },
      ...HELP,
    },
    exits: [
      [0, 'an answer with a status below 400'],
      [1, 'any other answer, or none'],
    ],
    examples: [['portico probe fastcgi://127.0.0.1:9000/healthz/', 'is the application well?']],
  },
  demo: {
    summary: 'Serves the demo site, with its sources in a folder of its own.',
    usage: ['[FOLDER] [--listen ADDRESS]'],
    operands: [['FOLDER', 'where conf, pages and sources are put (default: portico-demo)']],
    options: {
      listen: {
        type: 'string',
        value: 'ADDRESS',
        byDefault: '127.0.0.1:8080',
        help: 'as in a conf: address:port, port or unix:path',
      },
      ...HELP,
    },
    examples: [['portico demo --listen 3000', 'the demo on http://127.0.0.1:3000']],
  },
  'systemd-unit': {
    summary: 'Prints a unit of systemd for a site, with the paths of this installation.',
    usage: ['[-p DIR] [-c FILE] [--user NAME]'],
    about: [
      'The unit is of Type=notify: `systemctl start` returns when the site is served. `systemctl reload` takes a new',
      'conf, `systemctl stop` lets requests end. Only the prefix and the folders of the logs that the conf names may',
      'be written to.',
    ],
    options: {
      prefix: PREFIX,
      conf: CONF,
      user: {
        type: 'string',
        value: 'NAME',
        byDefault: 'the owner of the prefix',
        help: 'who runs it; may bind ports below 1024 all the same',
      },
      ...HELP,
    },
    examples: [
      ['portico systemd-unit > /etc/systemd/system/shop.service', 'then: systemctl enable --now shop'],
    ],
  },
  logrotate: {
    summary: 'Prints what logrotate needs to know of the log files of a conf.',
    usage: ['[-p DIR] [-c FILE]'],
    options: { prefix: PREFIX, conf: CONF, ...HELP },
    exits: [[1, 'the conf has a fault, or logs to no file']],
    examples: [['portico logrotate > /etc/logrotate.d/shop', 'a fortnight of logs, one file a day']],
  },
  completion: {
    summary: 'Prints the completion of these commands for a shell.',
    usage: ['bash|zsh|fish'],
    operands: [['bash|zsh|fish', 'whose words']],
    words: ['bash', 'zsh', 'fish'],
    options: HELP,
    examples: [
      ['source <(portico completion bash)', 'in ~/.bashrc'],
      ['portico completion fish > ~/.config/fish/completions/portico.fish', 'for fish'],
    ],
  },
  help: {
    summary: 'Explains a command.',
    usage: ['[COMMAND]', 'manage COMMAND'],
    operands: [['COMMAND', 'one of those that `portico help` lists']],
    options: HELP,
    examples: [['portico help app', 'every option of the application server']],
  },
} as const satisfies Readonly<Record<string, CommandHelp>>

export type CommandName = keyof typeof COMMANDS
