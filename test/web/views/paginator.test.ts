import { expect, test } from 'vitest'
import { InvalidPage, Paginator } from 'portico/web'

const letters = new Paginator(['a', 'b', 'c', 'd', 'e'], 2)

// What Paginator.get_page of Django gives for the same.
test.each([
  ['2', 2],
  ['+2', 2],
  ['x', 1],
  ['', 1],
  ['-5', 3],
  ['0', 3],
  ['4', 3],
  ['9'.repeat(16), 3],
  ['9'.repeat(400), 3],
])('whatever page is asked for there is one: %s', async (wanted, number) => {
  expect((await letters.getPage(wanted)).number).toBe(number)
})

test.each([
  ['x', 'That page number is not an integer'],
  ['-5', 'That page number is less than 1'],
  ['9'.repeat(400), 'That page contains no results'],
])('page %s is none, and the message says why', async (wanted, message) => {
  await expect(letters.page(wanted)).rejects.toThrow(new InvalidPage(message))
})
