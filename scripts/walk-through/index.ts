/**
 * The walk-through: Hewn's whole path on real parts, told step by step, and each step checked.
 *
 * Read top-down it is the sequence: a capability is obtained, used narrowed, abused in vain,
 * revoked, and accounted for.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Catalogue, parseCatalogue } from '../../src/catalogue/index.ts';
import type { LocalStage } from '../local/stage.ts';
import { startReportAgent } from './agent.ts';
import { hijack } from './hijack.ts';
import { obtain } from './obtain.ts';
import { stop } from './stop.ts';
import type { Telling } from './telling.ts';
import { showTrail } from './trail.ts';
import { work } from './work.ts';

export { createTelling, type Telling, wantsColours } from './telling.ts';

/** Throws where something broke; a step that only went otherwise is counted by `telling`. */
export async function walkThrough(stage: LocalStage, telling: Telling): Promise<void> {
  const capability = await obtain(stage, telling);
  const { mcpUrl, mailUrl } = stage;
  const catalogue = await readCatalogue();
  const agent = await startReportAgent({ mcpUrl, mailUrl, capability, catalogue });
  try {
    const reports = await work(stage, agent, telling);
    const hijacked = { agent, capability, reports };
    const stolen = await hijack(stage, hijacked, telling);
    await stop(stage, hijacked, telling);
    const calls = agent.calls() + stolen;
    await showTrail(stage, { capability, calls }, telling);
  } finally {
    await agent.close();
  }
}

/** The agent narrows by the same catalogue that the gateway judges by. */
async function readCatalogue(): Promise<Catalogue> {
  const file = resolve(import.meta.dirname, '../../policy/tools.toml');
  const parsed = parseCatalogue(await readFile(file, 'utf8'));
  if (!parsed.ok) throw new Error(`policy/tools.toml: ${JSON.stringify(parsed.error)}`);
  return parsed.value;
}
