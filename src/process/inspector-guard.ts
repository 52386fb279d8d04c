/**
 * SIGUSR1 reopens logs here; without a handler Node opens its inspector, a port with the run of the process, on it.
 * To be imported first, for its effect, by every entry point.
 */
process.on('SIGUSR1', () => {})
