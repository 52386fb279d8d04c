/** The socket type of every room above io. */
export type { Socket } from 'node:net'
