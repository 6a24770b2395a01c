import { WorkerEntrypoint } from 'cloudflare:workers';
import type { DecisionSink as RealSink } from '../../../workers/issuer/objects.ts';
import { CALM, type Forecast, randomOf } from './forecast.ts';

interface Env {
  readonly ISSUER_FEED: Fetcher;
  readonly ISSUER_RECORDS: Service<RealSink>;
}

let forecast: Forecast = CALM;
let random = randomOf(CALM.seed);
/** Heads as a transparent cache keeps them. */
const heads: string[] = [];

const FAULTS = ['status', 'hang', 'cut', 'stale', 'lost', 'twice'] as const;

/** Returns what happens to this message; undefined if nothing does. */
async function fate(): Promise<(typeof FAULTS)[number] | undefined> {
  const { percent, milliseconds, isCut } = forecast;
  if (milliseconds > 0) await wait(milliseconds);
  if (isCut) return 'lost';
  if (random() * 100 >= percent) return undefined;
  return FAULTS[Math.floor(random() * FAULTS.length)];
}

const wait = (milliseconds: number) => new Promise((passed) => setTimeout(passed, milliseconds));

/** Sends half of a body, then ends the connection. */
function cutShort(body: Uint8Array): Response {
  const halves = new ReadableStream({
    start(controller) {
      controller.enqueue(body.subarray(0, body.length / 2));
      controller.error(new Error('the connection was lost'));
    },
  });
  return new Response(halves);
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (new URL(request.url).hostname === 'weather.test') {
      forecast = await request.json();
      random = randomOf(forecast.seed);
      return new Response(null, { status: 204 });
    }
    if (request.url.includes('/catalogue/') && forecast.catalogues) {
      if (forecast.catalogues === 'lost') throw new Error('connection refused');
      const text = await (await env.ISSUER_FEED.fetch(request.url)).text();
      return new Response(text.replace('tier = 3', 'tier = 0'));
    }
    const how = await fate();
    const isHead = request.url.endsWith('/head');
    if (how === 'lost') throw new Error('connection refused');
    if (how === 'status') return new Response('bad gateway', { status: 502 });
    if (how === 'hang') await wait(6_000);
    const [oldest] = heads;
    if (how === 'stale' && isHead && oldest !== undefined) return new Response(oldest);
    if (how === 'twice') await (await env.ISSUER_FEED.fetch(request.url)).body?.cancel();
    const response = await env.ISSUER_FEED.fetch(request.url);
    if (!response.ok) return response;
    const body = new Uint8Array(await response.arrayBuffer());
    if (how === 'cut') return cutShort(body);
    if (isHead) heads.push(new TextDecoder().decode(body));
    if (heads.length > 3) heads.shift();
    return new Response(body);
  },
};

/** Records and orders on their way: lost before or after they arrive, late, or duplicated. */
export class DecisionSink extends WorkerEntrypoint<Env> {
  async append(...args: Parameters<RealSink['append']>) {
    if (forecast.records === 'lost') throw new Error('connection refused');
    while (forecast.records === 'held') await wait(50);
    const answer = await carry(() => this.env.ISSUER_RECORDS.append(...args));
    if (forecast.records === 'answers_lost') throw new Error('the answer was lost');
    return answer;
  }

  gatewaySecret(audience: string) {
    return carry(() => this.env.ISSUER_RECORDS.gatewaySecret(audience));
  }

  giveBack(...order: Parameters<RealSink['giveBack']>) {
    return carry(() => this.env.ISSUER_RECORDS.giveBack(...order));
  }

  confirm(...args: Parameters<RealSink['confirm']>) {
    return carry(() => this.env.ISSUER_RECORDS.confirm(...args));
  }

  charge(...order: Parameters<RealSink['charge']>) {
    if (forecast.orders === 'lost') throw new Error('connection refused');
    return carry<unknown>(() => this.env.ISSUER_RECORDS.charge(...order));
  }

  lease(...order: Parameters<RealSink['lease']>) {
    return carry<unknown>(() => this.env.ISSUER_RECORDS.lease(...order));
  }

  raise(...order: Parameters<RealSink['raise']>) {
    if (forecast.orders === 'lost') throw new Error('connection refused');
    return carry<unknown>(() => this.env.ISSUER_RECORDS.raise(...order));
  }

  end(...order: Parameters<RealSink['end']>) {
    return carry<unknown>(() => this.env.ISSUER_RECORDS.end(...order));
  }

  settle(...order: Parameters<RealSink['settle']>) {
    return carry<unknown>(() => this.env.ISSUER_RECORDS.settle(...order));
  }
}

async function carry<Answer>(deliver: () => Promise<Answer>): Promise<Answer> {
  const how = await fate();
  if (how === 'lost' || how === 'status') throw new Error('connection refused');
  if (how === 'hang') await wait(2_000);
  const answer = await deliver();
  if (how === 'twice') await deliver();
  if (how === 'cut') throw new Error('the answer was lost');
  return answer;
}
