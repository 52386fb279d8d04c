import { BINARY_TARGETS } from './binary-formats.ts'
import { CONF_TARGETS } from './confs.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { cgiResponse, fastcgiRequest, fastcgiResponse, scgiRequest, uwsgiRequest } from './gateways.ts'
import { http1Request, http1Response } from './http1.ts'
import { HTTP_VALUE_TARGETS } from './http-values.ts'
import { WEB_TARGETS } from './web.ts'

export const TARGETS: readonly FuzzTarget[] = [
  http1Request,
  http1Response,
  fastcgiRequest,
  fastcgiResponse,
  uwsgiRequest,
  scgiRequest,
  cgiResponse,
  ...BINARY_TARGETS,
  ...CONF_TARGETS,
  ...HTTP_VALUE_TARGETS,
  ...WEB_TARGETS,
]
