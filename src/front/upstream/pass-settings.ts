/** What the `*_pass` of a scope was compiled to, for those who pass requests there besides clients. */
import type { Scope } from '../../config/scope.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

const known = new WeakMap<Scope, UpstreamSettings>()

export function rememberPass(scope: Scope, settings: UpstreamSettings): UpstreamSettings {
  known.set(scope, settings)
  return settings
}

export function passSettings(scope: Scope): UpstreamSettings | undefined {
  return known.get(scope)
}
