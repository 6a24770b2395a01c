import { type Protection, protect } from 'hewn/verifier';
import { createHandler } from './server.ts';

interface Env {
  readonly ISSUER: string;
  readonly AUDIENCE: string;
  readonly FEED_PUBLIC_KEY: string;
}

// One per isolate, so that requests share the copy of the feed.
let handler: ReturnType<typeof createHandler> | undefined;

const protection = ({ ISSUER, AUDIENCE, FEED_PUBLIC_KEY }: Env): Protection =>
  protect({ issuer: ISSUER, audience: AUDIENCE, feedKey: FEED_PUBLIC_KEY });

export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext) {
    handler ??= createHandler(protection(env));
    return handler(request, env, ctx);
  },
};
