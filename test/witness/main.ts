import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { COSIGNATURE, signingKey } from './note.ts';
import { WitnessStore } from './store.ts';
import { type Answer, Witness } from './witness.ts';

/** One checkpoint with 64 signatures of the largest kind has less. */
const BODY_BYTES_MAX = 2 ** 19;

const { values } = parseArgs({
  options: {
    name: { type: 'string' },
    /** 64 hex digits. */
    seed: { type: 'string' },
    /** Path of the database. */
    state: { type: 'string' },
    port: { type: 'string', default: '0' },
    /** The verifier key of a log. */
    log: { type: 'string', multiple: true, default: [] },
  },
});
const { name, seed, state, port, log } = values;
if (!name || !/^[0-9a-f]{64}$/.test(seed ?? '') || !state) {
  throw new TypeError(
    'Usage: main.ts --name NAME --seed HEX --state FILE [--port N] [--log VKEY]…',
  );
}

const witness = new Witness({
  key: signingKey(name, COSIGNATURE, Buffer.from(seed ?? '', 'hex')),
  logs: log,
  store: new WitnessStore(state),
  now: () => Math.floor(Date.now() / 1000),
});

async function answer(request: IncomingMessage): Promise<Answer> {
  const path = request.url ?? '';
  if (path === '/add-checkpoint') {
    if (request.method !== 'POST') return { status: 405, body: 'Use POST.\n' };
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request) {
      length += chunk.length;
      if (length > BODY_BYTES_MAX) return { status: 400, body: 'The request is too long.\n' };
      chunks.push(chunk);
    }
    return witness.addCheckpoint(Buffer.concat(chunks));
  }
  const [, hash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path) ?? [];
  if (!hash) return { status: 404, body: 'There is nothing here.\n' };
  if (request.method !== 'GET') return { status: 405, body: 'Use GET.\n' };
  return witness.checkpoint(hash);
}

const server = createServer(async (request, response) => {
  const { status, type, body } = await answer(request).catch((error) => {
    console.error(error);
    return { status: 500, type: undefined, body: 'The witness failed.\n' };
  });
  response.writeHead(status, { 'content-type': type ?? 'text/plain; charset=utf-8' }).end(body);
});
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
