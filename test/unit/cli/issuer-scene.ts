import type { CommandContext } from '../../../src/cli/index.ts';
import { hewn, type Ran } from './scene.ts';

export interface SentCall {
  /** The method, the path and the query. */
  readonly call: string;
  readonly body?: unknown;
}

/** Runs a command at an issuer that has one answer for everything; without one, it has no body. */
export async function atIssuer(
  words: readonly string[],
  answer?: object,
  context: Partial<CommandContext> = {},
): Promise<Ran & { readonly sent: readonly SentCall[] }> {
  const sent: SentCall[] = [];
  const ran = await hewn(words, {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async (input, init) => {
      const { pathname, search } = new URL(String(input));
      const body = typeof init?.body === 'string' ? { body: JSON.parse(init.body) } : {};
      sent.push({ call: `${init?.method} ${pathname}${search}`, ...body });
      return answer === undefined ? new Response(null, { status: 204 }) : Response.json(answer);
    },
    ...context,
  });
  return { ...ran, sent };
}
