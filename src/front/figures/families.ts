/** Every family of figures that `metrics` shows. A table; the README of the room lists none of it twice. */

export interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
}

export const FAMILIES: Readonly<Record<string, Family>> = {
  portico_connections_accepted_total: { type: 'counter', help: 'Client connections accepted.' },
  portico_connections_handled_total: {
    type: 'counter',
    help: 'Client connections taken, not refused at a limit.',
  },
  portico_connections_active: { type: 'gauge', help: 'Client connections open, idle ones among them.' },
  portico_connections_reading: { type: 'gauge', help: 'Connections whose request head is being read.' },
  portico_connections_writing: { type: 'gauge', help: 'Connections whose request is being answered.' },
  portico_connections_waiting: { type: 'gauge', help: 'Idle connections that wait for a request.' },
  portico_requests_total: { type: 'counter', help: 'Client requests begun.' },
  portico_responses_total: {
    type: 'counter',
    help: 'Requests over, by server, location and class of status.',
  },
  portico_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the first byte of a request to its end.',
  },
  portico_received_bytes_total: { type: 'counter', help: 'Bytes that clients sent.' },
  portico_sent_bytes_total: { type: 'counter', help: 'Bytes of responses, heads among them.' },
  portico_upstream_requests_total: {
    type: 'counter',
    help: 'Requests passed to a peer of an upstream group.',
  },
  portico_upstream_failures_total: { type: 'counter', help: 'Failed tries of a peer.' },
  portico_upstream_response_seconds_total: {
    type: 'counter',
    help: 'Time spent with a peer, of all requests.',
  },
  portico_upstream_active: { type: 'gauge', help: 'Requests that a peer has now.' },
  portico_upstream_unavailable: { type: 'gauge', help: 'Workers that consider a peer unavailable.' },
  portico_upstream_healthy: {
    type: 'gauge',
    help: 'Workers that know a peer to be well by its health checks.',
  },
  portico_limit_requests_total: {
    type: 'counter',
    help: 'Requests by zone of limit_req and what became of them.',
  },
  portico_limit_connections_total: {
    type: 'counter',
    help: 'Requests by zone of limit_conn and what became of them.',
  },
  portico_log_lines_dropped_total: { type: 'counter', help: 'Log lines that could not be written.' },
  portico_workers_started_total: { type: 'counter', help: 'Workers that became ready, by group.' },
  portico_workers_replaced_total: {
    type: 'counter',
    help: 'Workers replaced at a limit of theirs or because it was asked for, by group.',
  },
  portico_app_requests_total: { type: 'counter', help: 'Requests that an application has answered.' },
  portico_app_refused_total: { type: 'counter', help: 'Requests refused because the queue was full.' },
  portico_app_expired_total: { type: 'counter', help: 'Requests cancelled by harakiri.' },
  portico_app_request_seconds_total: {
    type: 'counter',
    help: 'Time that requests ran in the application, of all requests.',
  },
  portico_app_request_duration_seconds: {
    type: 'histogram',
    help: 'Time that a request ran in the application.',
  },
  portico_app_queue_seconds_total: {
    type: 'counter',
    help: 'Time that requests waited for their turn, of all requests.',
  },
  portico_app_workers: { type: 'gauge', help: 'Application workers alive, draining ones among them.' },
  portico_app_busy_workers: { type: 'gauge', help: 'Application workers that run a request now.' },
  portico_app_running: { type: 'gauge', help: 'Requests that run in the application now.' },
  portico_app_waiting: { type: 'gauge', help: 'Requests that wait for their turn now.' },
  portico_app_resident_bytes: { type: 'gauge', help: 'Resident memory of all workers.' },
  portico_workers: { type: 'gauge', help: 'Front workers alive, draining ones among them.' },
}
