import { expect, test } from 'vitest'
import { statusText } from '../../src/cli/status-command.ts'

const FIGURES = {
  running: 1,
  waiting: 2,
  answered: 1234,
  refused: 3,
  expired: 4,
  queueDelayMs: 12,
  busy: 0.5,
  rss: 83_886_080,
}

test('a line for each worker, and below it what it does', () => {
  const report = [
    { title: 'request 4f2a: GET /shop', ageMs: 1250, stage: 'view shop_list', query: 'query SELECT 1' },
  ]
  const text = statusText({
    pid: 100,
    groups: [
      {
        name: 'app:demo',
        workers: [
          {
            name: 'app:demo#0',
            pid: 101,
            state: 'ready',
            ageMs: 61_000,
            silentMs: 200,
            figures: FIGURES,
            report,
          },
          {
            name: 'app:demo#1',
            pid: 102,
            state: 'ready',
            ageMs: 61_000,
            silentMs: 9000,
            figures: FIGURES,
            report: null,
          },
        ],
      },
      {
        name: 'front',
        workers: [
          {
            name: 'front#0',
            pid: 103,
            state: 'ready',
            ageMs: 60_000,
            silentMs: 5000,
            figures: null,
            report: null,
          },
        ],
      },
    ],
  })
  expect(text).toBe(
    [
      'master process 100',
      '',
      'WORKER      PID         STATE  RUN  WAIT  ANSWERED  REFUSED  EXPIRED  QUEUE     RSS     AGE',
      'app:demo#0  101         ready    1     2      1234        3        4  12 ms  80 MiB  61.0 s',
      '    1.3 s  request 4f2a: GET /shop  view shop_list  query SELECT 1',
      'app:demo#1  102  silent 9.0 s    1     2      1234        3        4  12 ms  80 MiB  61.0 s',
      'front#0     103         ready    -     -         -        -        -      -       -  60.0 s',
      '',
    ].join('\n'),
  )
})
