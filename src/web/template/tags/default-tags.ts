import { Library } from '../library.ts'
import { blockTag } from './block-tag.ts'
import { cycleTag, resetcycleTag } from './cycle-tag.ts'
import { extendsTag } from './extends-tag.ts'
import { forTag } from './for-tag.ts'
import { ifTag } from './if-tag.ts'
import { ifchangedTag } from './ifchanged-tag.ts'
import { includeTag } from './include-tag.ts'
import { loadTag } from './load-tag.ts'
import {
  csrfTokenTag,
  debugTag,
  firstofTag,
  loremTag,
  nowTag,
  templatetagTag,
  widthratioTag,
} from './output-tags.ts'
import { regroupTag } from './regroup-tag.ts'
import { urlTag } from './url-tag.ts'
import { autoescapeTag, commentTag, filterTag, spacelessTag, verbatimTag, withTag } from './wrapping-tags.ts'

/** Django's built-in tags. */
export const defaultTags = new Library()
  .tag('autoescape', autoescapeTag)
  .tag('block', blockTag)
  .tag('comment', commentTag)
  .tag('csrf_token', csrfTokenTag)
  .tag('cycle', cycleTag)
  .tag('debug', debugTag)
  .tag('extends', extendsTag)
  .tag('filter', filterTag)
  .tag('firstof', firstofTag)
  .tag('for', forTag)
  .tag('if', ifTag)
  .tag('ifchanged', ifchangedTag)
  .tag('include', includeTag)
  .tag('load', loadTag)
  .tag('lorem', loremTag)
  .tag('now', nowTag)
  .tag('regroup', regroupTag)
  .tag('resetcycle', resetcycleTag)
  .tag('spaceless', spacelessTag)
  .tag('templatetag', templatetagTag)
  .tag('url', urlTag)
  .tag('verbatim', verbatimTag)
  .tag('widthratio', widthratioTag)
  .tag('with', withTag)
