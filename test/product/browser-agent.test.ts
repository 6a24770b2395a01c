import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { catalogueHash } from '../../src/version/index.ts';
import { readProjectFile } from '../unit/docs/markdown.ts';
import { mintToken } from '../unit/fixtures/issuer.ts';
import { launchChromium, pageOf } from './browser.ts';

const GRANT = {
  tool: 'mcp/files/read_text_file',
  action: 'read',
  dataset: 'files/reports',
} as const;
const WORKFLOW = 'wf_1';

/** The example as a script of the page, for a browser alone. */
async function bundleExample(): Promise<string> {
  const bundle = await build({
    stdin: {
      contents: `import { readReport } from './page.ts'; globalThis.readReport = readReport;`,
      resolveDir: fileURLToPath(new URL('../../examples/browser', import.meta.url).href),
    },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  return bundle.outputFiles[0]?.text ?? '';
}

/** A page with an issuer and a gateway under its origin. Keeps the calls that arrive. */
async function servePage() {
  const catalogueText = await readProjectFile('policy/tools.toml');
  const catalogue = await catalogueHash(catalogueText);
  const files = pageOf(await bundleExample());
  const calls: IncomingMessage['headers'][] = [];
  const endings: string[] = [];
  let origin = '';
  const answers: Readonly<Record<string, (request: IncomingMessage) => unknown>> = {
    '/session/agent-token': () => 'header.agent.signature',
    '/session/user-token': () => 'header.user.signature',
    '/.well-known/oauth-authorization-server': () => ({
      issuer: origin,
      token_endpoint: `${origin}/token`,
    }),
    '/token': () => {
      const issued = { issuedAt: new Date(), issuer: origin, audience: origin };
      return {
        access_token: mintToken({ ...issued, grants: [GRANT], catalogue }),
        token_type: 'DPoP',
        expires_in: 300,
        authorization_details: [
          { type: 'hewn_task', workflow: WORKFLOW, task: 'churn', grants: [GRANT] },
        ],
      };
    },
    [`/catalogue/${catalogue}`]: () => catalogueText,
    '/mcp/files': ({ headers }) => {
      calls.push(headers);
      return { jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: 'Q3' }] } };
    },
    [`/workflows/v1/${WORKFLOW}/complete`]: ({ url = '' }) => {
      endings.push(url);
      return { workflow: WORKFLOW, state: 'completed' };
    },
  };
  const server = createServer(async (request, response) => {
    const { url = '/' } = request;
    await text(request);
    const file = files.get(url);
    if (file !== undefined) {
      const media = url.endsWith('.js') ? 'text/javascript' : 'text/html';
      response.writeHead(200, { 'content-type': `${media}; charset=utf-8` }).end(file);
      return;
    }
    const answer = answers[url]?.(request);
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return { origin, calls, endings, close: () => server.close() };
}

test('an agent in a page connects, calls a tool with a proof, and ends its workflow', async ({
  skip,
}) => {
  const browser = await launchChromium(skip);
  const page = await servePage();
  try {
    const tab = await browser.newPage();
    await tab.goto(page.origin);
    const report = await tab.evaluate(
      (origin) =>
        (
          globalThis as unknown as { readReport(origin: string, path: string): Promise<string> }
        ).readReport(origin, 'reports/q3.md'),
      page.origin,
    );
    expect(report).toBe('Q3');
    expect(page.calls).toHaveLength(1);
    expect(page.calls[0]?.authorization).toMatch(/^DPoP /);
    expect(page.calls[0]?.dpop).toBeDefined();
    expect(page.endings).toHaveLength(1);
  } finally {
    await browser.close();
    page.close();
  }
}, 60_000);
