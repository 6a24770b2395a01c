import * as v from 'valibot';
import { never, none, type ValueKind } from './kind.ts';

/** An IP address of a public server, or a host name that does not belong to a local network. */
export const publicHost: ValueKind<true> = {
  schema: v.literal(true),
  condition: () => ({
    types: ['string'],
    form: 'public',
    tests: [{ fact: 'arg_forms', expression: '!$f.contains("url")' }],
  }),
  boundsSink: never, // It leaves all public hosts.
  listedValues: none,
  numberRange: none,
};
