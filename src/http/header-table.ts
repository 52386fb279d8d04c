/**
 * Header fields of one message in wire order. Three parallel arrays instead of objects per field: a table is made
 * for every request, and looking a name up compares interned strings.
 */
export class HeaderTable {
  /** Lower-case names, the ones to compare with. */
  readonly names: string[] = []
  /** Names as they stood on the wire, for forwarding. */
  readonly rawNames: string[] = []
  /** Values without surrounding white space; Latin-1 code points. */
  readonly values: string[] = []

  get size(): number {
    return this.names.length
  }

  add(lowerName: string, rawName: string, value: string): void {
    this.names.push(lowerName)
    this.rawNames.push(rawName)
    this.values.push(value)
  }

  /** First value of that name. `name` is lower-case. */
  get(name: string): string | undefined {
    const index = this.names.indexOf(name)
    return index < 0 ? undefined : this.values[index]
  }

  has(name: string): boolean {
    return this.names.includes(name)
  }

  /** All values of that name, in order. */
  all(name: string): string[] {
    return this.values.filter((_, index) => this.names[index] === name)
  }
}
