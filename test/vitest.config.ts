import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: {
      'portico/web': new URL('../src/entry/web.ts', import.meta.url).pathname,
      'portico/testing': new URL('../src/entry/testing.ts', import.meta.url).pathname,
      'portico/gateway': new URL('../src/entry/gateway.ts', import.meta.url).pathname,
    },
  },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    pool: 'forks',
  },
})
