/** What is measured, as functions of no arguments; the same module runs in Node and in workerd. */
import { openReference, type ReferenceParts } from '../peers/reference.ts';
import { hewnOperations, issueTokens, referenceOperations } from './engine.ts';
import { floorOperations } from './floor.ts';
import { joseOperation } from './jose.ts';
import { verifierOperations } from './verifier.ts';

export { joseOperation };

/**
 * By the process that does them: each side has one to itself, so that neither runs in the other's
 * heap. The reference's memory grows until its arena is renewed, and whoever shares the heap pays.
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
