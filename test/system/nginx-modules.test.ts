/** The front's modules beside those of nginx. */
import { compareModules } from './nginx-modules/compare-modules.ts'
import { DAV_CASES, DAV_CONF, DAV_FILES } from './nginx-modules/dav.ts'
import { FILTER_CASES } from './nginx-modules/filters-cases.ts'
import { FILTERS_CONF, FILTERS_FILES } from './nginx-modules/filters-conf.ts'
import { MODULE_CASES } from './nginx-modules/modules-cases.ts'
import { MODULES_CONF, MODULES_FILES } from './nginx-modules/modules-conf.ts'
import { SLICE_CASES, SLICE_CONF, SLICE_FILES } from './nginx-modules/slice.ts'
import { UPSTREAM_CASES } from './nginx-modules/upstream-cases.ts'
import { UPSTREAM_CONF, UPSTREAM_FILES } from './nginx-modules/upstream-conf.ts'

compareModules('The modules answer as those of nginx do', {
  conf: MODULES_CONF,
  files: MODULES_FILES,
  cases: MODULE_CASES,
})
compareModules('The filters answer as those of nginx do', {
  conf: FILTERS_CONF,
  files: FILTERS_FILES,
  cases: FILTER_CASES,
})
compareModules('proxy_pass answers as that of nginx does', {
  conf: UPSTREAM_CONF,
  files: UPSTREAM_FILES,
  cases: UPSTREAM_CASES,
})
compareModules('Files are changed as nginx changes them', {
  conf: DAV_CONF,
  files: DAV_FILES,
  cases: DAV_CASES,
})
compareModules('Responses are fetched in pieces as nginx fetches them', {
  conf: SLICE_CONF,
  files: SLICE_FILES,
  cases: SLICE_CASES,
})
