import { Library } from '../library.ts'
import { addHtmlFilters } from './html-filters.ts'
import { addListFilters } from './list-filters.ts'
import { addDateFilters, addLogicFilters } from './logic-filters.ts'
import { addNumberFilters } from './number-filters.ts'
import { addTextFilters } from './text-filters.ts'

/** Django's built-in filters. */
export const defaultFilters = new Library()

for (const add of [
  addTextFilters,
  addHtmlFilters,
  addListFilters,
  addNumberFilters,
  addLogicFilters,
  addDateFilters,
]) {
  add(defaultFilters)
}
