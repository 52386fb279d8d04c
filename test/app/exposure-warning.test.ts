import { expect, test } from 'vitest'
import { exposureWarning } from '../../src/app/exposure-warning.ts'

test.each(['unix:/run/app.sock', '127.0.0.1:9000', '[::1]:9000', 'localhost:9000'])(
  '%s is local',
  (address) => {
    expect(exposureWarning(address)).toBeUndefined()
  },
)

test.each(['9000', '*:9000', '0.0.0.0:9000', '[::]:9000', '192.0.2.7:9000'])('%s is not', (address) => {
  expect(exposureWarning(address)).toContain('is reachable from other machines')
})
