/** What comes with the program besides its code: inside the single executable, or in the folder of the package. */
import { dirname, join, relative } from 'node:path'
import { getAsset, getAssetKeys } from 'node:sea'
import { filesBelow, readFileBytes } from '../io/files/project-files.ts'
import { readTextFile } from '../io/files/text-file.ts'
import { isSingleExecutable } from './own-program.ts'

/** @param path in the package: `conf/mime.types` @throws the system's error where there is none */
export function packageFile(path: string): Buffer {
  return isSingleExecutable ? Buffer.from(getAsset(path)) : readFileBytes(join(packageRoot(), path))
}

/** The paths in the package of all files below one of its folders. */
export function packagePaths(folder: string): string[] {
  if (isSingleExecutable) return getAssetKeys().filter((key) => key.startsWith(`${folder}/`))
  const root = packageRoot()
  return filesBelow(join(root, folder)).map((path) => relative(root, path))
}

/** Where the package stands. A single executable has no such folder. */
export function packageRoot(): string {
  let folder = import.meta.dirname
  while (readTextFile(join(folder, 'package.json')) === undefined && dirname(folder) !== folder)
    folder = dirname(folder)
  return folder
}
