import { REVIEW_MARK, renderDraft } from '../../../catalogue-draft/index.ts';
import { ok, type Result, refuse } from '../../../result.ts';
import {
  readServer,
  type ServerListing,
  type ServerSource,
} from '../../../server-listing/index.ts';
import { draftAll } from '../../catalogue/draft-all.ts';
import type { CommandContext } from '../../command.ts';
import { visible } from '../../visible.ts';
import type { ChosenServer } from './choose.ts';
import type { FoundCredential } from './credential.ts';

/** What a server offers, and the draft of its catalogue entries. */
export interface Probed {
  readonly listing: ServerListing;
  readonly draft: string;
  readonly tools: number;
  /** Guesses that a person must check. */
  readonly reviews: number;
}

/** Asks a server for its tools, as the client did, and drafts their catalogue entries. */
export async function probe(
  context: CommandContext,
  folder: string,
  { name, server }: ChosenServer,
): Promise<Result<Probed, string>> {
  const source: ServerSource =
    server.kind === 'stdio'
      ? { command: server.command, cwd: folder, env: server.variables }
      : { url: server.url, fetch: withCredential(context.fetch, server.credential) };
  const listing = await readServer(source);
  if (!listing.ok) return refuse(visible(`the server does not answer: ${listing.error}`));
  const { tools, leftOut } = await draftAll(name, listing.value);
  const draft = renderDraft(listing.value, tools, leftOut);
  const reviews = draft.split('\n').filter((line) => line.startsWith(REVIEW_MARK)).length;
  return ok({ listing: listing.value, draft, tools: tools.length, reviews });
}

function withCredential(send: typeof fetch, credential: FoundCredential | undefined): typeof fetch {
  if (credential === undefined) return send;
  const { config, secret } = credential;
  const [header, value] =
    config.kind === 'bearer'
      ? ['authorization', `Bearer ${secret}`]
      : [config.name, `${config.prefix ?? ''}${secret}`];
  return (input, init) => {
    const request = new Request(input, init);
    request.headers.set(header, value);
    return send(request);
  };
}
