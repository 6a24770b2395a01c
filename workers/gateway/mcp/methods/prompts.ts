import { describePrompt, offersOf } from '../../../../src/catalogue/index.ts';
import { shownPrompt } from '../../../../src/tool-schema/index.ts';
import { allowedRequests, cursor, listedParams, withMeta } from '../params.ts';
import { describedBy, ROUND_MEMBERS, textsOf } from './describe.ts';
import { usableOnly } from './list.ts';
import type { Method } from './method.ts';

/** The methods that list and get prompts. A prompt is an entry of the catalogue. */
export const PROMPTS = {
  'prompts/list': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'Shows only the prompts that the token can get.',
    needsCatalogue: true,
    params: listedParams({ cursor }),
    rewrite: usableOnly(
      'prompts',
      ({ catalogue, server }, { name }) => offersOf(catalogue, server).prompts.get(String(name)),
      shownPrompt,
    ),
  },
  'prompts/get': {
    revisions: ['2025-03-26'],
    form: 'request',
    about: 'A read of the entry with this prompt: verified, charged and recorded as a call.',
    hasRounds: true,
    describe: describedBy(
      ['name', 'arguments', ...ROUND_MEMBERS],
      ({ name, arguments: args }, { server }) => {
        const texts = textsOf(args);
        if (typeof name !== 'string') return { why: 'no name of a prompt' };
        if (!texts) return { why: 'arguments of a prompt that are not an object of texts' };
        return { named: name, in: (catalogue) => describePrompt(catalogue, server, name, texts) };
      },
    ),
    params: (incoming) =>
      withMeta(incoming.message.params, ['name', 'arguments'], allowedRequests(incoming)),
  },
} as const satisfies Readonly<Record<string, Method>>;
