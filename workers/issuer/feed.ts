import type { IRequest } from 'itty-router';
import { type IssuerEnv, revocationLog } from './config.ts';

/** The head, whole every time: a 304 would prove nothing about freshness. */
export async function feedHead(_request: IRequest, env: IssuerEnv): Promise<Response> {
  return Response.json(await revocationLog(env).head(), {
    headers: { 'cache-control': 'no-store' },
  });
}

/** Entries `(after, to]` of one epoch: immutable, so anyone may keep them. */
export async function feedEntries(request: IRequest, env: IssuerEnv): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const [epoch, after, to] = ['epoch', 'after', 'to'].map((name) => position(query.get(name)));
  if (epoch === undefined || after === undefined || to === undefined || after > to) {
    return Response.json(
      { error: 'invalid_request', message: 'epoch, after and to are positions in the feed.' },
      { status: 400 },
    );
  }
  const entries = await revocationLog(env).entries({ epoch, after, to });
  if (!entries) {
    // Not stored by anyone: a range of the future would stay short for whoever asks after it grew.
    return Response.json(
      { error: 'range_unknown', message: 'The feed does not reach that far in this epoch.' },
      { status: 404, headers: { 'cache-control': 'no-store' } },
    );
  }
  return Response.json(entries, {
    headers: { 'cache-control': 'public, max-age=31536000, immutable' },
  });
}

const position = (text: string | null): number | undefined =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
