import type { Grant } from '../../src/capability/index.ts';
import type { TestCapability } from '../../src/testing/index.ts';
import type { BenchIssuer } from './bench-issuer.ts';
import type { Tally } from './tally.ts';

/** A token, and the tools that it grants. */
export interface MintedToken {
  readonly text: string;
  readonly tools: ReadonlySet<string>;
}

type Facts = Pick<TestCapability, 'workflow' | 'ancestors' | 'task' | 'prompt'>;

/** Mints one token, or halves the tools until each authority block is within its limit. */
export async function mintTokens(
  issuer: BenchIssuer,
  grants: readonly Grant[],
  facts: Facts,
  tally: Tally,
): Promise<readonly MintedToken[]> {
  const tools = [...new Set(grants.map(({ tool }) => tool))];
  try {
    const started = performance.now();
    const text = await issuer.mint({ grants, agent: 'https://idp.example#agent', ...facts });
    tally.minted(text.length, performance.now() - started);
    return [{ text, tools: new Set(tools) }];
  } catch (thrown) {
    if (tools.length < 2 || !/over_limit|grants_count/.test(String(thrown))) throw thrown;
    const half = new Set(tools.slice(0, tools.length >> 1));
    const parts = [
      grants.filter(({ tool }) => half.has(tool)),
      grants.filter(({ tool }) => !half.has(tool)),
    ];
    const both = await Promise.all(parts.map((part) => mintTokens(issuer, part, facts, tally)));
    return both.flat();
  }
}
