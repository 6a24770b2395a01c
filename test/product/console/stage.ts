import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Browser } from 'playwright-core';
import { type ReportAgent, startReportAgent } from '../../../scripts/walk-through/agent.ts';
import {
  createTranscript,
  type Scene,
  sceneOf,
  walkThrough,
} from '../../../scripts/walk-through/index.ts';
import { type Capability, createDpopKey, obtainCapability } from '../../../src/agent/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { parseCatalogue } from '../../../src/catalogue/index.ts';
import { loadFolder } from '../../../src/cli/index.ts';
import { type Dev, startDev } from '../../../src/dev/index.ts';
import { projectFile } from '../../unit/docs/markdown.ts';
import { launchChromium } from '../browser.ts';

/** `hewn dev` on examples/reports, with what `npm start` records, and a browser. */
export interface ConsoleStage {
  readonly dev: Dev;
  readonly scene: Scene;
  readonly browser: Browser;
  /** Begins a workflow for a task, as the report agent. */
  readonly begin: (task: string, grants?: readonly Grant[]) => Promise<LiveAgent>;
  readonly close: () => Promise<void>;
}

export interface LiveAgent {
  readonly capability: Capability;
  readonly call: ReportAgent['call'];
}

/** Each port is drawn. */
const PORTS: Readonly<Record<string, string>> = {
  HEWN_GATEWAY_PORT: '0',
  HEWN_ISSUER_PORT: '0',
  HEWN_IDP_PORT: '0',
  HEWN_MCP_PORT: '0',
};

const READS: readonly Grant[] = [
  { tool: 'mcp/files/list_directory', action: 'read', dataset: 'files/reports' },
  { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' },
];

export async function openConsole(skip: (why: string) => void): Promise<ConsoleStage> {
  const browser = await launchChromium(skip);
  const home = await mkdtemp(join(tmpdir(), 'hewn-console-'));
  const closers: (() => Promise<unknown>)[] = [
    () => rm(home, { recursive: true, force: true }),
    () => browser.close(),
  ];
  const close = async () => {
    for (const closer of closers.toReversed()) await closer();
  };
  try {
    const folder = projectFile('examples/reports');
    const dev = await startDev({
      folder,
      home,
      load: () => loadFolder(process.cwd(), relative(process.cwd(), folder)),
      variable: (name) => PORTS[name] ?? process.env[name],
      say: () => undefined,
    });
    if (!dev.ok) throw new Error(dev.error);
    closers.push(dev.value.close);
    const scene = sceneOf(dev.value);
    let transcript = '';
    const write = (text: string) => {
      transcript += text;
    };
    const counted = createTranscript(write, { colours: false });
    await walkThrough(scene, counted);
    if (counted.count().failed > 0) throw new Error(transcript);
    const begin = async (task: string, grants = READS) => {
      const agent = await beginWorkflow(scene, task, grants);
      closers.push(agent.close);
      return agent;
    };
    return { dev: dev.value, scene, browser, begin, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function beginWorkflow(scene: Scene, task: string, grants: readonly Grant[]) {
  const catalogue = parseCatalogue(await readFile(projectFile('policy/tools.toml'), 'utf8'));
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const obtained = await obtainCapability({
    issuer: scene.issuerUrl,
    audience: scene.gatewayUrl,
    subjectToken: await scene.identity.userToken(),
    actorToken: await scene.identity.workloadToken(),
    task,
    grants,
    dpop: await createDpopKey(),
  });
  if (!obtained.ok) throw new Error(JSON.stringify(obtained.error));
  const capability = obtained.value;
  const { mcpUrl, mailUrl } = scene;
  const agent = await startReportAgent({ mcpUrl, mailUrl, capability, catalogue: catalogue.value });
  return { capability, call: agent.call, close: agent.close };
}
