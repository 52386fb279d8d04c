// Small comforts. Every page works without this file.

/** How many characters are left, as people count them. */
function countCharacters(area) {
  const most = area.maxLength
  const count = document.createElement('span')
  count.className = 'count'
  count.setAttribute('aria-live', 'off')
  area.after(count)
  const show = () => {
    const left = most - area.value.length
    count.textContent = `${left} left`
    count.classList.toggle('near', left <= 40)
    // Spoken only where it begins to matter.
    count.setAttribute('aria-live', left <= 40 && left % 10 === 0 ? 'polite' : 'off')
  }
  area.addEventListener('input', show)
  show()
}

/** A second click on a slow day would send the form twice. */
function sendOnce(form) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault()
    form.dataset.sent = 'yes'
  })
}

/** The server writes times in UTC; here they can be said in the visitor's own. */
function localTime(element) {
  const date = new Date(element.dateTime)
  if (!Number.isNaN(date.getTime()))
    element.title = date.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'short' })
}

/** What only the browser knows of the same request. */
function ownTimings(line) {
  const [page] = performance.getEntriesByType('navigation')
  if (!page) return
  const ms = (from, to) => `${Math.max(0, to - from).toFixed(1)} ms`
  const files = performance
    .getEntriesByType('resource')
    .filter((one) => /\/static\/|favicon/.test(one.name)).length
  line.querySelector('span').textContent =
    `first byte ${ms(page.requestStart, page.responseStart)} after the question, last byte ${ms(page.responseStart, page.responseEnd)} later, ` +
    `${files} files beside the page, none of which the application saw.`
  line.hidden = false
}

/** The stream of /clock/, in place. */
function clock(box) {
  const [button, face] = box.children
  box.hidden = false
  button.addEventListener('click', () => {
    button.disabled = true
    face.setAttribute('aria-live', 'polite')
    const stream = new EventSource('/clock/')
    const stop = () => {
      stream.close()
      button.disabled = false
    }
    stream.addEventListener('tick', (event) => (face.textContent = event.data))
    stream.addEventListener('end', (event) => {
      face.textContent = event.data
      stop()
    })
    stream.addEventListener('error', stop)
  })
}

for (const area of document.querySelectorAll('textarea[maxlength]')) countCharacters(area)
for (const form of document.querySelectorAll('form[method=post]')) sendOnce(form)
for (const time of document.querySelectorAll('time')) localTime(time)
// Back from the browser's memory: forms may be sent again.
addEventListener('pageshow', () =>
  document.querySelectorAll('form').forEach((form) => delete form.dataset.sent),
)

const line = document.getElementById('in-your-browser')
if (line) addEventListener('load', () => setTimeout(() => ownTimings(line)))
const box = document.getElementById('clock')
if (box) clock(box)
