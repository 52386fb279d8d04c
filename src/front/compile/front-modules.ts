/** Every module of the front, in the order in which their handlers run within a phase. To add one, add it here. */
import type { AnyDirective } from '../../config/directive.ts'
import { absentDirectives } from '../absent-directives.ts'
import { coreDirectives } from '../core-directives.ts'
import type { FrontModule } from '../front-module.ts'
import { appPassModule } from '../modules/app-pass.ts'
import { fastcgiModule, scgiModule, uwsgiModule } from '../modules/cgi-pass.ts'
import { accessModule } from '../modules/access.ts'
import { geoModule } from '../modules/geo.ts'
import { mapModule } from '../modules/map.ts'
import { splitClientsModule } from '../modules/split-clients.ts'
import { authBasicModule } from '../modules/auth-basic.ts'
import { authRequestModule } from '../modules/auth-request.ts'
import { emptyGifModule } from '../modules/empty-gif.ts'
import { gunzipModule, gzipModule } from '../modules/gzip.ts'
import { realipModule } from '../modules/realip.ts'
import { refererModule } from '../modules/referer.ts'
import { secureLinkModule } from '../modules/secure-link.ts'
import { limitRateModule } from '../modules/limit-rate.ts'
import { limitConnModule } from '../modules/limit-conn.ts'
import { limitReqModule } from '../modules/limit-req.ts'
import { additionModule } from '../modules/addition.ts'
import { codedFilesModule } from '../modules/coded-files.ts'
import { randomIndexModule } from '../modules/random-index.ts'
import { subFilterModule } from '../modules/sub-filter.ts'
import { charsetModule } from '../modules/charset/charset.ts'
import { useridModule } from '../modules/userid.ts'
import { mirrorModule } from '../modules/mirror.ts'
import { browserModule } from '../modules/browser.ts'
import { autoindexModule } from '../modules/autoindex.ts'
import { headersModule } from '../modules/headers.ts'
import { davModule } from '../modules/dav/dav.ts'
import { sliceModule } from '../modules/slice.ts'
import { indexModule } from '../modules/index-file.ts'
import { logDirectives } from '../modules/log.ts'
import { proxyModule } from '../modules/proxy-pass.ts'
import { rewriteModule } from '../modules/rewrite.ts'
import { ssiModule } from '../modules/ssi/ssi.ts'
import { sslModule } from '../modules/ssl.ts'
import { staticModule } from '../modules/static.ts'
import { tryFilesModule } from '../modules/try-files.ts'
import { stubStatusModule } from '../modules/stub-status.ts'
import { resolverDirectives } from '../upstream/resolver-directives.ts'
import { healthCheck } from '../upstream/health/health-check-row.ts'
import { matchBlock } from '../upstream/health/match-block.ts'
import { upstream, upstreamDirectives } from '../upstream/upstream-directives.ts'

export const frontModules: readonly FrontModule[] = [
  sslModule,
  realipModule,
  browserModule,
  mapModule,
  refererModule,
  secureLinkModule,
  geoModule,
  splitClientsModule,
  rewriteModule,
  limitReqModule,
  limitConnModule,
  accessModule,
  authBasicModule,
  authRequestModule,
  tryFilesModule,
  mirrorModule,
  appPassModule,
  fastcgiModule,
  uwsgiModule,
  scgiModule,
  proxyModule,
  indexModule,
  randomIndexModule,
  autoindexModule,
  davModule,
  codedFilesModule,
  staticModule,
  emptyGifModule,
  stubStatusModule,
  headersModule,
  sliceModule,
  useridModule,
  gunzipModule,
  additionModule,
  subFilterModule,
  charsetModule,
  ssiModule,
  gzipModule,
  limitRateModule,
]

/** Rows of everything inside `http { }`. */
export const frontDirectives: readonly AnyDirective[] = [
  ...coreDirectives,
  ...absentDirectives,
  ...logDirectives,
  upstream,
  healthCheck,
  matchBlock,
  ...upstreamDirectives,
  ...resolverDirectives,
  ...frontModules.flatMap((module) => module.directives),
]
