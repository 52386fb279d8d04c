/** What `import ... from 'portico/testing'` gives: a site and its visitors without a socket. */
export { Client } from '../web/client/client.ts'
export type { ClientBody, ClientOptions, ClientRequest } from '../web/client/client.ts'
export { ClientResponse } from '../web/client/client-response.ts'
export { testSite } from '../web/management/test-site.ts'
export type { TestSite } from '../web/management/test-site.ts'
