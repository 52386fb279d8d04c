/** What `import ... from 'portico/gateway'` gives: the types of the neck, the validator, and the errors of both. */
export type {
  Application,
  Environ,
  ErrorStream,
  ExcInfo,
  HeaderPair,
  InputStream,
  ResponseBody,
  StartResponse,
  Write,
} from '../gateway/application.ts'
export { validator } from '../gateway/validator/validator.ts'
export { WsgiError } from '../gateway/wsgi-error.ts'
export type { WsgiErrorCode } from '../gateway/wsgi-error.ts'
