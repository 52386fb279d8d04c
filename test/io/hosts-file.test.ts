/** Names in the machine's table of hosts. */
import { expect, it } from 'vitest'
import { addressesInHosts } from '../../src/io/hosts-file.ts'

const HOSTS = `127.0.0.1 localhost
# 192.0.2.9 commented
192.0.2.1\tone.test  one # two.test
192.0.2.2 one.test
192.0.2.1 one.test
::1 one.test six.test
nonsense bad.test
`

it.each([
  ['one.test', ['192.0.2.1', '192.0.2.2']],
  ['ONE', ['192.0.2.1']],
  ['six.test', ['::1']],
  ['two.test', []],
  ['commented', []],
  ['bad.test', []],
  ['192.0.2.1', []],
  ['', []],
])('%s', (name, addresses) => {
  expect(addressesInHosts(name, HOSTS)).toEqual(addresses)
})
