/**
 * What the code of a request does now, for a server that has to name it when it never comes back: the view that was
 * called, the query that was sent.
 *
 * A registered symbol, because a framework and its server may be two bundles with a copy of this module each.
 */
type StageReporter = (stage: string, detail: string) => void

const KEY = Symbol.for('portico.stage')
const holder = globalThis as { [KEY]?: StageReporter | undefined }

/** Costs one look-up where nobody listens. */
export function reportStage(stage: string, detail: string): void {
  holder[KEY]?.(stage, detail)
}

/** One per process: the server's. */
export function setStageReporter(reporter: StageReporter | undefined): void {
  holder[KEY] = reporter
}
