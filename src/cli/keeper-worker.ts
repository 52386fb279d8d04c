/** The process that holds what front workers share. */
import { Keeper } from '../front/zones/keeper.ts'
import { serveKeeper } from '../front/zones/keeper-socket.ts'
import { listenFd } from '../io/listener.ts'
import type { WorkerProgramme } from '../process/worker.ts'

export const keeperWorker: WorkerProgramme = {
  start: async (_boot, context) => {
    const keeper = new Keeper()
    for (const { fd } of context.listeners.values())
      await listenFd(fd, (socket) => serveKeeper(keeper, socket))
    // It ends when the master ends it: the workers go first, and need it as long as they are there.
    return { drain: () => new Promise(() => undefined) }
  },
}
