/** What runs in workerd: does one operation as often as it is asked to. The clock is outside. */
import * as glue from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.js';
import module from '../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.wasm';
import { type OperationName, prepareOperations } from '../operations/index.ts';

let prepared: ReturnType<typeof prepareOperations> | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    prepared ??= prepareOperations({ glue, module });
    const run = (await prepared)[searchParams.get('operation') as OperationName];
    const times = Number(searchParams.get('times'));
    for (let i = 0; i < times; i++) await run();
    return new Response('done');
  },
};
