/** Between Node's HTTP server and Fetch: reads a request, and sends a response. */
export { readRequest } from './read-request.ts';
export { announcesBody, RequestBody } from './request-body.ts';
export { followResponse, sendResponse, sendStatus } from './send-response.ts';
