/** What the application answers to which order: both sides make it, so that whole bodies are compared. */

/** Up to some 12 KiB, another text for each number. */
export function itemBody(id: string): string {
  return `item ${id} `.repeat(1 + (Number(id) % 997))
}

export function orderReceipt(id: string, bodyBytes: number): string {
  return `order ${id} of ${bodyBytes} bytes is taken`
}

export function putReceipt(id: string, bodyBytes: number): string {
  return `item ${id} is now ${bodyBytes} bytes`
}
