/** Appends to a real `RevocationLog` from inside workerd, and to a baseline. */
import { DurableObject } from 'cloudflare:workers';
import type { FeedArchive, RevocationLog } from '../../workers/issuer/objects.ts';

export { FeedArchive, RevocationLog } from '../../workers/issuer/objects.ts';

/** The baseline: one row and its commit, without chain, index or archive. */
export class Floor extends DurableObject {
  append(id: string): number {
    const { sql } = this.ctx.storage;
    sql.exec('CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, id TEXT NOT NULL)');
    return sql.exec('INSERT INTO entry (id) VALUES (?)', id).rowsWritten;
  }
}

interface BenchEnv {
  readonly REVOCATION_LOG: DurableObjectNamespace<RevocationLog>;
  readonly FEED_ARCHIVE: DurableObjectNamespace<FeedArchive>;
  readonly FLOOR: DurableObjectNamespace<Floor>;
}

let made = 0;
const newId = (): string => `wf_${String(++made).padStart(22, '0')}`;

function draft() {
  const at = Math.floor(Date.now() / 1_000);
  return { kind: 'workflow', id: newId(), at, expires: at + 3_660 } as const;
}

/** Runs `?times=N&atOnce=C&batch=B`: N appends of B entries, C at once. B = 0 is the baseline. */
async function appendAll(env: BenchEnv, query: URLSearchParams): Promise<void> {
  const [times, atOnce, batch] = ['times', 'atOnce', 'batch'].map((name) =>
    Number(query.get(name)),
  );
  const [log, floor] = [env.REVOCATION_LOG.getByName('default'), env.FLOOR.getByName('floor')];
  let left = times ?? 0;
  const one = async () => {
    if (batch === 0) await floor.append(newId());
    else if (batch === 1) await log.append(draft());
    else await log.appendAll(Array.from({ length: batch ?? 0 }, draft));
  };
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: atOnce ?? 0 }, lane));
}

export default {
  async fetch(request: Request, env: BenchEnv): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/archived') {
      const position = await env.FEED_ARCHIVE.getByName('default').position();
      return Response.json({ archived: position?.seq ?? 0 });
    }
    await appendAll(env, searchParams);
    return new Response('done');
  },
} satisfies ExportedHandler<BenchEnv>;
