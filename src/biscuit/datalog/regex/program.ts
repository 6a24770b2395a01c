/**
 * Compiles a pattern to the program of a nondeterministic automaton (Thompson), bounded in size.
 */
import type { CharSet } from './classes.ts';
import type { Assertion, Node } from './parse.ts';

export type Instruction =
  /** Continues after one character of the set; `cost` is the charge for the set lookup. */
  | { readonly kind: 'set'; readonly set: CharSet; readonly cost: number }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  /** Continues at both targets. */
  | { readonly kind: 'split'; left: number; right: number }
  | { readonly kind: 'match' };

/** Returns undefined if the program would exceed `sizeMax` instructions. */
export function compile(node: Node, sizeMax: number): readonly Instruction[] | undefined {
  const program: Instruction[] = [];
  emit(program, node, sizeMax);
  program.push({ kind: 'match' });
  return program.length <= sizeMax ? program : undefined;
}

// In steps, each about as expensive as entering one instruction.
const RANGES_PER_STEP = 8;
const PROPERTY_COST = 8;

function lookupCost({ ranges, properties, parts, fold }: CharSet): number {
  const listed = ranges.length / 2 / RANGES_PER_STEP + properties.length * PROPERTY_COST;
  const own = Math.ceil(1 + listed * (fold ? 3 : 1)) + (fold ? PROPERTY_COST : 0);
  return parts.reduce((cost, part) => cost + lookupCost(part), own);
}

function emit(program: Instruction[], node: Node, sizeMax: number): void {
  // Beyond the limit the rest does not matter, and it could be very long.
  if (program.length > sizeMax) return;
  switch (node.kind) {
    case 'set':
      program.push({ kind: 'set', set: node.set, cost: lookupCost(node.set) });
      return;
    case 'assertion':
      program.push(node);
      return;
    case 'sequence':
      for (const part of node.nodes) emit(program, part, sizeMax);
      return;
    case 'choice':
      emitChoice(program, node.nodes, sizeMax);
      return;
    case 'repeat':
      emitRepeat(program, node, sizeMax);
  }
}

type Split = Extract<Instruction, { readonly kind: 'split' }>;

/** Adds a split whose one target is the next instruction and whose other target is still open. */
function pushSplit(program: Instruction[]): Split {
  const split: Split = { kind: 'split', left: program.length + 1, right: program.length + 1 };
  program.push(split);
  return split;
}

function emitChoice(program: Instruction[], nodes: readonly Node[], sizeMax: number): void {
  const exits: Split[] = [];
  for (const [i, node] of nodes.entries()) {
    if (i === nodes.length - 1) {
      emit(program, node, sizeMax);
      break;
    }
    const fork = pushSplit(program);
    emit(program, node, sizeMax);
    exits.push(pushSplit(program));
    fork.right = program.length;
  }
  for (const exit of exits) exit.left = exit.right = program.length;
}

function emitRepeat(
  program: Instruction[],
  { node, minimum, maximum }: Extract<Node, { readonly kind: 'repeat' }>,
  sizeMax: number,
): void {
  for (let i = 0; i < minimum && program.length <= sizeMax; i++) emit(program, node, sizeMax);
  if (maximum === Number.POSITIVE_INFINITY) {
    const start = program.length;
    const fork = pushSplit(program);
    emit(program, node, sizeMax);
    program.push({ kind: 'split', left: start, right: start });
    fork.right = program.length;
    return;
  }
  const forks: Split[] = [];
  for (let i = minimum; i < maximum && program.length <= sizeMax; i++) {
    forks.push(pushSplit(program));
    emit(program, node, sizeMax);
  }
  for (const fork of forks) fork.right = program.length;
}
