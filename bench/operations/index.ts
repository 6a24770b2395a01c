/**
 * The measured operations, as functions without arguments. The same module runs in Node and
 * workerd.
 */
import { openReference, type ReferenceParts } from '../peers/reference.ts';
import { hewnOperations, issueTokens, referenceOperations } from './engine.ts';
import { floorOperations } from './floor.ts';
import { joseOperation } from './jose.ts';
import { verifierOperations } from './verifier.ts';

export { joseOperation };

/**
 * By the process that runs them. Each side has its own process, so neither runs in the other's
 * heap: the reference's memory grows until its arena is renewed, and would slow down both.
 */
export const OPERATIONS = {
  platform: ['floor', 'floor, keys imported', 'jose'],
  reference: ['wasm cold', 'wasm narrow', 'wasm narrow text'],
  hewn: ['hewn cold', 'hewn step', 'hewn again', 'hewn narrow', 'hewn narrow text'],
  verifier: ['verifier step', 'verifier again'],
} as const;

export type Side = keyof typeof OPERATIONS;
export type OperationName = (typeof OPERATIONS)[Side][number];

export const SIDES = Object.keys(OPERATIONS) as readonly Side[];
export const OPERATION_NAMES: readonly OperationName[] = SIDES.flatMap((side) => OPERATIONS[side]);

export type Operations = Readonly<Record<string, () => unknown>>;

export async function prepare(
  side: Side,
  loadReference: () => Promise<ReferenceParts>,
): Promise<Operations> {
  const issued = await issueTokens();
  switch (side) {
    case 'platform':
      return { ...(await floorOperations(issued)), jose: await joseOperation() };
    case 'reference':
      return referenceOperations(issued, openReference(await loadReference()));
    case 'hewn':
      return hewnOperations(issued);
    case 'verifier':
      return verifierOperations();
  }
}
