import type { MiddlewareClass } from '../handlers/middleware.ts'
import { AuthenticationMiddleware, SessionAuthenticationMiddleware } from './authentication-middleware.ts'
import { FetchFromCacheMiddleware, UpdateCacheMiddleware } from './cache-middleware.ts'
import { CommonMiddleware } from './common-middleware.ts'
import { ConditionalGetMiddleware } from './conditional-get-middleware.ts'
import { CsrfViewMiddleware } from './csrf-view-middleware.ts'
import { GZipMiddleware } from './gzip-middleware.ts'
import { MessageMiddleware } from './message-middleware.ts'
import { SecurityMiddleware } from './security-middleware.ts'
import { SessionMiddleware } from './session-middleware.ts'
import { XFrameOptionsMiddleware } from './xframe-options-middleware.ts'

/** Middleware by the dotted names that Django's settings give them. */
export const knownMiddleware: ReadonlyMap<string, MiddlewareClass> = new Map<string, MiddlewareClass>([
  ['django.middleware.security.SecurityMiddleware', SecurityMiddleware],
  ['django.contrib.sessions.middleware.SessionMiddleware', SessionMiddleware],
  ['django.middleware.common.CommonMiddleware', CommonMiddleware],
  ['django.middleware.csrf.CsrfViewMiddleware', CsrfViewMiddleware],
  ['django.contrib.auth.middleware.AuthenticationMiddleware', AuthenticationMiddleware],
  ['django.contrib.auth.middleware.SessionAuthenticationMiddleware', SessionAuthenticationMiddleware],
  ['django.contrib.messages.middleware.MessageMiddleware', MessageMiddleware],
  ['django.middleware.clickjacking.XFrameOptionsMiddleware', XFrameOptionsMiddleware],
  ['django.middleware.cache.UpdateCacheMiddleware', UpdateCacheMiddleware],
  ['django.middleware.cache.FetchFromCacheMiddleware', FetchFromCacheMiddleware],
  ['django.middleware.gzip.GZipMiddleware', GZipMiddleware],
  ['django.middleware.http.ConditionalGetMiddleware', ConditionalGetMiddleware],
])

/** The list that Django's new projects begin with, in its order. */
export const defaultMiddleware: readonly MiddlewareClass[] = [
  SecurityMiddleware,
  SessionMiddleware,
  CommonMiddleware,
  CsrfViewMiddleware,
  AuthenticationMiddleware,
  MessageMiddleware,
  XFrameOptionsMiddleware,
]
