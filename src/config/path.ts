/** A relative path put after a folder as written: no `..` is resolved, which is how nginx names files in its messages. */
export function nginxPath(folder: string, path: string): string {
  if (path.startsWith('/')) return path
  return folder.endsWith('/') ? folder + path : `${folder}/${path}`
}

/** The folder of a file, with its slash: `./` for a bare name. */
export function dirname(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? './' : path.slice(0, slash + 1)
}
