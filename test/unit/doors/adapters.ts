import { protectRoute as protectExpress } from '../../../src/express/index.ts';
import { protectRoute as protectHono } from '../../../src/hono/index.ts';
import {
  type McpOptions,
  type McpReads,
  type McpTool,
  protectMcp,
} from '../../../src/mcp/index.ts';
import { createProtection, type Route } from '../../../src/verifier/index.ts';
import { verifierWith } from '../fixtures/feed.ts';
import { AUDIENCE, ISSUER } from '../fixtures/issuer.ts';
import { type Walk, walk } from './walk.ts';

const protection = createProtection({
  issuer: ISSUER,
  audience: AUDIENCE,
  verifier: verifierWith(),
});

const ROUTE: Required<Route> = {
  tool: 'crm.search',
  action: 'read',
  tier: 1,
  dataset: 'crm/contacts/:region',
  args: () => ({}),
  mode: 'enforce',
  scoped: true,
  body: 'json',
};
const OPTIONAL = ['args', 'mode', 'scoped', 'body'] as const;

export const HONO: readonly Walk[] = [
  walk<Route>('protectRoute', ROUTE, OPTIONAL, (route) => protectHono(protection, route)),
];
export const EXPRESS: readonly Walk[] = [
  walk<Route>('protectRoute', ROUTE, OPTIONAL, (route) => protectExpress(protection, route)),
];

const READS: McpReads = { tier: 1, dataset: 'crm/notes' };
const TOOL: Required<McpTool> = { action: 'read', mode: 'enforce', scoped: true, ...READS };

export const MCP: readonly Walk[] = [
  // `tools` and `catalogue` exclude each other, which is checked after the members.
  walk<McpOptions>(
    'protectMcp',
    {
      server: 'crm',
      tools: { search: TOOL },
      catalogue: new Map(),
      resources: READS,
      prompts: READS,
      mode: 'enforce',
      answers: 'deny',
    },
    ['tools', 'catalogue', 'resources', 'prompts', 'mode', 'answers'],
    (options) => protectMcp(protection, options),
  ),
  walk<McpTool>('protectMcp: tool', TOOL, ['mode', 'scoped'], (search) =>
    protectMcp(protection, { server: 'crm', tools: { search } }),
  ),
  walk<McpReads>('protectMcp: resources', READS, [], (resources) =>
    protectMcp(protection, { server: 'crm', tools: {}, resources }),
  ),
];
