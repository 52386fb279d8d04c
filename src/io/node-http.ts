/**
 * node:http as it is required. An `import` of it reads each of its exports, `WebSocket` among them, for which the
 * runtime loads its whole `fetch`: 22 ms of the start of every process and thread that names it.
 */
import type * as types from 'node:http'

const http = process.getBuiltinModule('node:http')

export const { STATUS_CODES, IncomingMessage, Server, ServerResponse, createServer } = http

export type IncomingMessage = types.IncomingMessage
export type Server = types.Server
export type ServerResponse = types.ServerResponse
