/**
 * Which requests of an HTTP API are calls of tools: routes, their arguments, and the request that
 * is written from a call. The gateway and the agent's side read a request with it.
 */
export type { HttpCallError } from './error.ts';
export {
  type HttpCall,
  type HttpRequest,
  readHttpCall,
} from './read-call.ts';
export { readTarget } from './read-target.ts';
export { readUnlisted } from './read-unlisted.ts';
export { isBodyRead, receiveBody } from './received-body.ts';
export { isHeaderOfRoute, overridingHeader } from './request-headers.ts';
export {
  type ArgumentPlace,
  BODY_FORMS,
  type BodyForm,
  HTTP_METHODS,
  type HttpMethod,
  type HttpRoute,
  TEXT_TYPES,
  type TextType,
} from './route.ts';
export { routeFaults } from './route-faults.ts';
export { RouteOverlaps } from './route-overlaps.ts';
export { RouteTable, routesOf } from './route-table.ts';
export { writeRequest } from './write-request.ts';
