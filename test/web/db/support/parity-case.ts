/** Django's expression and ours. `fails`: both refuse, each in its own words. */
export type ParityCase = readonly [python: string, query: () => unknown, how?: 'fails']
