import { expect, it } from 'vitest'
import { PlanCache } from '../../../src/web/db/plan-cache.ts'

const plan = (length: number) => ({ sql: 'x'.repeat(length) })

it('keeps so many plans, and so much SQL in all: the oldest go', () => {
  const plans = new PlanCache(3, 100)
  for (const [key, length] of Object.entries({ a: 10, b: 10, c: 10, d: 10 })) plans.set(key, plan(length))
  expect([plans.get('a'), plans.size]).toEqual([undefined, 3])
  plans.set('e', plan(85))
  expect(['b', 'c', 'd', 'e'].map((key) => plans.get(key)?.sql.length)).toEqual([
    undefined,
    undefined,
    10,
    85,
  ])
})

it('counts a plan that is set again once, and keeps none that is too long for it', () => {
  const plans = new PlanCache(3, 100)
  for (let i = 0; i < 20; i++) plans.set('a', plan(60))
  expect(plans.get('a')?.sql.length).toBe(60)
  plans.set('b', plan(101))
  expect(plans.size).toBe(0)
  plans.set('c', plan(100))
  expect(plans.size).toBe(1)
})
