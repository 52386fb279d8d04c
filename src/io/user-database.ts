/** Users and groups of the system by name. The runtime can only ask for its own. */
import { statSync } from 'node:fs'
import { readTextFile } from './files/text-file.ts'

export interface UserIds {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** Ids of all groups that it belongs to, as initgroups(3) would find them. */
  readonly groups: readonly number[]
}

/** Undefined where no such user is in /etc/passwd. `group` stands for its own. */
export function findUser(name: string, group?: number): UserIds | undefined {
  const fields = rowsOf('/etc/passwd').find((row) => row[0] === name)
  if (!fields) return undefined
  const gid = group ?? Number(fields[3])
  const others = rowsOf('/etc/group').filter((row) => row[3]?.split(',').includes(name))
  return { name, uid: Number(fields[2]), gid, groups: [gid, ...others.map((row) => Number(row[2]))] }
}

/** Id of the group, undefined where it is not in /etc/group. */
export function findGroup(name: string): number | undefined {
  const fields = rowsOf('/etc/group').find((row) => row[0] === name)
  return fields && Number(fields[2])
}

export interface FileOwner {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** Name of the user's own group. */
  readonly group: string
}

/** The user of that name with the name of his group. */
export function findFileOwner(name: string): FileOwner | undefined {
  const user = findUser(name)
  return user && { name, uid: user.uid, gid: user.gid, group: nameOf('/etc/group', user.gid) }
}

/** Ids stand for the names that the system does not know. @throws the system's error where there is no such file */
export function ownerOf(path: string): FileOwner {
  const { uid } = statSync(path)
  const name = nameOf('/etc/passwd', uid)
  return findFileOwner(name) ?? { name, uid, gid: uid, group: String(uid) }
}

function nameOf(path: string, id: number): string {
  return rowsOf(path).find((row) => Number(row[2]) === id)?.[0] ?? String(id)
}

/** `name:x:id:...` */
function rowsOf(path: string): string[][] {
  const rows = (readTextFile(path) ?? '').split('\n').map((line) => line.split(':'))
  return rows.filter((row) => /^\d+$/.test(row[2] ?? ''))
}
