import { parseCatalogue } from '../../src/catalogue/index.ts';
import { FamilyLabels, flowOf } from '../../src/labels/index.ts';
import { ok } from '../../src/result.ts';
import type { Tier } from '../../src/verifier/index.ts';
import type { Report } from '../report.ts';
import { inProcess, measure } from '../rounds.ts';
import type { SuiteOptions } from './options.ts';

/** What labels add to a call at a gateway: the time to decide, and questions to the issuer. */

const GRANTS = 32; // As many as a token has.
const READS = 20; // Labelled reads of one workflow.

const tool = (name: string, action: string, tier: number, rest: string) => `
[[tool]]
name = "mcp/office/${name}"
action = "${action}"
tier = ${tier}
${rest}
`;
const READ = 'arguments = ["id"]\ndatasets = [{ fixed = "mail" }]\n';
const CATALOGUE = `
[[flow]]
when = ["private", "untrusted"]
leaving = "deny"
exceptSameOwner = true
reason = "mail of clients stays here"

[[labelled]]
dataset = "mail/hr"
labels = ["private"]
${tool('plain', 'read', 1, READ.replace('"mail"', '"notes"'))}
${Array.from({ length: GRANTS }, (_, i) =>
  tool(`read-${i}`, 'read', 1, `${READ}answer = { labels = ["private", "untrusted"] }`),
).join('')}
${tool(
  'send',
  'write',
  3,
  'arguments = ["to", "text"]\ndatasets = [{ fixed = "mail" }]\nleaves = true\nsink = [{ argument = "/to/*", kind = "email", sameOwner = ["*@example.com"] }]',
)}
${tool(
  'fetch',
  'read',
  1,
  'arguments = ["url"]\ndatasets = [{ argument = "/url", under = "web", names = "url" }]\nleaves = true\nsink = [{ argument = "/url", kind = "url", url = { hosts = ["docs.example.com"], segments = ["guides", "start"] } }]',
)}`;

const ARGS = {
  to: ['anna@example.com', 'evil@evil.example'],
  url: 'https://docs.example.com/guides/start',
};

export async function labelsReport(options: SuiteOptions): Promise<Report> {
  const { rounds } = options;
  const parsed = parseCatalogue(CATALOGUE);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const catalogue = parsed.value;
  let asked = 0;
  const family = new FamilyLabels({
    raise: async ({ labels }) => {
      asked += 1;
      return ok(labels);
    },
  });
  const grants = Array.from({ length: GRANTS }, (_, i) => ({
    tool: `mcp/office/read-${i}`,
    dataset: 'mail',
  }));
  const gate = (name: string, tier: Tier, dataset = 'mail') =>
    flowOf(
      {
        catalogue,
        call: { tool: `mcp/office/${name}`, action: 'read', dataset, tier, args: ARGS },
        evidence: { workflow: 'wf_AAAAAAAAAAAAAAAAAAAAAA' },
        isApproved: false,
        attested: [],
        reach: async () => ({ grants, ancestors: [] }),
      },
      family,
    );
  for (let read = 0; read < READS; read++) await (await gate(`read-${read}`, 1))?.raise();
  const told = { labels: ['private', 'untrusted'], label: 'exact' } as const;
  const timings = await measure(
    [
      inProcess('a call without labels', () => gate('plain', 1, 'notes')),
      inProcess('a labelled read, known', async () => (await gate('read-0', 1))?.raise()),
      inProcess('a call that leaves, tier 3', async () => (await gate('send', 3))?.decide(told)),
      inProcess('a read that leaves, assumed from 32 grants', async () =>
        (await gate('fetch', 1, 'web/docs.example.com'))?.decide(undefined),
      ),
    ],
    { ...options, progress: (round) => options.progress(`round ${round} of ${rounds}`) },
  );
  const results = timings.names.map((name) => ({ name, microseconds: timings.median(name) }));
  return {
    suite: 'labels',
    title: `Labels at a gateway, Node ${process.version}: ${READS} labelled reads of one workflow asked the issuer ${asked} time(s); medians of ${rounds} rounds`,
    columns: ['', 'us'],
    rows: results.map(({ name, microseconds }) => [name, microseconds.toFixed(1)]),
    data: { rounds, reads: READS, asked, results },
  };
}
