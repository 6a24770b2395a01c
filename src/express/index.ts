/** For APIs on Express 5 or Node's HTTP server: middleware that judges requests to one route. */
export { type NodeRouteRequest, protectedCall, protectRoute } from './protect-route.ts';
