/**
 * The walk-through: Hewn's whole path on real parts, with each step printed and checked.
 *
 * Read from top to bottom it is the sequence: the agent obtains a capability, uses it narrowed,
 * fails to abuse it, loses it to a revocation, and the operator reads the audit trail.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Catalogue, parseCatalogue } from '../../src/catalogue/index.ts';
import { startReportAgent } from './agent.ts';
import { hijack } from './hijack.ts';
import { obtain } from './obtain.ts';
import type { Scene } from './scene.ts';
import { stop } from './stop.ts';
import { showTrail } from './trail.ts';
import type { Transcript } from './transcript.ts';
import { work } from './work.ts';

export { type Scene, sceneOf } from './scene.ts';
export { createTranscript, type Transcript, wantsColours } from './transcript.ts';

/**
 * Returns the id of the workflow. Throws if something breaks. `transcript` counts the steps that
 * went differently than expected.
 */
export async function walkThrough(stage: Scene, transcript: Transcript): Promise<string> {
  const capability = await obtain(stage, transcript);
  const { mcpUrl, mailUrl } = stage;
  const catalogue = await readCatalogue();
  const agent = await startReportAgent({ mcpUrl, mailUrl, capability, catalogue });
  try {
    const reports = await work(stage, agent, transcript);
    const hijacked = { agent, capability, reports };
    const stolen = await hijack(stage, hijacked, transcript);
    await stop(stage, hijacked, transcript);
    const calls = agent.calls() + stolen;
    await showTrail(stage, { capability, calls }, transcript);
    return capability.workflow;
  } finally {
    await agent.close();
  }
}

/** The agent narrows by the catalogue that the gateway uses. */
async function readCatalogue(): Promise<Catalogue> {
  const file = resolve(import.meta.dirname, '../../policy/tools.toml');
  const parsed = parseCatalogue(await readFile(file, 'utf8'));
  if (!parsed.ok) throw new Error(`policy/tools.toml: ${JSON.stringify(parsed.error)}`);
  return parsed.value;
}
