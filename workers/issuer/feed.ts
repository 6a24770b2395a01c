import type { IRequest } from 'itty-router';
import { type IssuerEnv, revocationLog } from './config.ts';

/** The head, whole every time: a 304 would prove nothing about freshness. */
export async function feedHead(_request: IRequest, env: IssuerEnv): Promise<Response> {
  return Response.json(await revocationLog(env).head(), {
    headers: { 'cache-control': 'no-store' },
  });
}

/** The records `(from, to]` of one epoch: immutable, so anyone may keep them. */
export async function feedDelta(request: IRequest, env: IssuerEnv): Promise<Response> {
  const { epoch: epochText, range = '' } = request.params;
  const epoch = position(epochText);
  const [from, to, more] = range.split('-').map(position);
  if (epoch === undefined || from === undefined || to === undefined || more !== undefined) {
    return Response.json(
      { error: 'invalid_request', message: 'epoch, from and to are positions in the feed.' },
      { status: 400 },
    );
  }
  const records = await revocationLog(env).delta({ epoch, from, to });
  if (!records) {
    // Not stored by anyone: a range of the future would stay short for whoever asks after it grew.
    return Response.json(
      { error: 'range_unknown', message: 'The feed has no such delta in this epoch.' },
      { status: 404, headers: { 'cache-control': 'no-store' } },
    );
  }
  return new Response(records, {
    headers: {
      'content-type': 'application/octet-stream',
      'cache-control': 'public, max-age=31536000, immutable',
    },
  });
}

const position = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
