/**
 * Runs a program over a text, all states at once (Thompson's simulation, without backtracking).
 * Time is bounded by instructions × characters, whatever the pattern.
 */
import { inSet } from './classes.ts';
import type { Assertion } from './parse.ts';
import type { Instruction } from './program.ts';
import { isWord } from './unicode.ts';

/** Stands before the first and after the last character. */
const EDGE = -1;
const NEWLINE = 10;
/** In steps: a word boundary looks two characters up. */
const ASSERTION_COST = 8;

const isWordAt = (code: number): boolean => code !== EDGE && isWord(code);

function holds(assertion: Assertion, before: number, after: number): boolean {
  switch (assertion) {
    case 'start':
      return before === EDGE;
    case 'end':
      return after === EDGE;
    case 'lineStart':
      return before === EDGE || before === NEWLINE;
    case 'lineEnd':
      return after === EDGE || after === NEWLINE;
    case 'boundary':
      return isWordAt(before) !== isWordAt(after);
    case 'noBoundary':
      return isWordAt(before) === isWordAt(after);
  }
}

type States = {
  readonly program: readonly Instruction[];
  /** The states that wait for a character. */
  waiting: number[];
  /** The last position at which each instruction was entered. */
  readonly entered: Int32Array;
  /** Instructions still to be entered; empty between two positions. */
  readonly open: number[];
  steps: number;
};

/**
 * Enters an instruction and all that follow without consuming a character. Returns true for a
 * match.
 */
function enter(states: States, start: number, position: number, before: number, after: number) {
  const { program, entered, waiting, open } = states;
  open.length = 0;
  open.push(start);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (entered[at] === position) continue;
    entered[at] = position;
    states.steps++;
    const instruction = program[at];
    if (instruction === undefined) continue;
    if (instruction.kind === 'match') return true;
    if (instruction.kind === 'split') open.push(instruction.right, instruction.left);
    else if (instruction.kind === 'set') waiting.push(at);
    else {
      states.steps += ASSERTION_COST;
      if (holds(instruction.assertion, before, after)) open.push(at + 1);
    }
  }
  return false;
}

/**
 * Returns whether the program matches anywhere in the text, and how many instructions that took.
 * `matched` is undefined if it would take more than `stepsMax`.
 */
export function runProgram(
  program: readonly Instruction[],
  text: string,
  stepsMax: number,
): { readonly matched: boolean | undefined; readonly steps: number } {
  const entered = new Int32Array(program.length).fill(-1);
  const states: States = { program, waiting: [], entered, open: [], steps: program.length >> 4 };
  let before = EDGE;
  let after = text.codePointAt(0) ?? EDGE;
  if (enter(states, 0, 0, before, after)) return { matched: true, steps: states.steps };
  for (let position = 0; after !== EDGE; ) {
    const code = after;
    position += code > 0xffff ? 2 : 1;
    before = code;
    after = text.codePointAt(position) ?? EDGE;
    const { waiting } = states;
    states.waiting = [];
    let matched = false;
    for (const at of waiting) {
      const instruction = program[at];
      if (instruction?.kind !== 'set') continue;
      states.steps += instruction.cost;
      if (inSet(instruction.set, code))
        matched = enter(states, at + 1, position, before, after) || matched;
    }
    // A match may start at every position.
    matched = enter(states, 0, position, before, after) || matched;
    if (matched) return { matched, steps: states.steps };
    if (states.steps > stepsMax) return { matched: undefined, steps: states.steps };
  }
  return { matched: false, steps: states.steps };
}
