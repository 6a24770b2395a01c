/**
 * The Worker under measurement: runs an operation as often as a request says. The clock is outside.
 */
import * as glue from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.js';
import module from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.wasm';
import { prepare, type Side } from '../operations/index.ts';

let prepared: ReturnType<typeof prepare> | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    prepared ??= prepare(pathname.slice(1) as Side, async () => ({ glue, module }));
    const run = (await prepared)[searchParams.get('operation') ?? ''];
    if (run === undefined) return new Response('unknown operation', { status: 404 });
    const times = Number(searchParams.get('times'));
    for (let i = 0; i < times; i++) await run();
    if (searchParams.has('collect')) globalThis.gc?.();
    return new Response('done');
  },
};
