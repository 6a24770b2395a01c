/** For APIs on Hono: middleware that judges requests to one route. */
export { type HewnVariables, type HonoContext, protectRoute } from './protect-route.ts';
