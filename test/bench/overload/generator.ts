/**
 * `node generator.ts JSON`: one generator, in a process of its own. A closed loop prints its requests per second, an
 * open one the summaries of its phases; both JSON.
 */
import { runClosedLoop, runOpenLoad, type OpenLoad } from './open-load.ts'
import { summarise, type Patience } from './phase-summary.ts'

export type GeneratorTask =
  | {
      readonly kind: 'closed'
      readonly port: number
      readonly path: string
      readonly clients: number
      readonly seconds: number
    }
  | ({ readonly kind: 'open'; readonly patience: Patience } & OpenLoad)

const GIVE_UP_MS = 5000
const task = JSON.parse(process.argv[2] ?? '') as GeneratorTask
const result =
  task.kind === 'closed'
    ? await runClosedLoop({ ...task, giveUpMs: GIVE_UP_MS }, task.clients, task.seconds)
    : (await runOpenLoad(task)).map((samples) => summarise(samples, task.patience))
process.stdout.write(JSON.stringify(result))
