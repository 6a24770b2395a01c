/** What is measured, as functions of no arguments; the same module runs in Node and in workerd. */
import { openReference, type ReferenceParts } from '../peers/reference.ts';
import { engineOperations } from './engine.ts';
import { floorOperation } from './floor.ts';
import { joseOperation } from './jose.ts';
import { verifierOperations } from './verifier.ts';

export type Operation = () => unknown;

export const OPERATIONS = [
  'floor',
  'jose',
  'wasm cold',
  'hewn cold',
  'wasm narrow',
  'hewn narrow',
  'wasm narrow text',
  'hewn narrow text',
  'hewn new step',
  'hewn same token',
] as const;

export type OperationName = (typeof OPERATIONS)[number];

export async function prepareOperations(
  reference: ReferenceParts,
): Promise<Readonly<Record<OperationName, Operation>>> {
  return {
    floor: await floorOperation(),
    jose: await joseOperation(),
    ...(await engineOperations(openReference(reference))),
    ...(await verifierOperations()),
  };
}
