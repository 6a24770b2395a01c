/** Between Node's HTTP server and Fetch: reads a request, and sends a response. */
export { readRequest } from './read-request.ts';
export { RequestBody } from './request-body.ts';
export { sendResponse, sendStatus } from './send-response.ts';
