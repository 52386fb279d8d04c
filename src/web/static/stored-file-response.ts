import { formatHttpDate } from '../../http/http-date.ts'
import { openBelow } from '../../io/files/folder-files.ts'
import { Http404 } from '../exceptions.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { FileResponse, type FileInit } from '../http/streaming-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { quote } from '../http/percent.ts'

/**
 * A file of a folder. Where `settings.accelLocations` has the folder, the web server sends it (`X-Accel-Redirect`)
 * and this process is free at once; else it is read from here. A path never leads out of the folder.
 *
 * @param path with slashes, below `folder`; may be a visitor's
 * @throws Http404 for what is not there
 */
export async function storedFileResponse(
  request: HttpRequest,
  folder: string,
  path: string,
  init: FileInit = {},
): Promise<OutgoingResponse> {
  const file = await openBelow(folder, path).catch((error: unknown) => {
    if (error instanceof RangeError) return null
    throw error
  })
  if (file === null) throw new Http404('No such file')
  const named = { filename: path.slice(path.lastIndexOf('/') + 1), ...init }
  const location = accelLocation(request.settings.accelLocations, folder)
  if (location !== null) {
    await file.close()
    const response = new FileResponse([], named)
    response.headers.set('X-Accel-Redirect', quote(location + path))
    return response
  }
  const response = new FileResponse(file.chunks, { contentLength: file.size, ...named })
  response.headers.setDefault('Last-Modified', formatHttpDate(file.mtimeMs / 1000))
  response.onClose(() => file.close())
  return response
}

/** The internal location of the folder, or of the folder above it that has one. */
function accelLocation(locations: Readonly<Record<string, string>>, folder: string): string | null {
  const wanted = folder.replace(/\/?$/, '/')
  for (const [location, served] of Object.entries(locations)) {
    const root = served.replace(/\/?$/, '/')
    if (wanted.startsWith(root)) return location.replace(/\/?$/, '/') + wanted.slice(root.length)
  }
  return null
}
