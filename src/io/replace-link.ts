/** Symbolic links that change where they lead while others follow them. */
import { lstatSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** In the folder of `target`. There is always one of the two, the old or the new. @throws the system's error */
export function replaceLink(link: string, target: string): void {
  const temporary = join(dirname(link), `.${basename(link)}.${process.pid}`)
  rmSync(temporary, { force: true })
  symlinkSync(basename(target), temporary)
  renameSync(temporary, link)
}

/** Nothing happens where it is none. */
export function removeLink(link: string): void {
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(link, { force: true })
}
