import { type CatalogueTool, catalogueKeys } from '../../src/catalogue/index.ts';
import { markdownTable } from './table.ts';

/** The row of one key in docs/reference/catalogue.md. */
interface Row {
  /** As it is written in TOML. */
  readonly example: string;
  readonly purpose: string;
  /** Of an optional key: what a tool without it is. */
  readonly without?: string;
}

/** A key without a row does not compile. */
const ROWS: { readonly [K in Exclude<keyof CatalogueTool, 'history'>]-?: Row } = {
  name: {
    example: '"mcp/files/read_text_file"',
    purpose: 'The name in grants: `mcp/<server>/<tool>` for a tool of an MCP server.',
  },
  action: {
    example: '"read"',
    purpose:
      'What a grant must allow: `read`, `write`, `delete` or `execute`. What the tool does decides, not what its server says.',
  },
  tier: {
    example: '1',
    purpose:
      'How fresh revocations must be: 0 public read, 1 internal read, 2 write, 3 irreversible.',
  },
  arguments: {
    example: '["path", "head"]',
    purpose: 'All top-level arguments that a call may pass. Any other is denied.',
  },
  datasets: {
    example: '[{ argument = "/path", under = "files" }]',
    purpose: 'Where the datasets of a call are found: [datasets](#datasets).',
  },
  sinks: {
    example: '["/to/*"]',
    purpose:
      'The arguments that say where something goes or how much: RFC 6901 pointers, in which `*` is every element of a list.',
    without: 'none; required for a tool that does more than read',
  },
  sink: {
    example: '[{ argument = "/to/*", kind = "email", takes = ["self", "prompt"] }]',
    purpose:
      'What is known of single sinks: [marks](#marks). Each is a sink, whether `sinks` lists it or not.',
    without: 'nothing',
  },
  field: {
    example: '[{ pointer = "/*/iban", kind = "iban", by = "own", reason = "payees paid before" }]',
    purpose: 'The fields of an answer whose values someone vouches for: [marks](#marks).',
    without: 'nothing',
  },
  secret: {
    example: 'true',
    purpose:
      'What the tool reads is secret, such as a passport or a card: a [policy](policy.md) sees `secret(true)`, and its answers carry the label `secret`.',
    without: 'no secret',
  },
  leaves: {
    example: 'true',
    purpose:
      'A call of the tool can carry data to someone else, such as a message, a payment or a request of a URL: [flows](#flows).',
    without: 'its calls carry nothing away',
  },
  flow: {
    example: '[{ when = ["private"], leaving = "deny", reason = "clients\' files stay here" }]',
    purpose:
      'Of a tool that leaves: what its calls may do after labelled reads, besides what `[[flow]]` at the top says: [flows](#flows).',
    without: 'what `[[flow]]` says',
  },
  labelled: {
    example: '[{ dataset = "files/clients", labels = ["private"] }]',
    purpose:
      'The labels of what it reads in single datasets, besides what `[[labelled]]` at the top says: [flows](#flows).',
    without: 'what `[[labelled]]` says',
  },
  content: {
    example: '["/text"]',
    purpose:
      'The arguments that are content, such as the text of a message, as RFC 6901 pointers: [content](#content).',
    without: 'none',
  },
  mode: {
    example: '"observe"',
    purpose:
      'Whether the gateway only [observes](../guides/observe.md) calls of the tool, or enforces what it decides.',
    without: '`mode` of its server in `hewn.toml`',
  },
  limits: {
    example: '{ seconds = 10, answerBytes = 65536 }',
    purpose:
      'What one call may take, where it is less than its [upstream](../guides/upstreams.md#limits) allows: `seconds`, `progressSeconds`, `requestBytes`, `answerBytes`, and `concurrent` calls of the tool at a time in one isolate. For tools behind a gateway.',
    without: '`limits` of its server in `hewn.toml`',
  },
  route: {
    example: '{ server = "orders", methods = ["GET"], path = "/orders/:id" }',
    purpose:
      'Of a tool `http/<server>/<tool>` of an HTTP API: which requests are calls of it: [routes](#routes).',
    without: 'a tool that is not called over HTTP',
  },
  resource: {
    example: '"notes://{folder}/{id}"',
    purpose:
      'Of a resource of an MCP server: its URI, or a template whose variables are the arguments: [resources and prompts](#resources-and-prompts).',
    without: 'not a resource',
  },
  prompt: {
    example: '"summarize"',
    purpose:
      'Of a prompt of an MCP server: its name there: [resources and prompts](#resources-and-prompts).',
    without: 'not a prompt',
  },
  parameterHeaders: {
    example: '{ Region = "/region" }',
    purpose:
      'Of a tool of an MCP server whose schema has `x-mcp-header`: the name after `Mcp-Param-`, and the argument that the header repeats. A header that differs from its argument is denied, and the server gets one that is made from the argument.',
    without: 'no argument is repeated, and `Mcp-Param-*` is denied',
  },
  definition: {
    example: '"2c26b46b…"',
    purpose:
      'Of a tool of an MCP server: the digest of its definition, from `hewn catalogue import`. If the server defines the tool in another way, the tool is hidden and its calls are denied: [pinned definitions](#pinned-definitions).',
    without: 'the definition may change',
  },
  answer: {
    example: '{ mediaTypes = ["text/plain"], bytes = 65536 }',
    purpose:
      'Of a tool of an MCP server: what its answers may be, and of any entry their labels: [answers](#answers).',
    without: 'any answer within the limits of the upstream',
  },
};

/** Renders the keys of `[[tool]]`. */
export const renderCatalogueKeys = (): string =>
  markdownTable(
    ['key', 'example', 'purpose', 'without it'],
    catalogueKeys().map(({ key, isRequired }) => {
      const { example, purpose, without } = ROWS[key];
      return [`\`${key}\``, `\`${example}\``, purpose, isRequired ? 'a fault' : (without ?? '')];
    }),
  );
