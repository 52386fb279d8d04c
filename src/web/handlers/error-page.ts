/** The pages of a site that has none of its own. They say nothing about the inside. */
import { HttpResponse } from '../http/http-response.ts'

const sentences: Readonly<Record<number, readonly [title: string, text: string]>> = {
  400: ['Bad Request', 'The server could not understand this request.'],
  403: ['Forbidden', 'You may not see this page.'],
  404: ['Not Found', 'There is nothing at this address.'],
  503: ['Service Unavailable', 'This part of the site is out of reach for the moment. Try again soon.'],
  500: ['Server Error', 'Something went wrong here. It has been noted.'],
}

export function errorPage(status: number): HttpResponse {
  const [title, text] = sentences[status] ?? ['Error', '']
  return new HttpResponse(
    '<!doctype html>\n<html lang="en">\n<head>\n  <meta charset="utf-8">\n' +
      `  <title>${title}</title>\n</head>\n<body>\n  <h1>${title}</h1>\n  <p>${text}</p>\n</body>\n</html>\n`,
    { status },
  )
}
