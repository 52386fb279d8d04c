import { expect, it } from 'vitest'
import { fetchApplication } from '../../../src/app/adapters/fetch-application.ts'
import { environFromParams } from '../../../src/gateway/environ.ts'
import { emptyInput } from '../../../src/gateway/input-stream.ts'
import { runApplication } from '../../../src/gateway/run-application.ts'
import { RecordingSink } from '../../gateway/recording-sink.ts'

const errors = { write: () => undefined, writelines: () => undefined, flush: () => undefined }

function environ() {
  const params = ['REQUEST_METHOD', 'GET', 'PATH_INFO', '/', 'SERVER_NAME', 'x.test']
  return environFromParams(params, { input: emptyInput, errors, multiprocess: false })
}

it('cancels a stream at once when the client is gone, though nothing comes of it', async () => {
  const cancelled = Promise.withResolvers<unknown>()
  const pulled = Promise.withResolvers<void>()
  const body = new ReadableStream<Uint8Array>(
    { pull: () => (pulled.resolve(), new Promise<void>(() => undefined)), cancel: cancelled.resolve },
    { highWaterMark: 0 },
  )
  const faults: unknown[] = []
  const application = fetchApplication(() => new Response(body))
  const run = runApplication(application, environ(), new RecordingSink(), (error) => faults.push(error))
  await pulled.promise
  run.cancel(new Error('gone'))
  await cancelled.promise
  expect(faults).toEqual([])
})
