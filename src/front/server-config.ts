/** The compiled configuration: immutable once a worker serves from it. */
import type { SymlinkRule } from './disable-symlinks.ts'
import type { RequestLimits } from '../protocol/http1/message.ts'
import type { OpenFileCache, OpenFileCacheRules } from '../io/files/open-file-cache.ts'
import type { SocketAddress } from '../io/socket-address.ts'
import type { AccessLog } from './access-log.ts'
import type { ErrorLog } from './error-log.ts'
import type { DisabledBrowser } from './keep-alive.ts'
import type { LocationTable } from './location-table.ts'
import type { Outcome } from './outcome.ts'
import type { Request } from './request.ts'
import type { ResponseFilter } from './response-output.ts'
import type { ServerNames } from './server-names.ts'
import type { ServerTls } from './tls/server-tls.ts'
import type { Value } from './value.ts'

/** A handler of one phase, closed over the settings of its location. */
export type PhaseHandler = (request: Request) => Outcome | Promise<Outcome>

/** One `error_page` for one status. */
export interface ErrorPage {
  readonly target: Value
  /** `=200`; 0 for `=` alone (the status of the target), undefined to keep the first status. */
  readonly overwrite: number | undefined
  readonly kind: 'uri' | 'named' | 'url'
}

/** A field that `add_header` puts on a response. */
export interface AddedHeader {
  readonly name: string
  readonly value: Value
  readonly always: boolean
  /** A field of which there is one only: the file's own goes. */
  readonly replaces: 'last-modified' | 'etag' | undefined
}

/** `expires`: seconds to add to now, to the modification time or to midnight, or a fixed meaning. */
export interface Expires {
  readonly kind: 'off' | 'epoch' | 'max' | 'access' | 'modified' | 'daily'
  readonly seconds: number
}

/** A folder of temporary files and the digits of its levels of subfolders. */
export interface TempPath {
  readonly folder: string
  readonly levels: readonly number[]
}

/** What a sender has to keep up on the average once some time has passed. */
export interface MinRate {
  readonly bytesPerSecond: number
  readonly afterMs: number
}

/** One that is read anew for every response; `modified` says what its time is added to. */
export interface EvaluatedExpires {
  readonly kind: 'evaluated'
  readonly value: Value
  readonly modified: boolean
}

/** One cache for all scopes that inherit it, and what may differ between them. */
export interface OpenFiles {
  readonly cache: OpenFileCache
  readonly rules: OpenFileCacheRules
}

/** What can differ between `http`, `server` and `location`: nginx's core loc_conf. */
export interface LocationSettings {
  readonly root: Value
  /** `alias` replaces the matched part of the path. */
  readonly alias: boolean
  /** What of the path it replaces; undefined in a regular expression's location, whose alias is the whole path. */
  readonly aliasPrefix: string | undefined
  readonly types: ReadonlyMap<string, string>
  readonly defaultType: string
  readonly errorPages: ReadonlyMap<number, ErrorPage>
  readonly addedHeaders: readonly AddedHeader[]
  readonly expires: Expires | EvaluatedExpires
  readonly accessLogs: readonly AccessLog[]
  readonly errorLog: ErrorLog
  readonly recursiveErrorPages: boolean
  readonly logNotFound: boolean
  readonly logSubrequest: boolean
  readonly keepaliveTimeoutMs: number
  /** Seconds in the `Keep-Alive` field, 0 for no field. */
  readonly keepaliveHeaderSeconds: number
  readonly keepaliveRequests: number
  readonly keepaliveTimeMs: number
  readonly keepaliveMinTimeoutMs: number
  readonly keepaliveDisable: ReadonlySet<DisabledBrowser>
  readonly sendTimeoutMs: number
  readonly bodyTimeoutMs: number
  readonly bodyBufferBytes: number
  /** undefined for the folder of the server. */
  readonly bodyTempPath: TempPath | undefined
  readonly bodyInFileOnly: 'off' | 'on' | 'clean'
  readonly bodyMinRate: MinRate | undefined
  /** `limit_rate_after`, for a rate that something else than `limit_rate` sets. */
  readonly limitRateAfter: Value | undefined
  readonly maxBodyBytes: number
  readonly lingeringClose: 'off' | 'on' | 'always'
  readonly lingeringTimeMs: number
  readonly lingeringTimeoutMs: number
  readonly resetTimedout: boolean
  readonly serverTokens: boolean
  readonly etag: boolean
  readonly ifModifiedSince: 'off' | 'exact' | 'before'
  readonly maxRanges: number | undefined
  readonly absoluteRedirect: boolean
  readonly portInRedirect: boolean
  readonly serverNameInRedirect: boolean
  readonly chunkedTransferEncoding: boolean
  /** `open_file_cache`; undefined where it is off. */
  readonly openFiles: OpenFiles | undefined
  /** `disable_symlinks`; undefined where it is off. */
  readonly symlinks: SymlinkRule | undefined
}

export interface Location {
  /** As written in the conf, for `$location`-like diagnostics and `explain`: `~* \.php$`, `@app`, `/img/`. */
  readonly label: string
  readonly kind: 'server' | 'exact' | 'prefix' | 'regex' | 'named' | 'if' | 'limit_except'
  /** Literal part for exact and prefix. */
  readonly prefix: string
  readonly internal: boolean
  readonly settings: LocationSettings
  /** Handlers of rewrite, preaccess, access, precontent and content, in this order. */
  readonly handlers: readonly PhaseHandler[]
  /** Filters of responses, in the order in which they see a head and the body. */
  readonly filters: readonly ResponseFilter[]
  /** `limit_except`: what other methods than these go to. */
  readonly limitExcept: LimitExcept | undefined
  /** Index in `handlers` of the first after the rewrite phase. */
  readonly rewriteEnd: number
  /** Nested locations. */
  readonly locations: LocationTable | undefined
  /** `location /x/ { proxy_pass ... }`: a request for `/x` is sent to `/x/`. */
  readonly autoRedirect: boolean
  /** `location /img { alias /data/img/; }`: `/img../x` would be a file beside the folder, and is none. */
  readonly aliasClimbs: boolean
  /** `file:line` of the block. */
  readonly place: string
}

export interface LimitExcept {
  /** Upper case. */
  readonly allowed: ReadonlySet<string>
  readonly location: Location
}

export interface Server {
  /** First `server_name`, what `$server_name` gives. */
  readonly name: string
  readonly settings: LocationSettings
  /** The server's own scope as a location: what is in effect before one is found. */
  readonly outer: Location
  readonly serverRewrite: readonly PhaseHandler[]
  readonly locations: LocationTable
  readonly named: ReadonlyMap<string, Location>
  readonly limits: RequestLimits
  readonly headerTimeoutMs: number
  readonly tls: ServerTls
  readonly mergeSlashes: boolean
  readonly place: string
}

/** One address that is listened on, with the servers that answer there. */
export interface ListenPoint {
  /** `0.0.0.0:8080`, `[::]:8080`, `unix:/run/x.sock`: the master's key for the socket. */
  readonly key: string
  readonly address: SocketAddress
  readonly backlog: number
  /** `so_keepalive`; 0 for the system's time before the first probe, undefined for none. */
  readonly keepaliveIdleSeconds: number | undefined
  /** Every connection begins with the PROXY protocol. */
  readonly proxyProtocol: boolean
  readonly ssl: boolean
  readonly names: ServerNames
  readonly defaultServer: Server
}
